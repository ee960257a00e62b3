"""The layout of a state: a change of what is stored comes with a new number, or a state would be half used."""

import dataclasses
import hashlib
import json
import re

import polars as pl
import pytest

from tocsin.cases.book import LAYOUT
from tocsin.store.manifest import READABLE, VERSION, HeldInput, HeldNight, Manifest, Verdict
from tocsin.store.names import NAMES
from tocsin.store.seen import SHAPE
from tocsin.store.state import reading
from tocsin.verdict.kept import LEFT
from tocsin.watch.record import RunRecord

KNOWN = {
    2: "a9e8132256cfcc3a",
    3: "f8dfb92bc6c5eb4c",
    4: "191933962fb2c027",
    5: "44e023cacebe205c",
    6: "9fdee2acec77da8d",
    7: "98928b1d3b8cfbc5",
    8: "81e97570feca796c",
}
"""Number of the layout -> digest of what is stored. Old ones stay, so that none is used twice."""

STORED = (*LEFT, Manifest, HeldNight, Verdict, HeldInput, RunRecord)

NAMED = re.compile(r"[0-9a-f]{32}|[\d-]+")
"""What the name of a file says besides its kind."""


def shapes(state):
    """Say what is stored: the fields of objects, and the columns of all tables of a state."""
    objects = {f"{made.__name__}: {[one.name for one in dataclasses.fields(made)]}" for made in STORED}
    rarer = {f"base: {SHAPE}", f"renames: {NAMES}"}
    return sorted({*objects, *tables(state), *rarer, f"book {LAYOUT}"})


def tables(state):
    """Give the kind of each file, as its name says, with the columns of its table."""
    for path in sorted(state.rglob("*.parquet")):
        columns = [(name, str(dtype)) for name, dtype in pl.read_parquet_schema(path).items()]
        yield f"{NAMED.sub('', path.relative_to(state).as_posix())}: {columns}"


def test_a_change_of_what_is_stored_comes_with_a_new_number_of_the_layout(watched_once):
    digest = hashlib.sha256("\n".join(shapes(watched_once / "state")).encode()).hexdigest()[:16]
    assert KNOWN.get(VERSION) == digest, (
        "what a state stores has changed: give store.manifest.VERSION a new number with its digest here, and let "
        f"READABLE keep the number before if today's program reads such states; today's digest is {digest}"
    )


LATER = {"older": 6, "regions": 7, "moves": 7, "waiting": 8}
"""What a night leaves by the layout that added it: sums of older nights; the weather of regions, and usual moves; who found
no place."""


def without_later(state, verdict, number):
    """Take out of what a night left what later layouts added."""
    known = {name for name, added in LATER.items() if number < added}

    def told(value):
        if isinstance(value, list):
            return [told(one) for one in value]
        return (
            {name: told(one) for name, one in value.items() if name not in known} if isinstance(value, dict) else value
        )

    path = state / verdict["left"]["name"]
    content = json.dumps(told(json.loads(path.read_bytes()))).encode()
    path.write_bytes(content)
    return verdict["left"] | {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def with_layout(state, number):
    """Turn a state into one of another layout."""
    path = state / (state / "CURRENT").read_text().split()[0]
    plain = json.loads(path.read_text()) | {"version": number}
    if number == 3:
        del plain["renames"]
    if number < VERSION:
        for held in plain["nights"].values():
            held["measured"].pop("runs", None)
            left = held["verdict"] and without_later(state, held["verdict"], number)
            held["verdict"] = held["verdict"] and held["verdict"] | {"left": left}
    content = json.dumps(plain).encode()
    path.write_bytes(content)
    (state / "CURRENT").write_text(f"{path.name} {hashlib.sha256(content).hexdigest()}\n")


@pytest.mark.parametrize("number", READABLE[:-1])
def test_a_state_of_a_layout_before_is_read_and_written_as_todays(number, home, logs, tocsin):
    assert READABLE == (3, 4, 5, 6, 7, VERSION)
    with_layout(home / "state", number)
    code, _out, _err = tocsin("scan", logs[0], "--state", "state", "--now", "2022-03-19T04:00:00", "--no-model")
    assert code == 1
    state = home / "state"
    assert json.loads((state / (state / "CURRENT").read_text().split()[0]).read_text())["version"] == VERSION
    assert len(reading(state).manifest.judged) == 12


def test_a_state_that_is_too_old_is_refused_with_a_next_step_that_works(home, logs, tocsin):
    with_layout(home / "state", 2)
    before = (home / "state" / "CURRENT").read_text()
    code, out, err = tocsin("scan", logs[0], "--state", "state", "--now", "2022-03-19T04:00:00")
    assert (code, out) == (2, "")
    assert err == (
        f"tocsin: the state state has the layout 2, this program reads 3, 4, 5, 6, 7 and {VERSION}; make one anew in another "
        "folder: `tocsin init --state NEWDIR --backfill LOG...`, with all logs at hand\n"
    )
    assert (home / "state" / "CURRENT").read_text() == before
    step = ("init", "--state", "new", "--now", "2022-03-19T04:00:00", "--backfill", *logs[:2], "--quiet")
    assert tocsin(*step)[0] == 0
    assert len(reading(home / "new").manifest.judged) == 2


def test_a_state_of_a_newer_program_is_refused(home, logs, tocsin):
    with_layout(home / "state", VERSION + 1)
    code, _out, err = tocsin("status", "--state", "state")
    assert code == 2
    assert err.endswith("use the version of tocsin that wrote it, or a newer one\n")
