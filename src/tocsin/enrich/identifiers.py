"""One way to write a person's identifier, and what a social security number (NIR) tells about itself.

A NIR is thirteen characters - sex, year, month, department and town of birth, order number - and a key of two digits.
What counts as plausible follows the rules of INSEE's register (RNIPP):

sex         1 and 2; 3 and 4 (foreigners being registered, old); 7 and 8 (provisional numbers).
month       01 to 12; 20 to 42 and 50 stand where the birth certificate lacks the month. The register keeps 51 to 99 for
            numbers that ran out, so rare that whoever asks for one makes numbers up (docs/decisions/0055).
department  01 to 19, 2A, 2B, 20 (Corsica before 1976), 21 to 96, 99 (born abroad), 971 to 978 and 984 to 989 overseas.
town, order any but 000.
key         97 minus the number modulo 97, where 2A counts as 19 and 2B as 18.
"""

from typing import Final

import polars as pl

SHORT, LONG = 13, 15
"""Characters without and with the key."""
BLOCK = 10
"""The first ten characters: everybody born in one town in one month."""

_SEXES: Final = [1, 2, 3, 4, 7, 8]
_SHAPE: Final = r"^[0-9]{5}(?:[0-9]{2}|2[AB])[0-9]{6}(?:[0-9]{2})?$"
_DECORATION: Final = r"[\s\x{a0}\x{202f}.\-_/]"


def describe(patients: pl.Series, patient_kind: str) -> pl.DataFrame:
    """Give for each identifier `identifier` (canonical), `block`, `order`, `region` and `valid`.

    `patient_kind` nir: thirteen characters in upper case without the key; a text of another shape stays as it is,
    stripped, and is not valid. Kinds number and opaque have no parts: everything but `identifier` is null.
    """
    stripped = patients.str.strip_chars()
    if patient_kind != "nir":
        return stripped.to_frame("identifier").with_columns(
            block=pl.lit(None, pl.String()),
            order=pl.lit(None, pl.Int16()),
            region=pl.lit(None, pl.String()),
            valid=pl.lit(None, pl.Boolean()),
        )
    bare, numbers = _bare(patients)
    parts = pl.DataFrame({"text": bare, "plain": stripped, "number": numbers})
    shaped = pl.col("number").is_not_null()
    return (
        parts.with_columns(body=pl.when(_has_key()).then(pl.col("number") // 100).otherwise("number"))
        .with_columns(identifier=pl.when(shaped).then(pl.col("text").str.slice(0, SHORT)).otherwise("plain"))
        .select(
            "identifier",
            block=pl.when(shaped).then(pl.col("text").str.slice(0, BLOCK)),
            order=(pl.col("body") % 1000).cast(pl.Int16()),
            region=pl.when(_department_exists()).then(_region()),
            valid=pl.when(pl.col("text").is_not_null()).then((shaped & _plausible()).fill_null(value=False)),
        )
    )


def _bare(patients: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Undo how a NIR may be decorated (blanks, points, small letters), and give its digits as a number too.

    The letters of Corsica count as 19 and 18; a text of another shape has no number. Only what is not thirteen or
    fifteen plain digits is looked at closely.
    """
    numbers, lengths = patients.cast(pl.UInt64(), strict=False), patients.str.len_bytes()
    # A sign would be read as part of the number, but then a digit is missing.
    plain = ((lengths == SHORT) & (numbers >= 10**12)) | ((lengths == LONG) & (numbers >= 10**14))
    odd = ~plain.fill_null(value=False) & patients.is_not_null()
    if not odd.any():
        return patients, numbers
    text = pl.col("text")
    department = text.str.slice(5, 2).replace({"2A": "19", "2B": "18"})
    number = pl.concat_str(text.str.slice(0, 5), department, text.str.slice(7)).cast(pl.UInt64(), strict=False)
    undone = patients.filter(odd).str.to_uppercase().str.replace_all(_DECORATION, "")
    few = undone.to_frame("text").select(pl.when(text.str.contains(_SHAPE)).then(number)).to_series()
    places = odd.arg_true()
    return patients.scatter(places, undone), numbers.scatter(places, few)


def _has_key() -> pl.Expr:
    return pl.col("text").str.len_bytes() == LONG


def _plausible() -> pl.Expr:
    body = pl.col("body")
    month = body // 10**8 % 100
    key = pl.lit(97, pl.UInt64()) - body % 97
    return (
        (body // 10**12).is_in(_SEXES)
        & (month.is_between(1, 12) | month.is_between(20, 42) | (month == 50))
        & _department_exists()
        & (body // 1000 % 1000 != 0)
        & (body % 1000 != 0)
        & (~_has_key() | (pl.col("number") % 100 == key))
    )


def _department_exists() -> pl.Expr:
    department, overseas = pl.col("body") // 10**6 % 100, pl.col("body") // 10**5 % 10
    return (
        department.is_between(1, 96)
        | (department == 99)
        | ((department == 97) & overseas.is_between(1, 8))
        | ((department == 98) & overseas.is_between(4, 9))
    )


def _region() -> pl.Expr:
    """Give the department of birth: two characters, three overseas."""
    text = pl.col("text")
    return pl.when(text.str.slice(5, 2).is_in(["97", "98"])).then(text.str.slice(5, 3)).otherwise(text.str.slice(5, 2))
