"""What others would do with the same logs: five detectors on raw counts a night, each listed as tocsin lists.

Each gets the threshold that hindsight finds best for it: the lowest one with no more false new names than tocsin had.
"""

import time

import numpy as np
import polars as pl
from pyod.models.ecod import ECOD
from pyod.models.iforest import IForest

FEATURES = (
    "people",
    "new_people",
    "requests",
    "not_found",
    "answers",
    "kilobytes",
    "hours",
    "after_hours",
    "networks",
    "changes",
)
CASE_NIGHTS = 7
_TRAINING_NIGHTS = 7
_LEAST_NIGHTS = 5


def account_nights(logs):
    """Count the raw features of every account and night (columns night, account, FEATURES); one night in memory."""
    seen = pl.DataFrame(schema={"pair": pl.UInt64})
    tables = []
    for path in sorted(logs.glob("*.csv")):
        events = pl.read_csv(path, infer_schema=False)
        read = (pl.col("kind") == "lookup") & (pl.col("outcome") == "success")
        events = events.with_columns(
            person=pl.when(read).then(pl.col("patient").str.slice(0, 13)),
            hour=pl.col("time").str.slice(11, 2),
        ).with_columns(pair=pl.struct("account", "person").hash())
        pairs = events.filter(pl.col("person").is_not_null()).select("account", "pair").unique("pair")
        new = pairs.join(seen, on="pair", how="anti")
        seen = pl.concat([seen, new.select("pair")])
        counted = events.group_by("account").agg(
            people=pl.col("person").n_unique() - pl.col("person").is_null().any(),
            requests=pl.len(),
            not_found=(pl.col("outcome") == "not_found").sum(),
            answers=pl.col("rows").cast(pl.Int64).filter(pl.col("patient").is_null()).sum(),
            kilobytes=pl.col("bytes").cast(pl.Int64).sum() // 1000,
            hours=pl.col("hour").n_unique(),
            after_hours=((pl.col("hour") < "06") | (pl.col("hour") >= "20")).sum(),
            networks=pl.col("ip").str.replace(r"[.:][^.:]*$", "").n_unique(),
            changes=(
                (pl.col("kind") == "credential_change") | ((pl.col("kind") == "mfa") & (pl.col("outcome") != "success"))
            ).sum(),
        )
        counted = counted.join(new.group_by("account").agg(new_people=pl.len()), on="account", how="left")
        night = path.name.removeprefix("portal-").removesuffix(".csv")
        tables.append(
            counted.with_columns(pl.col("new_people").fill_null(0), night=pl.lit(night)).select(
                "night", "account", *(pl.col(name).cast(pl.Int64) for name in FEATURES)
            )
        )
    return pl.concat(tables).sort("night", "account")


def scores(table, nights):
    """Score the asked nights with every detector: name -> (columns night, account, score; processor seconds)."""
    made = {}
    for name, detector in DETECTORS.items():
        start = time.process_time()
        made[name] = (detector(table, nights).sort("night", "score", "account", descending=[False, True, False]), 0.0)
        made[name] = (made[name][0], time.process_time() - start)
    return made


def people_a_day(table, nights):
    return _asked(table, nights).select("night", "account", score=pl.col("people").cast(pl.Float64))


def own_history(table, nights):
    """Standard deviations above the account's own mean of people a night, over its nights before."""
    before = pl.col("people").cast(pl.Float64).shift()
    held = table.sort("account", "night").with_columns(
        count=(pl.col("night").cum_count() - 1).over("account"),
        mean=before.rolling_mean(45, min_samples=_LEAST_NIGHTS).over("account"),
        spread=before.rolling_std(45, min_samples=_LEAST_NIGHTS).over("account"),
    )
    score = (pl.col("people") - pl.col("mean")) / pl.max_horizontal("spread", pl.lit(1.0))
    return _asked(held.filter(pl.col("count") >= _LEAST_NIGHTS), nights).select("night", "account", score=score)


def isolation_forest(table, nights):
    return _by_night(
        table, nights, lambda before, tonight: IForest(random_state=1, n_jobs=1).fit(before).decision_function(tonight)
    )


def ecod(table, nights):
    return _by_night(table, nights, lambda _before, tonight: ECOD().fit(tonight).decision_scores_)


def directed(table, nights):
    """For each account, the number of others tonight that it is at least as extreme as in every feature."""
    return _by_night(table, nights, lambda _before, tonight: _dominated(tonight))


def _dominated(rows):
    counts = np.zeros(len(rows))
    # Only rows that are large somewhere can beat many; all are counted, some hundred at a time.
    for start in range(0, len(rows), 256):
        part = rows[start : start + 256]
        beats = np.ones((len(part), len(rows)), bool)
        for feature in range(rows.shape[1]):
            beats &= part[:, feature, None] >= rows[None, :, feature]
        counts[start : start + 256] = beats.sum(axis=1) - 1
    return counts


DETECTORS = {
    "people a day": people_a_day,
    "own history": own_history,
    "isolation forest": isolation_forest,
    "ECOD": ecod,
    "directed anomaly score": directed,
}


def _asked(table, nights):
    return table.filter(pl.col("night").is_in(nights))


def _by_night(table, nights, score):
    every = table["night"].unique().sort().to_list()
    parts = []
    for night in nights:
        place = every.index(night)
        tonight = table.filter(pl.col("night") == night)
        before = table.filter(pl.col("night").is_in(every[max(place - _TRAINING_NIGHTS, 0) : place] or [night]))
        values = score(
            before.select(FEATURES).to_numpy().astype(float), tonight.select(FEATURES).to_numpy().astype(float)
        )
        parts.append(tonight.select("night", "account", score=pl.Series(values, dtype=pl.Float64)))
    return pl.concat(parts)


def listed(scored, places, least):
    """List a night's best above `least`: new ones take one of the places, known ones (seven nights) go on.

    `scored` is sorted by night and falling score; gives columns night, account, new.
    """
    rows, opened = [], {}
    for (night,), part in scored.filter(pl.col("score") >= least).group_by(["night"], maintain_order=True):
        day = np.datetime64(night)
        left = places
        for account in part["account"].to_list():
            last = opened.get(account)
            if last is not None and (day - last).astype(int) <= CASE_NIGHTS:
                rows.append((night, account, False))
            elif left:
                left -= 1
                rows.append((night, account, True))
            else:
                continue
            opened[account] = day
    return pl.DataFrame(rows, schema={"night": pl.String, "account": pl.String, "new": pl.Boolean}, orient="row")


def best_list(scored, places, false_names, most_false):
    """Give the list with the lowest threshold that names no more innocents than `most_false`."""
    steps = scored["score"].unique().sort(descending=True).to_numpy()
    steps = steps[: min(len(steps), 400_000)]
    low, high = 0, len(steps) - 1  # steps[low] is surely strict enough
    best = listed(scored, places, np.inf)
    while low <= high:
        middle = (low + high) // 2
        tried = listed(scored, places, steps[middle])
        if false_names(tried) <= most_false:
            best, low = tried, middle + 1
        else:
            high = middle - 1
    return best
