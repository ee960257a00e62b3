"""A portal watched night after night: what a state remembers is as good as all the logs at once."""

import os
import shutil
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from test_nightly import ATTACKED, NOW, RULES, START, a_night, an_attack, line, nights, nir, write
from tocsin.errors import KeyFileError, StoreError
from tocsin.nightly import Scan, scan
from tocsin.privacy.tokens import TokenKey
from tocsin.rules.load import load_rules
from tocsin.settings import Settings
from tocsin.store.files import Files
from tocsin.store.state import reading, writing
from tocsin.verdict.decisions import case_id
from tocsin.watch import Watched
from tocsin.watch import scan as watch

KEY = TokenKey(b"k" * 32)


def at_once(paths, **asked):
    question = Scan(**{"logs": paths, "now": NOW, "all_nights": True} | asked)
    return scan(question, RULES, KEY, lambda *_: None)


def call(paths, state, key=KEY, dry=False, **asked):
    question = Scan(**{"logs": [str(path) for path in paths], "now": NOW} | asked)
    return watch(question, RULES, key, lambda *_: None, Watched(state, time.monotonic, dry=dry))


def concluded(*reports):
    """What must be the same however the nights were cut: each night's last verdict, but for the number of revisions.

    Cases are of a state: without one there are none.
    """
    last = {night.night: replace(night, revision=0) for report in reports for night in report.nights}
    return [replace(last[night], suspects=tuple(map(without_case, last[night].suspects))) for night in sorted(last)]


def without_case(suspect):
    return replace(suspect, case=None, status=None)


