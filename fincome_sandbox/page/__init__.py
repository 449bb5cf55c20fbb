"""The sandbox's page for people: what a sync made of an account, to look at in a browser.

Server-rendered HTML with a little script, no build step, nothing from the internet. `books` keeps what the page needs
of every object, so that no request reads them all; `revenue` and `quality` are pure; `charts` knows geometry only.
"""
