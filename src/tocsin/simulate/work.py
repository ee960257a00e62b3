"""From visits to actions: sessions, lookups, repeated calls, typing errors, searches, writes, logins."""

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.schema import Kind, Outcome
from tocsin.simulate.actions import OWNER, Deeds, frame, joined, kind, outcome, service
from tocsin.simulate.lines import session_lines
from tocsin.simulate.nir import keys, mistyped
from tocsin.simulate.plan import Plan
from tocsin.simulate.population import Floats, Integers, Population
from tocsin.simulate.randomness import Purpose, scatter, share, stream
from tocsin.simulate.visits import Visits

_IDLE_SECONDS = 2_400  # the portal ends a session after forty minutes without a request
_WITH_SECOND_FACTOR = 0.4  # share of accounts
_LOOKUPS = ("droits", "affiliation", "historique-remboursements", "medecin-traitant")
_WRITES = ("saisie-arret", "declaration")


def night_of_work(population: Population, plan: Plan, seen: Visits, night: int, day: date) -> pl.DataFrame:
    """Make a night of owners' actions (schema ACTIONS), in no order."""
    session, account, workstation = _sessions(seen)
    sessions = session_lines(population, plan, account, workstation, night, day)
    chance = stream(population.seed, Purpose.SESSIONS, night)
    asked = _lookups(population, seen, session, chance)
    by_hand = population.per_profession("by_program")[account[asked.session]] == 0
    parts = [
        asked,
        _repeats(population, plan, asked, account, night, chance),
        _typing_errors(population, asked, account, chance),
        _searches(asked, by_hand, chance),
        _writes(asked, by_hand, chance),
        *_logins(population, account, session, seen.second, chance),
        *_forgotten(plan.resets[:, night], account, session, seen.second, chance),
        _exports(population, account, session, seen.second, chance),
    ]
    return frame(joined(parts), sessions, OWNER)


def _sessions(seen: Visits) -> tuple[Integers, Integers, Integers]:
    """Cut each workstation's night where it is idle: session of each visit, account and workstation of each session."""
    if not len(seen.account):
        return seen.account, seen.account, seen.account
    moved = (np.diff(seen.account) != 0) | (np.diff(seen.workstation) != 0)
    starts = np.append(True, moved | (np.diff(seen.second) > _IDLE_SECONDS))
    return np.cumsum(starts) - 1, seen.account[starts], seen.workstation[starts]


def _lookups(population: Population, seen: Visits, session: Integers, chance: np.random.Generator) -> Deeds:
    size = len(session)
    toss = chance.random(size)
    ends = np.select(
        [toss < 0.002, toss < 0.0035], [outcome(Outcome.DENIED), outcome(Outcome.ERROR)], outcome(Outcome.SUCCESS)
    )
    # A profession's software mostly calls one service; the others follow at will.
    usual = (share(scatter(population.seed, 51, seen.account)) * 1.6).astype(np.int64)
    other = chance.integers(0, len(_LOOKUPS), size)
    which = np.where(chance.random(size) < 0.82, usual, other)
    called = np.array([service(name) for name in _LOOKUPS])[which]
    called = np.where(population.per_profession("by_program")[seen.account] > 0, service("api-droits"), called)
    return Deeds(
        session=session,
        wall=(seen.second * 1_000).astype(np.int64),
        kind=np.full(size, kind(Kind.LOOKUP)),
        outcome=ends,
        nir=seen.nir,
        key=keys(seen.nir),
        service=called,
        rows=np.where(ends == outcome(Outcome.SUCCESS), 1, 0),
    )


def _repeats(
    population: Population, plan: Plan, asked: Deeds, account: Integers, night: int, chance: np.random.Generator
) -> Deeds:
    """Ask again: at billing some minutes after the card reader, and in bursts by software that multiplies calls."""
    owner = account[asked.session]
    billed = np.flatnonzero(chance.random(len(owner)) < population.repeat_share[owner])
    wait = population.repeat_seconds[owner[billed]] * np.exp(chance.normal(0.0, 0.6, len(billed)))
    again = _later(asked, billed, np.clip(wait, 2.0, 1_500.0))
    multiplied = np.repeat(np.arange(len(owner)), plan.calls[owner, night] - 1)
    burst = _later(asked, multiplied, chance.exponential(25.0, len(multiplied)) + 0.8)
    return joined([again, burst])


