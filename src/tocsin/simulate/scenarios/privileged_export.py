"""Privileged export: an administrator's account exports the whole base in a few files (a hospital, November 2024)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from tocsin.schema import Kind, Outcome
from tocsin.simulate.actions import frame, joined
from tocsin.simulate.population import Integers, Population
from tocsin.simulate.scenarios.attacker import Attacker, named
from tocsin.simulate.scenarios.guise import hideout
from tocsin.simulate.scenarios.robot import answers
from tocsin.simulate.scenarios.stage import Free, Stage, Tonight, preferably
from tocsin.simulate.work import credentials


@dataclass(frozen=True, slots=True)
class PrivilegedExport(Attacker):
    """Knobs of the export; a quota is one of rows a night here."""

    name: ClassVar[str] = "privileged_export"
    nights: ClassVar[int] = 3
    accounts: int = 1
    exports: tuple[int, int] = (1, 5)
    rows: tuple[int, int] = (50_000, 700_000)
    trial: float = 0.5  # chance that a small list is fetched first to see what comes
    office_hours: float = 0.3

    def choose(self, population: Population, free: Free, chance: np.random.Generator) -> Integers:
        """Steal administrators' accounts, else a hospital's."""
        wished: tuple[str, ...] = ("administrateur",)
        if len(np.intersect1d(free.busy, population.of(*wished))) < self.accounts:
            wished += ("hopital",)
        return preferably(population, free.busy, self.accounts, 1.0, chance, *wished)

    def account(self, stage: Stage, tonight: Tonight, account: int) -> list[pl.DataFrame]:
        """Export tonight's share of the files: the first night has one at least."""
        files = int(stage.chance(account).integers(self.exports[0], self.exports[1] + 1))
        nights = stage.last_night - stage.first_night + 1
        when = np.append(0, stage.chance(account, 1).integers(0, nights, files - 1)) + stage.first_night
        tonight_files = int((when == tonight.night).sum())
        if not tonight_files:
            return []
        chance = stage.chance(tonight.night, account)
        at_work = chance.random() < self.office_hours
        start = (
            chance.uniform(8.5, 16.0) if at_work else chance.choice([chance.uniform(0.2, 6.0), chance.uniform(19, 22)])
        )
        second = start * 3_600.0 + np.cumsum(chance.uniform(200.0, 2_000.0, tonight_files))
        low, high = np.log(self.rows)
        rows = np.exp(chance.uniform(low, high, tonight_files))
        if stage.most is not None:
            rows = np.minimum(rows, 50.0 * stage.most)
        if self.quota:
            rows = np.minimum(rows, self.quota / tonight_files)
        one = np.zeros(1, np.int64)
        entered = second[:1] - chance.uniform(60.0, 190.0)
        parts = [
            answers(np.zeros(tonight_files, np.int64), second, Kind.EXPORT, "export", rows.astype(np.int64)),
            credentials(one, entered, Kind.LOGIN, Outcome.SUCCESS, "connexion"),
        ]
        if chance.random() < self.trial:
            tried = chance.integers(20, 400, 1)
            parts.append(answers(one, entered + 40.0, Kind.LIST, "liste-patients", tried))
        place = hideout(stage, 1, account)
        sessions = named(stage, tonight, account, place, self.browser(stage, tonight, account, shared=False))
        return [frame(joined(parts), sessions, stage.number, int(stage.chance(account, 2).integers(180, 900)))]
