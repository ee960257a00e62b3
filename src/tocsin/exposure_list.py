"""The exposed people of accounts or of a campaign, from logs: whose window is the last alert's, or a person's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from tocsin.errors import InputError
from tocsin.intake import Ledger
from tocsin.nightly import Progress, Scan, nothing_read, read_in, scan
from tocsin.privacy.tokens import TokenKey
from tocsin.results import InputRecord, Night
from tocsin.rules.rule import RuleSet
from tocsin.store.spool import Spool
from tocsin.verdict.listing import ExposureList, Preserve, Window, listed, unknown
from tocsin.verdict.stretches import COLUMNS
from tocsin.verdict.walk import Verdict
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


def exposure_list(wanted: Wanted, asked: Scan, rules: RuleSet, key: TokenKey, progress: Progress) -> ExposureList:
    """List the people.

    Raises InputError for an account or campaign that is not there, SettingsError for such a window or session.
    """
    maker = _Maker(wanted, asked)
    if wanted.since is None:
        report = scan(replace(asked, all_nights=True, witness=maker.from_nights), rules, key, progress)
        assert maker.made is not None  # noqa: S101 `from_nights` raises where there is nothing to list
        return replace(maker.made, inputs=_preserve(report.inputs))
    ledger = Ledger(lambda done, total: progress(_("reading"), done, total))
    with Spool() as spool:
        for events in read_in(asked, key, ledger):
            spool.add(events)
        if not spool.events:
            raise nothing_read(ledger)
        made = maker.listed(dict.fromkeys(wanted.accounts, wanted.since), spool)
    return replace(made, inputs=_preserve(ledger.records()))


def _preserve(records: Sequence[InputRecord]) -> tuple[Preserve, ...]:
    return tuple(Preserve(one.path, one.sha256) for one in records)


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
        self.made = self.listed({account: named[account] for account in sorted(accounts)}, spool, nights)

    def listed(self, first: Mapping[str, date], spool: Spool, nights: Sequence[Night] = ()) -> ExposureList:
        """Tell the accounts' sessions apart up to the last night asked for, and list whom they showed."""
        self._known(sorted(first), spool)
        wanted = self.wanted
        windows = {
            account: Window(named, wanted.since, wanted.until, wanted.sessions) for account, named in first.items()
        }
        return listed(windows, spool.of_accounts(sorted(first), COLUMNS), self.asked.settings, nights, wanted.sessions)

    def _no_campaign(self, nights: Sequence[Night]) -> None:
        known = sorted({group.id for night in nights for group in night.campaigns})
        hint = _("these logs show {names}").format(names=", ".join(known)) if known else _("these logs show none")
        raise InputError(_("no campaign is called {id!r}").format(id=self.wanted.campaign), hint=hint)

    def _known(self, accounts: Sequence[str], spool: Spool) -> None:
        names = spool.accounts()
        for account in accounts:
            if account not in names:
                text = _("no account in these logs is called {account!r}").format(account=account)
                raise InputError(text, hint=unknown(account, names))