def _typing_errors(population: Population, asked: Deeds, account: Integers, chance: np.random.Generator) -> Deeds:
    """Ask for a wrong number some seconds before the right one."""
    wrong = np.flatnonzero(chance.random(len(asked.wall)) < population.typo_share[account[asked.session]])
    before = _later(asked, wrong, -chance.uniform(4.0, 30.0, len(wrong)))
    return _changed(
        before,
        nir=mistyped(before.nir, chance),
        outcome=np.full(len(wrong), outcome(Outcome.NOT_FOUND)),
        rows=np.zeros(len(wrong), np.int64),
    )


def _searches(asked: Deeds, by_hand: NDArray[np.bool_], chance: np.random.Generator) -> Deeds:
    """Search by name before some lookups, with no number in the log."""
    sought = np.flatnonzero((chance.random(len(asked.wall)) < 0.05) & by_hand)
    before = _later(asked, sought, -chance.uniform(5.0, 60.0, len(sought)))
    return _anonymous(before, Kind.SEARCH, "recherche-patient", chance.geometric(0.4, len(sought)))


def _writes(asked: Deeds, by_hand: NDArray[np.bool_], chance: np.random.Generator) -> Deeds:
    """Write something about some of the people."""
    written = np.flatnonzero((chance.random(len(asked.wall)) < 0.10) & by_hand)
    after = _later(asked, written, chance.uniform(20.0, 600.0, len(written)))
    which = np.array([service(name) for name in _WRITES])[chance.integers(0, len(_WRITES), len(written))]
    return _changed(
        after,
        kind=np.full(len(written), kind(Kind.WRITE)),
        outcome=np.full(len(written), outcome(Outcome.SUCCESS)),
        service=which,
    )


def _logins(
    population: Population, account: Integers, session: Integers, second: Floats, chance: np.random.Generator
) -> list[Deeds]:
    """Log in before a session's first action, now and then after a wrong password; a third log out."""
    count = len(account)
    places = np.arange(count)
    first = np.searchsorted(session, places)
    last = np.searchsorted(session, places, side="right") - 1
    entered = second[first] - chance.uniform(3.0, 45.0, count)
    person = population.per_profession("by_program")[account] == 0
    failed = np.repeat(places, np.where((chance.random(count) < 0.035) & person, chance.integers(1, 4, count), 0))
    before = entered[failed] - chance.uniform(5.0, 90.0, len(failed))
    left = np.flatnonzero(chance.random(count) < 0.33)
    after = second[last][left] + chance.uniform(620.0, 1_500.0, len(left))
    return [
        credentials(places, entered, Kind.LOGIN, Outcome.SUCCESS, "connexion"),
        credentials(failed, before, Kind.LOGIN, Outcome.FAILURE, "connexion"),
        credentials(left, after, Kind.LOGOUT, Outcome.SUCCESS, "deconnexion"),
        _lists(places[person], second[first][person], chance),
        *_second_factors(population, account, entered, person, chance),
        _changes(places, entered, failed, person, chance),
    ]


def _second_factors(
    population: Population, account: Integers, entered: Floats, person: NDArray[np.bool_], chance: np.random.Generator
) -> list[Deeds]:
    """Confirm some logins of the accounts that use a second factor; some requests are missed or refused by mistake."""
    uses = person & (share(scatter(population.seed, 98, account)) < _WITH_SECOND_FACTOR)
    asked = np.flatnonzero(uses & (chance.random(len(account)) < 0.3))
    confirmed = entered[asked] + chance.uniform(0.3, 2.5, len(asked))
    odd = chance.random(len(asked))
    missed = asked[odd < 0.03].repeat(chance.integers(1, 4, int((odd < 0.03).sum())))
    refused = asked[odd > 0.992]
    too_late = entered[missed] - chance.uniform(20.0, 240.0, len(missed))
    by_mistake = entered[refused] - chance.uniform(20.0, 90.0, len(refused))
    return [
        credentials(asked, confirmed, Kind.MFA, Outcome.SUCCESS, "connexion"),
        credentials(missed, too_late, Kind.MFA, Outcome.FAILURE, "connexion"),
        credentials(refused, by_mistake, Kind.MFA, Outcome.DENIED, "connexion"),
    ]


