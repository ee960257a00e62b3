"""What most commands are asked alike: the time to take for now, the settings, the group, an age in days."""

import grp
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tocsin.errors import SettingsError
from tocsin.settings import Settings
from tocsin.words import _

_DAYS = re.compile(r"([0-9]{1,5})d")


def moment(now: str | None, option: str = "--now", zone: str = "UTC") -> datetime:
    """Give the time that an option asks for, else the clock; without an offset it is of this zone."""
    if now is None:
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(now)
    except ValueError:
        raise SettingsError(f"{option} {now!r} is not a time", hint="write it as 2022-03-15T04:00:00+01:00") from None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def settings_of(config: Path | None) -> Settings:
    """Read the settings file, or take the defaults."""
    from tocsin.settings_file import read_settings

    return read_settings(config) if config else Settings()


def group_of(name: str) -> int | None:
    """Find the Unix group that may read a state; None where only its owner may."""
    if not name:
        return None
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise SettingsError(
            f"no group is called {name!r}", hint="name an existing group in state: {group: ...}"
        ) from None


def days(option: str, age: str) -> int:
    """Read an age such as 365d."""
    found = _DAYS.fullmatch(age.strip())
    if found is None:
        raise SettingsError(
            _("{option} {age!r} is not an age").format(option=option, age=age), hint=_("write it in days, as 365d")
        )
    return int(found[1])


def choice(option: str, word: str, known: Sequence[str]) -> str:
    """Give the word that an option names; raises SettingsError where it is none of the known ones."""
    if word not in known:
        text = _("{option} {word!r} is not known").format(option=option, word=word)
        raise SettingsError(text, hint=_("choose from {known}").format(known=", ".join(known)))
    return word
