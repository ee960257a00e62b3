"""`tocsin investigate` as a user calls it: the story, its figures beside the night's report, what it refuses."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from calling import calling
from made import night as made_night
from practice import suspect
from test_nightly import START, nights
from tocsin import inquiry
from tocsin.privacy.tokens import TokenKey
from tocsin.results import BudgetUse, Night, Watched
from tocsin.settings import Settings

ASKED = ("--no-model", "--now", "2022-04-01T00:00:00", "--quiet")


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    list(nights(folder))
    return folder


@pytest.fixture
def tocsin(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")

    return calling(capsys)


@pytest.mark.no_cover
def test_the_figures_of_a_story_are_those_of_the_nights_report(tocsin, logs, tmp_path):
    TokenKey.create(tmp_path / "key")
    _code, report, _err = tocsin("scan", logs, "--all-nights", "--json", "--key-file", "key", *ASKED)
    code, story, _err = tocsin("investigate", "A7", logs, "--json", "--key-file", "key", *ASKED)
    assert code == 0
    told = json.loads(story)
    suspect = next(one for one in json.loads(report)["suspects"] if one["account"] == "A7")
    assert {key: told[key] for key in suspect} == suspect
    assert told["timeline"]
    assert told["related"] == json.loads(report)["campaigns"][0]["links"]
    measures = {m["name"]: m for f in suspect["findings"] for m in f["measures"] if m["against"] in {"own", "peers"}}
    assert all(measure in told["measures"] for measure in measures.values())
    assert sum(service["certain"] for service in told["services"]) == suspect["exposed"]["min"] == 320


def test_the_story_is_told_in_order_on_the_terminal_and_as_a_page(tocsin, logs, tmp_path):
    code, out, _err = tocsin("investigate", "A7", logs, "--html", "a7.html", *ASKED)
    assert code == 0
    assert out.startswith(f"A7 (gp): on the list of {START.replace(day=18)} (place 1), risk ")
    parts = ["What happened, in order", "Sessions since then: ", "Each measure that night", "Related accounts"]
    parts += ["Exposed people", "Innocent explanations", "What to do next", "Questions", "Raw lines"]
    assert [out.index(part) for part in parts] == sorted(out.index(part) for part in parts)
    assert "320 people read, 400 requests in" in out
    assert "320 for certain, 320 at most" in out
    assert "80 were asked for and not shown" in out
    page = (tmp_path / "a7.html").read_text()
    assert "first session of the intruder: 203.0.113.9" in page
    assert (tmp_path / "a7.html").stat().st_mode & 0o077 == 0


def test_a_calm_account_has_a_story_too(tocsin, logs):
    code, out, _err = tocsin("investigate", "A3", logs, "--night", START.replace(day=17), *ASKED)
    assert code == 0
    assert out.startswith("A3 (gp): not on the list of 2022-03-17")
    assert "No night named it, and its last sessions are like its own earlier ones." in out


def test_an_unknown_account_gets_the_nearest_names_and_a_night_off_is_refused(tocsin, logs):
    code, out, err = tocsin("investigate", "A77", logs, *ASKED)
    assert (code, out) == (2, "")
    assert "no account in these logs is called 'A77'; did you mean A7" in err
    code, _out, err = tocsin("investigate", "A7", logs, "--night", "2022-05-01", *ASKED)
    assert code == 2
    assert "A7 was not active on 2022-05-01; it was on 2022-03-14" in err


def test_who_was_named_late_and_did_nothing_that_night_is_told_of_that_nights_list(monkeypatch):
    use = BudgetUse(3, 1, 0, 0, None, 0, None, None, {})
    late = replace(suspect("A1", first=1), night=made_night(4), rang=made_night(1))
    seen = Watched(suspect("A1", first=1), ())
    nights = [
        Night(made_night(1), 1, 1, (), (), 0, use, (), (), watched=seen),
        Night(made_night(4), 1, 1, (), (), 0, use, (late,), ()),
    ]
    monkeypatch.setattr(inquiry, "story", lambda night, _account, named, *_rest, **_more: (night.night, named))
    spool = SimpleNamespace(of_accounts=lambda *_asked: None, begins=None)
    for asked, told in ((None, 4), (made_night(1), 1), (made_night(4), 4)):
        witness = inquiry._Witness("A1", asked, Settings())
        witness.see(nights, spool)
        assert witness.found == (made_night(told), [made_night(4)])
