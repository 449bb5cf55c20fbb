"""Which kind of objects each table holds, and how the tables belong together."""
