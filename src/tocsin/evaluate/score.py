"""The figures: found, how soon, people read before, false names, campaigns, sessions, bounds of people read.

A list is made after its night, so people read on the night of the first alert count as read before it.
"""

from dataclasses import dataclass, replace

import polars as pl

from tocsin.evaluate.alerts import Alerts
from tocsin.evaluate.sessions import SessionScore, told_right
from tocsin.evaluate.truth import Truth
from tocsin.settings_fixed import LATE_NIGHTS, MANY_PEOPLE

ZONE = "Europe/Paris"
"""Of the simulated portals: their truth gives moments in UTC, and nights by this clock."""
NOT_COVERED = frozenset({"snoop"})
"""Scenarios that are played for the record: one to five people a week on one's own login cannot be seen in volumes."""
SPOILING = "-poison"
"""How the truth names the nights on which an intruder only spoiled the history, behind the scenario's name."""


@dataclass(frozen=True, slots=True)
class CampaignScore:
    """The campaign that holds most of a scenario's accounts."""

    together: int = 0  # of its accounts
    strangers: int = 0  # innocent accounts in it
    nights: int | None = None  # until four in five of the scenario's accounts were in one


@dataclass(frozen=True, slots=True)
class ScenarioScore:
    """What became of one scenario's accounts; nights to alert are 0 on the intruder's first night."""

    scenario: str
    accounts: int
    found: int
    as_suspects: int  # of those found; the others are members of a campaign only
    nights_to_alert_median: float | None
    nights_to_alert_most: int | None
    reached: int  # accounts on which the intruder read 300 people in one night
    on_time: int  # of these, named by the first such night
    people: int  # read by the intruder in all, rows of searches and exports included
    people_before: int  # of these, up to the night of the first alert
    people_first_night: int  # of these, on the first night on each account: no list made after its night spares them
    campaign: CampaignScore
    in_fleet: int = 0  # of all accounts, those said to hurry with others on the intruder's first night or the next
    covered: bool = True  # whether it is expected to be found at all
    sessions: SessionScore | None = None  # of its accounts; None where none was told apart


@dataclass(frozen=True, slots=True)
class ProfessionScore:
    """False new names of a profession beside its share of the portal."""

    profession: str
    accounts: int
    false: int
    times_its_share: float | None  # of all false names, beside its share of the accounts


@dataclass(frozen=True, slots=True)
class Score:
    """Everything measured on a report."""

    nights: int
    degraded: int
    scenarios: tuple[ScenarioScore, ...]
    false: int  # innocent accounts named anew
    false_a_night: float
    false_most: int
    expected_false: float | None  # what the report itself expected in these nights
    nights_expected: int  # nights for which it said so
    false_where_expected: int  # false new names of these nights
    professions: tuple[ProfessionScore, ...]
    sessions: SessionScore | None
    bounds: int  # attacked accounts whose report gives bounds of people read
    bounds_right: int  # of these, the people really read lie between them


def score(alerts: Alerts, truth: Truth) -> Score:
    """Measure a report against the truth; attacks outside of the judged nights do not count."""
    judged = alerts.nights["night"]
    attacked = _attacked(truth, judged)
    named = _first_alerts(alerts, attacked)
    false = _false(alerts, attacked)
    expected = alerts.nights.drop_nulls("expected_false")
    by_night = false.group_by("night").len()["len"]
    intruded = _read(truth).filter(pl.col("night").is_in(judged.implode()))
    bounds = _bounds(alerts, attacked, truth)
    return Score(
        nights=len(judged),
        degraded=int(alerts.nights["degraded"].sum()),
        scenarios=tuple(
            replace(
                _scenario(str(name), part, named, intruded, alerts, attacked), sessions=told_right(alerts, truth, part)
            )
            for (name,), part in attacked.group_by(["scenario"], maintain_order=True)
        ),
        false=false.height,
        false_a_night=false.height / max(len(judged), 1),
        false_most=int(by_night.max() or 0),  # type: ignore[arg-type]
        expected_false=float(expected["expected_false"].sum()) if expected.height else None,
        nights_expected=expected.height,
        false_where_expected=false.filter(pl.col("night").is_in(expected["night"].implode())).height,
        professions=_professions(false, truth),
        sessions=told_right(alerts, truth, attacked),
        bounds=bounds.height,
        bounds_right=int(bounds["right"].sum()),
    )


