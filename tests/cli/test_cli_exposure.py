"""`tocsin exposure` and `who-read` as a user calls them: lists, bounds, what is refused, identities only on purpose."""

import csv
import io
import json

import pytest

from calling import calling
from practice import ELSEWHERE, practice, reading, strangers
from test_nightly import ATTACKED, START, a_night, an_attack, nir, write
from tocsin.privacy.tokens import TokenKey

NOW = ("--now", "2022-04-01T00:00:00")
SINCE = ("--since", "2022-03-24")


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """One account with ten days of habits, and a stranger in it on the eleventh."""
    rows = [*practice(range(11)), *reading(10, strangers(40, 10), start=30, session="x", **ELSEWHERE)]
    rows += reading(10, ["never"], start=31, session="x", outcome="not_found", **ELSEWHERE)
    numbers = {
        name: nir(n, f"2{60 + n % 30}0175{n // 30:03d}"[:10])
        for n, name in enumerate(sorted({row["patient"] for row in rows}))
    }
    columns = [
        "time",
        "kind",
        "outcome",
        "account",
        "session",
        "ip",
        "user_agent",
        "network_type",
        "service",
        "patient",
    ]
    lines = []
    for row in rows:
        told = {"kind": "lookup", "outcome": "success", "account": "A1", "service": "droits"} | row
        told |= {"time": row["time"].isoformat(), "patient": numbers[row["patient"]]}
        lines.append(",".join(str(told.get(column) or "") for column in columns))
    folder = tmp_path_factory.mktemp("logs")
    write(folder / "portal.csv", lines, ",".join(columns))
    (folder.parent / "stranger").write_text(numbers["s10x1"] + "\n")
    return folder


@pytest.fixture
def tocsin(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    return calling(capsys)


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_each_person_is_listed_once_with_how_sure_it_is(tocsin, logs):
    code, out, err = tocsin("exposure", "A1", "--logs", logs, *SINCE, *NOW)
    rows = rows_of(out)
    assert code == 0
    assert list(rows[0]) == ["patient", "first", "last", "reads", "services", "certainty", "basis", "accounts"]
    assert [row["certainty"] for row in rows].count("certain") == 40
    assert len({row["patient"] for row in rows}) == len(rows) == 52
    assert rows[0]["basis"] == "analyst, model: read in a session that is the intruder's"
    assert "52 people listed: 40 certain, 0 probable, 12 possible" in err
    assert "1 were asked for and not shown: not listed" in err
    assert "tokens are of this run only, another run gives others: use --key-file to keep them" in err


def test_an_analyst_who_knows_better_decides_about_a_session(tocsin, logs):
    _code, out, _err = tocsin(
        "exposure",
        "A1",
        "--logs",
        logs,
        *SINCE,
        *NOW,
        "--session",
        "own10=intruder",
        "--session",
        "x10=owner",
        "--quiet",
    )
    assert [row["certainty"] for row in rows_of(out)].count("certain") == 12


def test_the_window_ends_where_it_is_told_to(tocsin, logs):
    _code, out, _err = tocsin("exposure", "A1", "--logs", logs, "--since", "2022-03-22", "--until", "2022-03-23", *NOW)
    assert rows_of(out)
    assert max(row["last"] for row in rows_of(out)) < "2022-03-24"


def test_identities_go_to_a_private_new_file_for_a_reason_that_is_journaled(tocsin, logs, tmp_path):
    code, out, err = tocsin(
        "exposure", "A1", "--logs", logs, *SINCE, *NOW, "--reveal", logs, "--reason", "letters", "--out", "list.csv"
    )
    assert (code, out) == (0, "")
    rows = rows_of((tmp_path / "list.csv").read_text())
    assert all(len(row["identity"]) == 13 for row in rows)
    assert (tmp_path / "list.csv").stat().st_mode & 0o077 == 0
    entry = json.loads((tmp_path / "journal.ndjson").read_text())
    assert (entry["what"], entry["reason"], entry["people"], entry["unrevealed"]) == ("reveal", "letters", 52, 0)
    assert "52 identities written to list.csv" in err


def test_logs_that_are_not_those_of_the_list_are_refused_and_that_is_journaled(tocsin, logs, tmp_path):
    other = write(
        tmp_path / "other.csv",
        ["2022-03-24T08:00:00+01:00,lookup,success,A1,gp,10.0.0.1," + nir(1)],
        "time,kind,outcome,account,profession,ip,patient",
    )
    asked = ("exposure", "A1", "--logs", logs, *SINCE, *NOW, "--reason", "x", "--out", "list.csv")
    code, _out, err = tocsin(*asked, "--reveal", other)
    assert (code, "none of the logs given holds the people of this list" in err) == (2, True)
    assert not (tmp_path / "list.csv").exists()
    entry = json.loads((tmp_path / "journal.ndjson").read_text())
    assert (entry["what"], entry["accounts"], entry["reason"]) == ("reveal refused", ["A1"], "x")


def test_without_a_day_the_window_is_that_of_the_alert_and_a_campaign_is_listed_whole(tocsin, tmp_path):
    folder = tmp_path / "portal"
    folder.mkdir()
    for day in range(12):
        night = START.replace(day=START.day + day)
        lines = list(a_night(night))
        lines += [row for account in ATTACKED for row in an_attack(night, account)] if day == 11 else []
        write(folder / f"{night}.csv", sorted(lines))
    code, out, _err = tocsin(
        "exposure",
        "A7",
        "--logs",
        folder,
        "--breach",
        "--json",
        "--no-model",
        "--aware-at",
        "2022-03-19T09:00:00+01:00",
        *NOW,
    )
    assert code == 0
    figures = json.loads(out)
    assert figures["people"]["min"] == figures["people"]["max"] == 320
    assert (figures["asked_only"], figures["accounts"]) == (80, ["A7"])
    assert (figures["aware_at"], figures["notify_by"]) == ("2022-03-19T08:00:00Z", "2022-03-22T08:00:00Z")
    assert len(figures["inputs_to_preserve"]) == 12
    _code, out, _err = tocsin(
        "exposure", "--campaign", "2022-03-18-A10", "--logs", folder, "--breach", "--no-model", *NOW
    )
    assert "People concerned       320; " in out, "all four accounts read the same people: each counts once"
    assert "not started: give --aware-at" in out
    assert "A10, A7, A8, A9" in out
    code, _out, err = tocsin("exposure", "A3", "--logs", folder, "--no-model", *NOW)
    assert (code, "A3 was never named by these logs; give the first day" in err) == (2, True)
    code, _out, err = tocsin("exposure", "--campaign", "x", "--logs", folder, "--no-model", *NOW)
    assert (code, "no campaign is called 'x'; these logs show 2022-03-18-A10" in err) == (2, True)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["A1"], "no logs are given"),
        (["--logs", "L"], "nobody is asked about"),
        (["A1", "--logs", "L", *SINCE, "--reveal", "L"], "identities are shown for a reason only"),
        (["A1", "--logs", "L", *SINCE, "--reveal", "L", "--reason", "x"], "identities go to a file only"),
        (["A1", "--logs", "L", *SINCE, "--out", "L"], "is there already"),
        (["A1", "--logs", "L", *SINCE, "--until", "2022-01-01"], "--until lies before --since"),
        (["A1", "--logs", "L", *SINCE, "--campaign", "x"], "--since needs accounts by name"),
        (["A1", "--logs", "L", *SINCE, "--session", "x10=thief"], "write ID=owner or ID=intruder"),
        (["A1", "--logs", "L", *SINCE, "--session", "x11=owner"], "no session of the window is called 'x11'; did you mean x10"),
        (["A2", "--logs", "L", *SINCE], "no account in these logs is called 'A2'; did you mean A1?"),
        (["A1", "--logs", "L", "--since", "2022-05-01"], "A1 did nothing between 2022-05-01"),
        (["A1", "--logs", "L", *SINCE, "--aware-at", "noon"], "--aware-at 'noon' is not a time"),
    ],
)  # fmt: skip
def test_what_cannot_be_listed_is_refused_in_a_sentence(tocsin, logs, asked, said):
    code, out, err = tocsin("exposure", *(logs if word == "L" else word for word in asked), *NOW)
    assert (code, out) == (2, "")
    assert said in err


