"""What must never leave the logs: people's numbers; and what a log may not do to whoever reads an output."""

import csv
import html
import io
import json
import os
import re
import shutil
import stat
import tempfile
from datetime import datetime, timedelta
from importlib import import_module
from urllib.parse import unquote

import pytest

from on_disk import everything
from test_nightly import START, a_night, nir, write
from tocsin.store.spool import Spool

COLUMNS = (
    "time,kind,outcome,account,profession,ip,patient,user_agent,service,session,person,structure,region,client,"
    "request,purpose"
)
NOW = ("--now", "2022-03-10T04:00:00", "--no-model")


def spaced(number):
    return " ".join(number[a:b] for a, b in ((0, 1), (1, 3), (3, 5), (5, 7), (7, 10), (10, 13), (13, 15))).strip()


def escaped(number):
    return "".join(f"%{ord(digit):02x}" for digit in number)


def shapes(number):
    return {
        number,
        number[:13],
        spaced(number),
        spaced(number)[:-3],
        spaced(number).replace(" ", "%20"),
        escaped(number),
    }


def leaks(text, numbers):
    """Find numbers in a text, also behind escapes and gaps."""
    starts = {number[:13]: number for number in numbers}
    shown = unquote(unquote(text))
    for form in (text, shown, re.sub(r"[\s\u00a0._:/-]+", "", shown)):
        runs = re.findall(r"[0-9]{13,}", form)
        found = {starts.get(run[at : at + 13]) for run in runs for at in range(len(run) - 12)} - {None}
        if found:
            return found
    return set()


def a_leaky_night(day, numbers):
    """Rows whose every text column carries a person's number in some shape, and lines that are no events."""
    for at in range(200):
        number = nir(at, f"1{50 + day}0{1 + at % 9}75{at % 1000:03d}"[:10])
        numbers.add(number)
        ways = sorted(shapes(number))
        moment = datetime.combine(START + timedelta(days=day), datetime.min.time()) + timedelta(hours=8, minutes=at)
        account = f"A{at % 20}" if at % 5 else f"nom {ways[at % len(ways)]}"
        more = [
            f"Mozilla/5.0 ({ways[1]})", f"/dossier/{ways[at % len(ways)]}?nir={ways[-1]}&x=1", f"s-{ways[2]}",
            ways[3], f"cabinet {ways[0]}", ways[0], f"soft {ways[4]}", ways[5], f"pour {ways[0]}, {ways[3]}",
        ]  # fmt: skip
        kind = "lookup" if at % 7 else f"kind {number}"
        yield f"{moment.isoformat()}+01:00,{kind},success,{account},gp,10.0.0.{at % 20},{ways[at % 4]}," + ",".join(
            f'"{text}"' for text in more
        )
    yield f"{number},lookup,success,A1,gp,10.0.0.1,{number}"
    yield f"no event at all {spaced(number)}"


class Lasting:
    """A temporary folder that is not deleted."""

    def __init__(self, prefix):
        self.name = tempfile.mkdtemp(prefix=prefix)

    def cleanup(self):
        """Do nothing."""


