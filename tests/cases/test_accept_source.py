"""A change of one of two logs, from its night to the night after it was accepted, as a user meets it."""

from datetime import date, timedelta

from calling import calling

FIRST, LAST = date(2026, 3, 3), 9
HEADER = "time,kind,outcome,account,profession,ip,patient,rows,bytes\n"


def a_log(folder, day, accounts, each):
    """Every account asks for one person and gets a list of ten, so many bytes `each`."""
    night = FIRST + timedelta(days=day)
    lines = [
        f"{night}T09:{n % 60:02}:{at:02}Z,{kind},success,A{n},medecin,90.{n}.1.7,{patient},{rows},{size}\n"
        for n in accounts
        for at, kind, patient, rows, size in (
            (0, "lookup", 1850175056000 + n, 1, 2_000),
            (9, "search", "", 10, each * (95 + (7 * n + 3 * day) % 11)),
        )
    ]
    folder.mkdir(exist_ok=True)
    (folder / f"portal-{night}.csv").write_text(HEADER + "".join(lines))


def test_a_change_of_one_source_is_said_of_it_accepted_and_learned(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    run = calling(capsys)
    # A change is known from the third night on which accounts have habits, a working day among those before.
    (tmp_path / "tocsin.yml").write_text("shifting:\n  before_nights: 2\n")

    def scan():
        asked = (
            "alpha",
            "beta",
            "--config",
            "tocsin.yml",
            "--state",
            "state",
            "--no-model",
            "--quiet",
            "--now",
            "2026-04-01T06:00",
        )
        return " ".join(run("scan", *asked)[1].rpartition("Night of ")[2].split())

    for day in range(LAST):
        a_log(tmp_path / "alpha", day, range(40), 1_000)
        a_log(tmp_path / "beta", day, range(40, 62), 1_000 if day < LAST - 1 else 30_000)
    moved = "22 of 22 (source beta/portal) at once; "
    changed = scan()
    assert moved + "nothing else changed, so the logs or a software did: not judged for them" in changed
    assert "`tocsin ack 'bytes_kb/source:beta/portal' --reason TEXT`" in changed
    assert run("ack", "bytes_kb/source:beta/portal", "--state", "state", "--reason", "whole pages now")[0] == 0
    a_log(tmp_path / "alpha", LAST, range(40), 1_000)
    a_log(tmp_path / "beta", LAST, range(40, 62), 30_000)
    assert moved + "accepted as a change of the logs: learned" in scan()
