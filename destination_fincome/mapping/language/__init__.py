"""The expression language: JMESPath, our functions, and what can be told of an expression before any record.

Knows nothing of presets and streams.
"""
