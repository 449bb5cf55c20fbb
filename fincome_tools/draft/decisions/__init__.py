"""What was decided of a table, why, and what is asked."""
