"""The list of exposed people of some accounts: their sessions told apart, overruled by a person, each person once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from difflib import get_close_matches

import polars as pl

from tocsin.enrich.calendar import end_of_night, start_of_night
from tocsin.errors import SettingsError
from tocsin.results import Exposed, Night
from tocsin.schema import Outcome
from tocsin.settings import Settings
from tocsin.verdict.exposure import CERTAIN, POSSIBLE, PROBABLE, asked_only, basis, exposed, in_window, people
from tocsin.verdict.rung import people_rung, rung
from tocsin.verdict.sessions import Question, Told, overruled, tell_apart
from tocsin.verdict.stretches import with_stretch
from tocsin.verdict.walk import Verdict
from tocsin.words import _


@dataclass(frozen=True, slots=True)
class Window:
    """The nights of an account that are listed.

    It was first named on `named`; with `since` a person says that the window begins with that night, otherwise it
    begins where the sessions say. `until` is the last night, else the last one held. `sessions` maps a session's name
    to the verdict of a person.
    """

    named: date
    since: date | None = None
    until: date | None = None
    sessions: Mapping[str, Verdict] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preserve:
    """A log that the list rests on."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ExposureList:
    """Each exposed person once (columns as exposure.people plus `basis`), the counts, and what they rest on.

    `sources` counts the listed people (patient) by the log that names them; `inputs` are all logs of the window.
    """

    people: pl.DataFrame
    counts: Exposed
    asked_only: int
    told: tuple[Told, ...]
    until: Mapping[str, date]
    services: Mapping[str, int]
    """People shown for certain or probably, by service."""
    sources: pl.DataFrame
    inputs: tuple[Preserve, ...] = ()


def listed(
    windows: Mapping[str, Window],
    events: pl.DataFrame,
    settings: Settings,
    nights: Iterable[Night] = (),
    asked: Collection[str] = (),
) -> ExposureList:
    """List whom the accounts of these windows showed; `events` are theirs, with the columns of stretches.COLUMNS.

    `nights` say when rules rang for them, `asked` are the sessions that are overruled now. Raises SettingsError for a
    window without events, or where one of these sessions is not there.
    """
    last: date = events["night"].max()  # type: ignore[assignment]
    until = {account: min(window.until or last, last) for account, window in windows.items()}
    ends = pl.DataFrame({"account": list(until), "until": list(until.values())}, schema_overrides={"until": pl.Date})
    events = events.join(ends, on="account").filter(pl.col("night") <= pl.col("until")).drop("until")
    numbered = with_stretch(events, settings)
    told = [_told(account, window, until[account], numbered, settings) for account, window in windows.items()]
    _check_sessions(asked, told)
    told = [overruled(one, windows[one.account].sessions) for one in told]
    reads = in_window(numbered, told)
    by_hand = [account for account, window in windows.items() if window.sessions or window.since]
    ruled = people_rung(reads, rung(nights, windows.keys()))
    shown = reads.filter(pl.col("certainty").is_in([CERTAIN, PROBABLE]) & pl.col("person_id").is_not_null())
    services = shown.group_by("service").agg(pl.col("person_id").n_unique()).sort("service").iter_rows()
    return ExposureList(
        people(reads).with_columns(basis=_basis(by_hand, ruled)),
        exposed(reads),
        asked_only(reads),
        tuple(told),
        until,
        {service or "?": count for service, count in services},
        reads.filter(pl.col("certainty").is_not_null()).select("patient", "source").unique().sort("source", "patient"),
    )


def unknown(account: str, names: Iterable[str]) -> str:
    """Give the hint for an account that is not there."""
    near = get_close_matches(account, list(names), 3, 0.5)
    return _("did you mean {names}?").format(names=", ".join(near)) if near else _("names are written as in the log")


def _told(account: str, window: Window, until: date, numbered: pl.DataFrame, settings: Settings) -> Told:
    mine = numbered.filter(pl.col("account") == account)
    named = window.since or window.named
    if mine.filter(pl.col("night") >= named).is_empty():
        text = _("{account} did nothing between {first} and {until}")
        raise SettingsError(
            text.format(account=account, first=named, until=until),
            hint=_("its events go from {first} to {last}").format(first=mine["night"].min(), last=mine["night"].max())
            if mine.height
            else _("the first night that is held is later than --until"),
        )
    told = tell_apart(mine, Question(account, until, named), settings)
    if window.since is None:
        return told
    starts = start_of_night(settings.portal.night_starts)
    return _since(told, end_of_night(window.since - timedelta(days=1), settings.portal.zone, starts))


def _since(told: Told, since: datetime) -> Told:
    return replace(told, since=since, judged=tuple(one for one in told.judged if one.stretch.last >= since))


def _basis(by_hand: Sequence[str], ruled: pl.Series) -> pl.Expr:
    """Say what each person's certainty rests on: what an analyst said of an account, a rule that rang, the model."""
    said = pl.any_horizontal(pl.lit(value=False), *(pl.col("accounts").list.contains(account) for account in by_hand))
    who = pl.concat_str(
        pl.when(said).then(pl.lit(_("analyst"))),
        pl.when(pl.col("person_id").is_in(ruled.implode())).then(pl.lit(_("rule"))),
        pl.lit(_("model")),
        separator=", ",
        ignore_nulls=True,
    )
    told = {
        f"{certainty}/{outcome}": basis(certainty, outcome)
        for certainty in (CERTAIN, PROBABLE, POSSIBLE)
        for outcome in (Outcome.SUCCESS, Outcome.UNKNOWN)
    }
    key = pl.concat_str(pl.col("certainty").cast(pl.String), "outcome", separator="/")
    return pl.concat_str(who, key.replace_strict(told, return_dtype=pl.String), separator=": ")


def _check_sessions(sessions: Iterable[str], told: Sequence[Told]) -> None:
    found = [(one.stretch.label, story.account) for story in told for one in story.judged]
    labels = {label for label, _account in found}
    for label in sorted(sessions):
        whose = sorted({account for name, account in found if name == label})
        if len(whose) > 1:
            text = _("{label!r} is a session of {accounts}").format(label=label, accounts=", ".join(whose))
            raise SettingsError(text, hint=_("ask about one account at a time to say whose it is"))
        if label not in labels:
            near = get_close_matches(label, sorted(labels), 2, 0.5)
            hint = _("did you mean {names}?").format(names=", ".join(near)) if near else None
            raise SettingsError(_("no session of the window is called {label!r}").format(label=label), hint=hint)
