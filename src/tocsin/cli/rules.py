"""`tocsin rules`: check, list and test rule files without reading any log."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.errors import Place, RuleError, RuleErrors, TocsinError
from tocsin.located import did_you_mean
from tocsin.words import _, ngettext

if TYPE_CHECKING:
    from tocsin.rules.prove import Proof
    from tocsin.rules.rule import Correlation, Detection, RuleSet
    from tocsin.rules.show import Line


class Format(StrEnum):
    """How to write what was found."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


Paths = Annotated[
    list[Path] | None, typer.Argument(help=_("Rule files or folders; the shipped pack where none is given."))
]
As = Annotated[Format, typer.Option("--format", help=_("text, json, or github for annotations in a pull request."))]
Regions = Annotated[
    Path | None, typer.Option("--regions", help=_("Folder of overlays, what regions set of the rules."))
]
Region = Annotated[str | None, typer.Option("--region", help=_("The region, as the logs name it."))]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        name="rules", help=_("Check, list, show, test and export rules."), no_args_is_help=True, rich_markup_mode=None
    )
    group.command(name="check")(check)
    group.command(name="list")(list_rules)
    group.command(name="test")(run_tests)
    group.command(name="show")(show)
    group.command(name="export")(export)
    app.add_typer(group)


def check(paths: Paths = None, form: As = Format.TEXT, regions: Regions = None) -> None:
    """Say everything that is wrong with rules: exit 0 when they can be used, 2 when not."""
    rules, faults = _loaded(paths, regions)
    if form is Format.JSON:
        typer.echo(json.dumps([_fault_object(fault) for fault in faults], ensure_ascii=False, indent=2))
    else:
        _show(faults, form)
    if rules is None:
        raise typer.Exit(2)
    if form is Format.TEXT:
        typer.echo(_("{rules} can be used, {warnings}").format(rules=_count(rules), warnings=_warnings(len(faults))))


