"""What really happened, beside the logs: the labels that an evaluation reads."""

import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from tocsin.schema import Outcome
from tocsin.simulate.actions import OWNER
from tocsin.simulate.days import Days
from tocsin.simulate.departments import DEPARTMENTS
from tocsin.simulate.nir import text
from tocsin.simulate.plan import Plan
from tocsin.simulate.population import Population
from tocsin.simulate.professions import PROFESSIONS
from tocsin.simulate.writers.page import Page, wall_clock

_EVENTS = ("source", "line", "account", "scenario", "session")
_NIGHTS = ("account", "scenario", "night", "asked", "people", "rows")
_SESSIONS = ("account", "scenario", "session", "night", "first", "last", "intruder", "owner")


@dataclass(slots=True)
class Truth:
    """Collects the labels night by night; only attack rows are held."""

    names: tuple[str, ...]  # of the scenarios, numbered from 1
    events: list[pl.DataFrame] = field(default_factory=list)
    reads: list[pl.DataFrame] = field(default_factory=list)
    nights: list[pl.DataFrame] = field(default_factory=list)
    sessions: list[pl.DataFrame] = field(default_factory=list)

    def note(self, page: Page, lines: pl.DataFrame) -> None:
        """Remember the attack lines of a night and whom they exposed."""
        attack = page.actions.with_row_index("row").filter(pl.col("scenario") != OWNER)
        if attack.is_empty():
            return
        attack = attack.with_columns(scenario=self._name(), night=wall_clock().dt.date().cast(pl.String))
        written = attack.join(lines, on="row", how="left", maintain_order="left")
        self.events.append(written.select(_EVENTS))
        self.nights.append(_by_night(attack))
        self.sessions.append(_sessions(page.actions, attack))
        exposed = attack.filter((pl.col("outcome") == Outcome.SUCCESS) & pl.col("nir").is_not_null())
        self.reads.append(
            exposed.group_by("account", "nir", maintain_order=True).agg(
                first=pl.col("epoch").min(), last=pl.col("epoch").max(), reads=pl.len()
            )
        )

    def _name(self) -> pl.Expr:
        return pl.col("scenario").cast(pl.Int64).replace_strict(dict(enumerate(self.names, 1)), return_dtype=pl.String)

    def write(self, folder: Path, population: Population, plan: Plan, days: Days) -> None:
        """Write the seven files of truth; the folder has its name once all are there."""
        named, folder = folder, folder.with_name(f"{folder.name}.part")
        folder.mkdir(parents=True)
        accounts_table(self.by_night()).write_csv(folder / "accounts.csv")
        self.by_night().write_csv(folder / "nights.csv")
        self.by_session().write_csv(folder / "sessions.csv")
        self.exposed().write_csv(folder / "exposed.csv")
        population_table(population).write_csv(folder / "population.csv")
        spells_table(population, plan, days).write_csv(folder / "benign.csv")
        buffer = io.BytesIO()
        _joined(self.events, _EVENTS).write_csv(buffer)
        (folder / "events.csv.gz").write_bytes(gzip.compress(buffer.getvalue(), 6, mtime=0))
        folder.rename(named)

    def by_night(self) -> pl.DataFrame:
        """Lay out nights.csv: what each stolen account was asked for and gave, by night."""
        return _summed(_joined(self.nights, _NIGHTS))

    def by_session(self) -> pl.DataFrame:
        """Lay out sessions.csv: events of intruder and owner in the intruder's sessions."""
        return _joined(self.sessions, _SESSIONS)

    def exposed(self) -> pl.DataFrame:
        """Lay out exposed.csv: whose record the intruder got to see on which account."""
        if not self.reads:
            return pl.DataFrame(schema=["account", "patient", "first", "last", "reads"])
        people = (
            pl.concat(self.reads)
            .group_by("account", "nir")
            .agg(pl.col("first").min(), pl.col("last").max(), pl.col("reads").sum())
            .sort("account", "nir")
        )
        return people.select(
            "account", text(pl.col("nir")).alias("patient"), _instant("first"), _instant("last"), "reads"
        )


def accounts_table(nights: pl.DataFrame) -> pl.DataFrame:
    """Lay out accounts.csv from nights.csv: account, scenario, first and last night on which the intruder came."""
    return (
        nights.group_by("account", "scenario", maintain_order=True)
        .agg(first_night=pl.col("night").min(), last_night=pl.col("night").max())
        .sort("scenario", "account")
    )


def _by_night(attack: pl.DataFrame) -> pl.DataFrame:
    """Count, for each stolen account, the requests for a person, the different people read, and rows of answers."""
    read = (pl.col("outcome") == Outcome.SUCCESS) & pl.col("nir").is_not_null()
    counted = attack.group_by("account", "scenario", "night").agg(
        asked=pl.col("nir").is_not_null().sum(),
        people=pl.col("nir").filter(read).n_unique(),
        rows=pl.col("rows").filter(pl.col("nir").is_null()).sum(),
    )
    return counted.select(_NIGHTS)


def _summed(nights: pl.DataFrame) -> pl.DataFrame:
    """Add up a night's counts: minutes of it may stand in the file of the night before."""
    numbers = pl.col("asked", "people", "rows").cast(pl.Int64)
    counts = nights.group_by("account", "scenario", "night").agg(numbers.sum())
    return counts.sort("night", "scenario", "account").select(_NIGHTS)


def _sessions(actions: pl.DataFrame, attack: pl.DataFrame) -> pl.DataFrame:
    """Count the intruder's and the owner's events of each session in which the intruder is."""
    touched = attack.group_by("account", "session").agg(pl.col("scenario", "night").first())
    return (
        actions.drop("scenario")
        .with_columns(own=actions["scenario"] == OWNER)
        .join(touched, on=["account", "session"])
        .group_by("account", "scenario", "session", "night")
        .agg(
            first=pl.col("epoch").min(),
            last=pl.col("epoch").max(),
            intruder=(~pl.col("own")).sum(),
            owner=pl.col("own").sum(),
        )
        .sort("scenario", "account", "first", "session")
        .with_columns(_instant("first"), _instant("last"))
        .select(_SESSIONS)
    )


def _joined(parts: list[pl.DataFrame], columns: Sequence[str]) -> pl.DataFrame:
    return pl.concat(parts) if parts else pl.DataFrame(schema=dict.fromkeys(columns, pl.String()))


def population_table(population: Population) -> pl.DataFrame:
    """Lay out population.csv: an account a line, its benign labels joined by `+`."""
    return pl.DataFrame(
        {
            "account": population.accounts,
            "profession": [PROFESSIONS[place].name for place in population.profession],
            "structure": [population.structures[place] for place in population.structure],
            "region": [DEPARTMENTS.codes[place] for place in population.department],
            "benign": ["+".join(population.labels.get(place, [])) for place in range(len(population))],
        }
    )


def spells_table(population: Population, plan: Plan, days: Days) -> pl.DataFrame:
    """Lay out benign.csv: which look-alike, which account, which nights."""
    rows = [
        (
            population.accounts[spell.account],
            spell.label,
            str(days.dates[spell.first_night]),
            str(days.dates[spell.last_night]),
        )
        for spell in sorted(plan.spells, key=lambda spell: (spell.account, spell.label, spell.first_night))
    ]
    return pl.DataFrame(rows, schema=["account", "label", "first_night", "last_night"], orient="row")


def _instant(column: str) -> pl.Expr:
    return pl.from_epoch(pl.col(column), time_unit="ms").dt.to_string("%Y-%m-%dT%H:%M:%S%.3fZ").alias(column)
