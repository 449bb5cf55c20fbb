"""The studio: a page on this machine on which a finance person turns exports into a mapping, with the figures in view.

Nothing leaves the machine. The page is made here, in French and English, works without script, and follows by it.
"""
