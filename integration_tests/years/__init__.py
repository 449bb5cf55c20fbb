"""A year of a small company as each vendor's system would tell it, with the revenue that it really made.

Nothing here imports the connector: what is right is worked out from the vendors' documented rules alone.
"""
