import bz2
import gzip
import hashlib
import io
import os
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.errors import InputError
from tocsin.intake import IntakeOptions, Ledger, take_in
from tocsin.privacy.tokens import TokenKey
from tocsin.schema import STORED
from tocsin.store.manifest import HeldInput

KEY = TokenKey(bytes(32))
NOW = datetime(2026, 1, 1, tzinfo=UTC)
OPTIONS = IntakeOptions(zone="Europe/Paris", now=NOW)
NIRS = ("1850578006084", "2991275056012", "285052A006084", "1 85 05 78 006 084")
HEADER = "time,kind,account,person,session,ip,user_agent,service,patient,purpose,request\n"


def take(*paths, options=OPTIONS, ledger=None, **more):
    ledger = ledger or Ledger()
    frames = list(take_in([str(path) for path in paths], options, KEY, ledger, **more))
    return pl.concat(frames) if frames else pl.DataFrame(schema=STORED), ledger


def write(folder, name, *rows, header=HEADER):
    path = folder / name
    path.write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def rows_for(patients):
    return [
        f"2022-03-14T10:00:{second:02}Z,lookup,A1,,s1,10.0.0.9,Firefox,droits,{patient},,"
        for second, patient in enumerate(patients)
    ]


UNREADABLE = {
    "renamed": ("b.csv", HEADER.replace("account", "login").encode() + b"2022-03-14T10:00:00Z,lookup,A1,,,,,,,,\n", 2),
    "archive": ("b.csv.bz2", bz2.compress(b"2022-03-14T10:00:00Z\n" * 99)[:40], 1),
    "parquet": ("b.parquet", b"PAR1" + bytes(range(256)) + b"PAR1", 1),
}


@pytest.mark.parametrize("asked", [None, "native"])
@pytest.mark.parametrize("case", UNREADABLE)
def test_a_file_of_a_folder_that_cannot_be_read_costs_only_itself(tmp_path, case, asked):
    name, content, rejected = UNREADABLE[case]
    (tmp_path / name).write_bytes(content)
    options = replace(OPTIONS, format_name=asked)
    with pytest.raises(InputError):
        take(tmp_path / name, options=options)
    write(tmp_path, "a.csv", *rows_for(["1850578006084"]))
    events, ledger = take(tmp_path, options=options)
    assert events.height == 1
    sound, broken = sorted(ledger.records(), key=lambda record: record.path)
    assert (sound.events, broken.lines, broken.rejected, broken.events) == (1, rejected, rejected, 0)
    assert broken.sha256 == hashlib.sha256(content).hexdigest()
    [first, *_] = ledger.rejects
    assert (first.path, first.line) == (str(tmp_path / name), 1)


def test_what_could_not_be_read_is_read_once_its_mapping_is_mended(tmp_path):
    mapping = "container: csv\ntime: {field: t}\ncolumns: {account: ACCOUNT}\nkind: {constant: lookup}\noutcome: {constant: success}\n"
    (tmp_path / "m.yml").write_text(mapping.replace("ACCOUNT", "login"))
    (tmp_path / "n.yml").write_text(mapping.replace("ACCOUNT", "[login, user]"))
    (tmp_path / "logs").mkdir()
    for number, name in enumerate(("login", "user")):
        (tmp_path / "logs" / f"{name}.csv").write_text(f"t,{name}\n2022-03-14T10:00:0{number}Z,a\n")
    known, counts = {}, []
    for name in ("m", "m", "n", "n"):
        options = replace(OPTIONS, format_name=str(tmp_path / f"{name}.yml"))
        _, ledger = take(tmp_path / "logs", options=options, ledger=Ledger(known=known))
        counts.append([(one.events, one.rejected, one.duplicates) for one in ledger.records()])
        for one in ledger.records():
            if one.sha256 not in known or one.events:
                known[one.sha256] = HeldInput(
                    one.path, one.sha256, one.size, one.format, one.lines, one.events, None, None
                )
    assert counts == [[(1, 0, 0), (0, 2, 0)], [(0, 0, 2), (0, 0, 2)], [(0, 0, 2), (1, 0, 0)], [(0, 0, 2), (0, 0, 2)]]