@pytest.fixture
def kept_temporary(tmp_path, monkeypatch):
    """Temporary files stay where they were, and there are some: a scan holds ten events in memory."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr("tocsin.store.spool.tempfile.TemporaryDirectory", Lasting)
    monkeypatch.setattr(Spool.__init__, "__defaults__", ((), 10))
    monkeypatch.setattr(import_module("tocsin.watch.take"), "HOLD_ROWS", 10)
    return folder


@pytest.mark.no_cover
def test_no_number_of_a_person_is_in_anything_that_tocsin_writes(tmp_path, new_home, tocsin, kept_temporary):
    numbers = set()
    logs = tmp_path.parent / f"{tmp_path.name}-logs"
    logs.mkdir()
    for day in range(3):
        write(logs / f"{day}.csv", list(a_leaky_night(day, numbers)), header=COLUMNS)
    said = {}
    for name, arguments in {
        "init": ("init", "--backfill", logs / "0.csv", "--state", "first", *NOW[:2]),
        "scan": ("scan", logs / "0.csv", logs / "1.csv", "--state", "state", *NOW),
        "next": ("scan", logs, "--state", "state", "--json", *NOW),
        "status": ("status", "--state", "state"),
        "journal": ("journal", "show", "--state", "state"),
        "rotate": ("rotate-key", "--state", "state", "--logs", logs, *NOW),
        "purge": ("purge", "--state", "state", "--older-than", "365d", *NOW[:2]),
        "plain": ("scan", logs, "--all-nights", "--out", "plain", *NOW),
    }.items():
        code, out, err = tocsin(*arguments)
        assert code in {0, 1, 3}, err
        said |= {f"{name} stdout": out, f"{name} stderr": err}
    assert any(kept_temporary.rglob("*.parquet")), "nothing was spilled: the test looks at nothing"
    assert leaks("".join(path.read_text() for path in logs.iterdir()), numbers) == numbers
    for name, text in {**everything(new_home), **said}.items():
        assert not leaks(text, numbers), name
    for path in (path for path in new_home.rglob("*") if path.is_file()):
        assert not leaks(path.read_bytes().decode("latin-1"), numbers), path


def test_a_refusal_shows_no_number_of_a_person(new_home, tocsin):
    number = nir(84)
    strange = write(new_home / "strange.txt", [f"{number} {spaced(number)}"] * 9, header=f"nir {number}")
    for arguments in (("scan", strange), ("init", strange), ("scan", strange, "--state", "state")):
        code, out, err = tocsin(*arguments)
        assert code == 2
        assert not leaks(out + err, {number})


def test_a_number_that_a_person_types_is_not_kept(home, tocsin):
    number = nir(84)
    noted = ("--since", START, "--state", "state", *NOW[:2], "--note", f"asked about {spaced(number)} by phone")
    said = tocsin("triage", "A3", "--verdict", "waiting", *noted)
    said += tocsin("triage", f"A3 {number}", "--verdict", "waiting", "--state", "state")
    (home / "number").write_text(number)
    look_up = ("--patient-file", "number", "--reason", f"he says {number}", "--state", "state", *NOW[:2])
    said += tocsin("who-read", *look_up)
    assert said[0] == 0
    assert said[3] == 2
    assert "[nir]" in said[5]
    (home / "number").unlink()
    assert "asked about [nir] by phone" in (home / "state" / "journal.ndjson").read_text()
    assert not leaks("".join(map(str, said)), {number})
    for path in (path for path in (home / "state").rglob("*") if path.is_file()):
        assert not leaks(path.read_bytes().decode("latin-1"), {number}), path


def modes(folder):
    found = [folder, *folder.rglob("*")]
    kinds = {"folders": {one for one in found if one.is_dir()}, "files": {one for one in found if one.is_file()}}
    return {kind: {stat.S_IMODE(one.stat().st_mode) for one in some} for kind, some in kinds.items()}


def test_a_state_is_its_owners_alone(home):
    os.umask(os.umask(0))
    assert modes(home / "state") == {"folders": {0o700}, "files": {0o600}}


@pytest.mark.no_cover
def test_a_group_may_read_a_state_where_the_settings_say_so(new_home, tocsin):
    import grp

    own = grp.getgrgid(os.getgid()).gr_name
    log = write(new_home / "log.csv", a_night(START))
    (new_home / "tocsin.yml").write_text(f"state: {{group: {own}}}\n")
    arguments = ("--state", "state", "--config", "tocsin.yml", *NOW)
    assert tocsin("scan", log, *arguments)[0] == 0
    assert modes(new_home / "state") == {"folders": {0o750}, "files": {0o640}}
    assert tocsin("purge", "--state", "state", "--older-than", "365d", *NOW[:2])[0] == 0
    assert tocsin("rotate-key", "--logs", log, *arguments)[0] == 0
    answer = ("--verdict", "waiting", "--since", START, "--state", "state", *NOW[:2])
    assert tocsin("triage", "A3", *answer)[0] == 0
    # Somebody who scans without the settings does not shut the group out.
    log = write(new_home / "next.csv", a_night(START + timedelta(days=1)))
    assert tocsin("scan", log, "--state", "state", *NOW)[0] == 0
    assert modes(new_home / "state") == {"folders": {0o750}, "files": {0o640}}


def test_only_commands_that_read_logs_need_the_key(home, tocsin):
    shutil.rmtree(home / "config")
    for arguments in (("status",), ("journal", "verify"), ("journal", "show"), ("purge", "--older-than", "365d")):
        assert tocsin(*arguments, "--state", "state")[0] == 0
    assert not (home / "config").exists()


HOSTILE = (
    "=cmd|'/c calc'!A1",
    "+SUM(1)",
    "-2",
    "@x",
    "<script>alert(1)</script>",
    "red\x1b[31m\x1b]0;x\x07",
    "\u202egnp.exe\u2066",
    '"><img src=x onerror=alert(1)>',
)


@pytest.fixture
def hostile_log(tmp_path):
    """Nights of a portal whose intruder chose names, browsers and services to harm whoever reads the report."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(
        ["time", "kind", "outcome", "account", "profession", "ip", "patient", "user_agent", "service", "session"]
    )
    for day in range(9):
        for line in a_night(START + timedelta(days=day)):
            rows.writerow([*line.split(","), "Mozilla/5.0", "file", ""])
    night = START + timedelta(days=8)
    for at, name in enumerate(HOSTILE):
        for number in range(300):
            moment = datetime.combine(night, datetime.min.time()) + timedelta(hours=9, seconds=number * 4)
            row = [f"{moment.isoformat()}+01:00", "lookup", "success", name, HOSTILE[-1 - at], "203.0.113.9"]
            rows.writerow([*row, nir(number), HOSTILE[4], HOSTILE[3], HOSTILE[5]])
    path = tmp_path / "hostile.csv"
    path.write_text(text.getvalue())
    return path


