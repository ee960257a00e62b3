"""Gives the events of some nights what the nights before showed, and notes what these nights show."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from tocsin.engine.confirmed import Confirmed
from tocsin.features.work import is_read
from tocsin.past import COUNTRY, ORIGINS, PERSON, last_night, last_seen
from tocsin.rules.novelty import makes_known
from tocsin.rules.rule import counted_as
from tocsin.schema import empty
from tocsin.store.marks import Noticed, Space, marks_of, marks_shown, noticed
from tocsin.store.seen import SHAPE, Seen, Told, in_order, with_past

COLUMNS = ("night", "account", "kind", "outcome", PERSON, *ORIGINS, COUNTRY)


class Remembered:
    """The past of a run that measures the nights from `first` on; its events may begin earlier.

    `seen` holds the nights before the events, `since` when each account was first seen (account, since), `asked` the
    columns of which rules ask what is new; `for_rules` alone leaves out what only features ask. What was done in
    `confirmed` windows is not known.
    """

    def __init__(
        self,
        seen: Seen,
        since: pl.DataFrame,
        asked: Sequence[str],
        first: date,
        *,
        confirmed: Confirmed | None = None,
        for_rules: bool = False,
    ) -> None:
        self._seen = seen
        self._since = since
        self._asked = asked
        self._first = first
        self._confirmed = confirmed
        self._for_rules = for_rules
        self._marks: dict[date, list[pl.DataFrame]] = {}

    def told(self, events: pl.DataFrame) -> pl.DataFrame:
        """Add the columns of the past to the events of a bucket, and note what they show.

        Events of nights that the past tells of itself only fill windows: of them rules alone ask what is new.
        """
        parts = parted(events, events["night"] < self.before)
        told = [Told(parts[0], self.note(parts[0]))]
        if parts[1].height:
            told.append(
                Told(parts[1], noticed(parts[1], self._spaces(events.columns, for_rules=True), self._seen.names))
            )
        events = with_past(told, self._seen, self._since)
        if self._confirmed is None or self._confirmed.windows.is_empty():
            return events
        return self._confirmed.flagged(self._confirmed.corrected(events, told[0].noticed, self.before))

    def expect(self, pairs: pl.DataFrame) -> None:
        """Have what came before looked up on the way, when the base is read for others.

        `pairs`: accounts and values, each pair once.
        """
        self._seen.base.expect(marks_of(noticed(pairs, self._spaces(pairs.columns), self._seen.names)))

    def told_of(self, pairs: pl.DataFrame, night: date) -> pl.DataFrame:
        """Add the columns of the past to pairs that were expected: the last night of those surely known on `night`.

        Of an account with a confirmed window nothing is sure.
        """
        rows = pairs.with_columns(night=pl.lit(night, pl.Date))
        told = Told(rows, noticed(rows, self._spaces(rows.columns), self._seen.names))
        rows = with_past([told], self._seen, self._since)
        return self._confirmed.doubted(rows) if self._confirmed else rows

    def note(self, events: pl.DataFrame) -> list[Noticed]:
        """Note what events show."""
        told = noticed(events, self._spaces(_filled(events)), self._seen.names)
        for night, marks in marks_shown(events, told, self._first).items():
            self._marks.setdefault(night, []).append(marks)
        return told

    @property
    def before(self) -> date:
        """The night before which the past tells everything."""
        return self._seen.before

    def _spaces(self, columns: Sequence[str], *, for_rules: bool = False) -> list[Space]:
        asked = dict.fromkeys(counted_as(column, columns) for column in self._asked)
        came = pl.col("ip").is_not_null()
        person = Space(last_night(PERSON), PERSON, is_read())
        origins = (Space(last_night(column), column, came, knows_null=True) for column in ORIGINS)
        country = [Space(last_night(COUNTRY), COUNTRY, pl.col(COUNTRY).is_not_null())] if COUNTRY in columns else []
        features = (
            [person, *origins, *country] if not (self._for_rules or for_rules) else [person] if PERSON in asked else []
        )
        return [
            *features,
            *(Space(last_seen(column), column, makes_known(column)) for column in asked if column != PERSON),
        ]

    def marks(self, night: date) -> pl.DataFrame:
        """Give the marks of a night, sorted."""
        return in_order(pl.concat([empty(SHAPE), *self._marks.get(night, ())]))


def _filled(events: pl.DataFrame) -> list[str]:
    """Give the columns of events, without the country where they tell none: most portals know no countries."""
    return [name for name in events.columns if name != COUNTRY or events[COUNTRY].null_count() < events.height]


def parted(events: pl.DataFrame, is_past: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part events in two; nothing is copied where the past ones come last."""
    if is_past.is_sorted():
        now = is_past.len() - int(is_past.sum())
        return events[:now], events[now:]
    return events.filter(~is_past), events.filter(is_past)
