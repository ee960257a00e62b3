"""Kinds of links that reports name as well as the verdict."""

RUN = "run"
"""One sequence of numbers dealt over accounts, a few to each."""
