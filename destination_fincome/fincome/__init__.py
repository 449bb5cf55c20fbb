"""Fincome's edge: the contract, the models it makes, the HTTP client and what an answer means.

Knows nothing of Airbyte, of sources or of the order in which objects are sent.
"""
