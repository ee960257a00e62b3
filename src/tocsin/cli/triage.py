"""`tocsin triage` and `tocsin ack`: a person answers cases, and accepts a change of the logs."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.typed import without_numbers

State = Annotated[Path, typer.Option(help="Folder that remembers the nights.")]
Now = Annotated[str | None, typer.Option(help="The time to take for now (ISO 8601).")]
Config = Annotated[Path | None, typer.Option(help="Settings file (tocsin.yml).")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("triage")(triage)
    app.command("ack")(ack)


def triage(
    state: State,
    verdict: Annotated[
        str, typer.Option(help="true (somebody else used it), benign, error (of logs or rules) or waiting.")
    ],
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="CASE|ACCOUNT...", help="Cases, or accounts whose newest case is meant."),
    ] = None,
    campaign: Annotated[str | None, typer.Option(help="All cases of this campaign.")] = None,
    note: Annotated[str, typer.Option(help="Why; kept in the case and the journal.", callback=without_numbers)] = "",
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First night of the window.")] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Last night of the window; with benign, the last silent night."),
    ] = None,
    aware_at: Annotated[
        str | None,
        typer.Option(
            help="With true: when the controller became aware (ISO 8601, by the portal's clock); starts the 72 hours."
        ),
    ] = None,
    config: Config = None,
    now: Now = None,
) -> None:
    """Answer cases, several at once. Needs no key; takes effect with the next night that is judged. Exit 0."""
    from tocsin.cases.desk import desk
    from tocsin.cases.triage import Asked, triage
    from tocsin.cli.asked import choice, moment, settings_of
    from tocsin.errors import SettingsError
    from tocsin.report.cases import said
    from tocsin.store.state import reading
    from tocsin.verdict.decisions import ANSWERS
    from tocsin.words import _

    choice("--verdict", verdict, ANSWERS)
    if aware_at and verdict != "true":
        raise SettingsError(_("--aware-at goes with --verdict true only"), hint=_("leave it out"))
    settings = settings_of(config)
    asked = Asked(
        names=tuple(names or ()),
        campaign=campaign,
        answer=next(one for one in ANSWERS if one == verdict),
        note=note,
        since=since.date() if since else None,
        until=until.date() if until else None,
        aware_at=moment(aware_at, "--aware-at", settings.portal.zone) if aware_at else None,
    )
    opened = desk(reading(state), settings.alerting.case_nights)
    for line in said(triage(asked, opened, moment(now))):
        typer.echo(line)


def ack(
    shifts: Annotated[
        list[str], typer.Argument(help="The changes, as the report names them: MEASURE/PROFESSION or MEASURE/*.")
    ],
    state: State,
    reason: Annotated[str, typer.Option(help="Why it is accepted; kept in the journal.", callback=without_numbers)],
    now: Now = None,
) -> None:
    """Accept changes of the logs: from the next night on they are learned as the new usual. Needs no key. Exit 0."""
    from tocsin.cases.accept import accept
    from tocsin.cases.desk import desk
    from tocsin.cli.asked import moment
    from tocsin.store.state import reading
    from tocsin.words import _

    since = accept(shifts, reason, desk(reading(state), 0), moment(now))
    for shift in shifts:
        typer.echo(_("{shift} is accepted: learned from the night of {since} on").format(shift=shift, since=since))
