"""A year of an invented French company, as its ERP exports it, with the MRR that its author knows.

It imports nothing of the connector: what a draft makes of the exports is held against these figures.
"""
