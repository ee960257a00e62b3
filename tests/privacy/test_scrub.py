import polars as pl
import pytest

from tocsin.privacy.scrub import MASK, masked, tokenised
from tocsin.privacy.tokens import TokenKey

KEY = TokenKey(bytes(32))

BARE = "1850578006084"
CARD = ("1", "85", "05", "78", "006", "084")
GAPS = [" ", ".", "-", "_", "+", "/", ",", ":", "  ", "\t", ", ", " / ", "\u00a0", "\u202f", "\u2009", "\u200b", "\u3000",
        "%20", "%2520", "%252520", "%2B", "%2b", "%2D", "%2E", "%2F", "%3A", "%09", "%20%20", "%C2%A0", "%E2%80%AF", "%e2%80%89", "%25E2%2580%258B",
        "\\xc2\\xa0", "\\xe2\\x80\\x89"]  # fmt: skip
GROUPED = ["18 40 57 51 23 456", "1840 5751 2345 6", "184-0575-123-456", "1 840 575 123 456", "1.8.4.0.5.7.5.1.2.3.4.5.6",
           "18:40:57:51:23:456", "18/40 57-51.23,456", "1840575 123456", "18 40 57 51 23 456 78"]  # fmt: skip
ESCAPED = [
    "".join(f"%3{digit}" for digit in BARE),
    "".join(f"%253{digit}" for digit in BARE),
    "%31%38" + BARE[2:],
    "%31 %38%20" + BARE[2:],
    "".join(chr(0xFF10 + int(digit)) for digit in BARE),
    "".join(f"%EF%BC%9{digit}" for digit in BARE),
]
AGENTS = [
    "Mozilla/5.0 (X11; Linux) Chrome/99.0.4844.51 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.109 Safari/537.36 Edg/120.0.2210.133",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/218.0.456502374 Mobile/15E148 Safari/604.1",
    "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; .NET CLR 2.0.50727; .NET CLR 3.5.30729; .NET4.0C; InfoPath.3; ms-office; MSOffice 14)",
    "Mozilla/5.0 (Linux; Android 13; 2201117TG Build/TKQ1.221114.001; wv) AppleWebKit/537.36 Version/4.0 Chrome/115.0.5790.166 Mobile Safari/537.36",
    "Instagram 219.0.0.12.117 Android (30/11; 420dpi; 1080x2134; samsung; SM-G973F; beyond1; exynos9820; fr_FR; 340011809)",
    "Mozilla/5.0 (iPad; CPU OS 13_3 like Mac OS X) [FBAN/FBIOS;FBAV/375.1.0.28.111;FBBV/388060116;FBDV/iPad11,3;FBSV/13.3.1;FBSS/2]",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.15601; Pro)",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0",
    "Dalvik/2.1.0 (Linux; U; Android 9; SM-J530F Build/PPR1.180610.011)",
    "Apache-HttpClient/4.5.13 (Java/11.0.12)",
    "python-requests/2.28.1", "curl/7.81.0", "okhttp/4.9.3",
]  # fmt: skip
OTHERS = [
    "192.168.100.100", "10.0.0.1, 192.168.1.10", "185.12.34.56, 102.168.100.1", "192.168.10.10:8080",
    "2001:1600:4:1234:5::", "2001:0861:3242:1990:0001", "2a01:e0a:123:4560:1850:5780:0608:4123",
    "2022-03-14T09:00:00", "2022-03-14 09:12:34", "2022-03-14 9:12:34", "2022-03-14T09:12:34.567890+01:00", "14/3/2022 09:12:34", "14/03/2022 09:12:34.5",
    "2022-03-14-09-12-34-1", "12:30:56.7890123", "20220314091234", "20220314-091234-00017", "20220314 091234",
    "8f14e45f-ceea-467f-a0e6-185057800608", "abcdef12-3456-4789-8123-4567890abcde", "12850578-0060-8412-8505-780060841234",
    "a1850578006084bcdef0123456789abc", "507f1850578006084c86cd79", "A1850578006084BCDEF0123456789ABCDEF01234",
    "73282932000074", "732 829 320 00074", "18505780060841234567", "10003456789", "0123456789012", "1850500006084", "1851478006084", "18505780060", "5850578006084",
    "/exports/20220314091234.csv", "/v2/dossiers/73282932000074/pages/3", "?from=2022-03-14%2009:12:34&to=2022-03-15%2010:00:00",
    "?page=3&size=100&sort=1&offset=2000&limit=50", "4.0.30319.42000.1 2.0.50727",
    "+33 6 12 34 56 78", "FR76 3000 6000 0112 3456 7890 189", "Trésorerie n° 12 du 14/03/2022", "%D0%9F%D1%80%D0%B8%D0%B2%D0%B5%D1%82%2012", "%", "100%1234567890123 %zz",
]  # fmt: skip


