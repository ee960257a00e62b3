"""Choosing a value of each rule at a terminal: arrow keys move, Enter takes, q keeps what holds today."""

import os
import sys
import termios
import tty
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from tocsin.tune.knobs import Knob
from tocsin.tune.sweep import Sweep
from tocsin.tune.words import line_of
from tocsin.words import _

UP, DOWN, TAKE, KEEP = "up", "down", "take", "keep"

_KEYS = {b"\x1b[A": UP, b"\x1bOA": UP, b"k": UP, b"\x1b[B": DOWN, b"\x1bOB": DOWN, b"j": DOWN, b"\r": TAKE, b"\n": TAKE}

Key = Callable[[], str]
"""Waits for a key and says which it was."""


def at_terminal(sweeps: Sequence[Sweep]) -> Mapping[Knob, float]:
    """Let a person choose a value of every rule; nothing where nobody sits there."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return {}
    with _keys(sys.stdin.fileno()) as key:
        return chosen(sweeps, key, sys.stderr.write)


def chosen(sweeps: Sequence[Sweep], key: Key, write: Callable[[str], object]) -> Mapping[Knob, float]:
    """Go through the rules; gives those for which another value than today's was taken."""
    taken: dict[Knob, float] = {}
    for one in sweeps:
        if one.knob.is_family or not one.tried:
            continue
        values = [tried.value for tried in one.tried]
        at = values.index(one.effective[0]) if one.effective and one.effective[0] in values else 0
        write(f"\r\n{one.title} ({one.knob.label})\r\n")
        write(_("up and down move, Enter takes, q keeps today's value") + "\r\n")
        while True:
            write(f"\r\x1b[K> {line_of(one, values[at])}")
            pressed = key()
            if pressed == UP:
                at = max(0, at - 1)
            elif pressed == DOWN:
                at = min(len(values) - 1, at + 1)
            else:
                break
        write("\r\n")
        if pressed == TAKE and one.effective != (values[at],):
            taken[one.knob] = values[at]
    return taken


@contextmanager
def _keys(descriptor: int) -> Iterator[Key]:
    """Read single keys; the terminal is as before afterwards."""
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield lambda: _KEYS.get(os.read(descriptor, 8), KEEP)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
