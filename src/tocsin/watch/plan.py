"""Which nights are judged, and from where on their events are needed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from tocsin import __version__
from tocsin.enrich.calendar import complete_nights, end_of_night, holidays_between, start_of_night
from tocsin.nightly import Scan
from tocsin.rules.reach import parted, reach
from tocsin.rules.rule import RuleSet
from tocsin.settings_fixed import LOOKED_BACK, REPLAYED
from tocsin.store.manifest import HeldNight, Manifest


@dataclass(frozen=True, slots=True)
class Plan:
    """The nights to judge, in order (`due`: those that are news; the others only because what they rest on changed)."""

    nights: tuple[date, ...]
    due: frozenset[date]
    again: tuple[date, ...]
    """The first of them, which have been measured: what late events do not touch stays as it is."""
    reach_back: date
    """First night whose events the windows of the first judged night may rest on."""
    new_back: date
    """The same for the first of them that has not been measured."""
    far_back: date
    """The same for rules that look back over several nights."""
    far_since: datetime
    """The moment that these rules look back to: nothing of that night before it matters."""
    holidays: frozenset[date]
    partial: date | None
    partial_over: bool
    too_late: tuple[date, ...]
    """Touched nights that are too old to be judged again: learned, and said."""
    changed: bool
    """Rules or settings are others than those of the last run."""


def planned(asked: Scan, rules: RuleSet, manifest: Manifest, touched: Collection[date]) -> Plan:
    """Plan a run: every complete night not judged yet or touched by new events, and all that follow.

    Where rules or settings changed, the last REPLAYED judged nights too.
    """
    portal = asked.settings.portal
    held = sorted(manifest.nights)
    holidays = holidays_between(portal.holidays, held[0], held[-1])
    complete, partial = _complete(manifest, holidays)
    judged = manifest.judged
    changed = bool(judged) and (manifest.rules, manifest.settings) != (rules.sha256, asked.settings.sha256)
    earliest = judged[-1] - timedelta(days=asked.settings.state.late_days) if judged else date.min
    new = {night for night in complete if night in touched or not _is_done(manifest.nights[night])}
    due = {night for night in new if night >= earliest}
    first = min(due | set(judged[-REPLAYED:] if changed else ()), default=None)
    starts = start_of_night(portal.night_starts)
    nights = tuple(night for night in complete if first is not None and night >= first)
    near = parted(rules)[0]
    again = _measured_before(nights, manifest) if not changed and _stand_alone(near) else ()
    unmeasured = nights[len(again) :]
    return Plan(
        nights=nights,
        due=frozenset(night for night in complete if due and night >= min(due)),
        again=again,
        reach_back=_reach_back(first, near, asked) if first else held[-1],
        new_back=_reach_back(unmeasured[0], near, asked) if unmeasured else held[-1],
        far_back=_reach_back(first, rules, asked) if first else held[-1],
        far_since=_oldest(first or held[-1], rules, asked).astimezone(UTC),
        holidays=holidays,
        partial=partial,
        partial_over=partial is not None and end_of_night(partial, portal.zone, starts) <= asked.now,
        too_late=tuple(sorted(new - due)),
        changed=changed,
    )


def _measured_before(nights: tuple[date, ...], manifest: Manifest) -> tuple[date, ...]:
    """Give the nights that this version has measured, if they are the first of all."""
    done = tuple(night for night in nights if manifest.nights[night].measured)
    return done if done == nights[: len(done)] and manifest.program == __version__ else ()


def _stand_alone(rules: RuleSet) -> bool:
    """Say whether the hits of one address, session and so on can be told from those of others by its name."""
    others = [rule for rule in rules.correlations if rule.reports and rule.group != "account"]
    return all(len(rule.group_by) == 1 and not rule.aliases for rule in others)


def _is_done(held: HeldNight) -> bool:
    return held.verdict is not None or held.learned


def _complete(manifest: Manifest, holidays: frozenset[date]) -> tuple[list[date], date | None]:
    held = sorted(manifest.nights)
    rows = [(night, hour) for night in held[-LOOKED_BACK:] for hour in manifest.nights[night].hours]
    covered = pl.DataFrame(rows, schema={"night": pl.Date, "hour": pl.Int64}, orient="row")
    recent, partial = complete_nights(covered, holidays)
    return [*held[:-LOOKED_BACK], *recent], partial


def _reach_back(night: date, rules: RuleSet, asked: Scan) -> date:
    """Give the night in which the oldest event may lie that a window of this night rests on."""
    starts = start_of_night(asked.settings.portal.night_starts)
    oldest = _oldest(night, rules, asked)
    return min(night - timedelta(days=1), (oldest.replace(tzinfo=None) - starts).date())


def _oldest(night: date, rules: RuleSet, asked: Scan) -> datetime:
    """Give the moment that the windows of a night reach back to, in the portal's zone."""
    portal = asked.settings.portal
    begins = end_of_night(night - timedelta(days=1), portal.zone, start_of_night(portal.night_starts))
    return (begins.astimezone(UTC) - reach(rules)).astimezone(begins.tzinfo)
