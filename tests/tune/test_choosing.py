"""Arrow keys: the same answer as `--take`."""

import os
import pty
import signal
import sys
import threading
from dataclasses import replace

import pytest

from tocsin.cli import choosing
from tocsin.cli.choosing import DOWN, KEEP, TAKE, UP, chosen
from tocsin.tune.knobs import Knob
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


def test_threshold_and_factor_of_a_rule_are_asked_about_by_number_and_each_answer_is_said(one):
    times = replace(one, title="R: times the usual", knob=Knob("r", "tocsin.baseline.factor", (10, 20, 30)))
    pressed, shown = iter([DOWN, TAKE, TAKE]), []
    assert chosen([one, times], lambda: next(pressed), shown.append) == {KNOB: 30}
    lines = "".join(shown).split("\r\n")
    assert (lines[1], lines[4]) == ("1 of 2: R (r), gte", "gte 30 is taken")
    assert (lines[6], lines[9]) == ("2 of 2: R: times the usual (r.factor), factor", "factor: today's value stands")


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


def test_ctrl_c_is_heard_while_a_key_is_awaited():
    outer, inner = pty.openpty()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
    signal.siginterrupt(signal.SIGINT, False)  # as polars does: a read goes on after the signal
    unheard = threading.Timer(1.0, os.write, (outer, b"q"))
    try:
        with choosing._keys(inner) as key:
            for timer in (threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)), unheard):
                timer.start()
            with pytest.raises(KeyboardInterrupt):
                key()
            assert unheard.is_alive(), "heard only when another key was pressed"
    finally:
        unheard.cancel()
        signal.signal(signal.SIGINT, before)
        os.close(outer)
        os.close(inner)