@pytest.mark.no_cover
def test_what_an_intruder_writes_into_a_log_harms_no_reader_of_any_output(new_home, hostile_log, tocsin):
    options = ("--now", "2022-03-16T04:00:00", "--no-model")
    code, screen, err = tocsin("scan", hostile_log, "--state", "state", "--out", "report", "--budget", "9", *options)
    assert code == 1
    report = new_home / "report"
    told = json.loads((report / "report.json").read_text())
    assert {suspect["account"] for suspect in told["suspects"]} == set(HOSTILE)
    screens = [screen, err, *tocsin("init", "--backfill", hostile_log, "--state", "first", *options[:2])[1:]]
    screens += tocsin("status", "--state", "state")[1:] + tocsin("journal", "show", "--state", "state")[1:]
    for text in screens:
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)
    for path in (path for path in report.rglob("*") if path.suffix in {".json", ".ndjson"}):
        assert re.fullmatch(r"[ -~\n]*", path.read_text()), path
    findings = [json.loads(row) for row in (report / "findings.ocsf.ndjson").read_text().splitlines()]
    assert len(findings) == len(HOSTILE)
    page = (report / "report.html").read_text()
    assert not re.search(r"<(script|img|iframe|svg on|[a-z]+ on)", page)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", page)
    assert html.escape(HOSTILE[4]) in page
    cells = [cell for row in csv.reader(io.StringIO((report / "suspects.csv").read_text())) for cell in row]
    assert not [cell for cell in cells if re.match(r"[=+@\t\r-]", cell) and not re.fullmatch(r"-?[0-9.]+", cell)]
    assert "'=cmd|'/c calc'!A1" in cells
    case = next(suspect["case"] for suspect in told["suspects"] if suspect["account"] == HOSTILE[0])
    _code, listed, err = tocsin("exposure", case, "--state", "state", *options[:2])
    _code, readers, more = tocsin("who-read", next(csv.DictReader(io.StringIO(listed)))["patient"], "--state", "state")
    for text in (listed, err, readers, more):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)
    assert tocsin("parse", hostile_log, "--out", "parsed.csv", *options[:2])[0] == 0
    for text in (listed, readers, (new_home / "parsed.csv").read_text()):
        rows = csv.reader(io.StringIO(text))
        assert not [cell for row in rows for cell in row if re.match(r"[=+@-]", cell)]


def test_a_refusal_harms_no_terminal(new_home, tocsin):
    code, out, err = tocsin("scan", "no\x1b[31m\u202efile")
    assert (code, out) == (2, "")
    assert "\x1b" not in err
    assert "\u202e" not in err
    assert err.startswith("tocsin: no")
