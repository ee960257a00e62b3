"""What makes a night's answer less than it should be, so that it is not read as calm."""

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self
from zoneinfo import ZoneInfo

import polars as pl

from tocsin.enrich.calendar import start_of_night
from tocsin.formats.lines import DAMAGED
from tocsin.intake import Ledger
from tocsin.intake.hours import SECONDS, Hours
from tocsin.results import Gap, InputRecord, Night
from tocsin.settings import Settings
from tocsin.verdict.sources import Trouble, troubles
from tocsin.words import _

SHOWN_SOURCES = 5
"""Sources named in the first lines of the report; of a hundred servers that fall silent together five are enough."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The accounts of the inputs, and the paths of archives that break off.

    By path: when events and rejects were, and why the first was rejected (of the first rejects that are held).
    """

    records: Collection[InputRecord]
    damaged: frozenset[str]
    hours: Mapping[str, Hours]
    why: Mapping[str, str]

    @classmethod
    def of(cls, ledger: Ledger, records: Collection[InputRecord]) -> Self:
        """Take from the ledger what the records do not tell."""
        damaged = frozenset(reject.path for reject in ledger.rejects if reject.reason == DAMAGED)
        why = {reject.path: reject.reason for reject in reversed(ledger.rejects)}
        return cls(records, damaged, ledger.hours, why)


def with_degraded(night: Night, inputs: Inputs, settings: Settings) -> Night:
    """Add what the inputs that cover the night lack."""
    reasons: list[str] = []
    for record in inputs.records:
        if record.first is None or record.last is None:
            if record.lines > record.ignored + record.duplicates:
                text = _("{path}: no line of it could be read").format(path=record.path)
                why = inputs.why.get(record.path, "").removeprefix(f"{record.path} ")
                reasons.append(f"{text} ({why})" if why else text)
            continue
        first, last = (_night_of(moment, settings) for moment in (record.first, record.last))
        if first <= night.night <= last:
            reasons += _troubled(record, settings) or _troubled_tonight(
                record, inputs.hours.get(record.path), night.night, settings
            )
        if record.path in inputs.damaged and night.night >= last:
            text = _("{path}: the archive breaks off on {last}, what came after is not known")
            reasons.append(text.format(path=record.path, last=last))
    return dataclasses.replace(night, degraded=(*night.degraded, *reasons))


def with_sources(night: Night, sources: pl.DataFrame, holidays: frozenset[date], settings: Settings) -> Night:
    """Add what sources lack that they have on other nights; `sources` as `by_source` gives them."""
    found = troubles(sources, night.night, holidays, settings)
    reasons = [_said(trouble, ZoneInfo(settings.portal.zone)) for trouble in found[:SHOWN_SOURCES]]
    if len(found) > SHOWN_SOURCES:
        reasons.append(_("{n} more sources lack something").format(n=len(found) - SHOWN_SOURCES))
    gaps = tuple(gap for trouble in found for gap in trouble.gaps)
    return dataclasses.replace(night, degraded=(*reasons, *night.degraded), gaps=gaps)


def _said(trouble: Trouble, zone: ZoneInfo) -> str:
    """Say in one sentence what a source lacks."""
    if trouble.silent:
        text = _("the source {source} is silent: usually {events:,} events a night")
        return text.format(source=trouble.source, events=trouble.usual_events)
    parts = [_hours(gap, zone) for gap in trouble.gaps]
    if trouble.columns:
        fallen = [
            _("{name} ({share:.0%} of the events, usually {usual:.0%})").format(name=name, share=share, usual=usual)
            for name, share, usual in trouble.columns
        ]
        parts.append(_("columns that are hardly filled any more: {names}").format(names=", ".join(fallen)))
    return f"{trouble.source}: {'; '.join(parts)}"


def _hours(gap: Gap, zone: ZoneInfo) -> str:
    first, last = gap.first.astimezone(zone), gap.last.astimezone(zone)
    return _("no event from {first:%H:%M} to {last:%H:%M}").format(first=first, last=last)


def with_missing_hours(night: Night, partial: date) -> Night:
    """Say beside the last judged night that the one after it is over, yet lacks half of its hours."""
    text = _("the night of {night} is over but lacks half of its usual hours: not judged (--since {night} judges it)")
    return dataclasses.replace(night, degraded=(*night.degraded, text.format(night=partial)))


def _troubled(record: InputRecord, settings: Settings) -> list[str]:
    limits = settings.reading
    told = record.lines - record.ignored - record.duplicates
    checks = (
        (record.rejected, limits.reject_share, _("{path}: {share:.1%} of the lines were rejected")),
        (record.unknown_kinds, limits.unknown_share, _("{path}: {share:.1%} of the events are of an unknown kind")),
        (record.unknown_outcomes, limits.unknown_share, _("{path}: {share:.1%} of the events have an unknown outcome")),
    )
    return [
        text.format(path=record.path, share=count / told)
        for count, limit, text in checks
        if told and count / told > limit
    ]


def _troubled_tonight(record: InputRecord, hours: Hours | None, night: date, settings: Settings) -> list[str]:
    """Look at the part of the input that is this night's: many sound nights hide the rejects of one."""
    rejected = _on(night, hours.rejects, settings) if hours else 0
    if not rejected or not hours:
        return []
    events = _on(night, hours.events, settings)
    if rejected / (rejected + events) <= settings.reading.reject_share:
        return []
    text = _("{path}: {share:.1%} of the lines of this night were rejected")
    return [text.format(path=record.path, share=rejected / (rejected + events))]


def _on(night: date, counts: Mapping[int, int], settings: Settings) -> int:
    """Add up the hours of a night."""
    moments = ((datetime.fromtimestamp(hour * SECONDS, UTC), count) for hour, count in counts.items())
    return sum(count for moment, count in moments if _night_of(moment, settings) == night)


def _night_of(moment: datetime, settings: Settings) -> date:
    clock = moment.astimezone(ZoneInfo(settings.portal.zone)).replace(tzinfo=None)
    return (clock - start_of_night(settings.portal.night_starts)).date()
