"""One table understood: the roles of its columns together, its keys, its unit of money."""
