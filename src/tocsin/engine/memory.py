"""Gives the events of some nights what the nights before showed, and notes what these nights show."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from tocsin.features.work import is_read
from tocsin.past import PERSON
from tocsin.rules.novelty import makes_known
from tocsin.rules.rule import counted_as
from tocsin.schema import empty
from tocsin.store.seen import SHAPE, Seen, marks_of_night, pairs_of, with_past

COLUMNS = ("night", "account", "kind", "outcome", PERSON, "ip", "network", "user_agent")


class Remembered:
    """The past of a run that measures the nights from `first` on; its events may begin earlier.

    `seen` holds the nights before the events, `since` when each account was first seen (account, since), `asked` the
    columns of which rules ask what is new.
    """

    def __init__(self, seen: Seen, since: pl.DataFrame, asked: Sequence[str], first: date) -> None:
        self._seen = seen
        self._since = since
        self._asked = asked
        self._first = first
        self._marks: dict[date, list[pl.DataFrame]] = {}

    def told(self, events: pl.DataFrame) -> pl.DataFrame:
        """Add the columns of the past to the events of a bucket, and note what they show."""
        pairs = self.note(events)
        once = {name: rows.select("account", "value").unique() for name, rows in pairs.items()}
        return with_past(events, self._seen, once, self._since)

    def note(self, events: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """Note what events show; gives their pairs of account and value, by night and column of the past."""
        asked = [counted_as(column, events.columns) for column in self._asked]
        tests = {column: makes_known(column) for column in asked} | {PERSON: is_read()}
        columns = list(dict.fromkeys((*COLUMNS, *asked)))
        pairs = pairs_of(events.select(columns), asked, tests, by=("night",))
        for night in events["night"].unique().to_list():
            if night >= self._first:
                self._marks.setdefault(night, []).append(marks_of_night(pairs, night))
        return pairs

    def marks(self, night: date) -> pl.DataFrame:
        """Give the marks of a night, sorted."""
        shown: list[pl.DataFrame] = [empty(SHAPE), *self._marks.get(night, ())]
        return pl.concat(shown).unique().sort("shelf", "mark")
