"""`tocsin exposure`: the people that stolen accounts read."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tocsin.cli.run import Question
    from tocsin.exposure_list import ExposureList, Wanted
    from tocsin.nightly import Scan
    from tocsin.privacy.tokens import TokenKey
    from tocsin.verdict.sessions import Verdict


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("exposure")(exposure)


def exposure(
    accounts: Annotated[
        list[str] | None, typer.Argument(metavar="ACCOUNT...", help="Accounts, as in the logs.")
    ] = None,
    logs: Annotated[list[str] | None, typer.Option(help="Log file, folder or glob; repeatable.")] = None,
    campaign: Annotated[str | None, typer.Option(help="All accounts of this campaign of the report.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day of the intrusion.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of it.")] = None,
    session: Annotated[list[str] | None, typer.Option(help="ID=owner or ID=intruder, as you know better.")] = None,
    out: Annotated[Path | None, typer.Option(help="New file for the list; else standard output.")] = None,
    reveal: Annotated[list[str] | None, typer.Option(help="Source logs to put identities back from.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why identities are shown; goes to the journal.")] = None,
    breach: Annotated[bool, typer.Option("--breach", help="The figures of a GDPR article 33 notice instead.")] = False,
    aware_at: Annotated[str | None, typer.Option(help="When the controller became aware (ISO 8601).")] = None,
    json_: Annotated[bool, typer.Option("--json", help="With --breach: JSON.")] = False,
    format_: Annotated[str | None, typer.Option("--format", help="Format; detected per file without it.")] = None,
    no_model: Annotated[bool, typer.Option("--no-model", help="Leave the outlier model out, as in the scan.")] = False,
    account_from: Annotated[str | None, typer.Option(help="`ip` where the log names no account.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file (tocsin.yml).")] = None,
    key_file: Annotated[Path | None, typer.Option(help="Key for the tokens; else one that is thrown away.")] = None,
    now: Annotated[str | None, typer.Option(help="The time to take for now (ISO 8601).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no counts.")] = False,
) -> None:
    """List who was exposed, each person once, with how sure it is. Exit 0."""
    import json

    from tocsin.cli.asked import moment
    from tocsin.cli.run import Question, progress_bars
    from tocsin.exposure_list import Wanted, exposure_list
    from tocsin.nightly import Scan
    from tocsin.report import exposure as report
    from tocsin.report.folder import write_file
    from tocsin.rules.load import load_rules
    from tocsin.rules.pack import shipped

    question = Question(
        logs=logs or [],
        rules=[],
        out=Path(),
        json=json_,
        config=config,
        key_file=key_file,
        lang="en",
        now=now,
        quiet=quiet,
    )
    day = {"since": since.date() if since else None, "until": until.date() if until else None}
    wanted = Wanted(tuple(accounts or ()), campaign, sessions=dict(map(_verdict, session or [])), **day)
    _check(wanted, question, out=out, reveal=reveal, reason=reason)
    aware = moment(aware_at, "--aware-at") if aware_at else None
    asked = Scan(
        logs=question.logs,
        now=question.moment(),
        with_model=not no_model,
        format_name=format_,
        account_from=account_from,
        settings=question.settings(),
    )
    key = question.key()
    with progress_bars(quiet=quiet) as hear:
        listed = exposure_list(wanted, asked, load_rules([shipped()], [shipped()]), key, hear)
    if breach:
        figures = report.notice(listed, aware)
        sys.stdout.write(json.dumps(figures, indent=1) + "\n" if json_ else report.notice_text(figures))
    elif reveal and out and reason:
        _reveal(listed, reveal, asked, key, out=out, reason=reason)
    elif out:
        write_file(out, report.as_csv(listed))
    else:
        sys.stdout.write(report.as_csv(listed))
    if not quiet:
        _talk(listed, throwaway=key_file is None)


def _check(
    wanted: "Wanted", question: "Question", *, out: Path | None, reveal: list[str] | None, reason: str | None
) -> None:
    from tocsin.errors import SettingsError

    if not question.logs:
        raise SettingsError("no logs are given", hint="name them with --logs PATH")
    if not wanted.accounts and not wanted.campaign:
        raise SettingsError("nobody is asked about", hint="name accounts, or a campaign with --campaign ID")
    if wanted.campaign and wanted.since:
        raise SettingsError("--since needs accounts by name, not a campaign", hint="name the campaign's accounts")
    if wanted.since and wanted.until and wanted.until < wanted.since:
        raise SettingsError("--until lies before --since", hint="exchange the two")
    if reveal and not (reason or "").strip():
        raise SettingsError("identities are shown for a reason only", hint="give --reason TEXT; it goes to the journal")
    if reveal and out is None:
        raise SettingsError("identities go to a file only", hint="name a new one with --out FILE")
    if out is not None and out.exists():
        raise SettingsError(f"{out} is there already", hint="name a new file")


def _verdict(text: str) -> tuple[str, "Verdict"]:
    from tocsin.errors import SettingsError

    label, _equals, verdict = text.rpartition("=")
    match verdict:
        case "owner" | "intruder" if label:
            return label, verdict
    raise SettingsError(f"--session {text!r} is not understood", hint="write ID=owner or ID=intruder")


def _reveal(listed: "ExposureList", logs: list[str], asked: "Scan", key: "TokenKey", *, out: Path, reason: str) -> None:
    """Write the list with identities, and the showing of them in the journal beside it."""
    from tocsin.report import exposure as report
    from tocsin.report.folder import write_file
    from tocsin.reveal import identities
    from tocsin.store import journal
    from tocsin.store.files import Files

    found = identities(listed.people["patient"], logs, asked, key)
    missing = listed.people.height - found.height
    details = {
        "accounts": [told.account for told in listed.told],
        "reason": reason,
        "people": found.height,
        "unrevealed": missing,
        "file": str(out),
    }
    journal.append(Files(out.absolute().parent), "reveal", details, asked.now)
    write_file(out, report.as_csv(listed, found))
    typer.echo(f"{found.height:,} identities written to {out}, noted in {out.parent / journal.NAME}", err=True)
    if missing:
        typer.echo(f"{missing:,} people are not in the logs given to --reveal: their identity is left empty", err=True)


def _talk(listed: "ExposureList", *, throwaway: bool) -> None:
    from tocsin.report.exposure import summary

    for line in summary(listed):
        typer.echo(line, err=True)
    if throwaway:
        text = "tokens are of this run only, another run gives others: use --key-file to keep them"
        typer.echo(text, err=True)
