"""What people and programs read, on one invented report that holds everything a log could try."""

import html
import io
import json
import os
import re
import stat
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from tocsin.errors import StoreError
from tocsin.report.folder import NAMES, write_folder
from tocsin.report.html import as_html
from tocsin.report.json import as_dict, as_json
from tocsin.report.plain import cell, odds, plain
from tocsin.report.table import as_csv
from tocsin.report.terminal import show
from tocsin.results import (
    BudgetUse,
    Campaign,
    Evidence,
    Exposed,
    Finding,
    Innocent,
    InputRecord,
    Link,
    Measure,
    Member,
    Night,
    Reject,
    Report,
    Session,
    Suspect,
)

GOLDEN = Path(__file__).parent.parent / "golden"
NIGHT = date(2022, 3, 14)
MOMENT = datetime(2022, 3, 14, 9, 30, tzinfo=UTC)
EVIL = '=cmd|"/c calc"!A1<script>alert(1)</script>\u202e\x1b[31m'
EXPOSED = Exposed(min=3_900, max=4_000, possible=4_050, records=4_100, listed=4_000, unlisted_max=0)


def suspect(account=EVIL, **more):
    values = {
        "rank": 1, "night": NIGHT, "account": account, "profession": "pharmacien", "structure": None, "region": "29",
        "points": 21.5, "risk": 88, "why": "Read 4,000 different people, usually 24 (its own 21 nights).", "first_alerted": NIGHT,
        "nights_alerted": 1, "people": 4_000, "new_people": 3_990, "families": {"volume": 8.0, "novelty": 8.0, "origin": 5.5},
        "not_judged": ("kilobytes",), "expected_false": None, "exposed": EXPOSED, "next": ("Close the address 203.0.113.5.", "Call the structure."),
        "began_local": "2022-03-14T02:52+01:00", "story": "1 of its 2 sessions is an intruder's: 3,900 to 4,000 people read.",
        "sessions_total": 2,
        "findings": (
            Finding("volume.people", "critical", 8.0, "Read 4,000 different people", MOMENT, MOMENT,
                    (Measure("people", 4000, 24.0, 12, 40, "people", "own", 21, 0), Measure("rows", 9, None, None, 80, "rows", "peers", 0, 60)),
                    (Evidence("log.csv", 2, 4100, 4000),)),
            Finding("outlier", "low", 1.0, "rare", MOMENT, MOMENT, ()),
        ),
        "campaign": "2022-03-14-A1",
        "sessions": (Session("s1", MOMENT, MOMENT, "203.0.113.5", "intruder", 4000, 4000),),
        "innocent": (Innocent("locum", holds=False, figures="same hours"),),
    }  # fmt: skip
    return Suspect(**values | more)


CAMPAIGN = Campaign(
    "2022-03-14-A1", 1, NIGHT, NIGHT, (Member(EVIL, "suspect"), *(Member(f"A{n}", "linked") for n in range(9))),
    (Link("address", "203.0.113.5", (EVIL, "A1"), 2, 1e-6),), EXPOSED,
)  # fmt: skip


def report(*nights, **more):
    values = {
        "version": "0.1.0", "rules_sha256": "a" * 64, "settings_sha256": "b" * 64,
        "inputs": (InputRecord("log.csv", "c" * 64, "native", 10, 7, 1, 1, 1, MOMENT, MOMENT, {"ip": 1.0}),),
        "rejects": (Reject("log.csv", 4, 120, "not a time"),), "rejects_total": 1, "nights": nights, "partial_night": None,
    }  # fmt: skip
    return Report(**values | more)


def night(*suspects, **more):
    values = {
        "night": NIGHT, "accounts": 2_000, "events": 100_000, "degraded": (), "not_judged": (), "history_nights": 28,
        "budget": BudgetUse(3, len(suspects), 0, 0, None, 0, 0.03 if suspects else None, None, {}), "suspects": suspects, "campaigns": (),
    }  # fmt: skip
    return Night(**values | more)


