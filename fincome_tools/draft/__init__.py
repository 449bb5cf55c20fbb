"""`fincome map`: what the tables of an export are, how sure that is, and the mapping that follows from it.

The way: a table's columns are profiled over all of their rows (`profiles`), named (`names`), held against each other
(`proofs`), and given roles (`roles`); the tables together become objects (`tables`), what is in doubt becomes a
question (`questions`), and all of it one text (`text`). What is taken for sure is proved by the values or named
without a rival; an amount, a date, a sign and a period are never taken by a name alone where two readings are possible.
"""
