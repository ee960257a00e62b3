"""tocsin.yml: the settings, checked value by value, every fault with its place."""

import dataclasses
import ipaddress
import re
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tocsin.errors import SettingsError
from tocsin.located import Node, did_you_mean, read_located
from tocsin.settings import ServiceCategory, Settings, SourceName, UrlPattern
from tocsin.settings_fixed import RUN_COVERAGE, RUN_NUMBERS

KINDS: dict[type, str] = {int: "a whole number", float: "a number", str: "a text"}

FAMILIES = tuple(Settings().families.weights)
CHOICES = {"patient_kind": ("nir", "number", "opaque"), "forwarded_for": ("none", "last_field")}

MOST = 1_000_000
"""No setting means anything beyond this."""

LEAST: dict[str, float] = {
    "nights": 1,
    "own_nights": 2,
    "dispersion_nights": 1,
    "peer_accounts": 2,
    "peer_account_nights": 2,
    "peer_size_step": 2,
    "events_days": 90,
    "replay_nights": 42,
    "prior_shape": 0.01,
    "share_rare": 1,
    "pool_most": 1,
    "peer_freedom": 1,
    "far_adds": 1,
    "calibration_kept": 28,
    "calm_nights": 2,
    "trees": 1,
    "tree_rows": 2,
    "learn_from": 2,
    "least_accounts": 2,
    "remembered": 1,
    "known_loosely": 1,
    "stranger_known": 0.01,
    "stranger_unknown": 0.01,
    "stranger_foreign": 0.01,
    "stranger_near": 0.01,
    "foreign_firm": 1,
    "foreign_people": 1,
    "alike_least": 0.001,
    "habit_nights": 1,
    "held_days": 1,
    "block_days": 7,
    "least_share": 0.001,
    "run_numbers": RUN_NUMBERS,
    "run_coverage": RUN_COVERAGE,
    "dealt_accounts": 2,
    "dealt_numbers": 1,
    "usual_nights": 1,
    "drift_each": 2,
    "company_least": 2,
    "company_times": 1,
    "company_adds": 1,
}
"""Settings that cannot be nought."""

AT_MOST: dict[str, float] = {
    "shift_trimmed": 0.4,
    "alike_least": 0.9,
    "alike_most": 0.9,
    "others_share": 1,
    "others_more": 1,
    "ordinary": 0.999,
    "least_share": 0.4,
    "batch_nights": 1,
    "habit_nights": 3_650,
    "held_days": 3_650,
    "days": 3_650,
    "block_days": 90,
    "weight": 1,
    "older_weight": 1,
    "looked_back": 3_650,
    "colleague_days": 3_650,
    "link_known_days": 3_650,
    "run_coverage": 1,
    "dealt_share": 1,
    "dealt_evenly": 1,
}
"""Settings that end before MOST: shares that leave something, and days that a calendar holds."""


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
    for document in located.documents:
        _zone(document, faults)
    if faults:
        raise SettingsError("\n".join(str(fault) for fault in faults))
    return _beside(path, settings)


def _beside(path: Path, settings: Settings) -> Settings:
    """Find the files that the settings name: relative ones beside the settings file, wherever tocsin is started."""

    def beside(name: str) -> str:
        return str(path.parent / name) if name else ""

    network = settings.network
    found = dataclasses.replace(network, database=beside(network.database), asn_database=beside(network.asn_database))
    return dataclasses.replace(settings, directory=beside(settings.directory), network=found)


def _section(node: Node, section: Any, faults: list[SettingsError]) -> Any:
    """Give a section (a dataclass value) with what the node says; unknown keys and unfit values become faults."""
    known = {field.name: getattr(section, field.name) for field in dataclasses.fields(section)}
    changes: dict[str, object] = {}
    if not node.is_mapping:
        faults.append(SettingsError("keys and values are expected here", place=node.place))
    for key, place, child in node.items():
        if key not in known:
            faults.append(SettingsError(f"unknown setting {key!r}", place=place, hint=did_you_mean(key, known)))
        else:
            changes[key] = _value(key, child, known[key], faults)
    return dataclasses.replace(section, **changes)


def _value(key: str, node: Node, default: Any, faults: list[SettingsError]) -> Any:
    """Give what a key says, of the kind that its default has."""
    if dataclasses.is_dataclass(default):
        return _section(node, default, faults)
    if isinstance(default, dict):
        return {**default, **_table(node, default, faults)}
    if key in LISTS:
        return tuple(item for child in node for item in LISTS[key](child, faults))
    if isinstance(default, tuple) and default and set(default) <= set(FAMILIES):
        return _families(node, faults)
    if key in CHOICES:
        return _choice(node, CHOICES[key], faults)
    before = len(faults)
    value = _fit(node, type(default), faults)
    if len(faults) == before:
        _within(node, key, value, faults)
    return value


