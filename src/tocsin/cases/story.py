"""One account asked about, from the state: the story of a night in seconds, without the logs and without a key."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import polars as pl

from tocsin.cases.desk import Desk
from tocsin.cases.nights import result_of
from tocsin.cases.shown import with_cases
from tocsin.errors import InputError
from tocsin.results import Night
from tocsin.settings import Settings
from tocsin.store.lake import Lake
from tocsin.verdict.dossier import Dossier
from tocsin.verdict.listing import unknown
from tocsin.verdict.story import story
from tocsin.verdict.stretches import COLUMNS
from tocsin.words import _

JudgeAgain = Callable[[date, str], Night]
"""Judges a night again, watching an account that it did not name."""


def story_of(name: str, desk: Desk, settings: Settings, judge_again: JudgeAgain, night: date | None = None) -> Dossier:
    """Tell the story of an account, or of a case, on `night`, else on the last night it was named, else active.

    What the night's list said of it is told as it was then. A night that did not name it is judged again.
    Raises InputError for what the state does not know, StoreError for a night whose figures are gone.
    """
    name = desk.today(name)
    case = desk.find(name)
    account = case.account if case else name
    if case is None and account not in (known := desk.accounts()):
        text = _("no account and no case of this state is called {name!r}").format(name=name)
        raise InputError(text, hint=unknown(name, [*known, *(one.id for one in desk.cases)]))
    state = desk.state
    hits = desk.register.hits.filter(pl.col("account") == account)
    named = (list(case.nights) if case and case.id == name else []) or hits["night"].unique().sort().to_list()
    # Of an account that was named, what its sessions are compared with is enough: a state may hold years.
    looked_back = timedelta(days=settings.sessions.habit_nights)
    since = min(filter(None, [named[0], *hits["first"], night])) - looked_back if named else date.min
    lake = Lake.of(state.files, state.manifest)
    events = lake.of_accounts([account], COLUMNS, since)
    judged = set(state.manifest.judged)
    active = sorted(one for one in set(events["night"].unique()) | set(named) if one in judged)
    chosen = night or (named or active or [None])[-1]
    if chosen not in active:
        raise _not_there(account, chosen, active)
    assert chosen is not None  # noqa: S101 it is among the active nights
    concluded = result_of(state.manifest, chosen, state)
    assert concluded is not None  # noqa: S101 it is among the judged nights
    if account not in concluded.measures:
        concluded = judge_again(chosen, account)
    (shown,) = with_cases([concluded], desk.register, desk.entries)
    return story(shown, account, named, events, settings, case.sessions if case else None, lake.begins)


def _not_there(account: str, night: date | None, active: Sequence[date]) -> InputError:
    if not active:
        return InputError(
            _("the state holds no judged night on which {account} was active").format(account=account),
            hint=_("give the logs instead"),
        )
    hint = _("it was on {nights}").format(nights=", ".join(str(one) for one in active[-5:]))
    return InputError(_("{account} was not active on {night}").format(account=account, night=night), hint=hint)
