"""One account asked about: the nightly scan of the same logs, then the story of the account on one night."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches

from tocsin.errors import InputError
from tocsin.nightly import Progress, Scan, scan
from tocsin.privacy.tokens import TokenKey
from tocsin.results import Night
from tocsin.rules.rule import RuleSet
from tocsin.settings import Settings
from tocsin.store.spool import Spool
from tocsin.verdict.dossier import Dossier
from tocsin.verdict.story import story
from tocsin.verdict.stretches import COLUMNS
from tocsin.words import _


def investigate(
    account: str, asked: Scan, rules: RuleSet, key: TokenKey, progress: Progress, night: date | None = None
) -> Dossier:
    """Tell an account's story on `night`, else on the last night it was named, else on the last it was active.

    All nights of the logs are judged, so the figures are those of that night's report. Raises InputError where the
    logs do not know the account (with the nearest names), or not on that night.
    """
    witness = _Witness(account, night, asked.settings)
    scan(replace(asked, all_nights=True, watched=account, witness=witness.see), rules, key, progress)
    assert witness.found is not None  # noqa: S101 `see` raises where there is nothing to tell
    return witness.found


@dataclass(slots=True)
class _Witness:
    """Waits for the end of the scan, when the verdicts are known and the events still held."""

    account: str
    night: date | None
    settings: Settings
    found: Dossier | None = field(default=None)

    def see(self, nights: Sequence[Night], spool: Spool) -> None:
        """Choose the night and put the story together."""
        named = [night for night in nights if any(s.account == self.account for s in night.suspects)]
        active = [night for night in nights if night.watched or night in named]
        if not active:
            raise self._unknown(spool)
        chosen = next((night for night in active if night.night == self.night), None)
        if self.night is not None and chosen is None:
            hint = _("it was on {nights}").format(nights=", ".join(str(one.night) for one in active[-5:]))
            raise InputError(
                _("{account} was not active on {night}").format(account=self.account, night=self.night), hint=hint
            )
        self.found = self._story(chosen or (named or active)[-1], [night.night for night in named], spool)

    def _story(self, night: Night, named: Sequence[date], spool: Spool) -> Dossier:
        events = spool.of_accounts([self.account], COLUMNS)
        return story(night, self.account, named, events, self.settings, begins=spool.begins)

    def _unknown(self, spool: Spool) -> InputError:
        names = spool.accounts()
        near = get_close_matches(self.account, names, 3, 0.5)
        hint = (
            _("did you mean {names}?").format(names=", ".join(near)) if near else _("names are written as in the log")
        )
        return InputError(_("no account in these logs is called {account!r}").format(account=self.account), hint=hint)
