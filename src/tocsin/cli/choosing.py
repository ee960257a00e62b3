"""Choosing a value of each rule at a terminal: arrow keys move, Enter takes, q keeps what holds today."""

import os
import select
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
    """Go through what can be chosen, by number; gives that for which another value than today's was taken.

    A rule with a threshold and a factor is asked about twice.
    """
    taken: dict[Knob, float] = {}
    asked = [one for one in sweeps if one.tried and not one.knob.is_family and not one.is_off]
    for number, one in enumerate(asked, start=1):
        values = [tried.value for tried in one.tried]
        at = values.index(one.effective[0]) if one.effective and one.effective[0] in values else 0
        text = _("{number} of {all}: {title} ({label}), {key}")
        key_of = one.knob.key.rsplit(".", 1)[-1]
        write("\r\n" + text.format(number=number, all=len(asked), title=one.title, label=one.knob.label, key=key_of))
        write("\r\n")
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
        is_new = pressed == TAKE and one.effective != (values[at],)
        if is_new:
            taken[one.knob] = values[at]
        text = _("{key} {value} is taken") if is_new else _("{key}: today's value stands")
        write("\r\n" + text.format(key=key_of, value=one.knob.said(values[at])) + "\r\n")
    return taken


@contextmanager
def _keys(descriptor: int) -> Iterator[Key]:
    """Read single keys; the terminal is as before afterwards."""
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)

        def key() -> str:
            # polars has its own handler of Ctrl-C, after which the system goes on reading; it does not go on waiting.
            select.select([descriptor], [], [])
            return _KEYS.get(os.read(descriptor, 8), KEEP)

        yield key
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