FULL = report(
    night(
        suspect(),
        suspect("A2", rank=None, nights_alerted=2, campaign=None, profession=None, region=None, findings=(), next=()),
        degraded=("log.csv: 4% of the lines were rejected",),
        not_judged=("kilobytes returned: the logs have no bytes",),
        common={"infirmier": 0.64, "<b>x</b>": 1.38},
        budget=BudgetUse(
            3,
            1,
            1,
            2,
            11.5,
            1,
            None,
            "5 nights replayed, 28 are needed",
            {"pharmacien": 1},
            cut_accounts={"<i>9</i>": 11.5, "A8": 10.5},
        ),
        campaigns=(CAMPAIGN,),
    ),
    partial_night=date(2022, 3, 15),
)
CALM = report(night(), rejects=(), rejects_total=0)


def golden(name, text):
    """Compare with the kept file; TOCSIN_GOLDEN=write keeps a new one after it was read by a person."""
    path = GOLDEN / name
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text()


def terminal(seen, width=100):
    console = Console(width=width, record=True, file=io.StringIO(), highlight=False)
    show(seen, console)
    return "\n".join(text.rstrip() for text in console.export_text().splitlines()) + "\n"


def test_the_page_names_twenty_that_did_not_fit_and_counts_the_others():
    def page(count):
        cut = {f"B{number:04d}": 9.5 for number in range(count)}
        return as_html(report(night(budget=replace(FULL.nights[0].budget, cut_accounts=cut))))

    assert "<code>B0019</code> (9.5)." in page(20)
    assert "<code>B0019</code> (9.5) and 1,480 more: report.json." in page(1_500)
    assert "B0020" not in page(1_500)


def test_what_is_noted_of_many_inputs_alike_is_said_once():
    def noted(count):
        return tuple(
            replace(FULL.inputs[0], path=f"log{n}.csv", notes=(f"{1000 + n:,} events are odd",)) for n in range(count)
        )

    few = terminal(replace(CALM, inputs=noted(3)), 200)
    assert [f"log{n}.csv: 1,00{n} events are odd\n" in few for n in range(3)] == [True, True, True]
    many = terminal(replace(CALM, inputs=noted(4)), 200)
    assert "log0.csv: 1,000 events are odd; likewise 3 other inputs (report.json)\n" in many
    assert "log1.csv" not in many


def test_a_campaigns_common_step_is_told_once_and_a_suspect_says_since_which_hour():
    text = terminal(FULL)
    assert text.count("→ Close the address 203.0.113.5.") == 1
    assert "→ Call the structure." in text
    assert "2022-03-14 02:52" in text
    assert "3,900 to 4,000 people read" in text


def test_the_page_tells_sessions_innocent_explanations_and_bounds():
    page = as_html(FULL)
    assert "<strong>intruder</strong>" in page
    assert "the figures do not fit" in page
    assert "3,900 for certain, 4,000 at most" in page


def test_the_page_names_evidence_in_plain_words():
    novel = suspect(families={"novelty": 8.0, "outlier": 1.0, "drift": 2.0})
    page = as_html(report(night(novel)))
    assert not re.search("<td>(novelty|outlier|drift)</td>", page)
    for words in ("people never read before", "rare combination of figures", "adding up over nights"):
        assert f"<td>{words}</td>" in page


def test_what_was_not_judged_is_named_in_plain_words():
    page = as_html(report(night(suspect(not_judged=("people_10m", "no session ids: bounds are wide")))))
    assert "Not judged: different people in the fastest ten minutes; no session ids: bounds are wide" in page


def test_a_share_of_known_people_is_written_as_one_and_a_rule_says_what_it_rests_on():
    shares = Measure("known_people", 0.1, 0.96, None, None, "share", "own", 9, 0)
    rung = Measure("distinct_people_1d", 900, 45.0, None, 250, "people", "rule", 27, 0)
    one = Finding("drift.hand", "high", 2.0, "seen", MOMENT, MOMENT, (shares, rung))
    page = as_html(report(night(suspect(findings=(one,)))))
    assert (
        '<td>share of people known to the account</td><td class="number">10.0 %</td><td class="number">96.0 %' in page
    )
    assert "rule, 27 nights" in page


