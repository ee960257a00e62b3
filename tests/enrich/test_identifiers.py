import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.fr import nir

from tocsin.enrich.identifiers import describe


def one(text, kind="nir"):
    return describe(pl.Series([text], dtype=pl.String), kind).row(0, named=True)


@pytest.mark.parametrize(
    "text",
    [
        "2850578006084",
        "285057800608441",
        "2 85 05 78 006 084 41",
        " 2850578006084 ",
        "2.85.05.78.006.084",
        "2-85-05-78-006-084",
    ],
)
def test_a_person_has_one_identifier_however_it_is_written(text):
    assert one(text) == {
        "identifier": "2850578006084",
        "block": "2850578006",
        "order": 84,
        "region": "78",
        "valid": True,
    }


def test_corsican_letters_are_capitals():
    with_key = "285052A006084" + nir.calc_check_digits("285052A006084")
    assert one("285052a006084") == one(with_key) == {
        "identifier": "285052A006084", "block": "285052A006", "order": 84, "region": "2A", "valid": True,
    }  # fmt: skip
    assert one("285052B006084")["region"] == "2B"
    assert one("2850519006084")["region"] == "19"


@pytest.mark.parametrize(
    ("place", "region"), [("97105", "971"), ("98818", "988"), ("99109", "99"), ("20004", "20"), ("01004", "01")]
)
def test_gives_the_department_of_birth(place, region):
    assert one(f"28505{place}084") | {"region": region, "valid": True} == one(f"28505{place}084")


@pytest.mark.parametrize(
    "text",
    ["5850578006084", "0850578006084", "2851378006084", "2850078006084", "2854578006084", "2850500006084", "2850597906084", "2850598306084",
     "2850578000084", "2850578006000", "285057800608440"],
)  # fmt: skip
def test_an_implausible_number_is_still_a_person_but_not_valid(text):
    parts = one(text)
    assert parts["identifier"] == text[:13]
    assert parts["valid"] is False


@pytest.mark.parametrize("month", ["00", "13", "19", "43", "49", "51", "55", "99"])
def test_a_month_that_hardly_anybody_has_is_not_plausible(month):
    assert one(f"285{month}78006084")["valid"] is False
    assert one(f"285{month}78006084")["identifier"] == f"285{month}78006084"


@pytest.mark.parametrize("month", ["01", "12", "20", "42", "50"])
def test_accepts_the_months_that_certificates_without_one_get(month):
    assert one(f"285{month}78006084")["valid"] is True


def test_a_text_of_another_shape_is_kept_as_it_is():
    assert one(" dossier-77 ") == {
        "identifier": "dossier-77",
        "block": None,
        "order": None,
        "region": None,
        "valid": False,
    }
    assert one("+285057800608")["identifier"] == "+285057800608"


@pytest.mark.parametrize("kind", ["number", "opaque"])
def test_other_kinds_of_identifier_have_no_parts(kind):
    assert one(" 2850578006084", kind) == {
        "identifier": "2850578006084",
        "block": None,
        "order": None,
        "region": None,
        "valid": None,
    }


def test_nothing_has_nothing():
    assert set(one(None).values()) == {None}


PLACES = st.sampled_from(["78006", "2A004", "2B033", "97105", "98818", "99109", "13055"])


@settings(deadline=None)
@given(st.sampled_from("12"), st.integers(0, 99), st.integers(1, 12), PLACES, st.integers(1, 999))
def test_keys_are_checked_as_stdnum_does(sex, year, month, place, order):
    number = f"{sex}{year:02}{month:02}{place}{order:03}"
    good = number + nir.calc_check_digits(number)
    wrong = number + f"{(int(good[13:]) + 1) % 98:02}"
    table = describe(pl.Series([number, good, wrong, f"{number[0]} {number[1:].lower()}"]), "nir")
    assert table["identifier"].to_list() == [number] * 4
    assert table["valid"].to_list() == [True, nir.is_valid(good), nir.is_valid(wrong), True]


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text("0123456789 AaBb.+-é", max_size=17)), max_size=6))
def test_any_text_gives_one_row_and_mixed_columns_read_as_single_values(texts):
    table = describe(pl.Series(texts, dtype=pl.String), "nir")
    assert table.rows() == [tuple(one(text).values()) for text in texts]
