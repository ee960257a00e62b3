"""Reads and measures the logs for a replay: once, for all the values that are to be tried."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from tocsin.cases.book import entries_of
from tocsin.cases.case import decisions_of
from tocsin.enrich.calendar import holidays_between, start_of_night
from tocsin.errors import SettingsError
from tocsin.intake import Ledger
from tocsin.nightly import Gathered, KnownBefore, Progress, Scan, gather, read_in, views
from tocsin.rules.baselined import who_was_active
from tocsin.rules.overlay import tuned
from tocsin.rules.rule import RuleSet
from tocsin.store.spool import Spool
from tocsin.store.state import State
from tocsin.tune.held import Held, held_nights
from tocsin.tune.knobs import Knob
from tocsin.tune.planted import Planted
from tocsin.tune.readoff import Hits, measured_with
from tocsin.tune.replay import Ground
from tocsin.tune.scope import Scope, refuse_nobody
from tocsin.tune.turned import Turned
from tocsin.tune.weeks import COMING, Weeks, calendar_of, weeks_of
from tocsin.verdict.beginnings import with_beginnings
from tocsin.verdict.decisions import Decisions
from tocsin.words import _, ngettext

LEAST_NIGHTS = 7
"""A week: a threshold that has seen no Monday is no threshold."""


def ground(
    asked: Scan,
    scope: Scope,
    knobs: Sequence[Knob],
    rules: RuleSet,
    planted: Planted,
    progress: Progress,
    state: State | None = None,
) -> Ground:
    """Read and measure the logs, or the nights of a state.

    Raises InputError where nothing can be read, SettingsError where the logs hold fewer than seven nights, or nobody
    of the scope.
    """
    wide = measured_with(rules, asked.overlays, scope, knobs)
    ledger = Ledger(lambda done, total: progress(_("reading"), done, total))
    source = _held(state, asked, wide) if state is not None else None
    portions = read_in(asked, planted.key, ledger) if source is None else source.portions()
    # The sources of accounts are told only where an overlay asks for them: this one may be the first that does.
    measured_for = replace(asked, overlays=Turned(when=scope.when).above(asked.overlays))
    with Spool(views(wide, measured_for.overlays)) as spool:
        portions = planted.behind(portions, spool)
        known = KnownBefore(source.past, source.first) if source else None
        held = gather(portions, measured_for, wide, spool, ledger, progress, known)
    nights = _chosen(source.since if source else asked.since, asked.until, held)
    measured = with_beginnings(held.run.measured)
    active = who_was_active(measured.nights)
    refuse_nobody(scope, active)
    today = tuned(rules, asked.overlays)
    hits = Hits(measured.episodes, active, rules, asked.overlays, scope, knobs, today)
    return Ground(
        measured, hits, rules, asked.overlays, scope, asked.settings, nights, held.holidays,
        _weeks(asked, nights, scope.within(active)), asked.with_model, source.decisions if source else Decisions(),
    )  # fmt: skip


def _held(state: State, asked: Scan, rules: RuleSet) -> Held:
    return held_nights(state, rules, asked.since, asked.until, decisions_of(entries_of(state)))


def _chosen(since: date | None, until: date | None, held: Gathered) -> list[date]:
    """Choose the nights whose figures are told: complete ones, within the window that is asked for."""
    nights = [night for night in held.nights if (since or date.min) <= night <= (until or date.max)]
    if len(nights) < LEAST_NIGHTS:
        one = "{n} complete night is too few to tune by, {least} are needed"
        message = ngettext(one, "{n} complete nights are too few to tune by, {least} are needed", len(nights))
        span = _("the logs hold {n} complete nights").format(n=len(held.nights))
        hint = _("give more logs") if len(nights) == len(held.nights) else _("widen --since and --until; ") + span
        raise SettingsError(message.format(n=len(nights), least=LEAST_NIGHTS), hint=hint)
    return nights


def _weeks(asked: Scan, nights: Sequence[date], mine: pl.DataFrame) -> Weeks:
    """Tell the days of the coming weeks, from now on, by the calendar of most accounts of the scope (`mine`)."""
    portal = asked.settings.portal
    today = (asked.now.astimezone(ZoneInfo(portal.zone)) - start_of_night(portal.night_starts)).date()
    first = max(nights[-1] + timedelta(days=1), today)
    code = calendar_of(asked.overlays, mine) or portal.holidays
    holidays = holidays_between(code, nights[0] - timedelta(days=1), first + timedelta(days=COMING))
    return weeks_of(nights, first, holidays)
