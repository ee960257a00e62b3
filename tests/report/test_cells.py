"""Tables of texts from logs are as harmless as single cells."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tocsin.report.cells import cells
from tocsin.report.plain import FORMULA, cell

HOSTILE = st.text(
    st.sampled_from([*FORMULA, "a", "é", "1", "\x1b", "\u202e", "\x00", "\u2028", "\ue000", "'"]), max_size=6
)


@given(st.lists(st.one_of(st.none(), HOSTILE), max_size=8))
def test_a_column_of_texts_is_made_safe_as_each_text_alone_is(texts):
    table = pl.DataFrame({"n": range(len(texts)), "text": texts}, schema={"n": pl.Int64, "text": pl.String})
    told = cells(table)
    assert told["n"].equals(table["n"])
    blank = str.maketrans("\t\r", "��")  # there they are a blank, here a mark
    assert told["text"].to_list() == [None if text is None else _alone(text, blank) for text in texts]


def _alone(text, blank):
    shown = cell(text.translate(blank))
    return f"'{shown}" if text.startswith(("\t", "\r")) else shown


def test_a_formula_and_a_mark_that_turns_the_line_around_are_told():
    told = cells(pl.DataFrame({"text": ["=1+1", "-2", "x\u202ey", "\t=1", "a-b"]}))
    assert told["text"].to_list() == ["'=1+1", "'-2", "x�y", "'�=1", "a-b"]
