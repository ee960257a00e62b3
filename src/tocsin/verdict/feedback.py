"""What persons decided changes what later nights compare with: confirmed nights leave it, benign ones enter it whole.

Unusual account-nights are kept as they were seen, because what was learned of them was clipped. Everything here is a
part of the fold over nights: judging nights in order and at once gives the same, given the same decisions.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.features.catalogue import FEATURES
from tocsin.model.calibration import Calibration
from tocsin.model.drift import Drift
from tocsin.model.memory import Memory
from tocsin.model.nights import Past
from tocsin.settings import Feedback, Settings
from tocsin.verdict.decisions import CLOSING, Decision, Decisions, case_id
from tocsin.verdict.docket import Docket, Waiting
from tocsin.verdict.drifting import Added
from tocsin.verdict.left_out import leave_older_out, leave_out
from tocsin.verdict.points import Scores

if TYPE_CHECKING:
    from tocsin.verdict.judge import Before

AMOUNTS = ("people", "new_people", "answers", "bytes_kb")
"""What is compared when an account is silent: how much it read."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Unusual account-nights as they were seen.

    `rows` has the night's features, `points`, `points:FAMILY` (hundredths), `rules`, what it `told`
    calibration, and whether it `counts` there.
    """

    rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"account": pl.String, "night": pl.Date}))
    last: date | None = None

    def with_night(
        self,
        night: date,
        rows: pl.DataFrame,
        scores: Scores,
        hits: pl.DataFrame,
        settings: Settings,
        told: NDArray[np.int32] | None,
    ) -> "Seen":
        """Keep the unusual accounts of a night; `told` is what calibration learned of each (-1: nothing), if it did."""
        rules = settings.feedback
        unusual = pl.Series(scores.points >= round(100 * rules.near * settings.alerting.floor_points))
        named = hits.group_by("account").agg(rules=pl.col("rule").unique().sort().str.join("\n"))
        families = {f"points:{family}": pl.Series(told, dtype=pl.Int64) for family, told in scores.families.items()}
        told = np.full(rows.height, -1, np.int32) if told is None else told
        seen = (
            rows.with_columns(points=pl.Series(scores.points, dtype=pl.Int64), told=pl.Series(told), **families)
            .with_columns(counts=pl.col("told") >= 0)
            .filter(unusual)
            .join(named, on="account", how="left", maintain_order="left")
            .with_columns(pl.col("rules").fill_null(""))
            .sort("account")
        )
        before = self.rows.filter(pl.col("night") > night - timedelta(days=rules.held_days))
        held = [part for part in (before, seen) if part.height]
        return Seen(pl.concat(held, how="diagonal_relaxed") if held else self.rows.clear(), night)

    def of(self, decision: Decision) -> pl.DataFrame:
        """Give what was seen in the window of a decision."""
        mine = (pl.col("account") == decision.account) & pl.col("night").is_between(decision.first, decision.last)
        return self.rows.filter(mine)


def heard(before: "Before", decisions: Decisions, night: date, rules: Feedback) -> "Before":
    """Change what a night inherits by what was decided; `decisions` are those that it hears."""
    if not decisions.answers:
        return before
    new = [one for one in decisions.answers if before.seen.last is None or one.heard_from > before.seen.last]
    confirmed = _nights([one for one in decisions.answers if one.answer == "true"], night, rules)
    benign = _nights([one for one in decisions.answers if one.answer == "benign"], night, rules)
    taken = [one for one in new if one.answer == "true"]
    calibration, seen = _uncounted(before.calibration, before.seen, taken, rules)
    calibration, seen = _counted_again(calibration, seen, confirmed, decisions.answers)
    keep = timedelta(days=rules.held_days)
    memory, left_out = leave_out(before.memory, before.left_out, confirmed, decisions.answers, night, keep)
    memory, left_out = leave_older_out(memory, left_out, confirmed, decisions.answers, new, night - keep)
    return replace(
        before,
        memory=_taught(memory, before.seen.rows, benign),
        left_out=left_out,
        calibration=calibration,
        docket=_closed(before.docket, new),
        suspicious=_suspicious(before.suspicious, confirmed, benign),
        drift=Added(
            _undrifted(before.drift.little, taken, confirmed),
            _undrifted(before.drift.desk, taken, confirmed),
            _undrifted(before.drift.more, taken, confirmed),
            _undrifted(before.drift.hand, taken, confirmed),
            _unhanded(before.drift.hands, [one for one in new if one.answer == "benign"]),
        ),
        seen=seen,
    )


def silent(
    rows: pl.DataFrame, scores: Scores, hits: pl.DataFrame, seen: Seen, decisions: Decisions, settings: Settings
) -> NDArray[np.bool_]:
    """Tell the accounts that a benign answer still silences: they show no more than what it explained."""
    quiet = np.zeros(rows.height, np.bool_)
    explained = [one for one in decisions.answers if one.answer == "benign" and one.silent_until is not None]
    if not explained or not rows.height:
        return quiet
    night: date = rows["night"][0]
    place = {account: at for at, account in enumerate(rows["account"])}
    for decision in explained:
        at = place.get(decision.account)
        if at is None or decision.silent_until is None or night > decision.silent_until:
            continue
        before = seen.of(decision)
        rang = set(hits.filter(pl.col("account") == decision.account)["rule"])
        if before.height:
            quiet[at] |= not _is_more(rows.row(at, named=True), _families(scores, at), rang, before, settings)
    return quiet


def _is_more(
    tonight: Mapping[str, object],
    families: Mapping[str, int],
    rang: Collection[str],
    before: pl.DataFrame,
    settings: Settings,
) -> bool:
    """Say whether a night shows another rule, another kind of evidence, or more of it than the explained nights."""
    if set(rang) - {name for told in before["rules"] for name in told.split("\n")}:
        return True
    rules = settings.feedback
    for family, points in families.items():
        column = f"points:{family}"
        most = _most(before, column)
        if points >= 100 * settings.alerting.counts and points > most + round(100 * rules.more_points):
            return True
    return any(_number(tonight.get(name)) > rules.more * max(_most(before, name), 1) for name in AMOUNTS)


def _families(scores: Scores, at: int) -> dict[str, int]:
    return {family: int(told[at]) for family, told in scores.families.items()}


def _most(rows: pl.DataFrame, name: str) -> int:
    return max((_number(value) for value in rows[name]), default=0) if name in rows.columns else 0


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _nights(decisions: Sequence[Decision], night: date, rules: Feedback) -> pl.DataFrame:
    """List the account-nights of windows that lie before a night and are still remembered."""
    oldest = night - timedelta(days=2 * rules.held_days)
    rows = [
        (one.account, date.fromordinal(day))
        for one in decisions
        for day in range(max(one.first, oldest).toordinal(), min(one.last, night - timedelta(days=1)).toordinal() + 1)
    ]
    return pl.DataFrame(rows, schema={"account": pl.String, "night": pl.Date}, orient="row").unique(maintain_order=True)


def _taught(memory: Memory, seen: pl.DataFrame, benign: pl.DataFrame) -> Memory:
    return memory if memory.past is None else replace(memory, past=_whole(memory.past, seen, benign))


def _whole(past: Past, seen: pl.DataFrame, benign: pl.DataFrame) -> Past:
    """Put the seen values of benign nights in the place of the clipped ones; what could not be told stays unknown."""
    mine = seen.join(benign, on=["account", "night"], how="semi")
    names = [feature.name for feature in FEATURES]
    names = [
        name for name in (*names, *(f"night_{name}" for name in names)) if {name} <= {*past.schema} & {*mine.columns}
    ]
    for day in sorted({*mine["night"]} & {held.night for held in past.nights}):
        whole = mine.filter(night=day).select("account", *(pl.col(name).alias(f"whole:{name}") for name in names))
        rows = past.on(day).join(whole, on="account", how="left", maintain_order="left")
        rows = rows.with_columns(
            pl.when(pl.col(name).is_not_null())
            .then(pl.coalesce(pl.col(f"whole:{name}").cast(past.schema[name]), name))
            .alias(name)
            for name in names
        )
        past = past.with_rows(rows.select(*past.schema))
    return past


def _uncounted(
    calibration: Calibration, seen: Seen, taken: Sequence[Decision], rules: Feedback
) -> tuple[Calibration, Seen]:
    """Take the scores of confirmed account-nights out of the calibration, once."""
    if not taken or "counts" not in seen.rows.columns:  # no account was unusual so far
        return calibration, seen
    for decision in taken:
        counted = seen.of(decision).filter("counts")
        days = counted["day"] if "day" in counted.columns else pl.Series([None] * counted.height)
        for (night, profession, points), day in zip(
            counted.select("night", "profession", "told").iter_rows(), days, strict=True
        ):
            calibration = calibration.without(night, profession, points, day)
    assert seen.last is not None  # noqa: S101 there are rows
    gone = _nights(taken, seen.last + timedelta(days=1), rules).with_columns(gone=True)
    rows = seen.rows.join(gone, on=["account", "night"], how="left", maintain_order="left")
    rows = rows.with_columns(counts=pl.col("counts") & pl.col("gone").is_null()).drop("gone")
    return calibration, replace(seen, rows=rows)


def _counted_again(
    calibration: Calibration, seen: Seen, confirmed: pl.DataFrame, answers: Sequence[Decision]
) -> tuple[Calibration, Seen]:
    """Put the scores back that a confirmed window took out and a later answer about the account no longer confirms."""
    answered = pl.Series([one.account for one in answers], dtype=pl.String).implode()
    rows = seen.rows
    if "counts" not in rows.columns:
        return calibration, seen
    out = rows.filter(~pl.col("counts") & (pl.col("told") >= 0) & pl.col("account").is_in(answered))
    back = out.join(confirmed, on=["account", "night"], how="anti", maintain_order="left")
    if back.is_empty():
        return calibration, seen
    for again in back.partition_by("night", maintain_order=True):
        calibration = calibration.again(again["night"][0], again)
    keys = back.select("account", "night", again=pl.lit(value=True))
    rows = rows.join(keys, on=["account", "night"], how="left", maintain_order="left")
    rows = rows.with_columns(counts=pl.col("counts") | pl.col("again").is_not_null()).drop("again")
    return calibration, replace(seen, rows=rows)


def _closed(docket: Docket, new: Sequence[Decision]) -> Docket:
    """Close the answered cases, and campaigns none of whose cases is open any more; who was answered does not wait.

    Another answer about a case of old leaves one open that began after its window, unless it is about that very case.
    """
    answered = [one for one in new if one.answer in CLOSING]
    closed = {
        one.account
        for one in answered
        if (case := docket.accounts.get(one.account))
        and case.first < one.heard_from
        and (case.first <= one.last or one.case == case_id(one.account, case.first))
    }
    accounts = {name: case for name, case in docket.accounts.items() if name not in closed}
    over = {one.campaign for one in answered}
    campaigns = tuple(group for group in docket.campaigns if group.id not in over or group.members & accounts.keys())
    waiting = {name: one for name, one in docket.waiting.items() if not _is_answered(one, new)}
    return replace(docket, accounts=accounts, campaigns=campaigns, waiting=waiting)


def _is_answered(waiting: Waiting, new: Sequence[Decision]) -> bool:
    """Say whether a person answered, before it was on any list, what a suspect that waits would be told of."""
    suspect = waiting.suspect
    return any(one.account == suspect.account and suspect.night <= one.last for one in new)


def _suspicious(suspicious: pl.DataFrame, confirmed: pl.DataFrame, benign: pl.DataFrame) -> pl.DataFrame:
    """Leave confirmed nights out of the baselines of rules, and take benign ones in."""
    kept = suspicious.join(benign, on=["account", "night"], how="anti", maintain_order="left")
    return pl.concat([kept, confirmed]).unique().sort("night", "account")


def _unhanded(hands: pl.DataFrame, benign: Sequence[Decision]) -> pl.DataFrame:
    """Let the habits of explained accounts start anew: a successor has an account for good."""
    return hands.filter(~pl.col("account").is_in(pl.Series([one.account for one in benign], dtype=pl.String).implode()))


def _undrifted(drift: Drift, taken: Sequence[Decision], confirmed: pl.DataFrame) -> Drift:
    """Let confirmed accounts start anew and set no level."""
    named = pl.Series([one.account for one in taken], dtype=pl.String).implode()
    return replace(
        drift,
        sums=drift.sums.filter(~pl.col("account").is_in(named)),
        tops=drift.tops.join(confirmed, on=["account", "night"], how="anti", maintain_order="left"),
    )