def test_gives_the_columns_of_the_store_but_the_night(tmp_path):
    events, _ = take(write(tmp_path, "a.csv", *rows_for(["1850578006084", ""])))
    assert dict(events.schema) == {name: dtype for name, dtype in STORED.items() if name != "night"}
    row = events.row(0, named=True)
    assert (row["network"], row["automatic"], row["source"], row["line"]) == (
        "10.0.0.0/24",
        False,
        str(tmp_path / "a.csv"),
        2,
    )
    assert (row["patient_region"], row["patient_valid"]) == ("78", True)
    assert row["person_id"] == int(row["patient"][:16], 16)
    assert row["block_id"] == int(row["patient_block"][:16], 16)
    assert re.fullmatch("[0-9a-f]{32}", row["patient"])
    assert {
        events.row(1, named=True)[name]
        for name in ("patient", "person_id", "block_id", "patient_valid", "patient_order")
    } == {None}


def test_a_person_is_one_token_however_written_and_another_with_another_key(tmp_path):
    path = write(
        tmp_path, "a.csv", *rows_for(["285052A006084", " 2 85 05 2a 006 084", "2 85 05 2A 006 084 29", "1850578006084"])
    )
    events, _ = take(path)
    same, other = events["patient"][:3].n_unique(), events["patient"].n_unique()
    assert (same, other) == (1, 2)
    [again] = take_in([str(path)], OPTIONS, TokenKey(bytes(31) + b"1"), Ledger())
    assert again["patient"][0] != events["patient"][0]


def test_neighbours_stay_neighbours_but_their_numbers_are_hidden(tmp_path):
    events, _ = take(write(tmp_path, "a.csv", *rows_for([f"1850578006{order:03}" for order in (1, 2, 3, 999)])))
    orders = events["patient_order"].to_list()
    assert [order - orders[0] for order in orders] == [0, 1, 2, 998]
    assert orders[0] != 1
    assert events["patient_block"].n_unique() == 1


def test_no_number_of_a_person_leaves_intake(tmp_path):
    text = " ".join(NIRS)
    rows = [
        f"2022-03-14T10:00:00Z,lookup,{nir},x {nir},s-{nir},{nir},Card/2 ({nir}) {text},/p/{nir}?q={nir},{nir},for {nir},{nir}"
        for nir in NIRS
    ]
    native = write(tmp_path, "a.csv", *rows)
    combined = tmp_path / "access.log"
    combined.write_text(
        "".join(
            f'{nir.replace(" ", "")} - {nir.replace(" ", "")} [14/Mar/2022:10:00:00 +0100] "GET /{where}{nir.replace(" ", "%20")} HTTP/1.1" 200 1'
            f' "https://x/{nir}" "Card ({nir})"\n'
            for nir in NIRS
            for where in ("patients/", "droits?nir=", "dossier/", "droits?x=")
        )
    )
    events, _ = take(native, combined)
    assert events.height == 4 + 16
    everything = events.drop("line", "byte").write_csv()
    digits = re.sub(r"[ .+-]|%20", "", everything)
    for nir in NIRS:
        assert nir not in everything
        assert nir.replace(" ", "") not in digits
    assert "[nir]" in everything


def test_an_account_that_is_a_number_keeps_its_identity(tmp_path):
    rows = [f"2022-03-14T10:00:00Z,lookup,{account},,,,,,,," for account in ("1850578006084", "1850578006084", "A1")]
    events, _ = take(write(tmp_path, "a.csv", *rows))
    first, second, plain = events["account"]
    assert first == second != plain == "A1"


def test_other_kinds_of_patients_have_no_block(tmp_path):
    options = IntakeOptions(zone="Europe/Paris", now=NOW, patient_kind="number")
    events, _ = take(write(tmp_path, "a.csv", *rows_for(["1850578006084", "42"])), options=options)
    assert events["patient_block"].null_count() == events["patient_valid"].null_count() == 2
    assert events["patient"].n_unique() == 2


