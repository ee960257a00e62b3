"""tocsin.yml: the settings, checked value by value, every fault with its place."""

import dataclasses
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tocsin.errors import Place, SettingsError
from tocsin.located import Node, did_you_mean, read_located
from tocsin.settings import Settings, UrlPattern

KINDS: dict[type, str] = {int: "a whole number", float: "a number", str: "a text"}


def read_settings(path: Path) -> Settings:
    """Read a settings file over the defaults; raises SettingsError that lists every fault of the file."""
    try:
        located = read_located(path)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}", hint="check --config") from error
    faults = [SettingsError(fault.message, place=fault.place, hint=fault.hint) for fault in located.faults]
    settings = Settings()
    for document in located.documents:
        settings = _section(document, settings, faults)
    if not faults:
        _zone(settings, located.documents, faults)
    if faults:
        raise SettingsError("\n".join(str(fault) for fault in faults))
    return settings


def _section(node: Node, section: Any, faults: list[SettingsError]) -> Any:
    """Give a section (a dataclass value) with what the node says; unknown keys and unfit values become faults."""
    known = {field.name: getattr(section, field.name) for field in dataclasses.fields(section)}
    changes: dict[str, object] = {}
    if not node.is_mapping:
        faults.append(SettingsError("keys and values are expected here", place=node.place))
    for key, place, child in node.items():
        if key not in known:
            faults.append(SettingsError(f"unknown setting {key!r}", place=place, hint=did_you_mean(key, known)))
        elif dataclasses.is_dataclass(known[key]):
            changes[key] = _section(child, known[key], faults)
        elif key == "urls":
            changes[key] = tuple(url for item in child for url in _url(item, faults))
        elif isinstance(known[key], dict):
            changes[key] = {**known[key], **_table(child, known[key], faults)}
        elif isinstance(known[key], tuple):
            changes[key] = tuple(_fit(item, str, faults) for item in child)
        else:
            changes[key] = _fit(child, type(known[key]), faults)
    return dataclasses.replace(section, **changes)


def _table(node: Node, known: dict[str, Any], faults: list[SettingsError]) -> dict[str, object]:
    kind = type(next(iter(known.values())))
    return {key: _fit(child, kind, faults) for key, _, child in node.items()}


def _url(node: Node, faults: list[SettingsError]) -> list[UrlPattern]:
    needed = [field.name for field in dataclasses.fields(UrlPattern)]
    missing = [name for name in needed if name not in node]
    faults.extend(SettingsError(f"a url needs {name!r}", place=node.place) for name in missing)
    faults.extend(
        SettingsError(f"unknown key {key!r}", place=place, hint=did_you_mean(key, needed))
        for key, place, _ in node.items()
        if key not in needed
    )
    return [] if missing else [UrlPattern(**{name: str(_fit(node[name], str, faults)) for name in needed})]


def _fit(node: Node, kind: type, faults: list[SettingsError]) -> Any:
    value = node.value
    fits = isinstance(value, int | float) if kind is float else isinstance(value, kind)
    if fits and not (isinstance(value, bool) and kind is not bool):
        return kind(value)
    faults.append(SettingsError(f"{value!r} is not {KINDS.get(kind, kind.__name__)}", place=node.place))
    return kind()


def _zone(settings: Settings, documents: tuple[Node, ...], faults: list[SettingsError]) -> None:
    try:
        ZoneInfo(settings.portal.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        place: Place | None = None
        for document in documents:
            portal = document.get("portal")
            place = portal["zone"].place if portal and "zone" in portal else place
        message = f"no time zone is called {settings.portal.zone!r}"
        faults.append(SettingsError(message, place=place, hint="write it as Europe/Paris"))
