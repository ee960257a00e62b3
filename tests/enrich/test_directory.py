import polars as pl
import pytest

from tocsin.enrich.directory import NOBODY, Known, joined
from tocsin.enrich.directory_file import read_directory
from tocsin.errors import SettingsError

OPEN_HEADER = (
    "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Code profession|Libellé profession|"
    "Identifiant technique de la structure|Code postal (coord. structure)|Code commune (coord. structure)|"
    "Code Département (structure)|"
)


def as_it_is(texts):
    return texts


@pytest.fixture
def read(tmp_path):
    def read(*lines, form=as_it_is, encoding="utf-8"):
        path = tmp_path / "directory.csv"
        path.write_bytes("\n".join(lines).encode(encoding))
        return read_directory(path, form)

    return read


def events(*accounts, **told):
    columns = {name: told.get(name) for name in ("profession", "structure", "region")}
    return pl.DataFrame({"account": accounts}).with_columns(
        pl.lit(value, pl.String).alias(name) for name, value in columns.items()
    )


def test_fills_in_who_holds_an_account(read):
    directory = read("account;region;profession;structure;name", "A1;29;gp;S1;x", "A2;2A;;;y")
    assert joined(events("A2", "A1", "A3"), directory).rows() == [
        ("A2", None, None, "2A"),
        ("A1", "gp", "S1", "29"),
        ("A3", None, None, None),
    ]


def test_counts_the_accounts_that_it_does_not_know(read):
    known = Known(read("account,region", "A1,29"))
    known.joined(events("A1", "A3"))
    known.joined(events("A3", "A9"))
    assert known.notes() == ["not in the directory: 2 of 3 accounts"]
    assert Known(NOBODY).notes() == []


def test_the_directory_stands_before_the_log_but_only_where_it_says_something(read):
    directory = read("account,profession,region", "A1,pharmacist,")
    assert joined(events("A1", profession="PHARM", region="35"), directory).row(0) == ("A1", "pharmacist", None, "35")


def test_history_goes_on_under_the_last_name_of_a_renamed_login(read):
    directory = read(
        "account,former_account,profession", "B,A,gp", "C,B,nurse", "D,,gp", "E,E,", "C,Z,", "C,Y,", "C,Y,"
    )
    assert joined(events("A", "B", "C", "D", "E", "Y", "Z"), directory)["account"].to_list() == list("CCCDECC")
    assert joined(events("A"), directory)["profession"].item() == "nurse"


def test_without_a_directory_events_stay_as_they_are():
    frame = events("A1", profession="gp")
    assert joined(frame, NOBODY) is frame
    assert Known(NOBODY).joined(frame) is frame


def test_logins_are_compared_in_the_form_that_events_have(read):
    def form(texts):
        return texts.str.replace("secret", "token") if texts.name == "account" else texts

    directory = read("account,former_account,profession", "secret1,secret2,gp", form=form)
    assert joined(events("token1", "token2"), directory).rows() == [("token1", "gp", None, None)] * 2


def test_reads_what_spreadsheets_write(read):
    directory = read(
        "\ufeffAccount\tProfession\tFormer account\r",
        'A1\t"m\u00e9decin\tsalari\u00e9"\tX\r',
        "\r",
        ' A2 \t"a\nb"\t\r',
        encoding="utf-8",
    )
    assert directory.people["profession"].to_list() == ["m\u00e9decin\tsalari\u00e9", "a\nb"]
    assert directory.people["account"].to_list() == ["A1", "A2"]
    old = read("account;profession", "A1;m\u00e9decin", encoding="cp1252")
    assert old.people["profession"].to_list() == ["m\u00e9decin"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["acount,profession", "A,gp"], "1:1: the directory has no column 'account'; its column 'acount' is not known, did you mean 'account'?"),
        (["account,job", "A,gp"], "1:1: the directory has no column 'profession, structure, region, former_account'; its first line must name account and any of"),
        ([""], "1:1: the directory has no column 'account'"),
        (["account,profession", "A,gp", ",gp"], "3:1: this row names no account"),
        (["account,profession", "A,gp,x"], "2:1: this row has 3 columns, the first line names 2"),
        (["account,profession", "B,gp", 'A,"gp', "C,gp"], "3:1: a quote opens here and is not closed as it should"),
        (["account,region,profession", "A,29,gp", '"B","x\ny",gp', "", "A,29,nurse"], "6:6: the account of this row has another profession on line 2; keep the row that is true"),
        (["account,former_account", "A,Z", "B,Z"], "3:1: the former_account of this row has another account on line 2"),
        (["account,former_account", "A,B", "B,C", "C,A", "E,F"], "2:3: former logins lead in a ring, of which this one is part"),
    ],
)  # fmt: skip
def test_says_where_a_directory_is_wrong(read, lines, said):
    with pytest.raises(SettingsError) as refused:
        read(*lines)
    assert f"directory.csv:{said}" in str(refused.value)


