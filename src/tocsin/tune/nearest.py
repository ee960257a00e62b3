"""Tests of what a tuning changes: the nearest account that still rings, and the nearest that is spared."""

from collections.abc import Iterable
from math import ceil
from typing import Any

import polars as pl

from tocsin.rules.case import CaseEvents
from tocsin.rules.rule import Correlation
from tocsin.tune.made_tests import as_plain, made_history, made_test
from tocsin.tune.sweep import Sweep
from tocsin.tune.tuning import Answer
from tocsin.words import _


def tests_of(answer: Answer, changed: Iterable[tuple[Sweep, float]]) -> list[dict[str, Any]]:
    """Write two tests of every rule that is set, as an overlay does; without events where none can be made."""
    told: list[dict[str, Any]] = []
    for one, value in changed:
        if one.knob.is_timespan:  # a count says nothing of how long it took
            name = _("the timespan {span}").format(span=one.knob.said(value))
            told.append({"name": name, "rule": one.knob.name, "events": []})
        else:
            told += _by_factor(answer, one, value) if one.knob.is_factor else _by_peak(answer, one, value)
    return told


def _by_peak(answer: Answer, one: Sweep, value: float) -> list[dict[str, Any]]:
    field, name = answer.ground, one.knob.name
    least = int(value) + one.knob.key.endswith(".gt")
    mine = answer.whom.within(field.hits.peaks_of(one.knob)).filter(pl.col("night").is_in(list(field.nights)))
    kept = mine.filter(pl.col("peak") >= least).sort("peak", "night").head(1)
    spared = mine.filter(pl.col("peak") < least).sort("peak", "night", descending=[True, False]).head(1)
    told = []
    for rows, otherwise, rings in ((kept, least, True), (spared, least - 1, False)):
        peak = int(rows["peak"][0]) if rows.height else otherwise
        blocks = made_test(field.hits.today, name, peak, answer.whom) if peak > 0 else None
        told.append(_written(name, _title(rows, f"{peak}", rings=rings), blocks, rings=rings))
    return told


def _by_factor(answer: Answer, one: Sweep, value: float) -> list[dict[str, Any]]:
    """Compare the nearest nights by how many times the usual they were; what is usual is made to be before them."""
    field, name = answer.ground, one.knob.name
    rule = field.hits.today.by_name[name]
    assert isinstance(rule, Correlation)  # noqa: S101 only correlations have knobs
    least = ceil(
        max([rule.condition.value, *(v for knob, v in answer.chosen.items() if _is_limit(knob.name, knob.key, name))])
    )
    seen = pl.concat([one.today.hits, *(tried.outcome.hits for tried in one.tried)]).unique()
    mine = seen.filter(pl.col("peak") >= least, pl.col("usual") >= 1).with_columns(
        times=pl.col("peak") / pl.col("usual")
    )
    kept = mine.filter(pl.col("times") > value).sort("times", "night", "account").head(1)
    spared = (
        mine.filter(pl.col("times") <= value).sort("times", "night", "account", descending=[True, False, False]).head(1)
    )
    enough = max(1, ceil(least / value) - 1)
    told = []
    for rows, otherwise, rings in ((kept, enough, True), (spared, enough + 1, False)):
        peak, usual = (int(rows["peak"][0]), int(rows["usual"][0])) if rows.height else (least, otherwise)
        blocks = made_history(field.hits.today, name, peak, usual, answer.whom)
        text = _("{peak} where {usual} is usual").format(peak=peak, usual=usual)
        told.append(_written(name, _title(rows, text, rings=rings), blocks, rings=rings))
    return told


def _is_limit(of: str, key: str, name: str) -> bool:
    return of == name and key.startswith("correlation.condition.")


def _written(name: str, title: str, blocks: list[CaseEvents] | None, *, rings: bool) -> dict[str, Any]:
    expected: dict[str, str] | str = {"account": "A1"} if rings else "none"
    return {"name": title, "rule": name, "expect": expected, "events": [as_plain(block) for block in blocks or ()]}


def _title(rows: pl.DataFrame, figures: str, *, rings: bool) -> str:
    if rows.is_empty():
        text = _("{peak}, just enough: nobody came that far") if rings else _("{peak}, one too few: nobody came nearer")
        return text.format(peak=figures)
    text = (
        _("the nearest that still rings, {peak} on {night}")
        if rings
        else _("the nearest that is spared, {peak} on {night}")
    )
    return text.format(peak=figures, night=rows["night"][0])
