"""`tocsin tune`: what other values of a rule would have meant for a region, on nights that are known."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from tocsin.cli.typed import without_numbers
from tocsin.words import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.rules.rule import RuleSet
    from tocsin.tune.knobs import Knob


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("tune")(tune)


def tune(
    logs: Annotated[
        list[str] | None, typer.Argument(metavar="[LOG]...", help=_("Log files, folders or globs."))
    ] = None,
    region: Annotated[
        str | None, typer.Option(help=_("For whom: a region as the logs name it, or an overlay by title or file name."))
    ] = None,
    structure: Annotated[list[str] | None, typer.Option(help=_("Only accounts of this structure; repeatable."))] = None,
    profession: Annotated[list[str] | None, typer.Option(help=_("Only this profession; repeatable."))] = None,
    source: Annotated[list[str] | None, typer.Option(help=_("Only accounts of this source; repeatable."))] = None,
    rule: Annotated[list[str] | None, typer.Option(help=_("Rule to tune; repeatable; all without it."))] = None,
    values: Annotated[str | None, typer.Option(help=_("Values to try, as in 60,80,120; chosen without it."))] = None,
    timespans: Annotated[
        str | None,
        typer.Option(help=_("Timespans to try of the rules named, in the place of thresholds, as in 30m,1h,2h.")),
    ] = None,
    factors: Annotated[
        str | None,
        typer.Option(help=_("Factors of baselines to try of the rules named, as in 1.2,1.5,2; chosen without it.")),
    ] = None,
    alerts_per_night: Annotated[
        float | None, typer.Option("--alerts-per-night", help=_("New alerts a night that can be looked at."))
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(help=_("Folder `truth` that `tocsin simulate` wrote: the known cases."))
    ] = None,
    take: Annotated[
        list[str] | None,
        typer.Option(
            help=_(
                "A value to set: distinct_people_1h=120, distinct_people_1h.factor=2, geography=2 (a cap); repeatable."
            )
        ),
    ] = None,
    season: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help=_("Last night on which the caps hold that are written.")),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help=_("Write the overlay into --regions."))] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Print the overlay instead of writing it."))] = False,
    accept_risk: Annotated[
        str | None,
        typer.Option(
            help=_("Why a value below the floor in tocsin.yml is wanted; it is journaled."), callback=without_numbers
        ),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help=_("Write a page with pictures: noisy and silent rules, rates; all regions too."))
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            help=_("Folder that remembers the nights: replayed where no log is named; its verdicts are known cases.")
        ),
    ] = None,
    inject: Annotated[
        list[str] | None,
        typer.Option(help=_("Plant an attack, written as `tocsin simulate --scenario` does; repeatable.")),
    ] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help=_("First night that counts."))] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help=_("Last night that counts."))] = None,
    format_: Annotated[str | None, typer.Option("--format", help=_("Format; detected per file without it."))] = None,
    rules: Annotated[
        list[Path] | None, typer.Option(help=_("Rule file or folder, instead of the shipped pack."))
    ] = None,
    regions: Annotated[Path | None, typer.Option(help=_("Folder of overlays, what regions set of the rules."))] = None,
    directory: Annotated[Path | None, typer.Option(help=_("CSV of accounts: who holds a login."))] = None,
    no_model: Annotated[
        bool, typer.Option("--no-model", help=_("Leave the outlier model out, as in the scan."))
    ] = False,
    account_from: Annotated[str | None, typer.Option(help=_("`ip` where the log names no account."))] = None,
    config: Annotated[Path | None, typer.Option(help=_("Settings file (tocsin.yml)."))] = None,
    key_file: Annotated[Path | None, typer.Option(help=_("Key for the tokens; else one that is thrown away."))] = None,
    now: Annotated[str | None, typer.Option(help=_("The time to take for now (ISO 8601)."))] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help=_("No progress."))] = False,
) -> None:
    """Replay past nights with other values of the rules and say what each would have meant. Exit 0."""
    from tocsin.cli.asked import moment, settings_of
    from tocsin.cli.run import progress_bars
    from tocsin.cli.tuned import Result, chooser, is_empty, key_for, known_cases, nights_of, refuse_impossible, show
    from tocsin.nightly import Scan
    from tocsin.rules.overlay import load_rules_and_overlays
    from tocsin.rules.pack import shipped
    from tocsin.tune.knobs import numbers
    from tocsin.tune.planted import attacks_of
    from tocsin.tune.scope import scope_of
    from tocsin.tune.tuning import Question
    from tocsin.tune.tuning import tune as replay

    refuse_impossible(logs or (), state, alerts_per_night)
    set_apart = regions if regions and not is_empty(regions, new=write or dry_run) else None
    pack, overlays = load_rules_and_overlays(rules or [shipped()], [shipped()], set_apart)
    settings = settings_of(config)
    scope = scope_of(
        region,
        structure or (),
        profession or (),
        overlays,
        sources=source or (),
        everybody=report is not None and not write,
    )
    asked = Scan(
        logs=logs or [], now=moment(now), since=since.date() if since else None, until=until.date() if until else None,
        all_nights=True, with_model=not no_model, format_name=format_, account_from=account_from,
        settings=settings, overlays=overlays, directory=directory,
    )  # fmt: skip
    taken = numbers("--take", take or (), spans=timespans is not None)
    written = Result(
        report=report,
        write=write,
        dry_run=dry_run,
        regions=regions,
        state=state,
        accepted=accept_risk or "",
        now=asked.now,
        season=season.date() if season else None,
    )
    written.check()
    tried = Candidates(
        _numbers("--values", values),
        _numbers("--factors", factors, whole=False),
        (timespans or "").split(",") if timespans else (),
    )
    question = Question(
        asked,
        scope,
        _knobs(pack, tuple(dict.fromkeys(rule or ())), tried, taken),
        known_cases(truth, state),
        attacks_of(inject or ()),
        alerts_per_night,
        families=bool(scope.when) and (not rule or not {name.removesuffix(".factor") for name in taken} <= set(rule)),
        caps=taken,
        state=nights_of(logs or (), state),
    )
    key = key_for(key_file, question.state, planting=bool(question.attacks))
    with progress_bars(quiet=quiet) as hear:
        trial = replay(question, pack, key, hear)
    interactive = (write or dry_run) and alerts_per_night is None
    show(trial.concluded(chooser(taken, interactive=interactive)), written)


def _knobs(pack: "RuleSet", names: "Sequence[str]", tried: "Candidates", taken: "Mapping[str, float]") -> "list[Knob]":
    """Choose what is turned: of the rules named the timespan, or threshold and factor; without names all of those."""
    from tocsin.errors import SettingsError
    from tocsin.tune.knobs import factor, of_rule, of_rules, threshold, timespan

    if tried.spans and (not names or tried.values or tried.factors):
        message = "--timespans goes with --rule, and without --values and --factors"
        raise SettingsError(message, hint="name the rules to look at")
    if tried.factors and not names:
        raise SettingsError("--factors goes with --rule", hint="name the rules to look at")
    if tried.spans:
        return [timespan(pack, name, tried.spans) for name in names]
    if not (tried.values or tried.factors):
        return [knob for name in names for knob in of_rule(pack, name, taken)] or of_rules(pack, taken)
    limits = [threshold(pack, name, tried.values, taken.get(name)) for name in names if tried.values]
    turned = [factor(pack, name, tried.factors, taken.get(f"{name}.factor")) for name in names if tried.factors]
    return [*limits, *turned] or of_rules(pack, taken)


class Candidates(NamedTuple):
    """The values that options name."""

    values: "Sequence[float]"
    factors: "Sequence[float]"
    spans: "Sequence[str]"


def _numbers(option: str, text: str | None, *, whole: bool = True) -> "list[float]":
    from tocsin.errors import SettingsError

    try:
        return [int(value) if whole else float(value) for value in (text or "").split(",") if value.strip()]
    except ValueError:
        message = f"{option} {text!r} is no list of {'whole ' if whole else ''}numbers"
        raise SettingsError(message, hint="write it as " + ("60,80,120" if whole else "1.2,1.5,2")) from None
