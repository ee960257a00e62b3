"""Arrow keys: the same answer as `--take`."""

import os
import pty
import sys

import pytest

from tocsin.cli import choosing
from tocsin.cli.choosing import DOWN, KEEP, TAKE, UP, chosen
from tuned_outcomes import KNOB, outcome, sweep


@pytest.fixture
def one():
    today = outcome("A", "")
    return sweep(today, [], v10=outcome("A B", ""), v20=today, v30=outcome("", ""))


@pytest.mark.parametrize(
    ("keys", "taken"),
    [
        ([DOWN, TAKE], {KNOB: 30}),
        ([UP, TAKE], {KNOB: 10}),
        ([UP, UP, UP, DOWN, TAKE], {}),
        ([DOWN, DOWN, TAKE], {KNOB: 30}),
        ([DOWN, KEEP], {}),
        ([TAKE], {}),
    ],
)
def test_arrows_move_and_enter_takes(one, keys, taken):
    pressed, shown = iter(keys), []
    assert chosen([one], lambda: next(pressed), shown.append) == taken
    assert "> 20: 0.00 hits, 0.50 new alerts a night, worst 1; +0 -0  (today)" in "".join(shown)


def test_where_nobody_sits_nothing_is_asked(one, monkeypatch):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert choosing.at_terminal([one]) == {}


def test_keys_of_a_real_terminal_are_read_and_the_terminal_left_as_it_was(one):
    outer, inner = pty.openpty()
    try:
        with choosing._keys(inner) as key:
            for sent, meant in ((b"\x1b[A", UP), (b"\x1b[B", DOWN), (b"\n", TAKE), (b"q", KEEP)):
                os.write(outer, sent)
                assert key() == meant
    finally:
        os.close(outer)
        os.close(inner)
