"""From a source's record to what Fincome should hold: expressions, presets, recognition, the mapper.

Knows the contract's entities and fields; knows nothing of HTTP, of the spool or of Airbyte's messages.
"""