def test_the_terminal_report_is_as_kept():
    golden("terminal.txt", terminal(FULL))


def test_a_calm_night_says_so():
    text = terminal(CALM)
    assert "No suspect." in text
    assert "What to do next" not in text


def test_any_night_says_how_many_names_an_ordinary_one_brings():
    calm, full = (replace(r, nights=tuple(replace(n, budget=replace(n.budget, expected_false=0.2)) for n in r.nights))
                  for r in (CALM, FULL))  # fmt: skip
    assert "No suspect; an ordinary night brings about 0.2 new names." in terminal(calm)
    assert "an ordinary night brings about 0.2 new names." in " ".join(terminal(full).split())


def test_report_json_is_as_kept():
    golden("report.json", as_json(FULL))


def test_report_json_keeps_its_contract():
    content = json.loads(as_json(FULL))
    assert list(content)[:2] == ["schema_version", "tool"]
    assert {"nights", "by_night", "inputs", "rejects", "rejects_total", "gaps", "suspects", "campaigns"} <= set(content)
    assert {
        "night",
        "accounts",
        "events",
        "degraded",
        "not_judged",
        "shifts",
        "fleet",
        "cut_points",
        "revision",
        "budget",
    } <= set(content["by_night"][0])
    assert {"limit", "new", "continuing", "expected_false", "by_profession"} <= set(content["by_night"][0]["budget"])
    named = {
        "rank", "night", "account", "profession", "structure", "region", "points", "risk", "why", "case", "status", "first_alerted",
        "nights_alerted", "people", "new_people", "families", "not_judged", "findings", "sessions", "innocent", "next", "exposed", "campaign",
    }  # fmt: skip
    assert named <= set(content["suspects"][0])
    assert set(content["suspects"][0]["findings"][0]["measures"][0]) == {
        "name",
        "value",
        "usual",
        "low",
        "high",
        "unit",
        "against",
        "nights",
        "peers",
    }
    assert {"id", "rank", "first_night", "accounts", "links", "exposed"} <= set(content["campaigns"][0])
    assert content["suspects"][0]["findings"][0]["from"] == "2022-03-14T09:30:00Z"


def test_an_unknown_value_in_a_report_is_a_bug_not_a_guess():
    with pytest.raises(TypeError, match="does not belong in a report"):
        as_json(replace(CALM, inputs=(object(),)))
    assert as_dict(CALM)["suspects"] == []


def test_the_csv_is_as_kept():
    golden("suspects.csv", as_csv(FULL))


def test_a_spreadsheet_runs_nothing_from_a_log():
    rows = as_csv(FULL).splitlines()
    assert "'=cmd" in rows[1]
    assert cell("+33") == "'+33"
    assert cell("-1") == "'-1"
    assert cell("@x") == "'@x"
    assert cell("A1") == "A1"


def test_html_says_how_busy_such_a_night_is():
    page = as_html(FULL)
    assert "infirmier 0.64 times the ordinary, &lt;b&gt;x&lt;/b&gt; 1.38 times the ordinary." in page
    assert "times the ordinary" not in as_html(CALM)


def test_html_from_a_log_is_text():
    page = as_html(FULL)
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    assert "\x1b" not in page


def test_screen_and_page_say_whole_what_changed_for_many_accounts():
    told = f"{'many accounts hurried together, ' * 18}if it is here to stay: `tocsin ack 'software/<b>' --reason TEXT`"
    seen = report(night(shifts=(told,)))
    assert " ".join(terminal(seen).split()).count(told) == 1
    assert f"<strong>Change:</strong> {html.escape(told)}".replace("&#x27;", "&#39;") in as_html(seen)


def test_the_page_fetches_and_runs_nothing():
    page = as_html(FULL)
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_calm_page_says_so():
    assert "No suspect." in as_html(CALM)


