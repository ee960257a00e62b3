"""Moves: in how many of its accounts a figure usually lies far above their usual, so that it is no news when it does.

Night duties that go round, or whoever is on call on Sundays, are far above their own usual every time. Many at once are
a change only beside nights of the same kind (open or closed) on which they were few.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.settings import Shifting
from tocsin.settings_fixed import REMEMBERED

MOVES = {"key": pl.String(), "closed": pl.Boolean(), "nights": pl.Int64(), "share": pl.Float64(), "last": pl.Date()}
"""By shift (shifts.Shift.key) and kind of night: nights known, the highest share of accounts that moved of
late, and the last night that told it: what no night has told for a year is forgotten."""


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema=MOVES)


@dataclass(frozen=True, slots=True)
class Moves:
    """What is usual on nights like tonight, and which accounts can tell a move from their own beginnings.

    `known`: accounts with a baseline of their own; `experienced`: those with nights enough to tell who is new to them.
    """

    before: pl.DataFrame = field(default_factory=_nothing)
    closed: bool = False
    known: NDArray[np.bool_] | None = None
    experienced: NDArray[np.bool_] | None = None

    def usual(self, rules: Shifting) -> dict[str, float]:
        """Give the usual share by key, where nights enough are known, and one of tonight's kind."""
        enough = pl.col("nights").sum().over("key") >= rules.before_nights
        mine = self.before.filter(enough).filter(pl.col("closed") == self.closed)
        return dict(mine.select("key", "share").rows())

    def telling(self, groups: NDArray[np.intp], count: int, *, history: bool) -> NDArray[np.bool_]:
        """Say of which groups at least half of the accounts can tell figures that need `history`, or others."""
        mine = self.experienced if history else self.known
        if mine is None:
            return np.ones(count, np.bool_)
        half: NDArray[np.bool_] = 2 * np.bincount(groups[mine], minlength=count) >= np.bincount(groups, minlength=count)
        return half

    def learn(self, night: date, shares: Mapping[str, float], rules: Shifting) -> pl.DataFrame:
        """Give what is usual with the shares of tonight: the highest, which is forgotten slowly."""
        tonight = pl.DataFrame(
            {"key": [*shares], "tonight": [*shares.values()]}, {"key": pl.String, "tonight": pl.Float64}
        )
        here = self.before.filter(pl.col("closed") == self.closed)
        of_late = pl.max_horizontal("tonight", pl.col("share").fill_null(0) * (1 - 1 / rules.usual_nights)).round(6)
        learned = tonight.join(here, on="key", how="left").select(
            "key",
            pl.lit(self.closed).alias("closed"),
            (pl.col("nights").fill_null(0) + 1).clip(upper_bound=rules.usual_nights).alias("nights"),
            of_late.alias("share"),
            pl.lit(night).alias("last"),
        )
        kept = self.before.join(learned, on=["key", "closed"], how="anti")
        kept = kept.filter((pl.lit(night) - pl.col("last")).dt.total_days() < REMEMBERED)
        return pl.concat([kept, learned]).sort("key", "closed")
