"""The whole scan on logs made by hand: from lines to a name."""

import gzip
import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.errors import InputError, SettingsError
from tocsin.nightly import Scan, scan
from tocsin.privacy.tokens import TokenKey
from tocsin.report.json import as_json
from tocsin.rules.load import load_rules
from tocsin.rules.pack import shipped
from tocsin.settings import Settings

NOW = datetime(2022, 4, 1, tzinfo=UTC)
HEADER = "time,kind,outcome,account,profession,ip,patient"
RULES = load_rules([shipped()])
START = date(2022, 3, 7)
ATTACKED = ("A10", "A7", "A8", "A9")


def nir(number, block="1850578006"):
    digits = f"{block}{number:03d}"
    return f"{digits}{97 - int(digits) % 97:02d}"


def line(night, minute, account, patient, outcome="success", ip=None, kind="lookup"):
    moment = datetime.combine(night, datetime.min.time()) + timedelta(hours=8, minutes=minute)
    return f"{moment.isoformat()}+01:00,{kind},{outcome},{account},gp,{ip or '10.0.0.' + account[1:]},{patient}"


def a_night(night, accounts=40, seed=1):
    """Forty accounts read about twelve people each, a third of them for the first time."""
    chance = random.Random(f"{night}{seed}")
    for account in range(accounts):
        for minute in sorted(chance.sample(range(500), 12)):
            number = chance.choice([account, 40 + chance.randrange(900)])
            yield line(night, minute, f"A{account}", nir(number % 1000, f"2{60 + account}0175{account:03d}"[:10]))


