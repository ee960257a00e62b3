"""Another hand: who always read people that it knows, at its own hours, reads strangers at other people's.

Two likelihood ratios are added up, night after night (Wald, Annals of Mathematical Statistics 1945): of the people
tonight, were those known before as many as usual, or as few as somebody else would know; of the hours, are they the
account's own or anybody's (docs/decisions/0079-another-hand.md).
"""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.model.factors import NOBODY
from tocsin.model.surprise import Floats
from tocsin.schema import HOURS_OF_DAY, empty
from tocsin.settings import AnotherHand

if TYPE_CHECKING:
    from collections.abc import Mapping

HANDS = {
    "account": pl.String(),
    "nights": pl.Int64(),
    "known": pl.Float64(),
    "strangers": pl.Float64(),
    "hours": pl.Array(pl.Float64(), HOURS_OF_DAY),
}
"""How each account worked: nights, people a night known before and never read before, nights with work in each hour.

All but the nights fade with every night of work (settings.AnotherHand.half_life).
"""


def nobodys() -> pl.DataFrame:
    """Give the table of no account."""
    return empty(HANDS)


def with_hands(tonight: pl.DataFrame, hands: pl.DataFrame, rules: AnotherHand) -> pl.DataFrame:
    """Fill in `hand` (hundredths of a natural logarithm; below zero: the usual hand) and what its sentence tells.

    `tonight`: people, new_people, profession and `hours` (bits) of each account. `hand_known` is the share of people
    known before, in hundredths, that is usual for the account; `hand_hours` what the hours say.
    """
    rows = tonight.drop("hand", "hand_known", "hand_hours", strict=False)
    if not {"people", "new_people", "hours"} <= set(rows.columns) or hands.is_empty():
        zero = pl.lit(0, pl.Int64)
        return rows.with_columns(hand=zero, hand_known=zero, hand_hours=zero)
    before = rows.select("account").join(hands, on="account", how="left", maintain_order="left")
    usual = _usual(before, rules)
    read, times = _of_people(rows, usual, rules), _of_hours(rows, before, hands, rules)
    tells = (before["nights"].fill_null(0).to_numpy() >= rules.own_nights) & (usual <= rules.most_strangers)
    # Whoever goes over from night to day has the portal's hours, and its own people still: that adds nothing.
    both = np.where(read > 0, read + times, np.minimum(read + times, 0.0))
    told = np.where(tells & np.isfinite(read), both, 0.0)
    alone = told - np.where(told > 0, _common(rows, told, tells, rules), 0.0)
    return rows.with_columns(
        hand=pl.Series(np.rint(100 * np.where(told > 0, np.maximum(alone, 0.0), told)).astype(np.int64)),
        hand_known=pl.Series(np.rint(100 * (1 - usual)).astype(np.int64)),
        hand_hours=pl.Series(np.rint(100 * times).astype(np.int64)),
    )


def learn_hands(
    tonight: pl.DataFrame, hands: pl.DataFrame, suspects: NDArray[np.bool_], rules: AnotherHand
) -> pl.DataFrame:
    """Give the table after tonight; suspects teach nothing, and the first nights no people (everybody is new then)."""
    if not {"people", "new_people", "hours"} <= set(tonight.columns):
        return hands
    here = tonight.filter(pl.Series(~suspects)).select("account", "people", "new_people", "hours")
    rows = here.join(hands, on="account", how="left", maintain_order="left")
    nights = rows["nights"].fill_null(0).to_numpy()
    fading = 0.5 ** (1 / rules.half_life)
    people = rows["people"].fill_null(0).cast(pl.Float64).to_numpy()
    strangers = rows["new_people"].cast(pl.Float64).to_numpy()
    counts = (nights >= rules.first_nights) & (people > 0) & np.isfinite(strangers)
    strangers = np.where(counts, strangers, 0.0)
    weight = np.where(counts, np.minimum(people, rules.people) / np.maximum(people, 1.0), 0.0)
    fade = np.where(counts, fading, 1.0)
    learned = pl.DataFrame(
        {
            "account": rows["account"],
            "nights": nights + 1,
            "known": fade * rows["known"].fill_null(0.0).to_numpy() + weight * np.maximum(people - strangers, 0.0),
            "strangers": fade * rows["strangers"].fill_null(0.0).to_numpy() + weight * strangers,
            "hours": fading * _hours_of(rows["hours_right"]) + _worked(rows["hours"]),
        },
        schema=HANDS,
    )
    return pl.concat([hands.join(learned, on="account", how="anti"), learned]).sort("account")


