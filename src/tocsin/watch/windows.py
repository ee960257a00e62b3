"""Which windows are confirmed on which night: an answer is heard from its night on, until another one is."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import polars as pl

from tocsin.engine.confirmed import WINDOWS, Confirmed
from tocsin.settings_fixed import REMEMBERED
from tocsin.store.lake import Lake
from tocsin.verdict.decisions import Decisions


def confirmed_on(night: date, decisions: Decisions, lake: Lake) -> Confirmed:
    """Give the windows that are confirmed on a night and not too old to matter."""
    oldest = night - timedelta(days=REMEMBERED + 1)
    rows = [
        (one.account, one.first, one.last)
        for one in decisions.on(night).answers
        if one.answer == "true" and one.last >= oldest
    ]
    return Confirmed(pl.DataFrame(rows, schema=WINDOWS, orient="row"), lake)


def alike(nights: Sequence[date], decisions: Decisions) -> list[tuple[date, ...]]:
    """Cut nights, in order, where another answer is heard that changes which windows are confirmed."""
    confirmed = {one.case for one in decisions.answers if one.answer == "true"}
    cuts = sorted({one.heard_from for one in decisions.answers if one.case in confirmed})
    ends = [date.min, *cuts, date.max]
    parts = [tuple(n for n in nights if first <= n < last) for first, last in pairwise(ends)]
    return [part for part in parts if part]
