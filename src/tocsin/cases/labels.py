"""Verdicts as labels: what was true and what was not, for whoever chooses thresholds."""

from pathlib import Path

import polars as pl

from tocsin.cases.book import entries_of
from tocsin.cases.case import verdicts_of
from tocsin.store.state import reading
from tocsin.verdict.decisions import CLOSING

LABELS = {"account": pl.String(), "first": pl.Date(), "last": pl.Date(), "verdict": pl.String()}
"""An account, the first and the last night of a window, and true, benign or error."""


def labels(state: Path) -> pl.DataFrame:
    """Give the answers of a state as rows of LABELS, the last one about each case; waiting is none."""
    decisions = [one.decision for one in verdicts_of(entries_of(reading(state))).values()]
    rows = [(one.account, one.first, one.last, one.answer) for one in decisions if one.answer in CLOSING]
    return pl.DataFrame(rows, schema=LABELS, orient="row").sort("account", "first")
