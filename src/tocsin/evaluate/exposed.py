"""How right a list of exposed people is: precision and recall against the people the intruder really read."""

import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from tocsin.enrich.identifiers import describe
from tocsin.errors import InputError, Place
from tocsin.evaluate.truth import Truth
from tocsin.privacy.tokens import TokenKey, token
from tocsin.words import _

_SURE = ("certain", "probable")


@dataclass(frozen=True, slots=True)
class ListScore:
    """People on the list as certainly or probably read, people really read, and how many are both."""

    listed: int
    read: int
    both: int
    certain: int
    certain_right: int

    @property
    def precision(self) -> float | None:
        """Give the share of listed people who were really read."""
        return self.both / self.listed if self.listed else None

    @property
    def recall(self) -> float | None:
        """Give the share of people really read who are listed."""
        return self.both / self.read if self.read else None


def listed(path: Path, truth: Truth, key: TokenKey | None) -> ListScore:
    """Score the CSV of `tocsin exposure`: by `identity` where it was revealed, else by token with the key.

    InputError when the file is not such a list, or holds tokens and there is no key. Accounts that the list does not
    speak of are left out of the truth.
    """
    table = _table(path)
    accounts = table["accounts"].str.split(";").list.explode().str.strip_chars().unique()
    real = truth.exposed.filter(pl.col("account").is_in(accounts.implode()))
    if "identity" in table.columns:
        people = table.with_columns(person=_canonical(table["identity"]))
        really = _canonical(real["patient"]).unique()
    elif key is None:
        raise InputError(
            _("{path} holds tokens, which only their key can compare").format(path=path),
            hint=_("give --key-file the key of that scan"),
        )
    else:
        people = table.with_columns(person=pl.col("patient"))
        really = (
            pl.DataFrame({"p": _canonical(real["patient"])}).select(token(key.digest(pl.col("p")))).to_series().unique()
        )
    sure = people.filter(pl.col("certainty").is_in(_SURE))["person"].unique()
    certain = people.filter(pl.col("certainty") == "certain")["person"].unique()
    return ListScore(
        listed=len(sure),
        read=len(really),
        both=int(sure.is_in(really.implode()).sum()),
        certain=len(certain),
        certain_right=int(certain.is_in(really.implode()).sum()),
    )


def _table(path: Path) -> pl.DataFrame:
    try:
        table = pl.read_csv(io.BytesIO(path.read_bytes()), infer_schema=False)
    except (OSError, PolarsError) as error:
        raise InputError(_("{path} is no list of exposed people").format(path=path)) from error
    missing = [name for name in ("patient", "certainty", "accounts") if name not in table.columns]
    if missing:
        raise InputError(
            _("the column {name} is missing").format(name=missing[0]),
            place=Place(str(path), 1),
            hint=_("give the CSV that `tocsin exposure --out` wrote"),
        )
    return table


def _canonical(patients: pl.Series) -> pl.Series:
    return describe(patients, "nir")["identifier"]
