"""Kinds of links that reports name as well as the verdict."""

RUN = "run"
"""One sequence of numbers dealt over accounts, a few to each."""

ONSET = "onset"
"""Accounts that began within minutes of each other, at an hour at which hardly anybody begins."""
