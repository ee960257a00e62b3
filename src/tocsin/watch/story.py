"""One account asked about, from the state: the story of a night in seconds, without the logs and without a key."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from tocsin.cases.case import decisions_of
from tocsin.cases.desk import Desk
from tocsin.cases.shown import with_cases
from tocsin.enrich.calendar import holidays_between
from tocsin.errors import InputError, StoreError
from tocsin.nightly import Scan
from tocsin.results import Night
from tocsin.rules.baselined import Watched, who_was_active
from tocsin.rules.overlay import tuned
from tocsin.rules.rule import RuleSet
from tocsin.store.lake import Lake
from tocsin.verdict.dossier import Dossier
from tocsin.verdict.hits import Hits
from tocsin.verdict.judge import Asked, judge_on
from tocsin.verdict.listing import unknown
from tocsin.verdict.story import story
from tocsin.verdict.stretches import COLUMNS, LOOKED_BACK
from tocsin.watch.held import before_night, measured_on, result_of, with_earlier
from tocsin.words import _

SHOWN = 5


def story_of(name: str, asked: Scan, rules: Callable[[], RuleSet], desk: Desk, night: date | None = None) -> Dossier:
    """Tell the story of an account, or of a case, on `night`, else on the last night it was named, else active.

    What the night's list said of it is told as it was then. For a night that did not name it, the night is judged
    again by the `rules`, which are asked for only then. Raises InputError for what the state does not know, StoreError
    for a night whose figures are gone.
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
    since = min(filter(None, [named[0], night])) - timedelta(days=LOOKED_BACK) if named else date.min
    events = Lake.of(state.files, state.manifest).of_accounts([account], COLUMNS, since)
    judged = set(state.manifest.judged)
    active = sorted(one for one in set(events["night"].unique()) | set(named) if one in judged)
    chosen = night or (named or active or [None])[-1]
    if chosen not in active:
        raise _not_there(account, chosen, active)
    assert chosen is not None  # noqa: S101 it is among the active nights
    concluded = result_of(state.manifest, chosen, state)
    assert concluded is not None  # noqa: S101 it is among the judged nights
    if account not in concluded.measures:
        concluded = judged_again(chosen, account, asked, rules(), desk)
    (shown,) = with_cases([concluded], desk.register, desk.entries)
    return story(shown, account, named, events, asked.settings, case.sessions if case else None)


def judged_again(night: date, account: str, asked: Scan, rules: RuleSet, desk: Desk) -> Night:
    """Judge a night again as it was judged then, watching one account; without the evidence of the others."""
    state, manifest = desk.state, desk.state.manifest
    held = manifest.nights[night]
    earlier = [one for one in manifest.judged if one < night]
    left = manifest.nights[earlier[-1]].verdict if earlier else None
    if not held.measured or (left is not None and not left.frames):
        raise StoreError(
            _(
                "{account} was not on the list of {night}, and what that night was compared with is no longer held"
            ).format(account=account, night=night),
            hint=_("ask about a later night, or give the logs"),
        )
    tuned_rules = tuned(rules, asked.overlays)
    tonight = measured_on(manifest, night, state)
    whole = with_earlier(tonight, manifest, night, state)
    profiles = who_was_active(whole.nights)
    hits = Hits(Watched(tonight.episodes, whole.peaks, profiles, tuned_rules))
    holidays = holidays_between(asked.settings.portal.holidays, min(manifest.nights), max(manifest.nights))
    question = Asked(
        frozenset([night]), holidays, asked.budget, asked.with_model, asked.overlays, watched=account,
        decisions=decisions_of(desk.entries),
    )  # fmt: skip
    judged = judge_on(
        replace(whole, nights=tonight.nights), hits.on, asked.settings, question, before_night(manifest, night, state)
    )
    return next(judged)[0]


def _not_there(account: str, night: date | None, active: Sequence[date]) -> InputError:
    if not active:
        return InputError(
            _("the state holds no judged night on which {account} was active").format(account=account),
            hint=_("give the logs instead"),
        )
    hint = _("it was on {nights}").format(nights=", ".join(str(one) for one in active[-5:]))
    return InputError(_("{account} was not active on {night}").format(account=account, night=night), hint=hint)
