"""`tocsin scan` and `demo` as a user calls them: exit codes, streams, files."""

import json
import subprocess
import sys
from datetime import timedelta

import pytest

from calling import calling
from test_nightly import ATTACKED, START, a_night, an_attack, line, nights, nir, write
from tocsin.rules.pack import shipped


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    list(nights(folder))
    return folder


@pytest.fixture(scope="module")
def week(tmp_path_factory):
    """Eight nights of twelve accounts; the attack is on the last."""
    folder = tmp_path_factory.mktemp("week")
    list(nights(folder, count=8, on=7, accounts=12))
    return folder


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calm")
    list(nights(folder, count=3, attack=()))
    return folder


@pytest.fixture
def tocsin(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    return calling(capsys)


@pytest.mark.no_cover
def test_suspects_exit_1_and_are_printed_and_written(tocsin, logs, tmp_path):
    code, out, err = tocsin("scan", logs, "--no-model", "--now", "2022-04-01T00:00:00")
    assert code == 1
    assert all(account in out for account in ATTACKED)
    assert "→ Have the portal watch or close address 203.0.113.9" in out
    assert err == "report written to tocsin-report\n"
    names = sorted(path.name for path in (tmp_path / "tocsin-report").iterdir())
    assert names == ["findings.ocsf.ndjson", "manifest.json", "report.html", "report.json", "suspects.csv"]


def test_a_calm_night_exits_0(tocsin, calm):
    code, out, _ = tocsin("scan", calm, "--no-model")
    assert code == 0
    assert "No suspect." in out


def test_nothing_found_on_a_degraded_night_exits_3(tocsin, calm, tmp_path):
    night = START + timedelta(days=3)
    spoiled = write(tmp_path / "spoiled.csv", [*a_night(night), *["x,lookup,success,A1,gp,10.0.0.1,1"] * 20])
    code, out, _ = tocsin("scan", calm, spoiled, "--no-model")
    assert code == 3
    assert "DEGRADED" in out.splitlines()[1]


@pytest.mark.no_cover
def test_json_is_all_that_goes_to_stdout(tocsin, logs):
    code, out, _ = tocsin("scan", logs, "--no-model", "--json", "--all-nights", "--quiet")
    assert code == 1
    content = json.loads(out)
    assert len(content["nights"]) == 12


@pytest.mark.no_cover
def test_the_same_input_gives_the_same_bytes(tocsin, week):
    first = tocsin("scan", week, "--no-model", "--json")[1]
    assert json.loads(first)["suspects"]
    assert tocsin("scan", week, "--no-model", "--json")[1] == first


def test_quiet_says_nothing_but_the_report(tocsin, calm):
    assert tocsin("scan", calm, "--no-model", "--quiet")[2] == ""


@pytest.mark.no_cover
def test_a_window_and_settings_are_heard(tocsin, week, tmp_path):
    (tmp_path / "tocsin.yml").write_text("alerting: {floor_points: 1000}\n")
    code, out, _ = tocsin(
        "scan", week, "--no-model", "--config", "tocsin.yml", "--since", "2022-03-13", "--until", "2022-03-14"
    )
    assert code == 0
    assert out.count("Night of") == 2


def test_overlays_and_a_region_are_heard(tocsin, tmp_path):
    header = "time,kind,outcome,account,profession,region,ip,patient"
    lines = [
        f"2027-04-14T09:{n // 2:02d}:{n % 2 * 30:02d}+02:00,lookup,success,A{a},gp,{region},10.0.0.{a},{nir(n)}"
        for a, region in ((1, "29"), (2, "75"))
        for n in range(100)
    ]
    write(tmp_path / "log.csv", sorted(lines), header)
    (tmp_path / "tocsin.yml").write_text("alerting: {floor_points: 0.1, counts: 0.1}\n")
    asked = ("scan", "log.csv", "--no-model", "--config", "tocsin.yml", "--regions", shipped() / "regions")
    asked = (*asked, "--now", "2030-01-01")
    code, out, _ = tocsin(*asked, "--region", "75")
    assert code == 1
    assert out.startswith("Only suspects of the region 75, judged among all accounts.\n")
    assert "A2" in out
    assert "A1" not in out
    assert "distinct_people_1h: level held until 2027-03-01 and is no longer applied" in " ".join(out.split())
    content = json.loads(tocsin(*asked, "--region", "29", "--json")[1])
    assert content["region"] == "29"
    assert [suspect["account"] for suspect in content["suspects"]] == ["A1"]
    assert len(content["notes"]) == 2
    page = (tmp_path / "tocsin-report" / "report.html").read_text()
    assert "Only suspects of the region 29" in page
    assert "is no longer applied" in page


def test_own_rules_may_refer_to_the_pack(tocsin, calm, tmp_path):
    (tmp_path / "own.yml").write_text(
        "title: x\nname: own\nlevel: low\nstatus: experimental\n"
        "correlation: {type: event_count, rules: [lookup], group-by: [account], timespan: 1h, condition: {gte: 500}}\n"
        "tocsin: {family: volume, score: 1}\n"
    )
    assert tocsin("scan", calm, "--no-model", "--rules", "own.yml")[0] == 0


def test_warnings_of_rules_are_one_line_that_says_where_they_are_told(tocsin, calm, tmp_path):
    (tmp_path / "own.yml").write_text(
        "title: Own\nname: own\nlevel: low\nlogsource: {category: record_access}\ntocsin: {family: volume}\n"
        "detection: {selection: {kind: lookup}, one: {kind: login}, two: {kind: list}, condition: selection}\n"
    )
    cap = 'title: T\noverlay: {when: {region: ["29"]}, families: {volume: {cap: 900, reason: x}}}\n'
    (tmp_path / "cap.yml").write_text(cap)
    code, _, said = tocsin("scan", calm, "--no-model", "--rules", "own.yml", "--regions", "cap.yml", "--quiet")
    assert code == 0
    first, second = said.splitlines()
    assert first == "2 warnings about the rules, told by `tocsin rules check own.yml --regions cap.yml`"
    assert second.startswith("cap.yml:2:46: W075 the cap 900 of 'volume' has no effect")


def test_french_is_not_there_yet_and_said(tocsin, calm):
    assert "no French texts" in tocsin("scan", calm, "--no-model", "--lang", "fr")[2]


def test_a_log_without_accounts_can_be_judged_by_address(tocsin, tmp_path):
    text = '10.0.0.1 - - [14/Mar/2022:09:00:00 +0100] "GET /patients/1850578006084 HTTP/1.1" 200 512 "-" "x"\n'
    (tmp_path / "access.log").write_text(text)
    assert tocsin("scan", "access.log", "--no-model")[0] == 2
    assert tocsin("scan", "access.log", "--no-model", "--account-from", "ip")[0] == 0


BAD = [
    (["nowhere.csv"], "nowhere.csv does not exist"),
    (["empty"], "the folder empty holds no file"),
    (["odd.txt"], "odd.txt"),
    (["broken.gz"], "broken.gz"),
    (["good.csv", "--format", "nativ"], "there is no format 'nativ'; choose from native, amelipro, combined"),
    (["good.csv", "--budget", "-1"], "--budget -1 leaves no place on the list; give 1 or more"),
    (["good.csv", "--budget", "0"], "--budget 0 leaves no place"),
    (["good.csv", "--lang", "de"], "--lang 'de' is not known; choose from en, fr"),
    (["good.csv", "--now", "yesterday"], "--now 'yesterday' is not a time"),
    (["good.csv", "--config", "none.yml"], "none.yml cannot be read"),
    (["good.csv", "--key-file", "none.key"], "none.key"),
    (["good.csv", "--rules", "typo.yml"], "typo.yml:3:25: "),
    (["good.csv", "--rules", "none-rules"], "none-rules"),
    (["good.csv", "--regions", "none-regions"], "none-regions: E001 the file cannot be read"),
    (["good.csv", "--regions", "empty"], "empty: E001 the folder holds no rule file"),
    (["good.csv", "--regions", "regions"], "broken.yml:5:5: E071 no rule is called 'distinct_peple_1h'; did you mean"),
    (["good.csv", "--region", "29"], "no account is of the region '29'; the logs name no region"),
    (["good.csv", "--out", "busy"], "busy is not a report folder"),
    (["good.csv", "--since", "2030-01-01"], "no night lies in the window"),
    (["good.csv", "--account-from", "mac"], "--account-from 'mac'"),
]


@pytest.mark.parametrize(
    ("arguments", "sentence"), BAD, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_bad_input_is_one_clear_sentence_and_nothing_is_written(tocsin, tmp_path, arguments, sentence):
    (tmp_path / "empty").mkdir()
    (tmp_path / "odd.txt").write_text("dear diary\n" * 5)
    (tmp_path / "broken.gz").write_bytes(b"\x1f\x8b\x08\x00broken")
    (tmp_path / "typo.yml").write_text(
        "title: x\nlogsource: {category: record_access}\ndetection: {selection: {kinds: x}, condition: selection}\n"
    )
    (tmp_path / "regions").mkdir()
    (tmp_path / "regions" / "broken.yml").write_text(
        'title: x\noverlay:\n  when: {region: ["29"]}\n  rules:\n    distinct_peple_1h: {level: low, reason: x}\n'
    )
    (tmp_path / "busy").mkdir()
    (tmp_path / "busy" / "thesis.txt").write_text("x")
    write(tmp_path / "good.csv", [line(START, 1, "A1", nir(1))])
    before = sorted(path.name for path in tmp_path.rglob("*"))
    code, out, err = tocsin("scan", *arguments, "--no-model")
    assert code == 2
    assert out == ""
    assert err.startswith("tocsin: ")
    assert sentence in err
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


@pytest.mark.no_cover
def test_an_attack_on_the_very_first_night_is_found(tocsin, tmp_path):
    lines = [
        *a_night(START, accounts=150),
        *(row for account in ("A7", "A8") for row in an_attack(START, account, people=900)),
    ]
    write(tmp_path / "first.csv", sorted(lines))
    code, out, _ = tocsin("scan", "first.csv")
    assert code == 1
    assert "A7" in out
    assert "A8" in out


@pytest.mark.no_cover
def test_the_demo_finds_the_hidden_attack_and_exits_0(tocsin):
    code, out, _ = tocsin("demo")
    assert code == 0
    assert "Campaign" in out
    assert "tocsin scan LOG" in out


def test_help_costs_no_heavy_import():
    code = "import tocsin.cli, sys; sys.exit(any(m in sys.modules for m in ('polars', 'pyod', 'numpy', 'rich')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_runs_as_a_module():
    seen = subprocess.run(
        [sys.executable, "-m", "tocsin", "scan", "nowhere.csv"], check=False, capture_output=True, text=True
    )
    assert seen.returncode == 2
    assert seen.stderr.startswith("tocsin: nowhere.csv does not exist; ")


def test_a_fault_of_the_program_is_not_taken_for_suspects_found():
    code = "import tocsin.cli.run as r, tocsin.cli as c; r.load_rules_and_overlays = None; c.main(['scan', 'x'])"
    seen = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert seen.returncode == 2
    assert "Traceback" in seen.stderr
    assert seen.stderr.endswith("please report the lines above\n")


def test_every_command_has_help(tocsin):
    for command in ("scan", "parse", "formats", "rules", "simulate", "demo"):
        code, out, _ = tocsin(command, "--help")
        assert code == 0
        assert "Usage: tocsin" in out