def _families(node: Node, faults: list[SettingsError]) -> tuple[str, ...]:
    families = tuple(_choice(item, FAMILIES, faults) for item in node)
    if not families:
        faults.append(SettingsError("no family shows reading", place=node.place, hint="name one or more"))
    return families


def _network(node: Node, faults: list[SettingsError]) -> list[str]:
    text = str(_fit(node, str, faults))
    try:
        return [str(ipaddress.ip_network(text))] if text else []
    except ValueError as error:
        faults.append(
            SettingsError(f"{text!r} is no network: {error}", place=node.place, hint="write it as 192.0.2.0/24")
        )
        return []


def _table(node: Node, known: dict[str, Any], faults: list[SettingsError]) -> dict[str, object]:
    kind = type(next(iter(known.values())))
    faults.extend(
        SettingsError(f"unknown key {key!r}", place=place, hint=did_you_mean(key, known))
        for key, place, _ in node.items()
        if key not in known
    )
    return {key: _fit(child, kind, faults) for key, _, child in node.items() if key in known}


def _item(
    word: str,
    kind: type[UrlPattern] | type[SourceName] | type[ServiceCategory],
    node: Node,
    faults: list[SettingsError],
) -> list[Any]:
    """Read one entry of a list: every field of its kind is a text."""
    needed = [field.name for field in dataclasses.fields(kind)]
    missing = [name for name in needed if name not in node]
    faults.extend(SettingsError(f"a {word} needs {name!r}", place=node.place) for name in missing)
    faults.extend(
        SettingsError(f"unknown key {key!r}", place=place, hint=did_you_mean(key, needed))
        for key, place, _ in node.items()
        if key not in needed
    )
    return [] if missing else [kind(**{name: str(_fit(node[name], str, faults)) for name in needed})]


def _source(node: Node, faults: list[SettingsError]) -> list[SourceName]:
    found: list[SourceName] = _item("source", SourceName, node, faults)
    try:
        re.compile(found[0].pattern if found else "")
    except re.error as error:
        faults.append(
            SettingsError(f"{found[0].pattern!r} is no regular expression: {error}", place=node["pattern"].place)
        )
    return found


def _fit(node: Node, kind: type, faults: list[SettingsError]) -> Any:
    value = node.value
    fits = isinstance(value, int | float) if kind is float else isinstance(value, kind)
    if not fits or isinstance(value, bool):
        faults.append(SettingsError(f"{value!r} is not {KINDS.get(kind, kind.__name__)}", place=node.place))
        return kind()
    if isinstance(value, int | float) and not 0 <= value <= MOST:
        faults.append(SettingsError(f"{value!r} is out of range", place=node.place, hint=f"write 0 to {MOST:,}"))
        return kind()
    return kind(value)


def _choice(node: Node, known: Collection[str], faults: list[SettingsError]) -> str:
    value = str(node.value)
    if value not in known:
        hint = did_you_mean(value, known) or f"choose from {', '.join(known)}"
        faults.append(SettingsError(f"{value!r} is not known", place=node.place, hint=hint))
    return value


def _within(node: Node, name: str, value: Any, faults: list[SettingsError]) -> None:
    """Refuse what a setting of its own bounds cannot be."""
    if not isinstance(value, int | float):
        return
    if value < LEAST.get(name, 0):
        faults.append(SettingsError(f"{name} is {value}", place=node.place, hint=f"write {LEAST[name]} or more"))
    elif value > AT_MOST.get(name, MOST):
        faults.append(SettingsError(f"{name} is {value}", place=node.place, hint=f"write {AT_MOST[name]:,} or less"))


def _zone(document: Node, faults: list[SettingsError]) -> None:
    portal = document.get("portal")
    node = portal.get("zone") if portal else None
    if node is None:
        return
    try:
        ZoneInfo(str(node.value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"no time zone is called {node.value!r}"
        faults.append(SettingsError(message, place=node.place, hint="write it as Europe/Paris"))


LISTS: dict[str, Callable[[Node, list[SettingsError]], list[Any]]] = {
    "urls": partial(_item, "url", UrlPattern),
    "sources": _source,
    "services": partial(_item, "service", ServiceCategory),
    "trusted_proxies": _network,
}
"""How an entry of each list is read."""