def test_the_same_row_twice_is_no_fault(read):
    assert read("account,profession", "A,gp", "A,gp", "A,").people.rows() == [("A", "gp", None, None)]


def test_says_that_a_directory_is_packed_or_missing(tmp_path):
    packed = tmp_path / "PS_LibreAcces.zip"
    packed.write_bytes(b"PK\x03\x04")
    with pytest.raises(SettingsError, match=r"is packed \(zip\); unpack it"):
        read_directory(packed, as_it_is)
    with pytest.raises(SettingsError, match="cannot be read: No such file or directory; check --directory"):
        read_directory(tmp_path / "none.csv", as_it_is)


def test_joins_the_open_directory_by_either_number(read):
    directory = read(
        OPEN_HEADER,
        '8|10001045367|810001045367|10|M\u00e9decin "x|R1|29200|29019||',
        "0|012600631|0012600631|26|Audioproth\u00e9siste|C4|20167|||",
        "8|||10|M\u00e9decin|||||",
        "8|10009999999",
    )
    names = ("10001045367", "810001045367", "0012600631", "10009999999", "other")
    assert joined(events(*names, profession="?"), directory).rows() == [
        ("10001045367", 'M\u00e9decin "x', "R1", "29"),
        ("810001045367", 'M\u00e9decin "x', "R1", "29"),
        ("0012600631", "Audioproth\u00e9siste", "C4", "2A"),
        ("10009999999", "?", None, None),
        ("other", "?", None, None),
    ]


@pytest.mark.parametrize(
    ("postcode", "commune", "department", "region"),
    [("29200", "29019", "2B", "2B"), ("20200", "2b033", "", "2B"), ("20200", "", "", "2B"), ("20600", "", "", "2B"), ("20000", "", "", "2A"),
     ("97200", "97209", "", "972"), ("98800", "", "", "988"), ("01000", "", "", "01"), ("GL", "", "", None), ("", "", "", None)],
)  # fmt: skip
def test_finds_the_department_of_a_place_of_work(read, postcode, commune, department, region):
    directory = read(OPEN_HEADER, f"8|1|81|10|M|R1|{postcode}|{commune}|{department}|")
    assert directory.people["region"].cast(pl.String).to_list() == [region, region]


def test_folds_the_places_of_work_of_one_professional(read):
    rows = ["A|X|R1|29", "A|X|R1|29", "B|Y|R1|35", "B|X|R2|29", "B|X|R2|29", "C|Y|R3|35", "C|X|R4|29", "D|X|R5|"]
    directory = read(
        "Identifiant PP|Libell\u00e9 profession|Identifiant technique de la structure|Code d\u00e9partement (coord. structure)",
        *rows,
    )
    assert directory.people.cast(pl.String).rows() == [
        ("A", "X", "R1", "29"),
        ("B", "X", None, "29"),
        ("C", "X", None, "29"),
        ("D", "X", "R5", None),
    ]


def test_categories_with_a_number_to_hide_are_rewritten(read):
    def form(texts):
        return texts.str.replace("1850578006084", "[nir]")

    directory = read(OPEN_HEADER, "8|A|8A|10|x 1850578006084|R1|29200|29019||", form=form)
    assert directory.people["profession"].to_list() == ["x [nir]"] * 2
