"""The open directory of French health professionals: `PS_LibreAcces_Personne_activite`, separated by `|`, by RPPS.

The file (Agence du numérique en santé, open licence) has one row for each place of work, over two million in all, and
no quoting. A login is taken for an `Identifiant PP` (RPPS, eleven digits) or an `Identification nationale PP` (with the
digit of its kind before it). Names of columns changed in capitals and brackets over the years: only letters count.
"""

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from tocsin.enrich.directory import RENAMES, TOLD, Directory

SEPARATOR = "|"
IDENTIFIERS = ("identifiant pp", "identification nationale pp")
_PROFESSION = "libelle profession"
_STRUCTURE = "identifiant technique de la structure"
_DEPARTMENT, _COMMUNE, _POSTCODE = "code departement", "code commune", "code postal"
NEEDED = (IDENTIFIERS[0], _PROFESSION)
"""Without these columns it is no such file."""

_WANTED = {
    "id": IDENTIFIERS[0],
    "national": IDENTIFIERS[1],
    "profession": _PROFESSION,
    "structure": _STRUCTURE,
    "department": _DEPARTMENT,
    "commune": _COMMUNE,
    "postcode": _POSTCODE,
}
_OVERSEAS = r"^(9[78][0-9])"
_MAINLAND = r"^([0-9]{2}|2[AB])"
_POST = r"^([0-9]{2})[0-9]{3}$"
_CORSICA = (("^20[01][0-9]{2}$", "2A"), ("^20[26][0-9]{2}$", "2B"))


def is_open_directory(fields: Sequence[str]) -> bool:
    """Tell by the header."""
    return all(_place(fields, name) is not None for name in NEEDED)


def read_open_directory(path: Path, fields: Sequence[str]) -> Directory:
    """Read the file by its header's fields; a row without identifier says nothing, a short row what it holds.

    Of a professional with several places of work the profession and the department that come most often count (of
    equal ones the smallest); the structure only where it is one and the same.
    """
    places = {name: place for name, start in _WANTED.items() if (place := _place(fields, start)) is not None}
    rows = (
        pl.scan_csv(
            path,
            separator=SEPARATOR,
            quote_char=None,
            has_header=False,
            skip_rows=1,
            schema={f"field {place}": pl.String() for place in range(len(fields))},
            encoding="utf8-lossy",
            truncate_ragged_lines=True,
        )
        .select(_field(places, name).alias(name) for name in _WANTED)
        .filter(pl.col("id").is_not_null())
        .select("id", "national", "profession", "structure", region=_region())
        .with_columns(pl.col(*TOLD).cast(pl.Categorical()))
        .collect(engine="streaming")
    )
    people = _one_each(rows)
    keys = people.select(pl.col("id").alias("account"), *TOLD)
    national = people.select(pl.col("national").alias("account"), *TOLD).drop_nulls("account")
    both = pl.concat((keys, national)).unique("account", keep="first", maintain_order=True).sort("account")
    return Directory(both, pl.DataFrame(schema=RENAMES))


def plain(field: str) -> str:
    """Write a column's name in one way: small letters without accents, one blank between words."""
    letters = unicodedata.normalize("NFKD", field).encode("ascii", "ignore").decode().casefold()
    return " ".join("".join(letter if letter.isalnum() else " " for letter in letters).split())


def _place(fields: Sequence[str], start: str) -> int | None:
    """Find a column by the beginning of its name."""
    return next((place for place, field in enumerate(fields) if plain(field).startswith(start)), None)


def _field(places: dict[str, int], name: str) -> pl.Expr:
    if name not in places:
        return pl.lit(None, pl.String())
    text = pl.col(f"field {places[name]}").str.strip_chars()
    return pl.when(text.str.len_bytes() > 0).then(text)


def _region() -> pl.Expr:
    """Give the department: as written, else that of the commune (Corsica has letters), else that of the postcode."""
    commune, postcode = pl.col("commune").str.to_uppercase(), pl.col("postcode")
    corsica = [pl.when(postcode.str.contains(shape)).then(pl.lit(department)) for shape, department in _CORSICA]
    return pl.coalesce(
        "department",
        commune.str.extract(_OVERSEAS),
        commune.str.extract(_MAINLAND),
        *corsica,
        postcode.str.extract(_OVERSEAS),
        postcode.str.extract(_POST),
    )


def _one_each(rows: pl.DataFrame) -> pl.DataFrame:
    """Fold the places of work of each professional; most have one, which costs nothing more."""
    several = rows.filter(pl.col("id").is_duplicated())
    single = rows.filter(~pl.col("id").is_duplicated())
    if several.is_empty():
        return single
    folded = several.group_by("id").agg(
        pl.col("national").min(),
        pl.when(pl.col("structure").n_unique() == 1).then(pl.col("structure").first()).alias("structure"),
    )
    for name in ("profession", "region"):
        folded = folded.join(_most_frequent(several, name), on="id", how="left")
    return pl.concat((single, folded.select(single.columns)))


def _most_frequent(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    counted = rows.drop_nulls(name).group_by("id", name).len("times").with_columns(text=pl.col(name).cast(pl.String()))
    ranked = counted.sort("id", "times", "text", descending=[False, True, False])
    return ranked.unique("id", keep="first", maintain_order=True).select("id", name)
