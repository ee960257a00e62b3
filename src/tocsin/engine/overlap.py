"""Overlapping files: an identical event counts as often as in the file that has it most.

What is dropped is told by place, each once: a unit that names several people is several rows and one event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import polars as pl

PLACE = ("source", "line", "byte")

ROUGHLY = ("account", "time", "kind", "person_id")
"""Events that differ in one of these are different."""

JOINS: tuple[Literal["semi"], Literal["anti"]] = ("semi", "anti")
"""Those that are there, and those that are not."""


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a source covers."""

    source: str
    first: datetime
    last: datetime


def overlapping(spans: Sequence[Span]) -> list[str]:
    """Name the sources whose time touches another's, sorted."""
    touched: set[str] = set()
    ordered = sorted(spans, key=lambda span: (span.first, span.last, span.source))
    reach: Span | None = None
    for span in ordered:
        if reach is not None and span.first <= reach.last:
            touched |= {span.source, reach.source}
        if reach is None or span.last > reach.last:
            reach = span
    return sorted(touched)


def once(events: pl.DataFrame, sources: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Drop repeats of an event over several of these sources; gives the events kept and the places of the others.

    The nth occurrence of an event in a file is the same event as the nth in another (people click twice in one
    second); it is kept in the first source by name that has it.
    """
    none = events.select(PLACE).clear()
    if len(sources) < 2:
        return events, none
    touched = pl.col("source").is_in(list(sources))
    rough = events.filter(touched).select("source", key=pl.struct(ROUGHLY).hash(seed=1))
    twice = rough.group_by("key").agg(n=pl.col("source").n_unique()).filter(pl.col("n") > 1)
    if twice.is_empty():
        return events, none
    marked = events.with_columns(__suspect=touched & pl.struct(ROUGHLY).hash(seed=1).is_in(twice["key"].implode()))
    content = [column for column in events.columns if column not in PLACE]
    suspects = marked.filter("__suspect").drop("__suspect").sort("source", "line", "byte")
    nth = suspects.with_columns(__nth=pl.int_range(pl.len()).over([*content, "source"]))
    kept = nth.unique([*content, "__nth"], keep="first", maintain_order=True)
    dropped = nth.join(kept.select("source", "line", "byte"), on=["source", "line", "byte"], how="anti")
    clean = pl.concat([marked.filter(~pl.col("__suspect")).drop("__suspect"), kept.drop("__nth")])
    return clean, dropped.select(PLACE).unique()


def once_more(events: pl.DataFrame, held: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Drop of events what is held already as often; gives the events kept and the places of the others.

    `held` needs to have only those that agree with one of the events in ROUGHLY.
    """
    if held.is_empty():
        return events, events.select(PLACE).clear()
    some = held.select(ROUGHLY).unique()
    known, new = (events.join(some, on=ROUGHLY, how=how, nulls_equal=True) for how in JOINS)
    content = [column for column in events.columns if column not in PLACE]
    nth = pl.int_range(pl.len()).over(content).alias("__nth")
    numbered = known.sort(PLACE).with_columns(nth)
    there = held.select(content).with_columns(nth)
    again = numbered.join(there, on=[*content, "__nth"], how="semi", nulls_equal=True).select(PLACE).unique()
    return pl.concat([new, known.join(again, on=PLACE, how="anti")]), again