def _changes(
    places: Integers, entered: Floats, failed: Integers, person: NDArray[np.bool_], chance: np.random.Generator
) -> Deeds:
    """Reset some passwords after wrong ones; change phone, e-mail or password now and then without any."""
    tried = np.isin(places, failed)
    changed = np.flatnonzero(person & (chance.random(len(places)) < np.where(tried, 0.12, 0.0015)))
    moment = entered[changed] - chance.uniform(1.0, 4.0, len(changed))
    return credentials(changed, moment, Kind.CREDENTIAL_CHANGE, Outcome.SUCCESS, "compte")


def _forgotten(
    resets: NDArray[np.bool_], account: Integers, session: Integers, second: Floats, chance: np.random.Generator
) -> list[Deeds]:
    """Try some old passwords and reset, in the first session of those who were away for long."""
    back, first = np.unique(account, return_index=True)
    first = first[resets[back]]
    started = second[np.searchsorted(session, first)]
    tries = np.repeat(np.arange(len(first)), chance.integers(0, 4, len(first)))
    wrong = started[tries] - chance.uniform(60.0, 400.0, len(tries))
    return [
        credentials(first[tries], wrong, Kind.LOGIN, Outcome.FAILURE, "connexion"),
        credentials(first, started - 50.0, Kind.CREDENTIAL_CHANGE, Outcome.SUCCESS, "compte"),
    ]


def _exports(
    population: Population, account: Integers, session: Integers, second: Floats, chance: np.random.Generator
) -> Deeds:
    """Export tables of hundreds or thousands of people, as administrators do for statistics and letters."""
    low, high = population.per_profession("exports", 0)[account], population.per_profession("exports", 1)[account]
    usual = low + (high - low) * share(scatter(population.seed, 99, account))
    made = np.flatnonzero(chance.random(len(account)) < usual)
    moment = second[np.searchsorted(session, made)] + chance.uniform(30.0, 1_500.0, len(made))
    asked = credentials(made, moment, Kind.EXPORT, Outcome.SUCCESS, "export")
    return _changed(asked, rows=np.exp(chance.normal(np.log(900.0), 1.0, len(made))).astype(np.int64))


def _lists(session: Integers, first: Floats, chance: np.random.Generator) -> Deeds:
    """Open the list of the day's patients at the start of some sessions."""
    opened = np.flatnonzero(chance.random(len(session)) < 0.12)
    seen = credentials(session[opened], first[opened] - 1.5, Kind.LIST, Outcome.SUCCESS, "liste-patients")
    return _changed(seen, rows=chance.integers(3, 40, len(opened)))


def credentials(session: Integers, second: Floats, what: Kind, ends: Outcome, where: str) -> Deeds:
    """Make actions that ask for nobody in particular: logins, logouts, changes of credentials, lists."""
    size = len(session)
    nobody = np.zeros(size, np.int64)
    return Deeds(
        session=session,
        wall=(second * 1_000).astype(np.int64),
        kind=np.full(size, kind(what)),
        outcome=np.full(size, outcome(ends)),
        nir=nobody,
        key=nobody,
        service=np.full(size, service(where)),
        rows=nobody,
    )


def _anonymous(deeds: Deeds, what: Kind, where: str, rows: NDArray[np.int64]) -> Deeds:
    size = len(deeds.wall)
    nobody = np.zeros(size, np.int64)
    return _changed(
        deeds,
        kind=np.full(size, kind(what)),
        outcome=np.full(size, outcome(Outcome.SUCCESS)),
        nir=nobody,
        key=nobody,
        service=np.full(size, service(where)),
        rows=rows,
    )


def _later(deeds: Deeds, chosen: Integers, seconds: Floats) -> Deeds:
    """Repeat chosen deeds some seconds later (or, negative, earlier)."""
    taken = {column: getattr(deeds, column)[chosen] for column in Deeds.__dataclass_fields__}
    taken["wall"] = taken["wall"] + (seconds * 1_000).astype(np.int64)
    return Deeds(**taken)


def _changed(deeds: Deeds, **columns: NDArray[np.int64]) -> Deeds:
    kept = {column: getattr(deeds, column) for column in Deeds.__dataclass_fields__}
    return Deeds(**{**kept, **columns})
