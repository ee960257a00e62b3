"""What makes a night's answer less than it should be, so that it is not read as calm."""

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tocsin.enrich.calendar import start_of_night
from tocsin.results import InputRecord, Night
from tocsin.settings import Settings
from tocsin.words import _


@dataclass(frozen=True, slots=True)
class Inputs:
    """The accounts of the inputs, and the paths of archives that break off."""

    records: Collection[InputRecord]
    damaged: frozenset[str]


def with_degraded(night: Night, inputs: Inputs, settings: Settings) -> Night:
    """Add what the inputs that cover the night lack."""
    reasons: list[str] = []
    for record in inputs.records:
        if record.first is None or record.last is None:
            if record.lines > record.ignored + record.duplicates:
                reasons.append(_("{path}: no line of it could be read").format(path=record.path))
            continue
        first, last = (_night_of(moment, settings) for moment in (record.first, record.last))
        if first <= night.night <= last:
            reasons += _troubled(record, settings)
        if record.path in inputs.damaged and night.night >= last:
            text = _("{path}: the archive breaks off on {last}, what came after is not known")
            reasons.append(text.format(path=record.path, last=last))
    return dataclasses.replace(night, degraded=(*night.degraded, *reasons))


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


def _night_of(moment: datetime, settings: Settings) -> date:
    clock = moment.astimezone(ZoneInfo(settings.portal.zone)).replace(tzinfo=None)
    return (clock - start_of_night(settings.portal.night_starts)).date()
