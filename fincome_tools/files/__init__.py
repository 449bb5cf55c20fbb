"""Files that people have: exports in any encoding and form, read as tables of text, and as the messages of a sync.

Nothing of a file is executed, and no value is guessed: an id keeps its zeros, a number its separators. What can't be
read ends in words that name the file, the line and what to do.
"""
