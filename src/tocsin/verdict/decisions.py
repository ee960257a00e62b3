"""What persons decided about suspects, as the judge of later nights hears it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from tocsin.verdict.walk import Verdict

Answer = Literal["true", "benign", "error", "waiting"]

ANSWERS: tuple[Answer, ...] = ("true", "benign", "error", "waiting")

CLOSING = ("true", "benign", "error")
"""Answers after which the case is closed: a further hit opens a new one."""


def case_id(account: str, first: date) -> str:
    """Name the case of an account that was opened on this night: the same whoever counts, and whenever."""
    digest = hashlib.sha256(f"{first.isoformat()} {account}".encode()).hexdigest()
    return f"C{first:%y%m%d}-{digest[:6]}"


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer about the nights `first` to `last` of an account.

    Nights before `heard_from` were judged without it, and are when they are judged again: otherwise an alert would
    disappear because it was answered. Until `silent_until` a benign answer silences what it explained.
    """

    case: str
    account: str
    answer: Answer
    first: date
    last: date
    heard_from: date
    silent_until: date | None = None
    campaign: str | None = None

    def covers(self, night: date) -> bool:
        """Say whether a night lies in the window."""
        return self.first <= night <= self.last


@dataclass(frozen=True, slots=True)
class Overruled:
    """What a person knows better of an account's sessions (the session's name -> whose it is)."""

    account: str
    sessions: Mapping[str, Verdict]
    heard_from: date


@dataclass(frozen=True, slots=True)
class Decisions:
    """All answers in the order in which they were given, and accepted log changes (shift -> from when)."""

    answers: tuple[Decision, ...] = ()
    accepted: dict[str, date] = field(default_factory=dict)
    overruled: tuple[Overruled, ...] = ()

    def on(self, night: date) -> "Decisions":
        """Give those that the judge of a night hears: of several about a case the last."""
        heard = {one.case: one for one in self.answers if one.heard_from <= night}
        accepted = {shift: since for shift, since in self.accepted.items() if since <= night}
        return Decisions(tuple(heard.values()), accepted, tuple(o for o in self.overruled if o.heard_from <= night))

    def confirmed(self) -> frozenset[str]:
        """Name the accounts of which a person last said that somebody else uses them."""
        last = {one.account: one.answer for one in self.answers}
        return frozenset(account for account, answer in last.items() if answer == "true")

    def sessions(self) -> dict[str, dict[str, Verdict]]:
        """Give whose the sessions are that persons overruled, by account: of several words the last."""
        found: dict[str, dict[str, Verdict]] = {}
        for one in self.overruled:
            found.setdefault(one.account, {}).update(one.sessions)
        return found

    def about(self, accounts: Sequence[str]) -> list[Decision]:
        """Give the answers about some accounts."""
        return [one for one in self.answers if one.account in accounts]