def test_raw_events_keep_the_identifier(tmp_path):
    events, _ = take(write(tmp_path, "a.csv", *rows_for(["1 85"])), raw=True)
    assert events["patient"].to_list() == ["1 85"]
    assert events["source"].to_list() == [str(tmp_path / "a.csv")]


def test_accounts_for_every_unit_of_every_input(tmp_path):
    first = write(tmp_path, "a.csv", *rows_for(["1", "2"]), "", "oops")
    second = tmp_path / "b.csv.gz"
    second.write_bytes(
        gzip.compress(
            (HEADER + "2022-03-15T10:00:00Z,fly,A1,,,,,,,,\n").encode() + "2022-03-16,x\xe9\n".encode("latin-1")
        )
    )
    _, ledger = take(tmp_path)
    one, two = ledger.records()
    assert (one.path, one.format, one.lines, one.events, one.rejected, one.ignored) == (
        str(first),
        "native",
        5,
        2,
        1,
        2,
    )
    assert (one.first, one.last) == (datetime(2022, 3, 14, 10, tzinfo=UTC), datetime(2022, 3, 14, 10, 0, 1, tzinfo=UTC))
    assert one.filled["patient"] == 1.0
    assert one.filled["person"] == 0.0
    assert one.sha256 == hashlib.sha256(first.read_bytes()).hexdigest()
    assert (two.lines, two.unknown_kinds, two.notes) == (3, 1, ("1 line was not valid UTF-8 and was repaired",))
    assert [(reject.path, reject.line, reject.reason) for reject in ledger.rejects] == [
        (str(first), 5, "1 columns instead of 11"), (str(second), 3, "2 columns instead of 11"),
    ]  # fmt: skip
    assert ledger.rejects_total == 2


def test_the_same_bytes_count_once(tmp_path):
    write(tmp_path, "a.csv", *rows_for(["1", "2"]))
    write(tmp_path, "b.csv", *rows_for(["1", "3"]))
    write(tmp_path, "c.csv", *rows_for(["1", "2"]))
    events, ledger = take(tmp_path)
    assert events.height == 4
    twin = ledger.records()[2]
    assert (twin.lines, twin.events, twin.duplicates, twin.ignored, twin.first) == (3, 0, 3, 0, None)


def test_progress_reaches_the_total_and_rejects_are_all_heard(tmp_path):
    heard, refused = [], []
    write(tmp_path, "a.csv", *["x"] * 1_500)
    write(tmp_path, "b.csv", *["x"] * 1_500)
    ledger = Ledger(
        lambda done, total: heard.append((done, total)), lambda path, rejects: refused.append(rejects.height)
    )
    take(tmp_path, ledger=ledger)
    assert heard[-1] == (ledger.total_bytes, ledger.total_bytes)
    assert sum(refused) == ledger.rejects_total == 1_500
    assert len(ledger.rejects) == 1_000


def test_knows_the_size_before_anything_is_read(tmp_path):
    path = write(tmp_path, "a.csv", *rows_for(["1"]))
    ledger = Ledger()
    take_in([str(path)], OPTIONS, KEY, ledger)
    assert ledger.total_bytes == path.stat().st_size
    assert ledger.records() == ()


def test_refuses_before_reading_when_a_named_file_is_in_no_format(tmp_path):
    good, stray = write(tmp_path, "a.csv", *rows_for(["1"])), tmp_path / "notes.txt"
    stray.write_text("hello\n")
    with pytest.raises(InputError, match=r"notes.txt is in no format that tocsin knows"):
        take_in([str(good), str(stray)], OPTIONS, KEY, Ledger())