def _usual(before: pl.DataFrame, rules: AnotherHand) -> Floats:
    """Give the usual share of strangers; 1 where nothing is known."""
    known, strangers = (before[name].fill_null(0.0).to_numpy() for name in ("known", "strangers"))
    enough = known + strangers >= rules.least_people
    return np.where(
        enough, np.clip((strangers + 1) / (known + strangers + 2), rules.least_share, 1 - rules.least_share), 1.0
    )


def _of_people(rows: pl.DataFrame, usual: Floats, rules: AnotherHand) -> Floats:
    """Compare the share of strangers with the usual one and with somebody else's; undefined where nobody was read."""
    people = rows["people"].fill_null(0).cast(pl.Float64).to_numpy()
    share = np.divide(
        rows["new_people"].cast(pl.Float64).to_numpy(), people, out=np.full_like(people, np.nan), where=people > 0
    )
    count = np.minimum(people, rules.people_counted)
    other = np.maximum(rules.others_share, usual + rules.others_more * (1 - usual))
    most = 1 - rules.least_share
    with np.errstate(divide="ignore"):
        known_by = np.log1p(-np.minimum(other, most)) - np.log1p(-np.minimum(usual, most))
    told = count * (share * np.log(other / usual) + (1 - share) * known_by)
    clipped: Floats = np.clip(told, -rules.most_of_people, rules.most_of_people)
    return clipped


def _of_hours(rows: pl.DataFrame, before: pl.DataFrame, hands: pl.DataFrame, rules: AnotherHand) -> Floats:
    """Compare tonight's hours with the account's own and with those of the portal."""
    portal = _near(_hours_of(hands["hours"]).sum(axis=0, keepdims=True)) + 1e-9
    portal /= portal.sum()
    own = _near(_hours_of(before["hours"])) + rules.hours_lent * portal
    own /= own.sum(axis=1, keepdims=True)
    worked = _worked(rows["hours"])
    count = worked.sum(axis=1)
    mean = np.divide((worked * np.log(portal / own)).sum(axis=1), count, out=np.zeros_like(count), where=count > 0)
    told = mean * np.minimum(count, rules.hours_counted)
    clipped: Floats = np.clip(told, -rules.most_of_hours, rules.most_of_hours)
    return clipped


def _near(hours: Floats) -> Floats:
    """Let the hour before and after count half."""
    return hours + 0.5 * (np.roll(hours, 1, axis=1) + np.roll(hours, -1, axis=1))


def _hours_of(column: pl.Series) -> Floats:
    """Give the hours of each row, nothing where there are none: rows x 24."""
    told = np.zeros((column.len(), HOURS_OF_DAY))
    told[column.is_not_null().to_numpy()] = column.drop_nulls().to_numpy()
    return told


def _worked(bits: pl.Series) -> Floats:
    """Spread the bits of hours: rows x 24 of 0 and 1."""
    return ((bits.fill_null(0).to_numpy()[:, None] >> np.arange(HOURS_OF_DAY)) & 1).astype(np.float64)


def _common(rows: pl.DataFrame, told: Floats, tells: NDArray[np.bool_], rules: AnotherHand) -> Floats:
    """Give what half of an account's profession has more of tonight: a new term, an epidemic, the portal itself."""
    group = rows["profession"].fill_null(NOBODY)
    table = pl.DataFrame({"group": group, "told": told, "tells": tells})
    medians: Mapping[str, float] = dict(
        table.filter("tells")
        .group_by("group")
        .agg(pl.col("told").median(), n=pl.len())
        .filter(pl.col("n") >= rules.peers)
        .select("group", "told")
        .iter_rows()
    )
    common: Floats = np.maximum(np.array([medians.get(one, 0.0) for one in group.to_list()]), 0.0)
    return common