def judged(*reports):
    """As `concluded`, without what depends on how the files are called."""
    return [replace(night, degraded=(), gaps=()) for night in concluded(*reports)]


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """Twelve nights: an attack, a takeover over three nights, and an attack that goes on after midnight."""
    folder = tmp_path_factory.mktemp("logs")
    paths = list(nights(folder, attack=ATTACKED[:2], on=9))
    reset = line(START + timedelta(days=8), 120, "A21", "", kind="credential_change")
    read = [
        line(START + timedelta(days=10), 60 + n // 2, "A21", nir(n, "1700175001"), ip="203.0.113.50") for n in range(90)
    ]
    for path, added in ((paths[8], [reset]), (paths[10], read)):
        Path(path).write_text(Path(path).read_text() + "\n".join(added) + "\n")
    late = [
        row.replace("T08:", "T23:").replace("T09:", "T23:").replace("T10:", "T23:").replace("T11:", "T23:")
        for row in an_attack(START + timedelta(days=10), "A20", ip="203.0.113.77")
    ]
    last = Path(paths[-1]).read_text().splitlines()
    more = [*an_attack(START + timedelta(days=11), "A20", ip="203.0.113.77"), *late]
    Path(paths[-1]).write_text("\n".join([last[0], *sorted([*last[1:], *more])]) + "\n")
    return paths


@pytest.fixture(scope="module")
def whole(logs):
    return concluded(at_once(logs))


@pytest.mark.no_cover
@pytest.mark.parametrize("cuts", [range(1, 13), (12,), (1, 4, 11, 12)])
def test_nights_in_order_give_the_same_as_nights_at_once(logs, whole, tmp_path, cuts):
    borders = zip((0, *cuts), cuts, strict=False)
    reports = [call(logs[first:last], tmp_path / "state") for first, last in borders]
    assert concluded(*reports) == whole
    named = [suspect for report in reports for suspect in report.suspects]
    assert named
    assert all(suspect.case == case_id(suspect.account, suspect.first_alerted) for suspect in named)
    detectors = {finding.detector for suspect in whole[10].suspects for finding in suspect.findings}
    assert "rule.takeover" in detectors


STRANGERS = """
title: People read
name: read
status: experimental
taxonomy: tocsin
logsource: {category: record_access}
detection:
  selection: {kind: lookup, outcome: success}
  condition: selection
tocsin:
  novel: {any_of: [patient], per: account, over: 90d, min_history: 1d}
---
title: Strangers within a day
name: strangers
status: experimental
level: critical
correlation:
  type: value_count
  rules: [read]
  group-by: [account]
  timespan: 1d
  condition: {field: patient, gte: 8}
tocsin:
  family: novelty
  score: 100
  explain: "{count} strangers"
"""


def test_rules_over_several_nights_need_not_ask_what_is_new(tmp_path):
    plain = STRANGERS[: STRANGERS.index("tocsin:")] + STRANGERS[STRANGERS.index("---") :]
    (tmp_path / "plain.yml").write_text(plain.replace("timespan: 1d", "timespan: 36h"))
    rules = load_rules([tmp_path / "plain.yml"])
    days = [START + timedelta(days=day) for day in range(2)]
    for day in days:
        rows = [line(day, n, "A1", nir(n + 5 * days.index(day))) for n in range(5)]
        path = write(tmp_path / f"{day}.csv", rows)
        question = Scan([path], NOW, with_model=False)
        watch(question, rules, KEY, lambda *_: None, Watched(tmp_path / "state", time.monotonic))
    held = reading(tmp_path / "state")
    found = held.files.read_frame(held.manifest.nights[days[1]].measured["episodes"])
    assert found.select("rule", "account", "peak").rows() == [("strangers", "A1", 10)]


@pytest.mark.no_cover
def test_who_was_read_on_two_nights_running_is_no_stranger_on_the_third(tmp_path):
    (tmp_path / "strangers.yml").write_text(STRANGERS)
    rules = load_rules([tmp_path / "strangers.yml"])
    paths = []
    for day in range(4):
        night = START + timedelta(days=day)
        rows = [*a_night(night, accounts=12), *(line(night, n, "A30", nir(n)) for n in range(10) if day < 3)]
        rows += [line(night, 900 + n if day == 2 else n, "A30", nir(100 * day + n)) for n in range(5) if day >= 2]
        paths.append(write(tmp_path / f"{night}.csv", sorted(rows)))
    for cut in (3, 4):
        for some in (paths[:cut], paths[cut:]):
            if some:
                question = Scan(some, NOW, with_model=False)
                watch(question, rules, KEY, lambda *_: None, Watched(tmp_path / f"state-{cut}", time.monotonic))
    held = [reading(tmp_path / f"state-{cut}") for cut in (3, 4)]
    night = START + timedelta(days=3)
    seen = [one.files.read_frame(one.manifest.nights[night].measured["episodes"]) for one in held]
    assert seen[0].equals(seen[1])
    assert seen[0].filter(pl.col("account") == "A30")["peak"].to_list() == [10]


# --- what comes when, and comes again -------------------------------------------------------------------------------


def eight_nights(folder):
    """Eight nights of twelve accounts, one file each."""
    (folder / "logs").mkdir()
    days = [START + timedelta(days=day) for day in range(8)]
    return [write(folder / "logs" / f"{night}.csv", sorted(a_night(night, accounts=12))) for night in days]


@pytest.fixture
def small(tmp_path):
    return eight_nights(tmp_path)


@pytest.fixture(scope="module")
def eight(tmp_path_factory):
    """The same eight files for tests that leave them as they are."""
    return eight_nights(tmp_path_factory.mktemp("eight"))


@pytest.fixture(scope="module")
def seven_kept(eight, tmp_path_factory):
    """A state of which the eighth night is not known yet."""
    state = tmp_path_factory.mktemp("seven") / "state"
    quick(eight[:6], state)
    quick(eight[:7], state)
    return state


@pytest.fixture
def seven(seven_kept, tmp_path):
    return shutil.copytree(seven_kept, tmp_path / "state")


@pytest.fixture(scope="module")
def all_kept(eight, tmp_path_factory):
    """A state of one run over all eight nights, and what it said."""
    state = tmp_path_factory.mktemp("all") / "state"
    return state, quick(eight, state)


@pytest.fixture(scope="module")
def eight_at_once(eight):
    return judged(at_once(eight, with_model=False))


def quick(paths, state, **asked):
    return call(paths, state, with_model=False, **asked)


def told(report):
    return [(night.night, night.revision) for night in report.nights]


def test_reads_only_what_is_new(small, tmp_path):
    quick(small[:6], tmp_path / "state")
    report = quick(small, tmp_path / "state")
    assert told(report) == [(START + timedelta(days=6), 0), (START + timedelta(days=7), 0)]
    assert [(record.events, record.duplicates > 0) for record in report.inputs[:6]] == [(0, True)] * 6


def test_a_file_that_could_not_be_read_is_not_held_against_its_second_reading(small, tmp_path):
    folder = Path(small[0]).parent
    for path in small[2:]:
        Path(path).unlink()
    sound = Path(small[1]).read_text()
    mapping = tmp_path / "portal.yml"
    text = "container: csv\ntime: {field: time}\ncolumns: {account: ACCOUNT}\nkind: {field: kind, values: {}}\noutcome: {constant: success}\n"
    Path(small[1]).write_text(sound.replace("account", "login", 1))
    mapping.write_text(text.replace("ACCOUNT", "account"))
    quick([str(folder)], tmp_path / "state", format_name=str(mapping))
    mapping.write_text(text.replace("ACCOUNT", "[account, login]"))
    report = quick([str(folder)], tmp_path / "state", format_name=str(mapping))
    assert sum(record.events for record in report.inputs) > 0
    held = reading(tmp_path / "state").manifest.inputs
    assert {each.format for each in held} == {"portal"}


def test_a_call_without_news_gives_the_last_list_again(eight, all_kept, tmp_path):
    kept, first = all_kept
    again = quick(eight, shutil.copytree(kept, tmp_path / "state"))
    assert again.nights == first.nights
    assert again.notes == ("no new night is complete: this is the last list again",)


def test_a_file_that_has_grown_counts_its_old_lines_once(small, tmp_path):
    quick(small[:6], tmp_path / "state")
    grown = Path(small[5])
    grown.write_text(grown.read_text() + "\n".join(sorted(a_night(START + timedelta(days=6), accounts=12))) + "\n")
    report = quick([grown], tmp_path / "state")
    assert told(report) == [(START + timedelta(days=6), 0)]
    assert (report.inputs[0].events, report.inputs[0].duplicates) == (144, 144)


def test_late_events_judge_their_night_and_those_after_it_anew(small, eight_at_once, tmp_path):
    held_back = Path(small[5])
    header, *lines = held_back.read_text().splitlines()
    held_back.write_text("\n".join([header, *lines[:100]]) + "\n")
    quick(small, tmp_path / "state")
    late = write(tmp_path / "late.csv", lines[100:], header)
    report = quick([late], tmp_path / "state")
    assert told(report) == [(START + timedelta(days=day), 1) for day in (5, 6, 7)]
    assert report.notes == ("late events: judged again, as a new revision: 2022-03-12",)
    assert judged(report) == eight_at_once[5:]


@pytest.mark.no_cover
def test_what_comes_later_than_a_week_is_remembered_and_said(tmp_path):
    days = [START + timedelta(days=day) for day in range(12)]
    paths = [write(tmp_path / f"{night}.csv", sorted(a_night(night, accounts=12))) for night in days]
    quick([*paths[:2], *paths[3:]], tmp_path / "state")
    report = quick([paths[2]], tmp_path / "state")
    assert [night.night for night in report.nights] == [*days[:2], *days[3:]]
    assert any("only remembered: 2022-03-09" in note for note in report.notes)
    # The next night knows the people who were read on the late one, and the note is not told twice.
    more = write(tmp_path / "more.csv", sorted(a_night(START + timedelta(days=12), accounts=12)))
    night = quick([more], tmp_path / "state")
    assert night.notes == ()
    assert told(night) == [(days[-1] + timedelta(days=1), 0)]
    whole = at_once([*paths, more], with_model=False)
    assert night.nights[0].accounts == whole.nights[-1].accounts
    held = reading(tmp_path / "state")
    late = held.files.read_frame(held.manifest.nights[days[2]].seen[0])
    assert late["last"].unique().to_list() == [days[2]]


@pytest.mark.no_cover
def test_a_night_that_has_only_begun_waits_for_its_rest(small, eight_at_once, tmp_path):
    header, *lines = Path(small[7]).read_text().splitlines()
    begun = write(tmp_path / "begun.csv", [line for line in lines if "T08:" in line or "T09:" in line], header)
    first = quick([*small[:7], begun], tmp_path / "state", now=NOW.replace(month=3, day=14, hour=10))
    assert first.nights[-1].night == START + timedelta(days=6)
    assert first.partial_night == START + timedelta(days=7)
    second = quick([small[7]], tmp_path / "state")
    assert told(second) == [(START + timedelta(days=7), 0)]
    assert judged(first, second) == eight_at_once


@pytest.mark.no_cover
def test_another_key_gives_the_same_nights(eight, all_kept, tmp_path):
    other = quick(eight, tmp_path / "other", key=TokenKey(b"o" * 32))
    assert concluded(all_kept[1]) == concluded(other)


@pytest.mark.no_cover
def test_another_key_is_refused(eight, seven):
    before = (seven / "CURRENT").read_text()
    with pytest.raises(KeyFileError, match="made with another key"):
        quick(eight, seven, key=TokenKey(b"o" * 32))
    assert (seven / "CURRENT").read_text() == before


def test_changed_settings_judge_the_last_four_weeks_again_and_name_gains_and_losses(logs, tmp_path):
    quick(logs[:11], tmp_path / "state")
    deaf = replace(Settings(), alerting=replace(Settings().alerting, floor_points=90.0))
    compared = quick(logs[:11], tmp_path / "state", settings=deaf, dry=True)
    assert compared.notes[-1] == (
        "rules or settings changed: 11 nights judged again; gained: nobody; lost: A10 (2022-03-16), A7 (2022-03-16), A21 (2022-03-17)"
    )
    assert quick(logs[:11], tmp_path / "state").notes == ("no new night is complete: this is the last list again",)
    changed = quick(logs[11:], tmp_path / "state", settings=deaf)
    assert "lost: A10 (2022-03-16), A7 (2022-03-16), A21 (2022-03-17)" in changed.notes[0]
    assert concluded(changed)[-1] == concluded(at_once(logs, with_model=False, settings=deaf))[-1]


@pytest.mark.no_cover
def test_a_second_run_waits_for_nobody_and_changes_nothing(eight, seven):
    with writing(seven, KEY.fingerprint), pytest.raises(StoreError, match="another run is writing"):
        quick(eight, seven)
    assert reading(seven).manifest.judged[-1] == START + timedelta(days=6)


def test_a_folder_of_something_else_is_refused(eight, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "thesis.odt").write_text("mine")
    with pytest.raises(StoreError, match=r"not a state folder: it also holds thesis\.odt"):
        quick(eight, tmp_path / "state")


@pytest.mark.no_cover
def test_a_damaged_file_is_named_and_nothing_is_half_used(eight, seven):
    events = next(path for path in (seven / "lake" / "2022-03-13").iterdir())
    content = bytearray(events.read_bytes())
    content[len(content) // 2] ^= 1
    events.write_bytes(content)
    with pytest.raises(StoreError, match=f"{events} is damaged"):
        quick(eight, seven)


@pytest.mark.no_cover
def test_only_the_owner_may_read_a_state(all_kept):
    state, _report = all_kept
    modes = {path.is_dir(): path.stat().st_mode & 0o777 for path in state.rglob("*")}
    assert modes == {True: 0o700, False: 0o600}
    assert state.stat().st_mode & 0o777 == 0o700


# --- killed at any moment -------------------------------------------------------------------------------------------


WRITE, RENAME, UNLINK = Files.write, Path.rename, Path.unlink
IN_PLACE = ("CURRENT", "journal.ndjson")


def linked(state, copy):
    """Copy a state by links: its files are written once and never changed, but for the journal, which grows."""
    shutil.copytree(state, copy, copy_function=os.link)
    if (state / "journal.ndjson").exists():
        (copy / "journal.ndjson").unlink()
        shutil.copy(state / "journal.ndjson", copy)
    return copy


class Witness:
    """Keeps what a kill would leave: in the middle of each write, before and after each rename, after each deletion."""

    def __init__(self, state, folder):
        self.state, self.folder = state, folder
        self.left = []

    def keep(self):
        self.left.append(linked(self.state, self.folder / str(len(self.left))))
        return self.left[-1]

    def write(self, files, name, content):
        half = self.keep() / name
        half.parent.mkdir(parents=True, exist_ok=True)
        half.unlink(missing_ok=True)
        half.write_bytes(content[: len(content) // 2])
        return WRITE(files, name, content)

    def rename(self, path, target):
        self.keep()
        answer = RENAME(path, target)
        self.keep()
        return answer

    def unlink(self, path, **named):
        UNLINK(path, **named)
        if self.state in path.parents:
            self.keep()

    @property
    def happened(self):
        """The first moment at which the run counts."""
        pointers = [(state / "CURRENT").read_text() for state in self.left]
        return pointers.index(pointers[-1])


@pytest.fixture(scope="module")
def killed(eight, seven_kept, tmp_path_factory):
    """Eight logs, what kills of the eighth night's run leave, and what that night gives undisturbed."""
    folder = tmp_path_factory.mktemp("killed")
    logs, state = eight, shutil.copytree(seven_kept, folder / "state")
    witness = Witness(state, folder / "left")
    with pytest.MonkeyPatch.context() as patched:
        for place, name in ((Files, "write"), (Path, "rename"), (Path, "unlink")):
            seen = getattr(witness, name)
            patched.setattr(place, name, lambda *given, _seen=seen, **named: _seen(*given, **named))
        expected = concluded(quick(logs, state))
    return logs, witness, expected


def test_a_run_killed_at_any_moment_has_happened_whole_or_not_at_all(killed):
    _, witness, _ = killed
    for state in witness.left:
        held = reading(state)
        for one in held.manifest.files():
            held.files.path(one)
    nights = [len(reading(state).manifest.judged) for state in witness.left]
    assert nights == [7] * witness.happened + [8] * (len(nights) - witness.happened)
    assert witness.happened > 15
    assert len(nights) - witness.happened > 3


@pytest.mark.no_cover
@pytest.mark.parametrize("moment", ["at the first write", "just before", "just after", "while it deletes"])
def test_the_run_after_a_killed_one_gives_the_same(killed, tmp_path, moment):
    logs, witness, expected = killed
    moments = {"at the first write": 0, "just before": witness.happened - 1, "just after": witness.happened}
    state = linked(witness.left[moments.get(moment, (witness.happened + len(witness.left)) // 2)], tmp_path / "state")
    assert concluded(quick(logs, state)) == expected


@pytest.mark.no_cover
def test_the_run_after_many_killed_ones_gives_the_same(killed, tmp_path):
    """Whatever any kill left half done lies there at once."""
    logs, witness, expected = killed
    last = witness.left[witness.happened - 1]
    state, halves = linked(last, tmp_path / "state"), 0
    for one in witness.left[: witness.happened]:
        for path in (path for path in one.rglob("*") if path.is_file() and path.name not in IN_PLACE):
            whole = last / path.relative_to(one)
            if path.stat().st_size < whole.stat().st_size:
                (state / path.relative_to(one)).unlink()
                shutil.copy(path, state / path.relative_to(one))
                halves += 1
    assert halves > 15
    assert concluded(quick(logs, state)) == expected
