"""Exports of invented companies, as finance people get them from their systems, with what is true of each.

For measuring what `fincome map` makes of files that it hasn't been made for. So nothing here shares code, names or
assumptions with it: the figures come from the company's books and the formula of docs/revenue.md. A module holds the
exports of one family of systems; those of the package `held_back` are for measuring only, and not to be looked at by
whoever works on the draft. See `truth` for what a truth says, and how to compare with it.

`python -m integration_tests.exports FOLDER` writes all of them: `FOLDER/<name>/…` the files, `FOLDER/<name>.truth.yaml`
what is true of them. The same seed gives the same files.
"""
