import polars as pl
import pytest

from tocsin.privacy.scrub import MASK, masked, tokenised
from tocsin.privacy.tokens import TokenKey

KEY = TokenKey(bytes(32))


@pytest.mark.parametrize(
    "number",
    ["1850578006084", "185057800608436", "1 85 05 78 006 084 36", "1%2085%2005%2078%20006%20084", "1.85.05.78.006.084", "1-85-05-78-006-084-36",
     "1+85+05+78+006+084", "285052A006084", "285052b00608412", "1\u00a085\u00a005\u00a078\u00a0006\u00a0084", "7850578006084"],
)  # fmt: skip
def test_masks_a_number_however_it_is_written(number):
    assert masked(pl.Series([f"/patients/{number}/droits", None])).to_list() == [f"/patients/{MASK}/droits", None]


@pytest.mark.parametrize(
    "text",
    [
        "Mozilla/5.0 (X11; Linux) Chrome/99.0.4844.51 Safari/537.36",
        "192.168.100.100",
        "2022-03-14T10:00:00",
        "0123456789012",
    ],
)
def test_leaves_other_figures(text):
    assert masked(pl.Series([text])).to_list() == [text]


def test_makes_one_token_of_a_text_that_is_an_identity():
    accounts = pl.Series("account", ["1850578006084", "A1", "1850578006084", None, "x-1850578006084"])
    first, plain, again, nobody, other = tokenised(accounts, KEY).to_list()
    assert (plain, nobody) == ("A1", None)
    assert first == again != other
    assert "1850578006084" not in first + other
    assert first != tokenised(accounts.alias("session"), KEY)[0]


def test_gives_clean_columns_back_untouched():
    clean = pl.Series("account", ["A1", None])
    assert masked(clean) is clean
    assert tokenised(clean, KEY) is clean
    assert masked(pl.Series([None], dtype=pl.String)).to_list() == [None]


def test_masks_and_tokens_touch_no_other_text():
    texts = pl.Series("session", ["8e6f3086b780674b", "1850578006084", None, "", "x" * 20, "8e6f3086b780674b"])
    assert masked(texts).to_list() == ["8e6f3086b780674b", "[nir]", None, "", "x" * 20, "8e6f3086b780674b"]
    others = tokenised(texts, TokenKey(b"k" * 32)).to_list()
    assert len(others[1]) == 32
    assert [others[at] for at in (0, 2, 3, 4, 5)] == [texts[at] for at in (0, 2, 3, 4, 5)]
