"""Reads the truth that `tocsin simulate` writes beside its logs."""

import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from tocsin.errors import InputError, Place
from tocsin.words import _

_COLUMNS = {
    "accounts.csv": ("account", "scenario", "first_night", "last_night"),
    "nights.csv": ("account", "scenario", "night", "asked", "people", "rows"),
    "sessions.csv": ("account", "session", "intruder", "owner"),
    "population.csv": ("account", "profession"),
    "exposed.csv": ("account", "patient", "first", "last", "reads"),
}
_NUMBERS = ("asked", "people", "rows", "intruder", "owner", "reads")


@dataclass(frozen=True, slots=True)
class Truth:
    """What really happened; nights are text (YYYY-MM-DD), counts are whole numbers."""

    accounts: pl.DataFrame  # account, scenario, first_night, last_night
    nights: pl.DataFrame  # account, scenario, night, asked, people, rows
    sessions: pl.DataFrame  # account, session, intruder, owner: events of each in sessions the intruder was in
    population: pl.DataFrame  # account, profession
    exposed: pl.DataFrame  # account, patient (as in the logs, no key), first, last, reads


def read_truth(folder: Path) -> Truth:
    """Read a folder of truth, or the folder that holds it; InputError where a file or column is missing."""
    inside = folder / "truth"
    home = inside if inside.is_dir() else folder
    tables = {name: _table(home / name, columns) for name, columns in _COLUMNS.items()}
    return Truth(
        accounts=tables["accounts.csv"],
        nights=tables["nights.csv"],
        sessions=tables["sessions.csv"],
        population=tables["population.csv"],
        exposed=tables["exposed.csv"],
    )


def _table(path: Path, columns: tuple[str, ...]) -> pl.DataFrame:
    hint = _("give --truth the folder `truth` that `tocsin simulate` wrote")
    try:
        table = pl.read_csv(io.BytesIO(path.read_bytes()), infer_schema=False)
    except OSError as error:
        raise InputError(_("{path} cannot be read: {why}").format(path=path, why=error.strerror), hint=hint) from error
    except PolarsError as error:
        raise InputError(_("{path} is no table").format(path=path), hint=hint) from error
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise InputError(
            _("the column {name} is missing").format(name=missing[0]), place=Place(str(path), 1), hint=hint
        )
    return table.select(pl.col(name).cast(pl.Int64) if name in _NUMBERS else pl.col(name) for name in columns)
