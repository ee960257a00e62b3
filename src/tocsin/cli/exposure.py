"""`tocsin exposure`: the people that stolen accounts read."""

import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.typed import without_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.cases.case import Case
    from tocsin.cases.desk import Desk
    from tocsin.cases.exposure import Wanted
    from tocsin.nightly import Scan
    from tocsin.privacy.tokens import TokenKey
    from tocsin.settings import Settings
    from tocsin.verdict.listing import ExposureList
    from tocsin.verdict.walk import Verdict


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("exposure")(exposure)


def exposure(
    accounts: Annotated[
        list[str] | None, typer.Argument(metavar="ACCOUNT|CASE...", help="Accounts as in the logs; cases of a state.")
    ] = None,
    logs: Annotated[list[str] | None, typer.Option(help="Log file, folder or glob; repeatable.")] = None,
    state: Annotated[Path | None, typer.Option(help="Folder that remembers the nights, instead of logs.")] = None,
    case: Annotated[list[str] | None, typer.Option(help="A case of the state; repeatable.")] = None,
    campaign: Annotated[str | None, typer.Option(help="All accounts of this campaign of the report.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day of the intrusion.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of it.")] = None,
    session: Annotated[list[str] | None, typer.Option(help="ID=owner or ID=intruder, as you know better.")] = None,
    out: Annotated[Path | None, typer.Option(help="New file for the list; else standard output.")] = None,
    reveal: Annotated[list[str] | None, typer.Option(help="Source logs to put identities back from.")] = None,
    reason: Annotated[
        str | None, typer.Option(help="Why identities are shown; goes to the journal.", callback=without_numbers)
    ] = None,
    breach: Annotated[bool, typer.Option("--breach", help="The figures of a GDPR article 33 notice instead.")] = False,
    aware_at: Annotated[
        str | None,
        typer.Option(help="When the controller became aware (ISO 8601, by the portal's clock)."),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="With --breach: JSON.")] = False,
    format_: Annotated[str | None, typer.Option("--format", help="Format; detected per file without it.")] = None,
    no_model: Annotated[bool, typer.Option("--no-model", help="Leave the outlier model out, as in the scan.")] = False,
    account_from: Annotated[str | None, typer.Option(help="`ip` where the log names no account.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file (tocsin.yml).")] = None,
    key_file: Annotated[Path | None, typer.Option(help="Key for the tokens; else one that is thrown away.")] = None,
    now: Annotated[str | None, typer.Option(help="The time to take for now (ISO 8601).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no counts.")] = False,
) -> None:
    """List who was exposed, each person once, with how sure it is. Exit 0.

    What is overruled with --session, --since or --until is kept in the case. A state needs its key only for --reveal.
    """
    from tocsin.cases.exposure import Wanted
    from tocsin.cli.asked import moment, settings_of
    from tocsin.cli.revealing import Revealing, check, refusals_noted
    from tocsin.cli.revealing import reveal as show
    from tocsin.report import exposure as report
    from tocsin.report.files import write_file

    asked = Asked(logs or [], state, key_file, format_, account_from, moment(now), settings_of(config), no_model, quiet)
    day = {"since": since.date() if since else None, "until": until.date() if until else None}
    wanted = Wanted((*(accounts or ()), *(case or ())), campaign, sessions=dict(map(_verdict, session or [])), **day)
    revealing = Revealing(reveal or [], reason, out, state)
    with refusals_noted(revealing, asked.now, [*wanted.names, *([campaign] if campaign else [])]):
        _check(wanted, asked)
        check(revealing)
        aware = moment(aware_at, "--aware-at", asked.settings.portal.zone) if aware_at else None
        key = _key(asked) if asked.logs or reveal else None
        listed, cases, desk = _listed(wanted, asked, key)
        if breach:
            sys.stdout.write(_notice(listed, cases, desk, asked, aware, as_json=json_))
        elif reveal and key:
            show(listed, revealing, asked.scan(), key)
        elif out:
            write_file(out, report.as_csv(listed))
        else:
            sys.stdout.write(report.as_csv(listed))
    if not quiet:
        _talk(listed, cases, throwaway=key_file is None and state is None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is made from."""

    logs: "Sequence[str]"
    state: Path | None
    key_file: Path | None
    format_name: str | None
    account_from: str | None
    now: datetime
    settings: "Settings"
    no_model: bool
    quiet: bool

    def scan(self) -> "Scan":
        """Give the scan of the logs: what it needs takes longer to load than a list from a state to make."""
        from tocsin.nightly import Scan

        return Scan(
            logs=self.logs,
            now=self.now,
            with_model=not self.no_model,
            format_name=self.format_name,
            account_from=self.account_from,
            settings=self.settings,
        )


def _listed(
    wanted: "Wanted", asked: Asked, key: "TokenKey | None"
) -> "tuple[ExposureList, Sequence[Case], Desk | None]":
    """List from the state, keeping what the person knows better, or from the logs."""
    from tocsin.cases.desk import desk
    from tocsin.cases.exposure import exposure_of, keep_words
    from tocsin.store.state import reading

    if asked.state is not None:
        opened = desk(reading(asked.state), asked.settings.alerting.case_nights)
        found = exposure_of(wanted, opened, asked.settings)
        keep_words(wanted, found, opened, asked.now)
        return found.listed, found.cases, opened
    assert key is not None  # noqa: S101 logs are never read without one
    return _from_logs(wanted, asked, key), (), None


def _from_logs(wanted: "Wanted", asked: Asked, key: "TokenKey") -> "ExposureList":
    from tocsin import exposure_list as from_logs
    from tocsin.cli.run import progress_bars
    from tocsin.rules.load import load_rules
    from tocsin.rules.pack import shipped

    meant = from_logs.Wanted(wanted.names, wanted.campaign, wanted.since, wanted.until, wanted.sessions)
    with progress_bars(quiet=asked.quiet) as hear:
        rules = load_rules([shipped()], [shipped()])
        return from_logs.exposure_list(meant, asked.scan(), rules, key, hear)


def _key(asked: Asked) -> "TokenKey":
    """Give the key, which must be that of the state where there is one."""
    from tocsin.cli.standing_key import key_of
    from tocsin.errors import KeyFileError
    from tocsin.store.state import reading

    key = key_of(asked.key_file, asked.state)
    if asked.state is not None and reading(asked.state).manifest.key != key.fingerprint:
        raise KeyFileError("this is not the key of the state", hint="give the --key-file that it was made with")
    return key


def _check(wanted: "Wanted", asked: Asked) -> None:
    from tocsin.errors import SettingsError

    if not asked.logs and asked.state is None:
        raise SettingsError("no logs are given", hint="name them with --logs PATH, or a state with --state DIR")
    if asked.logs and asked.state is not None:
        raise SettingsError("both logs and a state are given", hint="give one; --reveal names the logs of a state")
    if not wanted.names and not wanted.campaign:
        raise SettingsError("nobody is asked about", hint="name accounts or cases, or a campaign with --campaign ID")
    if wanted.campaign and wanted.since and asked.state is None:
        raise SettingsError("--since needs accounts by name, not a campaign", hint="name the campaign's accounts")
    if wanted.since and wanted.until and wanted.until < wanted.since:
        raise SettingsError("--until lies before --since", hint="exchange the two")


def _verdict(text: str) -> tuple[str, "Verdict"]:
    from tocsin.errors import SettingsError

    label, _equals, verdict = text.rpartition("=")
    match verdict:
        case "owner" | "intruder" if label:
            return label, verdict
    raise SettingsError(f"--session {text!r} is not understood", hint="write ID=owner or ID=intruder")


def _notice(
    listed: "ExposureList",
    cases: "Sequence[Case]",
    desk: "Desk | None",
    asked: Asked,
    aware: datetime | None,
    *,
    as_json: bool,
) -> str:
    """Write the figures; with a state they are a phase of the incident, whose clock is that of its verdict."""
    import json

    from tocsin.cases.notice import aware_of, incident_of, phased
    from tocsin.report import exposure as report

    figures = report.notice(listed, aware or aware_of(cases), asked.settings.services)
    if desk is not None:
        figures = phased(figures, incident_of(cases, figures["accounts"]), desk, asked.now)
    return json.dumps(figures, indent=1) + "\n" if as_json else report.notice_text(figures)


def _talk(listed: "ExposureList", cases: "Sequence[Case]", *, throwaway: bool) -> None:
    from tocsin.report.exposure import preserve, summary

    for line in (*summary(listed), *preserve(listed, cases)):
        typer.echo(line, err=True)
    if throwaway:
        text = "tokens are of this run only, another run gives others: use --key-file to keep them"
        typer.echo(text, err=True)
