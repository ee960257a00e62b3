"""The desk: the cases of a state, found by their name, their account or their campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

import polars as pl

from tocsin.cases.book import Entry, entries_of
from tocsin.cases.case import Case, cases_of
from tocsin.cases.register import Register, read_register
from tocsin.errors import SettingsError
from tocsin.store.names import Names
from tocsin.store.state import State
from tocsin.words import _


@dataclass(frozen=True, slots=True)
class Desk:
    """What is before the analysts, as of the last finished run."""

    state: State
    register: Register
    entries: tuple[Entry, ...]
    cases: tuple[Case, ...]
    """The newest first."""

    @property
    def next_night(self) -> date:
        """The first night that is not judged yet: what is decided now is heard from there on."""
        return date.fromordinal(self.state.manifest.judged[-1].toordinal() + 1)

    def today(self, name: str) -> str:
        """Give today's name of an account, where it is asked for under a former one."""
        return Names.of(self.state.files, self.state.manifest.renames).now(name)

    def find(self, name: str) -> Case | None:
        """Give the case of this name, or the newest one of an account of this name."""
        asked = {name, self.today(name)}
        return next((case for case in self.cases if asked & {case.id, case.account}), None)

    def case(self, name: str) -> Case:
        """Give a case by its name or its account; raises SettingsError with the nearest names."""
        found = self.find(name)
        if found is None:
            text = _("no case, and no account with a case, is called {name!r}").format(name=name)
            raise SettingsError(text, hint=self._near(name))
        return found

    def campaign(self, name: str) -> list[Case]:
        """Give the cases of a campaign; raises SettingsError where there is none."""
        members = self.register.members.filter(pl.col("campaign") == name)["account"].unique().to_list()
        found = [case for case in self.cases if case.campaign == name and case.account in members]
        if not found:
            known = self.register.members["campaign"].unique().sort().to_list()
            near = get_close_matches(name, known, 3, 0.4) or known[-3:]
            hint = _("known are {names}").format(names=", ".join(near)) if near else _("no campaign was found so far")
            raise SettingsError(_("no campaign is called {name!r}").format(name=name), hint=hint)
        return found

    def accounts(self) -> list[str]:
        """List all accounts that the state knows."""
        kept = self.state.manifest.accounts
        return self.state.files.read_frame(kept)["account"].to_list() if kept else []

    def _near(self, name: str) -> str:
        known = [*(case.id for case in self.cases), *(case.account for case in self.cases)]
        near = get_close_matches(name, known, 3, 0.5)
        return _("did you mean {names}?").format(names=", ".join(near)) if near else _("`tocsin cases` lists them")


def desk(state: State, keep: int) -> Desk:
    """Open the desk of a state; `keep` nights without a hit close a case that nobody answered."""
    register, entries = read_register(state), entries_of(state)
    judged = state.manifest.judged
    cases = cases_of(register, entries, judged[-1] if judged else None, keep)
    return Desk(state, register, tuple(entries), tuple(cases))


def open_cases(cases: Sequence[Case], statuses: Sequence[str]) -> list[Case]:
    """Give the cases of these statuses, or all where none is named."""
    return [case for case in cases if not statuses or case.status in statuses]
