"""What a sync keeps while it runs: the objects, in memory first and then in a private file."""
