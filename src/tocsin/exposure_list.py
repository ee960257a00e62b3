"""The exposed people of accounts or of a campaign, from logs: who, how sure, and what an analyst decides otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from difflib import get_close_matches

import polars as pl

from tocsin.enrich.calendar import end_of_night, start_of_night
from tocsin.errors import InputError, SettingsError
from tocsin.intake import Ledger
from tocsin.nightly import Progress, Scan, nothing_read, read_in, scan
from tocsin.privacy.tokens import TokenKey
from tocsin.results import Exposed, InputRecord, Night
from tocsin.rules.rule import RuleSet
from tocsin.schema import Outcome
from tocsin.store.spool import Spool
from tocsin.verdict.exposure import CERTAIN, POSSIBLE, PROBABLE, asked_only, basis, exposed, in_window, people
from tocsin.verdict.sessions import Question, Told, Verdict, tell_apart
from tocsin.verdict.stretches import COLUMNS, with_stretch
from tocsin.words import _


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose people are asked for; `sessions` maps a session's name to the analyst's verdict.

    With `since`, nothing is judged: the window is the analyst's. Otherwise it is that of the account's last alert.
    """

    accounts: tuple[str, ...] = ()
    campaign: str | None = None
    since: date | None = None
    until: date | None = None
    sessions: Mapping[str, Verdict] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExposureList:
    """Each exposed person once (columns as exposure.people plus `basis`), the counts, and what they rest on."""

    people: pl.DataFrame
    counts: Exposed
    asked_only: int
    told: tuple[Told, ...]
    until: date
    services: tuple[str, ...]
    inputs: tuple[InputRecord, ...]


def exposure_list(wanted: Wanted, asked: Scan, rules: RuleSet, key: TokenKey, progress: Progress) -> ExposureList:
    """List the people.

    Raises InputError for an account or campaign that is not there, SettingsError for such a window or session.
    """
    maker = _Maker(wanted, asked)
    if wanted.since is None:
        report = scan(replace(asked, all_nights=True, witness=maker.from_nights), rules, key, progress)
        assert maker.made is not None  # noqa: S101 `from_nights` raises where there is nothing to list
        return replace(maker.made, inputs=report.inputs)
    ledger = Ledger(lambda done, total: progress(_("reading"), done, total))
    with Spool() as spool:
        for events in read_in(asked, key, ledger):
            spool.add(events)
        if not spool.events:
            raise nothing_read(ledger)
        since = wanted.since
        made = maker.listed(dict.fromkeys(wanted.accounts, since), spool)
    return replace(made, inputs=ledger.records())


@dataclass(slots=True)
class _Maker:
    """Makes the list while the events are held."""

    wanted: Wanted
    asked: Scan
    made: ExposureList | None = None

    def from_nights(self, nights: Sequence[Night], spool: Spool) -> None:
        """Take each account's window from the last night it was named on."""
        named: dict[str, date] = {}
        accounts = set(self.wanted.accounts)
        for night in nights:
            for group in night.campaigns:
                if group.id == self.wanted.campaign:
                    accounts |= {member.account for member in group.accounts}
                    named |= {member.account: named.get(member.account, group.first_night) for member in group.accounts}
            named |= {suspect.account: suspect.first_alerted for suspect in night.suspects}
        if self.wanted.campaign and len(accounts) == len(self.wanted.accounts):
            self._no_campaign(nights)
        never = sorted(accounts - named.keys())
        if never:
            self._known(never, spool)
            hint = _("give the first day of the intrusion with --since YYYY-MM-DD")
            raise InputError(_("{names} was never named by these logs").format(names=", ".join(never)), hint=hint)
        self.made = self.listed({account: named[account] for account in sorted(accounts)}, spool)

    def listed(self, first: Mapping[str, date], spool: Spool) -> ExposureList:
        """Tell the accounts' sessions apart up to the last night asked for, and list whom they showed."""
        settings, wanted = self.asked.settings, self.wanted
        self._known(sorted(first), spool)
        events = spool.of_accounts(sorted(first), COLUMNS)
        last: date = events["night"].max()  # type: ignore[assignment]
        until = min(wanted.until or last, last)
        events = events.filter(pl.col("night") <= until)
        numbered = with_stretch(events, settings)
        told = [self._told(account, named, until, numbered) for account, named in first.items()]
        _check_sessions(wanted.sessions, told)
        reads = in_window(numbered, told)
        table = people(reads).with_columns(basis=self._basis())
        services = tuple(
            reads.filter(pl.col("certainty").is_in([CERTAIN, PROBABLE]))["service"].drop_nulls().unique().sort()
        )
        return ExposureList(table, exposed(reads), asked_only(reads), tuple(told), until, services, ())

    def _told(self, account: str, named: date, until: date, numbered: pl.DataFrame) -> Told:
        settings, wanted = self.asked.settings, self.wanted
        mine = numbered.filter(pl.col("account") == account)
        if mine.filter(pl.col("night") >= named).is_empty():
            hint = _("its events go from {first} to {last}").format(first=mine["night"].min(), last=mine["night"].max())
            raise SettingsError(
                _("{account} did nothing between {first} and {until}").format(
                    account=account, first=named, until=until
                ),
                hint=hint,
            )
        told = tell_apart(mine, Question(account, until, named), settings)
        if wanted.since is not None:
            starts = start_of_night(settings.portal.night_starts)
            since = end_of_night(wanted.since - timedelta(days=1), settings.portal.zone, starts)
            told = _since(told, since)
        changed = [replace(one, verdict=wanted.sessions.get(one.stretch.label, one.verdict)) for one in told.judged]
        return replace(told, judged=tuple(changed))

    def _basis(self) -> pl.Expr:
        """Say what each person's certainty rests on."""
        who = _("analyst and model") if self.wanted.sessions or self.wanted.since else _("model")
        told = {
            f"{certainty}/{outcome}": f"{who}: {basis(certainty, outcome)}"
            for certainty in (CERTAIN, PROBABLE, POSSIBLE)
            for outcome in (Outcome.SUCCESS, Outcome.UNKNOWN)
        }
        key = pl.concat_str(pl.col("certainty").cast(pl.String), "outcome", separator="/")
        return key.replace_strict(told, return_dtype=pl.String)

    def _no_campaign(self, nights: Sequence[Night]) -> None:
        known = sorted({group.id for night in nights for group in night.campaigns})
        hint = _("these logs show {names}").format(names=", ".join(known)) if known else _("these logs show none")
        raise InputError(_("no campaign is called {id!r}").format(id=self.wanted.campaign), hint=hint)

    def _known(self, accounts: Sequence[str], spool: Spool) -> None:
        names = spool.accounts()
        for account in accounts:
            if account not in names:
                near = get_close_matches(account, names, 3, 0.5)
                hint = _("did you mean {names}?").format(names=", ".join(near)) if near else None
                raise InputError(_("no account in these logs is called {account!r}").format(account=account), hint=hint)


def _since(told: Told, since: datetime) -> Told:
    return replace(told, since=since, judged=tuple(one for one in told.judged if one.stretch.last >= since))


def _check_sessions(sessions: Mapping[str, Verdict], told: Sequence[Told]) -> None:
    labels = {one.stretch.label for story in told for one in story.judged}
    for label in sessions:
        if label not in labels:
            near = get_close_matches(label, sorted(labels), 2, 0.5)
            hint = _("did you mean {names}?").format(names=", ".join(near)) if near else None
            raise SettingsError(_("no session of the window is called {label!r}").format(label=label), hint=hint)
