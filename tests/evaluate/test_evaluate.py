"""A made-up week: what the score says of it, in text and in JSON."""

import json
import os
from pathlib import Path

import polars as pl
import pytest

from tocsin.cli import main
from tocsin.enrich.identifiers import describe
from tocsin.errors import InputError
from tocsin.evaluate import Alerts, listed, read_report, read_truth, score
from tocsin.evaluate.words import as_dict, as_text
from tocsin.privacy.tokens import TokenKey, token

GOLDEN = Path(__file__).parent.parent / "golden"
NIGHTS = [f"2026-03-{day:02d}" for day in range(2, 9)]
ACCOUNTS = """account,scenario,first_night,last_night
B1,blitz,2026-03-04,2026-03-05
B2,blitz,2026-03-04,2026-03-05
B3,blitz,2026-03-04,2026-03-05
L1,low_slow,2026-03-02,2026-03-08
"""
BY_NIGHT = """account,scenario,night,asked,people,rows
B1,blitz,2026-03-04,1200,1000,0
B1,blitz,2026-03-05,2200,2000,0
B2,blitz,2026-03-04,300,200,0
B2,blitz,2026-03-05,900,600,100
B3,blitz,2026-03-04,1100,900,0
L1,low_slow,2026-03-02,30,30,0
L1,low_slow,2026-03-06,40,40,0
"""
SESSIONS = """account,scenario,session,night,first,last,intruder,owner
B1,blitz,s1,2026-03-04,x,x,1200,0
B1,blitz,s2,2026-03-05,x,x,2200,0
B2,blitz,s3,2026-03-05,x,x,900,12
"""
POPULATION = """account,profession,structure,region,benign
B1,pharmacien,1,29,
B2,pharmacien,2,29,
B3,generaliste,3,29,
L1,generaliste,4,29,
N1,infirmier,5,29,locum
N2,infirmier,6,29,
P1,pharmacien,7,29,
"""
EXPOSED = """account,patient,first,last,reads
B1,1850729155004,2026-03-04T10:00:00.000Z,x,1
B1,1850729155005,2026-03-05T10:00:00.000Z,x,2
B2,2850729155006,2026-03-05T10:00:00.000Z,x,1
"""


def suspect(night, account, rank=1, **others):
    nobody = {"min": None, "max": None, "possible": 0, "records": 0, "listed": 0, "unlisted_max": 0}
    return {
        "night": night, "account": account, "rank": rank, "campaign": None, "sessions": [], "exposed": nobody, **others
    }  # fmt: skip


def night(date, expected=None, **others):
    return {"night": date, "degraded": [], "revision": 0, "budget": {"expected_false": expected}, **others}


def session(name, verdict):
    return {"session": name, "verdict": verdict}


WEEK = {
    "schema_version": 1,
    "by_night": [night(date, 0.5 if date > "2026-03-05" else None) for date in NIGHTS],
    "suspects": [
        suspect("2026-03-02", "N1"),
        suspect("2026-03-03", "B1", 1),  # the intruder had not come yet
        suspect("2026-03-04", "B1", 1, sessions=[session("s1", "intruder"), session("o1", "owner")]),
        suspect("2026-03-05", "B1", None, exposed={"min": 2, "max": 3}),
        suspect("2026-03-05", "B2", 2, sessions=[session("s3", "intruder")], exposed={"min": 10, "max": 20}),
        suspect("2026-03-06", "N1", None),
        suspect("2026-03-07", "N2", 1),
        suspect("2026-03-07", "P1", 2),
    ],
    "campaigns": [
        {
            "id": "c1",
            "night": "2026-03-05",
            "first_night": "2026-03-04",
            "accounts": [
                {"account": "B1", "role": "suspect"},
                {"account": "B2", "role": "suspect"},
                {"account": "B3", "role": "linked"},
                {"account": "P1", "role": "linked"},
            ],
        }
    ],
}


@pytest.fixture
def folder(tmp_path):
    truth = tmp_path / "portal" / "truth"
    truth.mkdir(parents=True)
    for name, text in (
        ("accounts", ACCOUNTS),
        ("nights", BY_NIGHT),
        ("sessions", SESSIONS),
        ("population", POPULATION),
        ("exposed", EXPOSED),
    ):
        (truth / f"{name}.csv").write_text(text)
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "report.json").write_text(json.dumps(WEEK))
    return tmp_path