def alone(text):
    return masked(pl.Series([text]))[0]


@pytest.mark.parametrize(
    "number",
    [BARE, "185057800608436", "285052A006084", "285052b00608412", "2\u00a085\u00a005\u00a02A\u00a0006\u00a0084", "7850578006084", "1 85 05 78 006 084 36",
     "1850578006084 36", *(gap.join(CARD) for gap in GAPS), *(gap.join((*CARD, "36")) for gap in GAPS), *GROUPED, *ESCAPED],
)  # fmt: skip
def test_masks_a_number_however_it_is_written(number):
    assert masked(pl.Series([f"/patients/{number}/droits", None])).to_list() == [f"/patients/{MASK}/droits", None]
    assert alone(f"nir{number}") == f"nir{MASK}"
    assert alone(number) == MASK


@pytest.mark.parametrize("text", [*AGENTS, *OTHERS])
def test_leaves_other_figures(text):
    assert alone(text) == text
    assert tokenised(pl.Series("account", [text]), KEY)[0] == text


@pytest.mark.parametrize(
    ("text", "without"),
    [
        (f"{BARE},{BARE};{BARE} x", f"{MASK},{MASK};{MASK} x"),
        (f"{BARE} 2850578006085 {' '.join(CARD)} {BARE}", f"{MASK} {MASK} {MASK} {MASK}"),
        (f"{' '.join(CARD)} {' '.join(CARD)}", f"{MASK} {MASK}"),
        ("3/18 40 57 51 23 456/2022", f"3/{MASK}/2022"),
        (f"/patients/{BARE}/2022-03-14?page=3", f"/patients/{MASK}/2022-03-14?page=3"),
        (f"2022-03-14 09:12:34 {BARE}", f"2022-03-14 09:12:34 {MASK}"),
        (f"10.0.0.1 {'.'.join(CARD)}", f"10.0.0.1 {MASK}"),
        (f"Card/2 ({BARE})", f"Card/2 ({MASK})"),
        (f"8f14e45f-ceea-467f-a0e6-185057800608 {BARE}", f"8f14e45f-ceea-467f-a0e6-185057800608 {MASK}"),
        (f"{BARE}/36", MASK), (f"{BARE}/2022", f"{MASK}/2022"), ("285052A006084 23", MASK),
        (f"é{BARE}é %20", f"é{MASK}é %20"),
    ],
)  # fmt: skip
def test_finds_a_number_among_other_figures(text, without):
    assert alone(text) == without


def test_texts_do_not_mix():
    texts = ["185057800", "6084", "1 85 05 78", "006 084", "x"]
    assert masked(pl.Series(texts)).to_list() == texts


def test_makes_one_token_of_a_text_that_is_an_identity():
    accounts = pl.Series("account", [BARE, "A1", BARE, None, f"x-{BARE}"])
    first, plain, again, nobody, other = tokenised(accounts, KEY).to_list()
    assert (plain, nobody) == ("A1", None)
    assert first == again != other
    assert BARE not in first + other
    assert first != tokenised(accounts.alias("session"), KEY)[0]


@pytest.mark.parametrize("column", ["account", "session", "structure"])
@pytest.mark.parametrize(
    "identity", ["73282932000074", "18505780060841234567", "185057800608", "1851478006084", "1850500006084"]
)
def test_an_identity_of_other_figures_keeps_its_name(column, identity):
    assert tokenised(pl.Series(column, [identity, f"s-{identity}"]), KEY).to_list() == [identity, f"s-{identity}"]


def test_gives_clean_columns_back_untouched():
    clean = pl.Series("account", ["A1", None])
    assert masked(clean) is clean
    assert tokenised(clean, KEY) is clean
    assert masked(pl.Series([None], dtype=pl.String)).to_list() == [None]