def test_who_read_a_person_is_told_by_token_or_from_a_file(tocsin, logs, tmp_path):
    TokenKey.create(tmp_path / "key")
    code, out, _err = tocsin(
        "who-read",
        "--patient-file",
        logs.parent / "stranger",
        "--reason",
        "a complaint",
        "--logs",
        logs,
        "--key-file",
        "key",
    )
    row = rows_of(out)[0]
    assert (code, row["account"], row["reads"], row["services"]) == (0, "A1", "1", "droits")
    _code, out, _err = tocsin("exposure", "A1", "--logs", logs, *SINCE, *NOW, "--key-file", "key", "--quiet")
    token = rows_of(out)[1]["patient"]
    _code, out, _err = tocsin("who-read", token, "--logs", logs, "--key-file", "key")
    assert rows_of(out) == [row]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["1850578006001", "--logs", "L"], "never write an identifier on the command line"),
        (["0" * 32, "--logs", "L"], "a token means nothing without its key"),
        (["0" * 32, "--logs", "L", "--patient-file", "f"], "both a token and --patient-file"),
        (["--logs", "L"], "nobody is asked about"),
        (["--logs", "L", "--patient-file", "f"], "for a reason only"),
        (["--logs", "L", "--patient-file", "none", "--reason", "x"], "none cannot be read"),
        (["0" * 32], "no logs are given"),
    ],
)
def test_who_read_refuses_in_a_sentence(tocsin, logs, asked, said):
    code, _out, err = tocsin("who-read", *(logs if word == "L" else word for word in asked))
    assert (code, said in err) == (2, True)


def test_nobody_is_said(tocsin, logs, tmp_path):
    TokenKey.create(tmp_path / "key")
    code, _out, err = tocsin("who-read", "0" * 32, "--logs", logs, "--key-file", "key")
    assert (code, "nobody asked for this person" in err) == (0, True)
