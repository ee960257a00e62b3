"""Tables whose text is of logs, made harmless for spreadsheets and screens."""

import polars as pl

_SHOWN_AS_A_MARK = r"[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]"


def cells(table: pl.DataFrame) -> pl.DataFrame:
    """Make all text of a table safe in a spreadsheet and on a screen, as report.plain.cell does."""
    text = pl.col(pl.String).str.replace_all(_SHOWN_AS_A_MARK, "�")
    formula = pl.col(pl.String).str.contains(r"^[=+\-@\t\r]")
    return table.with_columns(pl.when(formula).then(pl.lit("'") + text).otherwise(text).name.keep())
