"""tocsin.yml as `tocsin init` writes it: every setting with its default and its reason, both from the settings."""

import ast
import dataclasses
import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin import (
    settings,
    settings_alerting,
    settings_answers,
    settings_fixed,
    settings_over_time,
    settings_portal,
    settings_sessions,
    settings_usual,
)
from tocsin.settings import Settings

HEAD = """\
Settings of tocsin: `tocsin scan LOG... --config tocsin.yml`.
A line that begins with # and a name is a default: take the # away to change it, of the section's line too.
Relative names of files are looked for beside this file."""

MODULES = (
    settings,
    settings_alerting,
    settings_answers,
    settings_over_time,
    settings_portal,
    settings_sessions,
    settings_usual,
)
"""Where the sections of the settings stand, with their reasons."""

DECIDED_BY_THE_PORTAL = ("portal", "state")
"""Sections that are written out, for nobody but the portal knows them."""

WIDTH = 110

EXAMPLES = {
    "urls": "- {method: GET, path: '^/people/(?<patient>[0-9]+)$', kind: lookup, service: file}",
    "services": "- {service: rights, category: 'identity, entitlement to care'}",
    "sources": "- {pattern: '/sso/', name: logins}",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: its way from the top, its default, and why it is so (of a section: what it is about)."""

    path: tuple[str, ...]
    default: Any
    reason: str


def entries() -> Iterator[Setting]:
    """List all sections and settings in order."""
    yield from _of(Settings(), (), _reasons())


def fixed() -> Iterator[Setting]:
    """List what no setting changes, in the order of settings_fixed."""
    body = ast.parse(inspect.getsource(settings_fixed)).body
    for name, reason in _told_below(body).items():
        yield Setting((name,), getattr(settings_fixed, name), reason)


def as_yaml() -> str:
    """Write the file."""
    lines = [f"# {line}" for line in HEAD.splitlines()]
    told = ""
    for entry in entries():
        depth, name = len(entry.path) - 1, entry.path[-1]
        indent = "  " * depth
        if depth == 0:
            lines.append("")
        if entry.reason and entry.reason != told:
            lines += [f"{indent}# {line}" for line in textwrap.wrap(entry.reason, WIDTH - len(indent))]
        told = entry.reason
        value = "" if entry.default is None else f" {_written(entry.default)}"
        sign = "" if entry.path[0] in DECIDED_BY_THE_PORTAL else "#"
        lines.append(f"{sign}{indent}{name}:{value}")
        if name in EXAMPLES:
            lines.append(f"{indent}# as in: {EXAMPLES[name]}")
    return "\n".join(lines) + "\n"


def _of(section: Any, path: tuple[str, ...], reasons: Mapping[tuple[str, str], str]) -> Iterator[Setting]:
    made = type(section).__name__
    made_of = [one.__name__ for one in type(section).__mro__]
    for field in dataclasses.fields(section):
        value = getattr(section, field.name)
        here = (*path, field.name)
        reason = next((reasons[one, field.name] for one in made_of if (one, field.name) in reasons), "")
        if dataclasses.is_dataclass(value):
            yield Setting(here, None, inspect.getdoc(value) or "")
            yield from _of(value, here, reasons)
        elif isinstance(value, dict):
            yield Setting(here, None, reason)
            for name, item in value.items():
                yield Setting((*here, name), item, reasons.get((f"{made}.{field.name}", name), ""))
        else:
            yield Setting(here, value, reason)


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    return json.dumps(value)


def _reasons() -> dict[tuple[str, str], str]:
    """Read the reasons out of the sources: the text below one or more fields, the comment behind a key."""
    reasons: dict[tuple[str, str], str] = {}
    for module in MODULES:
        source = inspect.getsource(module)
        for made in ast.parse(source).body:
            if isinstance(made, ast.ClassDef):
                reasons |= _of_class(made, source.splitlines())
    return reasons


def _of_class(made: ast.ClassDef, lines: list[str]) -> dict[tuple[str, str], str]:
    reasons = {(made.name, name): text for name, text in _told_below(made.body).items()}
    for node in made.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            reasons |= _behind_keys(node, f"{made.name}.{node.target.id}", lines)
    return reasons


def _told_below(body: Sequence[ast.stmt]) -> dict[str, str]:
    """Give of each name the text below it, or below it and those that follow."""
    told: dict[str, str] = {}
    above: list[str] = []
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        above += [target.id for target in targets if isinstance(target, ast.Name)]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            text = " ".join(str(node.value.value).split())
            told |= dict.fromkeys(above, text)
            above = []
    return told


def _behind_keys(node: ast.AnnAssign, table: str, lines: list[str]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for one in ast.walk(node):
        if isinstance(one, ast.Dict):
            for key in one.keys:
                if isinstance(key, ast.Constant):
                    _code, _sign, comment = lines[key.lineno - 1].partition("  # ")
                    found[table, str(key.value)] = comment
    return found
