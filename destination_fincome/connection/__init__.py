"""A config and a catalog, understood: what is synced, how, and where to."""
