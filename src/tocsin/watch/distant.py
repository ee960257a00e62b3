"""Ask the lake for what rules find that look back over several nights: less is read the more is known of an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from tocsin.engine.far import Prepared, able, able_accounts, able_columns, asked_of, far_columns, look_far, with_news
from tocsin.engine.local import NARROWER
from tocsin.engine.memory import Remembered
from tocsin.rules.reach import novel_columns
from tocsin.rules.rule import RuleSet
from tocsin.store.lake import Lake
from tocsin.store.manifest import Manifest
from tocsin.store.seen import Base, Seen
from tocsin.store.spool import buckets_of
from tocsin.store.state import State
from tocsin.verdict.decisions import Decisions
from tocsin.watch.plan import Plan
from tocsin.watch.windows import confirmed_on


@dataclass(frozen=True, slots=True)
class Distant:
    """The accounts that may fulfil rules over several nights, and the values that they used on these."""

    rules: RuleSet
    lake: Lake
    nights: Sequence[date]
    since: datetime | None
    """The moment that the rules look back to, in the first of the nights; None where that is read whole."""
    first: date
    """The first night whose hits are news."""
    past: Remembered
    accounts: int
    """Those that the state knows, whoever may fulfil the rules."""
    has: pl.DataFrame
    """As engine.far.able gives it."""
    pairs: pl.DataFrame
    """Accounts and the values that must be new, each pair once."""

    @classmethod
    def of(
        cls,
        plan: Plan,
        far: RuleSet,
        state: State,
        manifest: Manifest,
        base: Base,
        judged: Sequence[date],
        decisions: Decisions,
    ) -> "Distant":
        """Find these accounts; what they used before will be looked up when the base is read for others.

        `judged`: nights of the plan that hear the same `decisions` on confirmed windows.
        """
        lake = Lake.of(state.files, manifest)
        nights = [night for night in sorted(manifest.nights) if plan.far_back <= night <= judged[-1]]
        since = state.files.read_frame(manifest.accounts) if manifest.accounts else pl.DataFrame()
        # Of the night that the rules reach back into only its end is read, where marks tell what it showed.
        partly = nights[0] == plan.far_back and bool(manifest.nights[nights[0]].seen)
        seen = Seen(state.files, manifest, nights[1] if partly else nights[0], base)
        far_since = plan.far_since if partly else None
        confirmed = confirmed_on(judged[0], decisions, lake)
        past = Remembered(seen, since, novel_columns(far), date.max, confirmed=confirmed, for_rules=True)
        only = able_accounts(lambda columns: lake.parts(nights, columns), far)
        buckets = -(-_buckets(lake, nights, only, since.height) // NARROWER)
        has: list[pl.DataFrame] = []
        pairs: list[pl.DataFrame] = []
        for index in range(buckets):
            events = lake.bucket(nights, index, buckets, able_columns(far), only, far_since)
            has.append(able(events, far))
            used = events.join(has[-1], on="account", how="semi").select("account", *asked_of(far)).unique()
            past.expect(used)
            pairs.append(used)
        return cls(far, lake, nights, far_since, judged[0], past, since.height, pl.concat(has), pl.concat(pairs))

    def episodes(self, with_local_time: Prepared) -> list[pl.DataFrame]:
        """Give the episodes of the nights that are news."""
        told = self.past.told_of(self.pairs, self.nights[0])
        chosen = with_news(self.has, told, self.rules, self.nights[-1])
        if chosen.is_empty():
            return []
        buckets = _buckets(self.lake, self.nights, chosen, self.accounts)
        columns = far_columns(self.rules)
        parts = (self.lake.bucket(self.nights, index, buckets, columns, chosen, self.since) for index in range(buckets))
        found = look_far(parts, self.rules, lambda part: with_local_time(self.past.told(part)))
        return [one.filter(pl.col("night") >= self.first) for one in found]


def _buckets(lake: Lake, nights: Sequence[date], only: pl.Series | None, accounts: int) -> int:
    """Say into how many buckets the events of some of so many accounts are parted."""
    share = 1.0 if only is None else only.len() / max(accounts, 1)
    return buckets_of(int(share * lake.rows(nights)))
