"""Nights for a replay from what a state holds, in the place of logs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from tocsin.engine.memory import Remembered
from tocsin.errors import SettingsError
from tocsin.rules.reach import novel_columns, reach
from tocsin.rules.rule import RuleSet
from tocsin.schema import STORED
from tocsin.store.lake import Lake
from tocsin.store.seen import Seen
from tocsin.store.state import State
from tocsin.verdict.decisions import Decisions
from tocsin.watch.windows import confirmed_on
from tocsin.words import _

USUAL = timedelta(days=59)
"""Before the last night: what is replayed where no window is asked for."""

WARM = timedelta(days=28)
"""Nights before the first one that are judged too: what an account is compared with."""


@dataclass(frozen=True, slots=True)
class Held:
    """The events of a state from which `first` and the nights after it are measured."""

    lake: Lake
    nights: tuple[date, ...]
    first: date
    since: date
    """First night whose figures are told."""
    past: Remembered
    decisions: Decisions

    def portions(self) -> Iterator[pl.DataFrame]:
        """Give the events (schema.STORED)."""
        return self.lake.parts(self.nights, tuple(STORED))


def held_nights(state: State, rules: RuleSet, since: date | None, until: date | None, decisions: Decisions) -> Held:
    """Choose the nights of a state up to `until`; raises SettingsError where it holds none of them."""
    manifest, lake = state.manifest, Lake.of(state.files, state.manifest)
    judged = [night for night in manifest.judged if manifest.nights[night].events and night <= (until or date.max)]
    if not judged or (since is not None and since > judged[-1]):
        held = ", ".join(str(night) for night in (*manifest.judged[:1], *manifest.judged[-1:]))
        raise SettingsError(
            _("the state holds no night of the window asked for"),
            hint=_("it has judged {held}").format(held=held) if held else _("`tocsin scan LOG... --state DIR` first"),
        )
    told = since or judged[-1] - USUAL
    first = next(night for night in judged if night >= told - WARM)
    back = first - reach(rules) - timedelta(days=1)
    nights = tuple(night for night in sorted(manifest.nights) if back <= night <= judged[-1])
    known = state.files.read_frame(manifest.accounts) if manifest.accounts else pl.DataFrame()
    past = Remembered(
        Seen(state.files, manifest, back),
        known,
        novel_columns(rules),
        first,
        confirmed=confirmed_on(first, decisions, lake),
    )
    return Held(lake, nights, first, told, past, decisions)