def test_control_and_bidirectional_marks_become_visible():
    assert plain("a\x1b[31mb\u202ec\nd") == "a\ufffd[31mb\ufffdc d"
    assert plain("x" * 300).endswith("…")
    assert len(plain("x" * 300)) == 200


def test_the_folder_is_private_and_whole(tmp_path):
    out = tmp_path / "deep" / "report"
    write_folder(FULL, out, MOMENT)
    assert sorted(path.name for path in out.iterdir()) == sorted(NAMES)
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert json.loads((out / "manifest.json").read_text())["now"] == "2022-03-14T09:30:00Z"


def test_a_second_report_takes_the_place_of_the_first(tmp_path):
    write_folder(FULL, tmp_path / "report", MOMENT)
    write_folder(CALM, tmp_path / "report", MOMENT)
    assert json.loads((tmp_path / "report" / "report.json").read_text())["suspects"] == []
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_never_replaces_a_folder_that_is_not_a_report(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(StoreError, match=r"is not a report folder: it also holds thesis.txt; choose another folder"):
        write_folder(CALM, tmp_path, MOMENT)
    with pytest.raises(StoreError, match="is a file"):
        write_folder(CALM, tmp_path / "thesis.txt", MOMENT)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_report_that_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    write_folder(FULL, tmp_path / "report", MOMENT)
    before = (tmp_path / "report" / "report.json").read_text()

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tocsin.report.folder.os.fdopen", full)
    with pytest.raises(StoreError, match="No space left on device; choose another folder"):
        write_folder(CALM, tmp_path / "report", MOMENT)
    monkeypatch.undo()
    assert (tmp_path / "report" / "report.json").read_text() == before
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_says_chances_as_people_do():
    assert odds(0.001) == "1 in 1,000"
    assert odds(0.0) == "less than 1 in a billion"


def test_each_night_of_a_watch_keeps_its_own_report(tmp_path):
    out = tmp_path / "report"
    write_folder(FULL, out, MOMENT, each_night=True)
    first = {night.night.isoformat() for night in FULL.nights}
    assert {path.name for path in out.iterdir()} == {*NAMES, *first}
    later = replace(CALM, nights=tuple(replace(night, night=date(2030, 1, 1)) for night in CALM.nights[:1]))
    write_folder(later, out, MOMENT, each_night=True)
    assert {path.name for path in out.iterdir()} == {*NAMES, *first, "2030-01-01"}
    assert {path.name for path in (out / min(first)).iterdir()} == set(NAMES)
    assert json.loads((out / min(first) / "report.json").read_text())["nights"] == [min(first)]


def test_a_folder_that_only_looks_like_a_night_is_not_touched(tmp_path):
    (tmp_path / "report" / "2022-03-14").mkdir(parents=True)
    (tmp_path / "report" / "2022-03-14" / "thesis.txt").write_text("mine")
    with pytest.raises(StoreError, match="it also holds 2022-03-14"):
        write_folder(CALM, tmp_path / "report", MOMENT)


def test_people_that_the_logs_do_not_tell_are_a_question_mark_and_an_empty_cell():
    seen = report(night(suspect("A1", people=None, new_people=None)))
    assert re.search(r"A1 .* 88 +\? ", terminal(seen))
    assert '<td class="number">?</td>' in as_html(seen)
    assert ",88,21.5,,,2022-03-14," in as_csv(seen)


def test_says_of_each_suspect_how_rare_it_is_beside_ordinary_nights():
    rare = suspect("A1", expected_false=0.13, as_unusual=3, q_value=0.043)
    seen = replace(CALM, nights=(night(rare),))
    text = "On ordinary nights about 0.13 of 2,000 accounts look at least this unusual; tonight 3 do (q-value 0.043)."
    assert text in terminal(seen, 200)
    assert text in as_html(seen)
    assert "On ordinary nights" not in terminal(FULL) + as_html(FULL)
    late = replace(CALM, nights=(night(replace(rare, rang=NIGHT - timedelta(days=1))),))
    assert "On ordinary nights" not in terminal(late) + as_html(late), "that was not tonight"