def list_rules(paths: Paths = None, form: As = Format.TEXT) -> None:
    """List rules: name, level, family, points, grouping, threshold and title."""
    rules = _usable(paths, form)
    if form is Format.JSON:
        typer.echo(json.dumps([_rule_object(rule) for rule in rules.rules], ensure_ascii=False, indent=2))
        return
    head = (_("rule"), _("level"), _("family"), _("points"), _("grouped by"), _("rings when"), _("title"))
    rows = [head, *(_rule_row(rule) for rule in sorted(rules.rules, key=lambda rule: (not rule.reports, rule.name)))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def run_tests(paths: Paths = None, form: As = Format.TEXT, regions: Regions = None) -> None:
    """Run the tests inside rules and overlays: exit 0 when all pass, 1 when one fails, 2 when a rule is broken."""
    rules = _usable(paths, form, regions)
    from tocsin.rules.overlay import load_overlays
    from tocsin.rules.prove import prove, prove_overlays

    overlaid = prove_overlays(rules, load_overlays([regions], rules)) if regions else ()
    proofs = [*prove(rules), *overlaid]
    failed = [proof for proof in proofs if not proof.passed]
    if form is Format.JSON:
        typer.echo(json.dumps([_proof_object(proof) for proof in proofs], ensure_ascii=False, indent=2))
    else:
        _show([_as_fault(proof) for proof in failed], form)
    if form is Format.TEXT:
        typer.echo(_("{passed} of {all} tests pass").format(passed=len(proofs) - len(failed), all=len(proofs)))
    if failed:
        raise typer.Exit(1)


def show(
    rule: Annotated[str, typer.Argument(help=_("Name or id of a rule."))],
    paths: Paths = None,
    regions: Regions = None,
    region: Region = None,
    profession: Annotated[str | None, typer.Option(help=_("The profession, as the logs name it."))] = None,
    structure: Annotated[str | None, typer.Option(help=_("The structure, as the logs name it."))] = None,
    source: Annotated[str | None, typer.Option(help=_("The source, as reports name it."))] = None,
    form: As = Format.TEXT,
) -> None:
    """Show a rule, as it holds in a region: each value with the file and line it comes from."""
    rules = _usable(paths, form, regions)
    from tocsin.rules.overlay import Overlays, load_overlays
    from tocsin.rules.pack import shipped
    from tocsin.rules.show import effective

    overlays = load_overlays([regions], rules) if regions else Overlays()
    today = datetime.now(UTC).date()
    profile = {"region": region, "profession": profession, "structure": structure, "source": source}
    lines = effective([*(paths or []), shipped()], rule, overlays, profile, today)
    if not lines:
        hint = did_you_mean(rule, rules.by_name)
        raise TocsinError(_("no rule is called '{name}'").format(name=rule), hint=hint)
    if form is Format.JSON:
        typer.echo(json.dumps([_line_object(line) for line in lines], ensure_ascii=False, indent=2))
        return
    width = max(len(line.key) for line in lines)
    for line in lines:
        reason = f" ({line.reason})" if line.reason else ""
        value = line.value.replace("\n", " ").strip()
        typer.echo(f"{line.key.ljust(width)}  {value}  [{line.place.file}:{line.place.line}]{reason}")


def export(
    paths: Paths = None,
    rule: Annotated[list[str] | None, typer.Option("--rule", help=_("Only this rule; may be repeated."))] = None,
    form: As = Format.TEXT,
) -> None:
    """Write rules as standard Sigma to stdout, without what only tocsin understands."""
    rules = _usable(paths, form)
    from tocsin.rules.pack import shipped
    from tocsin.rules.show import as_yaml, exported

    named = {word: one.name for one in rules.rules for word in (one.id, one.name) if word}
    for name in rule or []:
        if name not in named:
            raise TocsinError(_("no rule is called '{name}'").format(name=name), hint=did_you_mean(name, named))
    names = {word for name in rule or [] for word in (named[name], *rules.steps(named[name]))}
    documents = exported([*(paths or []), shipped()] if names else paths or [shipped()], names)
    if form is Format.JSON:
        typer.echo(json.dumps(documents, ensure_ascii=False, indent=2, default=str))
    else:
        typer.echo(as_yaml(documents), nl=False)


def _line_object(line: "Line") -> dict[str, Any]:
    place = {"file": line.place.file, "line": line.place.line}
    return {"key": line.key, "value": line.value, **place, "reason": line.reason or None}


def _loaded(
    paths: Sequence[Path] | None, regions: Path | None = None
) -> "tuple[RuleSet | None, tuple[RuleError, ...]]":
    """Load rules; without a set where they are broken, with what is to be said either way."""
    from tocsin.rules.load import load_rules
    from tocsin.rules.overlay import Overlays, load_overlays
    from tocsin.rules.pack import shipped

    try:
        rules = load_rules(paths or [shipped()], [shipped()])
        overlays = load_overlays([regions], rules) if regions else Overlays()
    except RuleErrors as error:
        return None, error.faults
    return rules, (*rules.warnings, *overlays.warnings)


def _usable(paths: Sequence[Path] | None, form: Format, regions: Path | None = None) -> "RuleSet":
    """Load rules, or say on stderr what is wrong and exit 2."""
    rules, faults = _loaded(paths, regions)
    if rules is None:
        _show(faults, Format.TEXT if form is Format.JSON else form, err=form is not Format.GITHUB)
        raise typer.Exit(2)
    return rules


def _show(faults: Iterable[RuleError], form: Format, *, err: bool = False) -> None:
    for fault in faults:
        typer.echo(_annotation(fault) if form is Format.GITHUB else str(fault), err=err)


def _annotation(fault: RuleError) -> str:
    """Write a fault as GitHub reads it (workflow commands), with its escapes."""
    place = fault.place or Place("")
    kind = "error" if fault.code.startswith("E") else "warning"
    where = {"file": place.file, "line": str(place.line or 1), "col": str(place.column or 1), "title": fault.code}
    properties = ",".join(f"{key}={_escaped(value, inside=True)}" for key, value in where.items())
    told = fault.message + (f"; {fault.hint}" if fault.hint else "")
    return f"::{kind} {properties}::{_escaped(told)}"


def _escaped(text: str, *, inside: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if inside else text


def _fault_object(fault: RuleError) -> dict[str, Any]:
    place = fault.place or Place("")
    return {
        "code": fault.code,
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "message": fault.message,
        "hint": fault.hint,
    }


def _proof_object(proof: "Proof") -> dict[str, Any]:
    return {
        "rule": proof.rule,
        "test": proof.test,
        "passed": proof.passed,
        "seen": proof.seen,
        "file": proof.place.file,
        "line": proof.place.line,
        "column": proof.place.column,
    }


def _as_fault(proof: "Proof") -> RuleError:
    message = _("{rule}: the test '{test}' fails").format(rule=proof.rule, test=proof.test)
    return RuleError(message, place=proof.place, hint=proof.seen, code="E062")


def _rule_object(rule: "Detection | Correlation") -> dict[str, Any]:
    return {
        "name": rule.name,
        "title": rule.title,
        "reports": rule.reports,
        "level": rule.level,
        "status": rule.status,
        "family": rule.family,
        "score": rule.score,
        "group_by": list(rule.group_by),
        "timespan": rule.written_timespan or None,
        "limit": rule.limit,
        "unit": rule.unit,
        "tests": len(rule.tests),
        "file": rule.place.file,
        "line": rule.place.line,
    }


def _rule_row(rule: "Detection | Correlation") -> tuple[str, ...]:
    if not rule.reports:
        return (rule.name, "-", "-", "-", "-", "-", rule.title)
    asked = (
        _("an event matches")
        if rule.limit is None
        else f"{_sign(rule)} {rule.limit:g} {rule.unit} / {rule.written_timespan}"
    )
    return (rule.name, rule.level or "", rule.family or "", str(rule.score), ",".join(rule.group_by), asked, rule.title)


def _sign(rule: "Detection | Correlation") -> str:
    """Write the comparison of a correlation as a sign."""
    from tocsin.rules.rule import Correlation

    signs = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<", "eq": "=", "neq": "!="}
    return signs[rule.condition.operator] if isinstance(rule, Correlation) else ""


def _count(rules: "RuleSet") -> str:
    reporting = sum(rule.reports for rule in rules.rules)
    return ngettext("{count} rule", "{count} rules", reporting).format(count=reporting)


def _warnings(count: int) -> str:
    return ngettext("{count} warning", "{count} warnings", count).format(count=count)
