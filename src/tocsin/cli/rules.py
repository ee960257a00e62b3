"""`tocsin rules`: check, list and test rule files without reading any log."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.rules_told import (
    Format,
    as_fault,
    count_of,
    fault_object,
    line_object,
    line_reason,
    notice,
    proof_object,
    rule_notice,
    rule_object,
    rule_table,
    show_faults,
    warnings_of,
)
from tocsin.errors import RuleError, RuleErrors, TocsinError
from tocsin.located import did_you_mean
from tocsin.words import _

if TYPE_CHECKING:
    from tocsin.rules.overlay import Overlays
    from tocsin.rules.rule import RuleSet

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
    rules, _overlays, faults = _loaded(paths, regions)
    if form is Format.JSON:
        _echo([fault_object(fault) for fault in faults])
    else:
        show_faults(faults, form)
    if rules is None:
        raise typer.Exit(2)
    if form is Format.TEXT:
        told = _("{rules} can be used, {warnings}")
        typer.echo(told.format(rules=count_of(rules), warnings=warnings_of(len(faults))))


def list_rules(paths: Paths = None, form: As = Format.TEXT, regions: Regions = None, region: Region = None) -> None:
    """List rules: name, level, family, points, grouping, threshold and title; with --region as they hold there."""
    rules, overlays = _usable(paths, form, regions)
    from tocsin.rules.overlay import tuned

    today = _today(overlays, regions, region)
    chosen = tuned(rules, overlays).rules
    if form is Format.JSON:
        _echo([rule_object(rule, region, today) for rule in chosen])
        return
    github = form is Format.GITHUB
    for line in (rule_notice(rule, region, today) for rule in chosen) if github else rule_table(chosen, region, today):
        typer.echo(line)


def run_tests(paths: Paths = None, form: As = Format.TEXT, regions: Regions = None) -> None:
    """Run the tests inside rules and overlays: exit 0 when all pass, 1 when one fails, 2 when a rule is broken."""
    rules, overlays = _usable(paths, form, regions)
    from tocsin.rules.prove import prove, prove_overlays

    proofs = [*prove(rules), *prove_overlays(rules, overlays)]
    failed = [proof for proof in proofs if not proof.passed]
    if form is Format.JSON:
        _echo([proof_object(proof) for proof in proofs])
    else:
        show_faults([as_fault(proof) for proof in failed], form)
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
    rules, overlays = _usable(paths, form, regions)
    from tocsin.rules.pack import shipped
    from tocsin.rules.show import effective

    profile = {"region": region, "profession": profession, "structure": structure, "source": source}
    lines = effective([*(paths or []), shipped()], rule, overlays, profile, _today(overlays, regions, region))
    if not lines:
        hint = did_you_mean(rule, rules.by_name)
        raise TocsinError(_("no rule is called '{name}'").format(name=rule), hint=hint)
    if form is Format.JSON:
        _echo([line_object(line) for line in lines])
        return
    width = max(len(line.key) for line in lines)
    for line in lines:
        reason = line_reason(line)
        value = line.value.replace("\n", " ").strip()
        if form is Format.GITHUB:
            typer.echo(notice(line.place, line.key, f"{value}{reason}"))
            continue
        typer.echo(f"{line.key.ljust(width)}  {value}  [{line.place.file}:{line.place.line}]{reason}")


def export(
    paths: Paths = None,
    rule: Annotated[list[str] | None, typer.Option("--rule", help=_("Only this rule; may be repeated."))] = None,
    form: As = Format.TEXT,
    regions: Regions = None,
    region: Region = None,
) -> None:
    """Write rules as standard Sigma to stdout, without what only tocsin understands; with --region as they hold there.

    `--format github` writes no rule, but says on its line what other tools lose of it.
    """
    rules, overlays = _usable(paths, form, regions)
    from tocsin.rules.export import as_yaml, exported
    from tocsin.rules.pack import shipped

    named = {word: one.name for one in rules.rules for word in (one.id, one.name) if word}
    for name in rule or []:
        if name not in named:
            raise TocsinError(_("no rule is called '{name}'").format(name=name), hint=did_you_mean(name, named))
    names = {word for name in rule or [] for word in (named[name], *rules.steps(named[name]))}
    searched = [*(paths or []), shipped()] if names else paths or [shipped()]
    told = exported(searched, names, overlays, {"region": region}, _today(overlays, regions, region))
    if form is Format.JSON:
        _echo([one.document for one in told])
    elif form is Format.TEXT:
        typer.echo(as_yaml([one.document for one in told]), nl=False)
    else:
        for one in told:
            lost = _("exported without {keys}").format(keys=", ".join(one.lost)) if one.lost else _("exported whole")
            typer.echo(notice(one.place, one.name, lost))


def _loaded(
    paths: Sequence[Path] | None, regions: Path | None = None
) -> "tuple[RuleSet | None, Overlays, tuple[RuleError, ...]]":
    """Load rules and overlays; no set where something is broken, with what is to be said either way."""
    from tocsin.rules.overlay import Overlays, load_rules_and_overlays
    from tocsin.rules.pack import shipped

    try:
        rules, overlays = load_rules_and_overlays(paths or [shipped()], [shipped()], regions)
    except RuleErrors as error:
        return None, Overlays(), error.faults
    return rules, overlays, (*rules.warnings, *overlays.warnings)


def _usable(paths: Sequence[Path] | None, form: Format, regions: Path | None = None) -> "tuple[RuleSet, Overlays]":
    """Load rules and overlays, or say on stderr what is wrong and exit 2."""
    rules, overlays, faults = _loaded(paths, regions)
    if rules is None:
        show_faults(faults, Format.TEXT if form is Format.JSON else form, err=form is not Format.GITHUB)
        raise typer.Exit(2)
    return rules, overlays


def _today(overlays: "Overlays", regions: Path | None, region: str | None) -> date:
    """Give the night that values are shown for, and say on stderr what holds no longer or is not read."""
    today = datetime.now(UTC).date()
    if region is not None and regions is None:
        typer.echo(_("no overlay is read: --regions names their folder"), err=True)
    for expired in overlays.expired(today):
        typer.echo(str(expired), err=True)
    return today


def _echo(objects: Sequence[object]) -> None:
    typer.echo(json.dumps(objects, ensure_ascii=False, indent=2, default=str))