def _attacked(truth: Truth, judged: pl.Series) -> pl.DataFrame:
    """Give the attacked accounts with their scenario and nights, as far as these were judged."""
    nights = truth.nights.filter(pl.col("night").is_in(judged.implode()))
    return (
        nights.group_by("account", "scenario")
        .agg(first_night=pl.col("night").min(), last_night=pl.col("night").max())
        .sort("scenario", "account")
    )


def _read(truth: Truth) -> pl.DataFrame:
    """Give people read by night: those named in the log, and rows of answers that name nobody."""
    return truth.nights.select("account", "scenario", "night", read=pl.col("people") + pl.col("rows"))


def _first_alerts(alerts: Alerts, attacked: pl.DataFrame) -> pl.DataFrame:
    """Give for each attacked account that was named the first night of it, and whether it was a suspect by itself."""
    named = pl.concat(
        [
            alerts.suspects.select("night", "account", suspect=pl.lit(value=True)),
            alerts.members.select("night", "account", suspect=pl.lit(value=False)),
        ]
    )
    within = pl.col("night").is_between("first_night", pl.col("late"))
    return (
        named.join(attacked.with_columns(late=_later("last_night")), on="account")
        .filter(within)
        .group_by("account", "scenario")
        .agg(alert=pl.col("night").min(), suspect=pl.col("suspect").any())
    )


def _later(night: str) -> pl.Expr:
    return pl.col(night).str.to_date().dt.offset_by(f"{LATE_NIGHTS}d").cast(pl.String)


def _false(alerts: Alerts, attacked: pl.DataFrame) -> pl.DataFrame:
    """Give new names of accounts that no intruder used at that time (night, account)."""
    right = attacked.select("account", "first_night", late=_later("last_night"))
    new = alerts.suspects.filter("new").select("night", "account")
    owed = new.join(right, on="account").filter(pl.col("night").is_between("first_night", pl.col("late")))
    return new.join(owed, on=["night", "account"], how="anti")


def _scenario(
    name: str,
    accounts: pl.DataFrame,
    named: pl.DataFrame,
    read: pl.DataFrame,
    alerts: Alerts,
    attacked: pl.DataFrame,
) -> ScenarioScore:
    mine = accounts.join(named, on=["account", "scenario"], how="left")
    wait = _days(mine.drop_nulls("alert"), "first_night", "alert")
    seen = read.join(mine.select("account", "scenario", "alert", "first_night"), on=["account", "scenario"])
    before = seen.filter(pl.col("alert").is_null() | (pl.col("night") <= pl.col("alert")))
    reached = seen.filter(pl.col("read") >= MANY_PEOPLE).group_by("account").agg(
        due=pl.col("night").min(), alert=pl.col("alert").first()
    )  # fmt: skip
    median = wait.median()
    most = wait.max()
    return ScenarioScore(
        scenario=name,
        accounts=mine.height,
        found=mine["alert"].count(),
        as_suspects=int(mine["suspect"].sum()),
        nights_to_alert_median=float(median) if isinstance(median, int | float) else None,
        nights_to_alert_most=int(most) if isinstance(most, int) else None,
        reached=reached.height,
        on_time=reached.filter(pl.col("alert") <= pl.col("due")).height,
        people=int(seen["read"].sum()),
        people_before=int(before["read"].sum()),
        people_first_night=int(seen.filter(pl.col("night") == pl.col("first_night"))["read"].sum()),
        campaign=_campaign(mine, alerts.members, attacked),
        in_fleet=_in_fleet(mine, alerts.fleet),
        covered=name.removesuffix(SPOILING) not in NOT_COVERED,
    )