def test_a_stray_beside_logs_in_a_folder_is_rejected_line_by_line(tmp_path):
    write(tmp_path, "a.csv", *rows_for(["1"]))
    (tmp_path / "notes.txt").write_text("10:00:00 hello\n\n10:00:01 world\n")
    events, ledger = take(tmp_path)
    stray = ledger.records()[1]
    assert events.height == 1
    assert (stray.format, stray.lines, stray.rejected, stray.ignored) == ("unknown", 3, 2, 1)
    assert {reject.reason for reject in ledger.rejects} == {"format not recognised"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"# Logs\n\nThe portal writes them at 06:30.\n" + b"It is a portal.\n" * 12, "hardly any line of it says when, as a log does"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(128, 256)) * 9, "it is no text"),
    ],
)  # fmt: skip
def test_what_is_plainly_no_log_is_left_out_and_said(tmp_path, content, why):
    write(tmp_path, "a.csv", *rows_for(["1"]))
    (tmp_path / "README.md").write_bytes(content)
    _, ledger = take(tmp_path)
    left_out = ledger.records()[0]
    assert (left_out.path, left_out.format, left_out.lines) == (str(tmp_path / "README.md"), "skipped", 0)
    assert left_out.notes == (f"skipped: {why}",)
    assert ledger.rejects == []


@pytest.mark.parametrize(
    "content", ['{"no": "log"}\n', "<AuditMessage>\n", "1647252000 x\n", "20220314100000;x\n", "le 14 mars, 10h30\n"]
)
def test_what_may_be_a_log_is_rejected_not_left_out(tmp_path, content):
    write(tmp_path, "a.csv", *rows_for(["1"]))
    (tmp_path / "b.txt").write_text(content)
    assert take(tmp_path)[1].rejects_total == 1


def test_the_truth_beside_simulated_logs_is_left_out(tmp_path):
    write(tmp_path, "a.csv", *rows_for(["1"]))
    (tmp_path / "truth").mkdir()
    for name in ("accounts", "benign", "exposed", "population"):
        (tmp_path / "truth" / f"{name}.csv").write_text("account,first\nA1,2022-03-14T10:00:00Z\n")
    _, ledger = take(tmp_path)
    assert ledger.records()[0].notes == ("skipped: the truth beside simulated logs, no log",)
    assert ledger.rejects_total == 0


def test_refuses_a_folder_of_strays(tmp_path):
    (tmp_path / "notes.txt").write_text("hello\n")
    with pytest.raises(InputError, match="no format"):
        take(tmp_path)


def test_an_empty_log_has_nothing_and_is_no_error(tmp_path):
    (tmp_path / "a.csv").touch()
    (tmp_path / "b.csv").write_text("\n# nothing\n")
    events, ledger = take(tmp_path)
    assert events.height == 0
    assert [(record.lines, record.ignored) for record in ledger.records()] == [(0, 0), (2, 2)]


def test_reads_the_format_asked_for(tmp_path):
    options = IntakeOptions(zone="Europe/Paris", now=NOW, format_name="amelipro")
    with pytest.raises(InputError, match="cannot be read as amelipro"):
        take(write(tmp_path, "a.csv", *rows_for(["1"])), options=options)


def test_takes_the_address_for_the_account_where_asked(tmp_path):
    path = tmp_path / "access.log"
    path.write_text('10.0.0.1 - - [14/Mar/2022:10:00:00 +0100] "GET / HTTP/1.1" 200 1 "-" "-"\n')
    events, _ = take(path, options=IntakeOptions(zone="Europe/Paris", now=NOW, account_from="ip"))
    assert events["account"].to_list() == ["10.0.0.1"]


def test_reads_standard_input(monkeypatch):
    data = (HEADER + rows_for(["1"])[0]).encode()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    events, ledger = take("-")
    assert (events["source"].to_list(), ledger.records()[0].sha256) == (["-"], hashlib.sha256(data).hexdigest())


def test_reads_a_pipe_once(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(HEADER + rows_for(["1"])[0]))
    writer.start()
    events, _ = take(pipe)
    writer.join()
    assert events.height == 1


