"""Records: the most that any account was ever shown in a night, so that what dwarfs them needs no second reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.model.carried import just_awake
from tocsin.model.surprise import Floats, Hundredths
from tocsin.settings import Alerting, Settings

OF = ("people", "answers")
"""Features that tell how much an account was shown."""


@dataclass(frozen=True, slots=True)
class Records:
    """The most of each feature in one account-night, suspects left out, and the nights that were looked at."""

    most: Mapping[str, int] = field(default_factory=dict)
    nights: int = 0

    def beaten(self, rows: pl.DataFrame, rules: Alerting) -> NDArray[np.bool_]:
        """Tell the accounts that were shown `record` times as much as anybody before, and not a little."""
        told = np.zeros(rows.height, np.bool_)
        if self.nights < rules.record_nights:
            return told
        for name in OF:
            least = max(rules.record * self.most.get(name, 0), rules.record_least)
            told |= rows[name].fill_null(0).to_numpy() > least
        return told

    def learn(self, rows: pl.DataFrame, spared: NDArray[np.bool_]) -> "Records":
        """Give the records after a night; `spared` are the accounts under suspicion, who set none."""
        kept = rows.filter(pl.Series(~spared))
        most = {name: max(self.most.get(name, 0), int(kept[name].max() or 0)) for name in OF}  # type: ignore[arg-type]
        return Records(most, self.nights + 1)


def bulk_after_sleep(rows: pl.DataFrame, surprises: Mapping[str, Hundredths], settings: Settings) -> NDArray[np.bool_]:
    """Tell the accounts just awake that read more people than peers do: an owner comes back to usual work.

    `surprises` by feature; of accounts without a habit they say what is unusual for their peers.
    """
    if not {"people", "people_1h", "days_away", "days_unseen"} <= surprises.keys():
        return np.zeros(rows.height, np.bool_)
    many = rows["people"].fill_null(0).to_numpy() >= settings.alerting.awake_people
    unusual = np.maximum(surprises["people"], surprises["people_1h"]) >= round(100 * settings.alerting.counts)
    told: NDArray[np.bool_] = just_awake(rows, settings.baselines) & many & unusual
    return told


def extreme(
    rows: pl.DataFrame, expected: Mapping[str, Floats], rules: Alerting, before: pl.DataFrame | None = None
) -> NDArray[np.bool_]:
    """Tell the accounts that were shown `extreme` times their own usual, and not a little; `expected` by feature.

    Of rows sent while nobody works, half as many are not a little: a practice asks for its list when it is open. Where
    the logs tell no rows, kilobytes stand for them.

    Rows are none where they are no more than `extreme_again` times what the account took away on a night `before`
    (account, `lists_apart`): that is not learned as usual (desks.learnable), but nothing new either. Beyond so many
    times `extreme_rows` only as much as it took (and its usual rows): else whoever triples its lists is never extreme.
    """
    told = {name: np.zeros(rows.height, np.bool_) for name in OF}
    for name, floor in zip(OF, (rules.record_least, rules.extreme_rows), strict=True):
        if name in expected:
            least = np.maximum(rules.extreme * np.maximum(expected[name], 1.0), floor)
            told[name] = rows[name].fill_null(0).to_numpy() > least
    if "answers_closed" in expected and "answers" in expected:
        least = np.maximum(rules.extreme * np.maximum(expected["answers"], 1.0), rules.extreme_closed)
        told["answers"] |= rows["answers_closed"].fill_null(0).to_numpy() > least
    if "answers" not in expected:
        told["answers"] |= _extreme_kilobytes(rows, expected, rules)
    elif told["answers"].any() and before is not None:
        most = before.group_by("account").agg(pl.col("lists_apart").max())
        found = rows.select("account").join(most, on="account", how="left", maintain_order="left")
        taken, again = found["lists_apart"].fill_null(0).to_numpy(), rules.extreme_again
        as_much = np.maximum(again * rules.extreme_rows, taken + again * expected["answers"])
        told["answers"] &= rows["answers"].fill_null(0).to_numpy() > np.minimum(again * taken, as_much)
    return told["people"] | told["answers"]


def _extreme_kilobytes(rows: pl.DataFrame, expected: Mapping[str, Floats], rules: Alerting) -> NDArray[np.bool_]:
    told = np.zeros(rows.height, np.bool_)
    asleep = rules.extreme_closed / rules.extreme_rows
    for name, floor in (("bytes_kb", rules.extreme_kilobytes), ("bytes_closed", asleep * rules.extreme_kilobytes)):
        if {name, "bytes_kb"} <= expected.keys():
            usual = np.maximum(expected["bytes_kb"], 1.0)
            told |= rows[name].fill_null(0).to_numpy() > np.maximum(rules.extreme * usual, floor)
    return told


def beyond_usual(rows: pl.DataFrame, expected: Mapping[str, Floats]) -> NDArray[np.int64]:
    """Count what each account was shown beyond its own usual, people or rows, whichever is more.

    Where the logs tell no rows, a kilobyte counts as one: a little more than one in the case of 2024.
    """
    beyond = np.zeros(rows.height, np.int64)
    for name in OF if "answers" in expected else ("people", "bytes_kb"):
        usual = np.rint(expected[name]) if name in expected else np.zeros(rows.height)
        beyond = np.maximum(beyond, rows[name].fill_null(0).to_numpy() - usual.astype(np.int64))
    return beyond
