"""Reads and measures the logs for a replay: once, for all the values that are to be tried."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tocsin.errors import SettingsError
from tocsin.intake import Ledger
from tocsin.nightly import Gathered, Progress, Scan, gather, read_in, views
from tocsin.rules.baselined import who_was_active
from tocsin.rules.overlay import tuned
from tocsin.rules.rule import RuleSet
from tocsin.store.spool import Spool
from tocsin.tune.knobs import Knob, tried
from tocsin.tune.planted import Planted
from tocsin.tune.readoff import Hits, measured_with
from tocsin.tune.replay import Ground
from tocsin.tune.scope import Scope, refuse_nobody
from tocsin.words import _

LEAST_NIGHTS = 7
"""A week: a threshold that has seen no Monday is no threshold."""


def ground(
    asked: Scan, scope: Scope, knobs: Sequence[Knob], rules: RuleSet, planted: Planted, progress: Progress
) -> Ground:
    """Read and measure the logs.

    Raises InputError where nothing can be read, SettingsError where the logs hold fewer than seven nights, or nobody
    of the scope.
    """
    wide = measured_with(rules, asked.overlays, scope, knobs)
    ledger = Ledger(lambda done, total: progress(_("reading"), done, total))
    portions = read_in(asked, planted.key, ledger)
    # The sources of accounts are told only where an overlay asks for them: this one may be the first that does.
    measured_for = replace(asked, overlays=tried(asked.overlays, scope, {}, {}))
    with Spool(views(wide, measured_for.overlays)) as spool:
        held = gather(planted.behind(portions, spool), measured_for, wide, spool, ledger, progress)
    nights = _chosen(asked, held)
    measured = held.run.measured
    active = who_was_active(measured.nights)
    refuse_nobody(scope, active)
    today = tuned(rules, asked.overlays)
    hits = Hits(measured.episodes, active, rules, asked.overlays, scope, knobs, today)
    return Ground(measured, hits, rules, asked.overlays, scope, asked.settings, nights, held.holidays, asked.with_model)


def _chosen(asked: Scan, held: Gathered) -> list[date]:
    """Choose the nights whose figures are told: complete ones, within the window that is asked for."""
    since, until = asked.since or date.min, asked.until or date.max
    nights = [night for night in held.nights if since <= night <= until]
    if len(nights) < LEAST_NIGHTS:
        message = _("{n} complete nights are too few to tune by, {least} are needed")
        span = _("the logs hold {n} complete nights").format(n=len(held.nights))
        hint = _("give more logs") if len(nights) == len(held.nights) else _("widen --since and --until; ") + span
        raise SettingsError(message.format(n=len(nights), least=LEAST_NIGHTS), hint=hint)
    return nights