def an_attack(night, account, people=400, ip="203.0.113.9"):
    for number in range(people):
        yield line(night, number // 2, account, nir(number), "not_found" if number % 5 == 0 else "success", ip)


def write(path, lines, header=HEADER):
    path.write_text("\n".join([header, *lines]) + "\n")
    return str(path)


def nights(folder, count=12, attack=ATTACKED, on=11, accounts=40):
    for day in range(count):
        night = START + timedelta(days=day)
        lines = list(a_night(night, accounts))
        if day == on:
            lines += [row for account in attack for row in an_attack(night, account)]
        yield write(folder / f"{night}.csv", sorted(lines))


def run(paths, **asked):
    question = Scan(**{"logs": paths, "now": NOW, "with_model": False} | asked)
    return scan(question, RULES, TokenKey.throwaway(), lambda *_: None)


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    return list(nights(folder))


@pytest.fixture(scope="module")
def usual(logs):
    """What a scan of these logs reports."""
    return run(logs)


@pytest.fixture(scope="module")
def every_night(logs):
    return run(logs, all_nights=True)


def test_names_the_accounts_that_read_in_bulk(usual):
    report = usual
    assert [night.night for night in report.nights] == [START + timedelta(days=11)]
    assert {suspect.account for suspect in report.suspects} == set(ATTACKED)
    assert [member.account for member in report.nights[0].campaigns[0].accounts] == list(ATTACKED)


def test_calm_nights_name_nobody(every_night):
    assert len(every_night.nights) == 12
    assert [len(night.suspects) for night in every_night.nights[:-1]] == [0] * 11


def test_every_unit_is_accounted_for(usual):
    for record in usual.inputs:
        assert record.lines == record.events + record.rejected + record.ignored + record.duplicates


def test_evidence_names_the_lines_of_the_attack(usual):
    finding = next(f for f in usual.suspects[0].findings if f.detector.startswith("volume"))
    shown = finding.evidence[0]
    lines = Path(shown.input).read_text().splitlines()[shown.from_line - 1 : shown.to_line]
    assert sum(usual.suspects[0].account in text for text in lines) >= 320
    assert sum(evidence.count for evidence in finding.evidence) >= 320


def test_counts_the_people_who_may_be_exposed(usual):
    suspect = usual.suspects[0]
    assert suspect.exposed.min == suspect.exposed.max == 320
    assert 320 <= suspect.exposed.possible <= 340
    campaign = usual.nights[0].campaigns[0]
    assert campaign.exposed.possible >= 320


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """Four calm nights of twelve accounts, Monday to Thursday."""
    return list(nights(tmp_path_factory.mktemp("short"), count=4, attack=(), accounts=12))


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """Twelve nights of twenty accounts (new people and networks are judged from the ninth), and what a scan reports."""
    paths = list(nights(tmp_path_factory.mktemp("few"), accounts=20))
    report = run(paths, all_nights=True, with_model=True)
    assert {suspect.account for suspect in report.suspects} == set(ATTACKED)
    return paths, as_json(_without_places(report))


@pytest.mark.no_cover
@pytest.mark.parametrize("buckets", [1, 2, 7, 64])
def test_buckets_files_and_rows_in_any_order_give_the_same_report(few, buckets, tmp_path):
    paths, expected = few
    shuffled = []
    for path in random.Random(buckets).sample(paths, len(paths)):
        header, *lines = Path(path).read_text().splitlines()
        random.Random(buckets).shuffle(lines)
        shuffled.append(write(tmp_path / path.rsplit("/", 1)[1], lines, header))
    report = run(shuffled, all_nights=True, with_model=True, buckets=buckets)
    assert as_json(_without_places(report)) == expected


def _without_places(report):
    """Shuffled lines have other places and another hash; everything else must be the same."""

    def bare(suspect):
        return replace(suspect, findings=tuple(replace(f, evidence=()) for f in suspect.findings))

    inputs = sorted((replace(r, path=r.path.rsplit("/", 1)[1], sha256="") for r in report.inputs), key=lambda r: r.path)
    found = tuple(replace(night, suspects=tuple(map(bare, night.suspects))) for night in report.nights)
    return replace(report, inputs=tuple(inputs), nights=found)


@pytest.mark.no_cover
def test_many_nights_at_once_and_the_last_alone_agree(usual, every_night):
    assert usual.nights[0] == every_night.nights[-1]


@pytest.mark.no_cover
def test_an_event_of_two_files_counts_once(logs, usual, tmp_path):
    copy = tmp_path / "copy.csv"
    copy.write_text(Path(logs[-1]).read_text() + "\n")
    report = run([*logs, str(copy)])
    again = next(record for record in report.inputs if record.path == str(copy))
    first = next(record for record in report.inputs if record.path == logs[-1])
    assert again.events + first.events == next(r.events for r in usual.inputs if r.path == logs[-1])
    assert again.duplicates + first.duplicates > 1000
    assert report.suspects[0].people == usual.suspects[0].people


@pytest.mark.no_cover
def test_the_same_file_twice_counts_once(short, tmp_path):
    twin = tmp_path / "twin.csv"
    twin.write_bytes(Path(short[0]).read_bytes())
    once, report = run(short), run([*short, str(twin)])
    assert sum(record.duplicates for record in report.inputs) == 145
    assert sum(record.events for record in report.inputs) == sum(record.events for record in once.inputs)


def test_a_night_that_has_just_begun_is_read_not_judged(short, tmp_path):
    night = START + timedelta(days=4)
    begun = write(tmp_path / "begun.csv", [line(night, minute, "A1", nir(minute)) for minute in range(20)])
    report = run([*short, begun])
    assert report.partial_night == night
    assert report.nights[-1].night == night - timedelta(days=1)


@pytest.mark.no_cover
def test_a_night_that_is_over_but_lacks_hours_is_said_and_can_be_asked_for(short, tmp_path):
    night = START + timedelta(days=7)  # a Monday
    begun = write(tmp_path / "begun.csv", [line(night, minute, "A1", nir(minute)) for minute in range(20)])
    report = run([*short, begun], now=datetime(2022, 3, 15, 4, tzinfo=UTC))
    assert "2022-03-14 is over but lacks half of its usual hours" in report.nights[-1].degraded[-1]
    live = run([*short, begun], now=datetime(2022, 3, 14, 12, tzinfo=UTC))
    assert live.nights[-1].degraded == ()
    asked = run([*short, begun], since=night)
    assert [seen.night for seen in asked.nights] == [night]
    assert asked.partial_night is None


def test_an_archive_that_breaks_off_degrades_its_last_night(short, tmp_path):
    packed = gzip.compress(
        "\n".join([HEADER, *a_night(START + timedelta(days=4)), *a_night(START + timedelta(days=5))]).encode()
    )
    (tmp_path / "cut.csv.gz").write_bytes(packed[: len(packed) // 2])
    report = run([*short, str(tmp_path / "cut.csv.gz")], all_nights=True)
    assert "the archive breaks off" in report.nights[-1].degraded[0]
    assert report.nights[-2].degraded == ()


def test_a_bad_file_of_the_next_day_leaves_the_night_before_alone(short, tmp_path):
    night = START + timedelta(days=4)
    spoiled = [*a_night(night), *(["x,lookup,success,A1,gp,10.0.0.1,1"] * 20)]
    report = run([*short, write(tmp_path / "spoiled.csv", spoiled)], all_nights=True)
    assert report.nights[-2].degraded == ()
    assert report.nights[-1].degraded != ()


@pytest.mark.no_cover
def test_a_window_asks_for_its_nights(short):
    report = run(short, since=START + timedelta(days=1), until=START + timedelta(days=2))
    assert [night.night.day for night in report.nights] == [8, 9]


def test_a_window_outside_the_logs_is_refused(short):
    with pytest.raises(
        SettingsError, match="no night lies in the window asked for; the logs hold 2022-03-07 to 2022-03-10"
    ):
        run(short, since=date(2023, 1, 1))


def test_many_rejected_lines_degrade_the_night(short, tmp_path):
    night = START + timedelta(days=4)
    spoiled = [*a_night(night), *(["x,lookup,success,A1,gp,10.0.0.1,1"] * 20)]
    report = run([*short, write(tmp_path / "spoiled.csv", spoiled)])
    assert report.nights[0].degraded == (f"{tmp_path}/spoiled.csv: 4.0% of the lines were rejected",)
    assert report.degraded


def test_rejected_lines_degrade_their_night_among_many_sound_ones(tmp_path):
    """Eight lines in a thousand, all on one night: of that night's they are seven in a hundred."""
    rows, spoiled = [], START + timedelta(days=5)
    for day in range(8):
        night = START + timedelta(days=day)
        rows += sorted(a_night(night, accounts=12))
        rows += ["x,lookup,success,A1,gp,10.0.0.1,1"] * (11 if night == spoiled else 0)
    path = write(tmp_path / "eight.csv", rows)
    assert len(rows) * 0.01 > 11
    report = run([path], all_nights=True, with_model=False)
    said = {night.night: night.degraded for night in report.nights}
    assert said.pop(spoiled) == (f"{path}: 7.1% of the lines of this night were rejected",)
    assert set(said.values()) == {()}


def test_unknown_kinds_and_outcomes_degrade_the_night(short, tmp_path):
    night = START + timedelta(days=4)
    odd = [line(night, 5, "A1", nir(5), kind="peek", outcome="maybe")] * 30
    report = run([*short, write(tmp_path / "odd.csv", [*a_night(night), *odd])])
    assert "unknown kind" in report.nights[0].degraded[0]
    assert "unknown outcome" in report.nights[0].degraded[1]


def test_trouble_in_one_file_does_not_degrade_other_nights(short, tmp_path):
    spoiled = write(
        tmp_path / "spoiled.csv", [*(["x,lookup,success,A1,gp,10.0.0.1,1"] * 20), line(START, 1, "A1", nir(1))]
    )
    assert run([*short, spoiled]).nights[0].degraded == ()


def test_logs_without_a_single_event_are_refused(tmp_path):
    path = write(tmp_path / "spoiled.csv", ["x,lookup,success,A1,gp,10.0.0.1,1"])
    with pytest.raises(InputError, match=r"none of the 1 lines became an event; the first: .*spoiled.csv:2"):
        run([path])


def test_a_file_with_nothing_but_a_header_is_refused(tmp_path):
    with pytest.raises(InputError, match="the logs hold no event"):
        run([write(tmp_path / "empty.csv", [])])


def test_a_file_that_gives_no_event_degrades_every_night(short, tmp_path):
    earlier = write(tmp_path / "earlier.csv", ["x,lookup,success,A1,gp,10.0.0.1,1"] * 1_000)
    report = run([*short, earlier, write(tmp_path / "spoiled.csv", ["x,lookup,success,A1,gp,10.0.0.1,1"])])
    assert report.nights[0].degraded[1] == f"{tmp_path}/spoiled.csv: no line of it could be read", "why is not held"
    report = run([*short, write(tmp_path / "spoiled.csv", ["x,lookup,success,A1,gp,10.0.0.1,1"])])
    assert report.nights[0].degraded == (f"{tmp_path}/spoiled.csv: no line of it could be read (time not readable)",)


@pytest.mark.no_cover
def test_the_setting_of_the_zone_moves_the_nights(short):
    portal = replace(Settings().portal, zone="America/Cayenne", night_starts="12:00")
    report = run(short, settings=replace(Settings(), portal=portal))
    assert report.nights[0].night == START + timedelta(days=2)


def test_no_identifier_reaches_the_report(every_night):
    assert "18505780" not in as_json(every_night)


def test_a_directory_tells_peers_apart_and_names_go_on(logs, short, tmp_path):
    path = tmp_path / "directory.csv"
    path.write_text("account,profession,region,former_account\nQ7,pharmacist,29,A7\nA8,pharmacist,29,\n")
    settings = replace(Settings(), directory=str(path))
    report = run(logs, settings=settings)
    assert {(suspect.account, suspect.profession, suspect.region) for suspect in report.suspects} == {
        ("A10", "gp", None), ("Q7", "pharmacist", "29"), ("A8", "pharmacist", "29"), ("A9", "gp", None),
    }  # fmt: skip
    assert "not in the directory: 38 of 40 accounts" in report.notes
    (note,) = run(short, directory=path).notes
    assert (note,) == run(short, settings=settings).notes
    assert note.startswith("not in the directory: ")


def test_logins_that_are_numbers_of_people_find_their_directory(tmp_path):
    logs = [write(tmp_path / "a.csv", [line(START, minute, nir(7), nir(8)) for minute in range(9)])]
    path = tmp_path / "directory.csv"
    path.write_text(f"account,region\n{nir(7)},29\n")
    report = run(logs, directory=path)
    assert report.notes == ()
    assert nir(7) not in as_json(report)


def test_the_country_of_an_address_comes_from_a_database(tmp_path):
    from tiny_mmdb import mmdb

    path = tmp_path / "a.mmdb"
    path.write_bytes(mmdb({"10.0.0.0/8": {"country": "FR", "type": "hosting"}}))
    logs = [write(tmp_path / "a.csv", [line(START, minute, "A1", nir(8)) for minute in range(9)])]
    network = replace(Settings().network, database=str(path))
    report = run(logs, settings=replace(Settings(), network=network))
    assert not any("network_type" in reason for reason in report.nights[0].not_judged)
    assert any("network_type" in reason for reason in run(logs).nights[0].not_judged)


def test_a_renamed_column_makes_the_night_degraded(tmp_path):
    logs = list(nights(tmp_path, count=8, on=7, accounts=12))  # to a Monday
    report = run([*logs[:-1], renamed(tmp_path, logs[-1])])
    [night] = report.nights
    assert night.degraded[0].endswith(
        "columns that are hardly filled any more: patient (0% of the events, usually 100%)"
    )
    assert (report.degraded, report.suspects) == (True, ())
    told = {record.path: record for record in report.inputs}[logs[-1]]
    assert (told.filled["patient"], told.usual["patient"]) == (0.0, 1.0)


def renamed(folder, log):
    path = Path(log)
    path.write_text(path.read_text().replace("ip,patient", "ip,nir_patient"))
    return log


def test_hours_that_are_missing_are_gaps_in_the_report(tmp_path):
    logs = list(nights(tmp_path, count=8, attack=(), accounts=12))
    last = Path(logs[-1])
    last.write_text("\n".join(row for row in last.read_text().split("\n") if "T11:" not in row and "T12:" not in row))
    report = run(logs)
    assert "no event from 11:00 to 13:00" in report.nights[0].degraded[0]
    source = report.nights[0].gaps[0].source
    assert json.loads(as_json(report))["gaps"] == [
        {"source": source, "from": "2022-03-14T10:00:00Z", "to": "2022-03-14T12:00:00Z"}
    ]


def test_a_dormant_account_that_wakes_up_is_said_to_have_slept(tmp_path):
    paths = []
    for day in (*range(6), *range(44, 50)):
        night = START + timedelta(days=day)
        lines = [row for row in a_night(night) if day < 6 or ",A7," not in row]
        if day == 49:
            lines += an_attack(night, "A7")
        paths.append(write(tmp_path / f"{night}.csv", sorted(lines)))
    report = run(paths, now=NOW + timedelta(days=60))
    (suspect,) = report.suspects
    told = next(finding for finding in suspect.findings if finding.detector == "state.days_away")
    assert (
        told.headline == "is used of late, after 44 days without a trace of it in the logs; first seen 49 days before"
    )
    assert told.measures[0].high == 35


def test_one_of_a_thing_is_told_as_one(tmp_path):
    paths = list(nights(tmp_path, attack=("A7",)))
    last = Path(paths[-1])
    last.write_text(last.read_text() + line(START + timedelta(days=11), 0, "A7", "", kind="credential_change") + "\n")
    headlines = [finding.headline for finding in run(paths).suspects[0].findings]
    assert any(text.startswith("saw its password, e-mail or device changed within three nights") for text in headlines)