def test_a_pipe_in_a_folder_is_left_out_and_said(tmp_path):
    write(tmp_path, "a.csv", *rows_for(["1"]))
    os.mkfifo(tmp_path / "pipe")
    events, ledger = take(tmp_path)
    assert events.height == 1
    left_out, read = ledger.records()
    assert (left_out.path, left_out.format, left_out.lines) == (str(tmp_path / "pipe"), "skipped", 0)
    assert left_out.notes == ("skipped: a pipe, socket or device, no file",)
    assert read.events == 1


def test_stopping_early_still_gives_the_account_of_what_was_read(tmp_path):
    path = write(tmp_path, "a.csv", *rows_for(["1"]))
    ledger = Ledger()
    frames = take_in([str(path)], OPTIONS, KEY, ledger)
    next(frames)
    frames.close()
    assert ledger.records()[0].events == 1


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.binary(max_size=200), min_size=1, max_size=3),
    st.sampled_from([b"", HEADER.encode(), b'{"time":1,"kind":"x","account":"A"}\n']),
)
def test_any_files_are_accounted_for(tmp_path_factory, texts, start):
    folder = tmp_path_factory.mktemp("logs")
    for number, text in enumerate(texts):
        (folder / f"{number}.log").write_bytes(start + text)
    try:
        events, ledger = take(folder)
    except InputError:
        return
    records = ledger.records()
    for record in records:
        assert record.lines == record.events + record.rejected + record.ignored + record.duplicates
    assert sum(record.events for record in records) == events.height
    assert sum(record.rejected for record in records) == ledger.rejects_total


def test_an_account_that_is_an_address_is_the_clients(tmp_path):
    log = tmp_path / "access.log"
    log.write_text('203.0.113.9, 10.0.0.1 - - [14/Mar/2022:10:00:00 +0100] "GET / HTTP/1.1" 200 5 "-" "M"\n')
    options = IntakeOptions(zone="Europe/Paris", now=NOW, account_from="ip")
    events, _ = take(log, options=options)
    assert events.select("account", "ip", "client").row(0) == ("203.0.113.9", "203.0.113.9", None)


@pytest.mark.parametrize("name", ["1850578006084.csv", "export 1 85 05 78 006 084.csv"])
def test_a_log_named_like_a_person_is_called_otherwise(tmp_path, name):
    heard = []
    ledger = Ledger(each_rejects=lambda path, rejects: heard.append(path))
    write(tmp_path, name, "2022-03-14T10:00:00Z,lookup,A1,,,,,,,,", "no time,lookup,A1,,,,,,,,")
    write(tmp_path, f"other-{name}", "2022-03-14T10:00:01Z,lookup,A1,,,,,,,,")
    (tmp_path / f"{name}.pdf").write_text("no log\n")
    events, ledger = take(tmp_path, ledger=ledger)
    paths = {*events["source"], *heard, *(record.path for record in ledger.records())}
    assert len(paths) == 3
    assert all("[nir " in path and "850578" not in path and "85 05 78" not in path for path in paths)
    again, _ = take(tmp_path)
    assert again["source"].to_list() == events["source"].to_list()
    for content in (b"no log\n", b"\x1f\x8b\x08 no archive"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError) as refused:
            take(tmp_path / name)
        assert "[nir " in str(refused.value)


def test_a_log_with_another_number_in_its_name_keeps_it(tmp_path):
    events, _ = take(write(tmp_path, "portal-20220314.csv", "2022-03-14T10:00:00Z,lookup,A1,,,,,,,,"))
    assert events["source"].item().endswith("portal-20220314.csv")


def test_addresses_that_are_none_are_counted(tmp_path):
    rows = [
        f"2022-03-14T10:00:0{at}Z,lookup,A1,,,{ip},,,,," for at, ip in enumerate(["10.0.0.1", "2a01:zz::1", "x", ""])
    ]
    log = write(tmp_path, "log.csv", *rows)
    events, ledger = take(log)
    assert events["ip"].to_list() == ["10.0.0.1", "2a01:zz::1", "x", None]
    assert ledger.records()[0].notes == (
        "2 events have an address that is none: they are kept as written, in no network",
    )
    sound = write(tmp_path, "sound.csv", rows[0])
    assert take(sound)[1].records()[0].notes == ()