@pytest.fixture
def truth(folder):
    return read_truth(folder / "portal")


@pytest.fixture
def measured(folder, truth):
    return score(read_report(folder / "report"), truth)


def golden(name, text):
    path = GOLDEN / name
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text()


def test_the_page_is_as_kept(measured):
    golden("evaluate.txt", as_text(measured, None))


def test_the_json_is_as_kept(measured):
    golden("evaluate.json", json.dumps(as_dict(measured, None), indent=1) + "\n")


def test_the_command_prints_the_page_and_exits_0(folder, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", str(folder / "report"), "--truth", str(folder / "portal" / "truth")])
    assert ended.value.code == 0
    assert capsys.readouterr().out == (GOLDEN / "evaluate.txt").read_text()


@pytest.fixture
def blitz(measured):
    return next(part for part in measured.scenarios if part.scenario == "blitz")


def test_an_account_linked_into_a_campaign_is_found_but_no_suspect(blitz):
    assert (blitz.found, blitz.as_suspects, blitz.accounts) == (3, 2, 3)


def test_an_alert_before_the_intruder_came_is_false(measured, blitz):
    assert blitz.nights_to_alert_most == 1
    assert measured.false == 4


def test_people_of_the_alerts_own_night_count_as_read_before(blitz):
    assert (blitz.people_before, blitz.people) == (1_000 + 200 + 600 + 100 + 900, 4_800)
    assert blitz.people_first_night == 1_000 + 200 + 900


def test_on_time_is_the_first_night_with_300_people(blitz):
    assert (blitz.on_time, blitz.reached) == (2, 3)  # B3 read 900 people the night before it was linked


def test_a_continuing_case_is_no_new_false_name(measured):
    assert measured.false_most == 2
    assert {part.profession: part.false for part in measured.professions} == {
        "infirmier": 2, "pharmacien": 2, "generaliste": 0
    }  # fmt: skip


def test_what_was_never_found_lost_everybody(measured):
    slow = next(part for part in measured.scenarios if part.scenario == "low_slow")
    assert (slow.found, slow.nights_to_alert_median, slow.people_before) == (0, None, 70)


def test_a_late_alert_counts_for_a_week_and_then_is_false(truth):
    late = pl.DataFrame({"night": ["2026-03-12", "2026-03-13"], "account": ["B1", "B2"], "new": [True, True]})
    seen = score(Alerts.of([*NIGHTS, "2026-03-12", "2026-03-13"], late), truth)
    assert seen.false == 1
    assert sum(part.found for part in seen.scenarios) == 1


def test_attacks_outside_of_the_judged_nights_do_not_count(truth):
    nobody = pl.DataFrame(schema={"night": pl.String, "account": pl.String, "new": pl.Boolean})
    seen = score(Alerts.of(["2026-03-02", "2026-03-03"], nobody), truth)
    assert [part.scenario for part in seen.scenarios] == ["low_slow"]
    assert "0 of 1 attacked accounts found" in as_text(seen, None)


def test_accounts_said_to_hurry_together_at_once_are_told_apart_from_named_ones(folder, truth):
    told = {"2026-03-05": ["B1", "B3"], "2026-03-06": ["B1", "B2"]}  # B2 two nights after the intruder came: late
    nights = [night(date, fleet=[{"accounts": told.get(date, [])}]) for date in NIGHTS]
    (folder / "report" / "report.json").write_text(json.dumps({**WEEK, "by_night": nights}))
    seen = score(read_report(folder / "report"), truth)
    assert {part.scenario: part.in_fleet for part in seen.scenarios} == {"blitz": 2, "low_slow": 0}
    assert seen.false == 4  # and they are no names


def test_a_folder_a_night_counts_the_last_revision(folder):
    for name, revision, account in (("2026-03-04", 1, "B1"), ("2026-03-04-old", 0, "N1"), ("2026-03-05", 0, "B2")):
        date = name[:10]
        report = {
            **WEEK,
            "campaigns": [],
            "by_night": [night(date, revision=revision)],
            "suspects": [suspect(date, account)],
        }
        (folder / "nights" / name).mkdir(parents=True)
        (folder / "nights" / name / "report.json").write_text(json.dumps(report))
    seen = read_report(folder / "nights")
    assert seen.nights["night"].to_list() == ["2026-03-04", "2026-03-05"]
    assert seen.suspects["account"].to_list() == ["B1", "B2"]


def test_a_report_beside_its_nights_is_read_with_them(folder):
    date = "2026-03-01"
    report = {**WEEK, "campaigns": [], "by_night": [night(date)], "suspects": [suspect(date, "N1")]}
    (folder / "report" / date).mkdir()
    (folder / "report" / date / "report.json").write_text(json.dumps(report))
    assert read_report(folder / "report").nights["night"].to_list() == [date, *NIGHTS]


def test_sessions_that_the_report_made_up_are_not_scored(folder, truth):
    made_up = {**WEEK, "suspects": [suspect("2026-03-04", "B1", sessions=[session("made-1", "intruder")])]}
    (folder / "report" / "report.json").write_text(json.dumps(made_up))
    assert score(read_report(folder / "report"), truth).sessions is None


@pytest.mark.parametrize(
    ("parts", "right"),
    [
        ([session("s3", "owner"), session("s3/2", "intruder")], 1),
        ([session("s3", "mixed")], 1),
        ([session("s3", "intruder"), session("s3/2", "intruder")], 0),
    ],
)
def test_a_shared_session_told_in_parts_is_one_and_right_where_both_are_seen(folder, truth, parts, right):
    told = {**WEEK, "suspects": [suspect("2026-03-05", "B2", sessions=parts)]}
    (folder / "report" / "report.json").write_text(json.dumps(told))
    sessions = score(read_report(folder / "report"), truth).sessions
    assert (sessions.mixed, sessions.mixed_right, sessions.owner, sessions.intruder) == (1, right, 0, 0)


def test_a_part_of_an_intruders_session_is_the_intruders(folder, truth):
    told = {**WEEK, "suspects": [suspect("2026-03-04", "B1", sessions=[session("s1/3", "intruder")])]}
    (folder / "report" / "report.json").write_text(json.dumps(told))
    sessions = score(read_report(folder / "report"), truth).sessions
    assert (sessions.intruder, sessions.intruder_right, sessions.owner) == (1, 1, 0)


def test_accounts_of_another_attack_are_no_strangers_in_a_campaign(folder, truth):
    campaign = {
        **WEEK["campaigns"][0],
        "accounts": [{"account": name, "role": "linked"} for name in ("B1", "B2", "L1")],
    }
    (folder / "report" / "report.json").write_text(json.dumps({**WEEK, "campaigns": [campaign]}))
    blitz = score(read_report(folder / "report"), truth).scenarios[0]
    assert (blitz.campaign.together, blitz.campaign.strangers) == (2, 0)


def test_an_account_whose_history_was_spoiled_is_found_once(folder):
    path = folder / "portal" / "truth" / "nights.csv"
    path.write_text(BY_NIGHT + "B1,blitz-poison,2026-03-03,9,9,0\n")
    measured = score(read_report(folder / "report"), read_truth(folder / "portal"))
    assert "3 of 4 attacked accounts found." in as_text(measured, None)


def test_snooping_is_said_not_to_be_covered(folder):
    path = folder / "portal" / "truth" / "nights.csv"
    path.write_text(BY_NIGHT + "N2,snoop,2026-03-04,2,2,0\n")
    measured = score(read_report(folder / "report"), read_truth(folder / "portal"))
    assert {part.scenario: part.covered for part in measured.scenarios} == {
        "blitz": True, "low_slow": True, "snoop": False
    }  # fmt: skip
    page = as_text(measured, None)
    assert "3 of 4 attacked accounts found. snoop is not covered: volumes cannot show it (1 of 1 found)." in page
    assert "\nsnoop (not covered)" in page


@pytest.mark.parametrize(
    ("least", "most", "right"),
    [
        (103, 103, 1),  # three people up to that night, one of them before any night was judged, and a hundred rows
        (102, 102, 0),
        (104, 104, 0),  # who was read after midnight in Paris is not of that night
    ],
)
def test_bounds_are_compared_with_different_people_from_the_first_log_to_the_end_of_the_night(
    folder, least, most, right
):
    path = folder / "portal" / "truth" / "exposed.csv"
    path.write_text(
        "account,patient,first,last,reads\nB2,1,2026-02-01T10:00:00.000Z,x,9\nB2,2,2026-03-04T10:00:00.000Z,x,1\n"
        "B2,3,2026-03-05T22:59:59.000Z,x,1\nB2,4,2026-03-05T23:00:01.000Z,x,1\n"
    )
    report = {**WEEK, "suspects": [suspect("2026-03-05", "B2", exposed={"min": least, "max": most})]}
    (folder / "report" / "report.json").write_text(json.dumps(report))
    measured = score(read_report(folder / "report"), read_truth(folder / "portal"))
    assert (measured.bounds, measured.bounds_right) == (1, right)


def exposed_list(folder, rows):
    path = folder / "exposed.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_a_list_with_identities_is_scored_without_a_key(folder, truth):
    rows = [
        "patient,certainty,accounts,identity",
        "t1,certain,B1,1850729155004",
        "t2,probable,B1;B2,2 85 07 29 155 006",
        "t3,possible,B1,1850729155005",
        "t4,certain,B1,1990113055009",
    ]
    people = listed(exposed_list(folder, rows), truth, None)
    assert (people.listed, people.read, people.both, people.certain, people.certain_right) == (3, 3, 2, 2, 1)
    assert "precision 66.7%, recall 66.7%" in as_text(score(read_report(folder / "report"), truth), people)


def test_a_list_of_tokens_needs_its_key(folder, truth):
    key = TokenKey(b"k" * 32)
    names = describe(pl.Series(["1850729155004"]), "nir")["identifier"]
    mark = pl.DataFrame({"p": names}).select(token(key.digest(pl.col("p")))).item()
    path = exposed_list(folder, ["patient,certainty,accounts", f"{mark},certain,B1"])
    assert listed(path, truth, key).both == 1
    assert listed(path, truth, key).recall == 0.5
    with pytest.raises(InputError, match="give --key-file"):
        listed(path, truth, None)


def test_an_empty_list_has_no_precision(folder, truth):
    people = listed(exposed_list(folder, ["patient,certainty,accounts,identity"]), truth, None)
    assert (people.precision, people.recall) == (None, None)
    assert as_dict(score(read_report(folder / "report"), truth), people)["exposed"]["precision"] is None


def test_the_command_scores_a_list_and_prints_json(folder, capsys):
    path = exposed_list(folder, ["patient,certainty,accounts,identity", "t,certain,B2,2850729155006"])
    arguments = [str(folder / "report"), "--truth", str(folder / "portal"), "--exposed", str(path), "--json"]
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", *arguments])
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out)["exposed"]["recall"] == 1.0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "report" / "report.json").unlink(), "no report.json in"),
        (lambda folder: (folder / "report" / "report.json").write_text("[1]"), "is not a report of tocsin"),
        (lambda folder: (folder / "report" / "report.json").write_text("{"), "is not a report of tocsin"),
        (lambda folder: (folder / "portal" / "truth" / "nights.csv").unlink(), "nights.csv cannot be read"),
        (
            lambda folder: (folder / "portal" / "truth" / "nights.csv").write_text("account\n"),
            "the column scenario is missing",
        ),
        (lambda folder: (folder / "portal" / "truth" / "nights.csv").write_text(""), "is no table"),
    ],
)
def test_says_what_is_wrong_with_a_report_or_truth(folder, spoil, said):
    spoil(folder)
    with pytest.raises(InputError, match=said):
        score(read_report(folder / "report"), read_truth(folder / "portal"))


@pytest.mark.parametrize(("text", "said"), [("patient\n", "certainty is missing"), ("", "is no list")])
def test_says_what_is_wrong_with_a_list(folder, truth, text, said):
    (folder / "exposed.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        listed(folder / "exposed.csv", truth, None)
