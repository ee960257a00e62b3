"""How rules, their faults and the outcomes of their tests are written: for people, for programs, for a pull request."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import typer

from tocsin.errors import Place, RuleError
from tocsin.words import _, ngettext

if TYPE_CHECKING:
    from tocsin.rules.comparisons import Tuning
    from tocsin.rules.prove import Proof
    from tocsin.rules.rule import Correlation, Detection, RuleSet, Tuned
    from tocsin.rules.show import Line


class Format(StrEnum):
    """How to write what was found."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def show_faults(faults: Iterable[RuleError], form: Format, *, err: bool = False) -> None:
    """Print faults, one a line."""
    for fault in faults:
        typer.echo(_annotation(fault) if form is Format.GITHUB else str(fault), err=err)


def _annotation(fault: RuleError) -> str:
    """Write a fault as GitHub reads it (workflow commands), with its escapes."""
    kind = "error" if fault.code.startswith("E") else "warning"
    told = fault.message + (f"; {fault.hint}" if fault.hint else "")
    return _command(kind, fault.place or Place(""), fault.code, told)


def notice(place: Place, title: str, told: str) -> str:
    """Write a remark on a line of a rule file for a pull request."""
    return _command("notice", place, title, told)


def _command(kind: str, place: Place, title: str, told: str) -> str:
    where = {"file": place.file, "line": str(place.line or 1), "col": str(place.column or 1), "title": title}
    properties = ",".join(f"{key}={_escaped(value, inside=True)}" for key, value in where.items())
    return f"::{kind} {properties}::{_escaped(told)}"


def _escaped(text: str, *, inside: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if inside else text


def fault_object(fault: RuleError) -> dict[str, Any]:
    """Give a fault as JSON has it."""
    place = fault.place or Place("")
    return {
        "code": fault.code,
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "message": fault.message,
        "hint": fault.hint,
    }


def proof_object(proof: "Proof") -> dict[str, Any]:
    """Give the outcome of a test as JSON has it."""
    return {
        "rule": proof.rule,
        "test": proof.test,
        "passed": proof.passed,
        "seen": proof.seen,
        "file": proof.place.file,
        "line": proof.place.line,
        "column": proof.place.column,
    }


def as_fault(proof: "Proof") -> RuleError:
    """Say of a failed test what is wrong."""
    message = _("{rule}: the test '{test}' fails").format(rule=proof.rule, test=proof.test)
    return RuleError(message, place=proof.place, hint=proof.seen, code="E062")


def line_object(line: "Line") -> dict[str, Any]:
    """Give one value of a rule as JSON has it."""
    place = {"file": line.place.file, "line": line.place.line}
    only = {"only_for": {column: list(values) for column, values in line.whom.items()}} if line.whom else {}
    return {"key": line.key, "value": line.value, **place, "reason": line.reason or None, **only}


def line_reason(line: "Line") -> str:
    """Say for whom alone a value of a rule holds, and why; empty where it is the rule's own."""
    whom = "; ".join(f"{_(column)} {', '.join(values)}" for column, values in line.whom.items())
    only = " " + _("(only for {whom})").format(whom=whom) if whom else ""
    return only + (f" ({line.reason})" if line.reason else "")


def rule_object(rule: "Detection | Correlation", region: str | None, today: date) -> dict[str, Any]:
    """Give a rule as JSON has it: as it holds in a region, or with what overlays set of it."""
    held = rule.tuned({"region": region}, today)
    return {
        "name": rule.name,
        "title": rule.title,
        "reports": rule.reports and held.enabled,
        "level": held.level,
        "status": rule.status,
        "family": rule.family,
        "score": held.score,
        "group_by": list(rule.group_by),
        "timespan": held.written_timespan or None,
        "limit": rule.limit if held.limit is None else held.limit,
        "unit": rule.unit,
        "tests": len(rule.tests),
        "overlays": [_tuning_object(tuning) for tuning in rule.tunings],
        "file": rule.place.file,
        "line": rule.place.line,
    }


def _tuning_object(tuning: "Tuning") -> dict[str, Any]:
    return {
        "when": {key: list(values) for key, values in tuning.when.items()},
        "key": tuning.key,
        "value": tuning.written,
        "until": None if tuning.until is None else tuning.until.isoformat(),
        "reason": tuning.reason,
        "file": tuning.place.file,
        "line": tuning.place.line,
    }


def rule_notice(rule: "Detection | Correlation", region: str | None, today: date) -> str:
    """Write a rule, as it holds in a region, as a remark on its own line."""
    _name, *cells = _rule_row(rule, rule.tuned({"region": region}, today))
    return notice(rule.place, rule.name, " · ".join(cell for cell in cells if cell != "-"))


def rule_table(rules: Sequence["Detection | Correlation"], region: str | None, today: date) -> list[str]:
    """Write a line a rule, those that report before their steps; without a region, also what overlays set of each."""
    head = (_("rule"), _("level"), _("family"), _("points"), _("grouped by"), _("rings when"), _("title"))
    overlaid = region is None and any(rule.tunings for rule in rules)
    rows: list[tuple[str, ...]] = [(*head, _("overlays set")) if overlaid else head]
    for rule in sorted(rules, key=lambda rule: (not rule.reports, rule.name)):
        row = _rule_row(rule, rule.tuned({"region": region}, today))
        rows.append((*row, "; ".join(map(_told, rule.tunings))) if overlaid else row)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _rule_row(rule: "Detection | Correlation", held: "Tuned") -> tuple[str, ...]:
    if not rule.reports:
        return (rule.name, "-", "-", "-", "-", "-", rule.title)
    limit = rule.limit if held.limit is None else held.limit
    asked = _("an event matches") if limit is None else f"{_sign(rule)} {limit:g} {rule.unit} / {held.written_timespan}"
    if not held.enabled:
        asked = _("never: switched off")
    return (rule.name, held.level or "", rule.family or "", str(held.score), ",".join(rule.group_by), asked, rule.title)


def _told(tuning: "Tuning") -> str:
    """Say what an overlay sets, and for whom."""
    accounts = ", ".join(f"{key} {' '.join(values)}" for key, values in tuning.when.items())
    return (
        f"{accounts}: {tuning.key} {tuning.written}"
        if tuning.until is None
        else (f"{accounts}: {tuning.key} {tuning.written} " + _("until {day}").format(day=tuning.until))
    )


def _sign(rule: "Detection | Correlation") -> str:
    """Write the comparison of a correlation as a sign."""
    from tocsin.rules.rule import Correlation

    signs = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<", "eq": "=", "neq": "!="}
    return signs[rule.condition.operator] if isinstance(rule, Correlation) else ""


def count_of(rules: "RuleSet") -> str:
    """Say how many rules report."""
    reporting = sum(rule.reports for rule in rules.rules)
    return ngettext("{count} rule", "{count} rules", reporting).format(count=reporting)


def warnings_of(count: int) -> str:
    """Say how many warnings there are."""
    return ngettext("{count} warning", "{count} warnings", count).format(count=count)
