"""Which amount is which, by sums over the rows."""
