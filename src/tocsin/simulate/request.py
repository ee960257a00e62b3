"""Checks what a user asks the simulator for, before anything is written."""

from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, cast

from tocsin.errors import SettingsError
from tocsin.simulate.departments import DEPARTMENTS
from tocsin.simulate.lookalikes import ASKED_FOR
from tocsin.simulate.scenarios.blitz import Blitz
from tocsin.simulate.scenarios.spec import Attack, attack
from tocsin.simulate.writers import WRITERS
from tocsin.simulate.writers.native import NATIVE_COLUMNS

_EARLIEST, _LATEST = 2015, 2090  # years for which browsers can have a version
_ACCOUNTS_PER_STOLEN_ONE = 50
_NEEDED = frozenset({"time", "kind", "outcome", "account"})


def attacks(specs: Sequence[str], accounts: int, *, calm: bool) -> tuple[Attack, ...]:
    """Parse the scenarios, a blitz where none is named; SettingsError when one is wrong or contradicts `calm`."""
    if calm and specs:
        raise SettingsError("--calm and --scenario exclude each other", hint="leave one of them out")
    if calm:
        return ()
    if not specs:
        return (Attack(Blitz(accounts=min(Blitz().accounts, max(1, accounts // _ACCOUNTS_PER_STOLEN_ONE)))),)
    return tuple(attack(spec) for spec in specs)


def first_night(text: str) -> date:
    """Parse the first night."""
    try:
        start = date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"--start {text!r} is not a date", hint="write it as 2026-03-02") from None
    if not _EARLIEST <= start.year <= _LATEST:
        raise SettingsError(f"--start {text!r} is too far away", hint=f"choose a year from {_EARLIEST} to {_LATEST}")
    return start


def at_least_one(option: str, number: int) -> int:
    """Check a count."""
    if number < 1:
        raise SettingsError(f"{option} is {number}", hint="write 1 or more")
    return number


def seed_number(number: int) -> int:
    """Check a seed."""
    if number < 0:
        raise SettingsError(f"--seed is {number}", hint="write 0 or more")
    return number


def format_name(name: str) -> str:
    """Check the name of a format."""
    return _chosen("--format", name, list(WRITERS))


def compression(name: str | None) -> Literal["gz", "zst"] | None:
    """Check the name of a compression."""
    return None if name is None else cast("Literal['gz', 'zst']", _chosen("--compress", name, ["gz", "zst"]))


def left_out(text: str | None) -> frozenset[str]:
    """Parse the columns to leave out."""
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    optional = [name for name in NATIVE_COLUMNS if name not in _NEEDED]
    return frozenset(_chosen("--without", name, optional) for name in names)


def besides(text: str | None, log_format: str) -> frozenset[str]:
    """Parse what the portal is to have besides; SettingsError where the format has no place for it."""
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    asked = frozenset(_chosen("--with", name, list(ASKED_FOR)) for name in names)
    if "country" in asked and not log_format.startswith("native"):
        raise SettingsError(f"--format {log_format} has no column for countries", hint="choose native or native-ndjson")
    return asked


def department_codes(text: str | None) -> tuple[str, ...]:
    """Parse the departments."""
    names = [name.strip().upper() for name in (text or "").split(",") if name.strip()]
    return tuple(dict.fromkeys(_chosen("--departments", name, list(DEPARTMENTS.codes)) for name in names))


def empty_folder(out: Path) -> Path:
    """Check that nothing would be overwritten."""
    if out.exists() and not out.is_dir():
        raise SettingsError(f"{out} is a file", hint="give --out a new or empty folder")
    if out.is_dir() and any(out.iterdir()):
        raise SettingsError(f"{out} is not empty", hint="give --out a new or empty folder")
    return out


def _chosen(option: str, name: str, known: Sequence[str]) -> str:
    if name in known:
        return name
    near = get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(known)}"
    raise SettingsError(f"{option} does not know {name!r}", hint=hint)
