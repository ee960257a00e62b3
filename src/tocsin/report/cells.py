"""Tables whose text is of logs, made harmless for spreadsheets and screens."""

import polars as pl

from tocsin.report.plain import FORMULA

_SHOWN_AS_A_MARK = r"[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]"


def cells(table: pl.DataFrame) -> pl.DataFrame:
    """Make all text of a table safe in a spreadsheet and on a screen: report.plain.cell for columns, with no bound.

    White space other than the blank is a mark here, as whoever counts on the columns of a log must see it.
    """
    text = pl.col(pl.String).str.replace_all(_SHOWN_AS_A_MARK, "�")
    formula = pl.col(pl.String).str.head(1).is_in(list(FORMULA))
    return table.with_columns(pl.when(formula).then(pl.lit("'") + text).otherwise(text).name.keep())