def _in_fleet(mine: pl.DataFrame, fleet: pl.DataFrame) -> int:
    said = fleet.join(mine, on="account").select("account", wait=_days_between("first_night", "night"))
    return said.filter(pl.col("wait").is_between(0, 1))["account"].n_unique()


def _days(table: pl.DataFrame, start: str, end: str) -> pl.Series:
    return table.select(_days_between(start, end)).to_series()


def _days_between(start: str, end: str) -> pl.Expr:
    return (pl.col(end).str.to_date() - pl.col(start).str.to_date()).dt.total_days()


def _campaign(mine: pl.DataFrame, members: pl.DataFrame, attacked: pl.DataFrame) -> CampaignScore:
    """Find the campaign with most of these accounts: how many, how many innocent ones, and how soon it had most."""
    theirs = members.with_columns(
        mine=pl.col("account").is_in(mine["account"].implode()),
        innocent=~pl.col("account").is_in(attacked["account"].unique().implode()),
    )
    sizes = (
        theirs.group_by("campaign", "night")
        .agg(
            together=pl.col("account").filter(pl.col("mine")).n_unique(),
            strangers=pl.col("account").filter("innocent").n_unique(),
        )
        .filter(pl.col("together") > 1)
        .sort("together", "strangers", "night", descending=[True, False, False])
    )
    if sizes.is_empty():
        return CampaignScore()
    start = mine["first_night"].min()
    most = sizes.filter(pl.col("together") >= 0.8 * mine.height).with_columns(start=pl.lit(start)).sort("night")
    return CampaignScore(
        together=int(sizes["together"][0]),
        strangers=int(sizes["strangers"][0]),
        nights=int(_days(most, "start", "night")[0]) if most.height else None,
    )


def _professions(false: pl.DataFrame, truth: Truth) -> tuple[ProfessionScore, ...]:
    wrong = false.join(truth.population, on="account", how="left").group_by("profession").agg(false=pl.len())
    counted = (
        truth.population.group_by("profession")
        .agg(accounts=pl.len())
        .join(wrong, on="profession", how="left")
        .with_columns(pl.col("false").fill_null(0))
        .sort("false", "profession", descending=[True, False])
    )
    everybody, names = int(counted["accounts"].sum()), false.height
    return tuple(
        ProfessionScore(profession, accounts, wrong, (wrong / names) / (accounts / everybody) if names else None)
        for profession, accounts, wrong in counted.iter_rows()
    )


def _bounds(alerts: Alerts, attacked: pl.DataFrame, truth: Truth) -> pl.DataFrame:
    """Compare the last bounds given for an account with whom the intruder had read by the end of that night.

    Bounds count people: each once, however many nights he was read on, from the first night of the logs on, judged or
    not; and rows of answers that name nobody. The column `right` says whether the truth lies between them.
    """
    last = alerts.bounds.sort("night").group_by("account", maintain_order=True).last()
    since = attacked.group_by("account").agg(pl.col("first_night").min())
    known = last.join(since, on="account").filter(pl.col("night") >= pl.col("first_night"))
    until = known.select("account", until="night")
    first = pl.col("first").str.to_datetime(time_zone="UTC", strict=False).dt.convert_time_zone(ZONE)
    people = truth.exposed.with_columns(night=first.dt.date().cast(pl.String)).select("account", "patient", "night")
    named = _by_then(people, until).group_by("account").agg(people=pl.col("patient").n_unique())
    rows = _by_then(truth.nights, until).group_by("account").agg(pl.col("rows").sum())
    both = known.join(named, on="account", how="left").join(rows, on="account", how="left")
    read = pl.col("people").fill_null(0) + pl.col("rows").fill_null(0)
    return both.with_columns(right=read.is_between("min", "max"))


def _by_then(rows: pl.DataFrame, until: pl.DataFrame) -> pl.DataFrame:
    return rows.join(until, on="account").filter(pl.col("night") <= pl.col("until"))
