"""What one column is: its heading, its values, how it writes numbers and dates, and what it is for."""
