"""What the logs, or the nights held, cannot tell: said, so that silence is not taken for calm."""

from collections.abc import Collection, Sequence
from datetime import date
from zoneinfo import ZoneInfo

import polars as pl

from tocsin.features.catalogue import BY_NAME
from tocsin.features.feature import Feature
from tocsin.measure import NEVER_NULL
from tocsin.model.assess import Assessment
from tocsin.model.factors import NOBODY
from tocsin.model.shifts import Shift
from tocsin.results import Fleet
from tocsin.settings import Settings
from tocsin.settings_fixed import FASTEST
from tocsin.verdict.fleet import UNTOLD
from tocsin.words import _, ngettext

SHOWN_GROUPS = 5
"""Professions and regions, or figures, that one line names."""


def filled_columns(totals: pl.DataFrame, night: date) -> set[str]:
    """List the event columns that hold anything that night; `totals` as measure.Measured has them."""
    mine = totals.filter(pl.col("night") == night).drop("source", "night").sum()
    return {*NEVER_NULL, *(column for column in mine.columns if (mine[column][0] or 0) > 0)}


def not_judged(
    missing: Sequence[Feature], features: Sequence[Feature], filled: Collection[str], held: int, settings: Settings
) -> tuple[str, ...]:
    """Say which measures are lost for want of a column, and what `held` nights are too few to know."""
    by_column: dict[str, list[Feature]] = {}
    for feature in (one for one in missing if not one.spare):
        column = next(name for name in feature.needs if name not in filled)
        by_column.setdefault(column, []).append(feature)
    reasons = [_lost(column, lost) for column, lost in by_column.items()]
    needed = settings.baselines.novelty_nights + settings.baselines.novelty_own_nights
    if held < needed and any(feature.history for feature in features):
        text = _("what is new to an account: {held} of {needed} nights of history")
        reasons.append(text.format(held=held, needed=needed))
    return tuple(reasons)


def blind(features: Sequence[Feature], settings: Settings) -> tuple[str, ...]:
    """Say when nothing in the logs shows reading."""
    if any(feature.family in settings.families.data_access for feature in features):
        return ()
    return (_("the logs do not say whose records are read, nor how much: reading in bulk cannot be seen"),)


def many_at_once(
    assessment: Assessment, fleet: Sequence[Fleet], settings: Settings, accepted: Collection[str]
) -> tuple[str, ...]:
    """Say what many accounts have in common tonight: figures that moved, software that hurried, more than weather."""
    return (
        *shifted(assessment.shifts, accepted),
        *hurried(fleet, settings, accepted),
        *busier(assessment.beyond, settings),
    )


def shifted(shifts: Sequence[Shift], accepted: Collection[str] = ()) -> tuple[str, ...]:
    """Say which figures moved for many accounts at once, and what was done about it; `accepted` are keys of shifts."""
    together = [shift for shift in shifts if not shift.alone and shift.key not in accepted]
    said = [_alone(shift, is_accepted=shift.key in accepted) for shift in shifts if shift not in together]
    if together:
        most = max(together, key=lambda shift: shift.moved)
        text = _("{figures}: far above the usual for up to {moved} of {accounts} accounts at once; ")
        figures = list(dict.fromkeys(_(BY_NAME[shift.feature].words) for shift in together))
        said.append(
            text.format(figures=_some(figures, "; "), moved=most.moved, accounts=most.accounts)
            + _("they moved together, so many accounts may be in use by others; ")
            + _("if it is the logs, and here to stay: {command}").format(command=ack_of(*(one.key for one in together)))
        )
    return tuple(said)


def busier(beyond: Sequence[tuple[str, str | None]], settings: Settings) -> tuple[str, ...]:
    """Say who read more people together than a night's weather excuses: a fleet would be taken for an epidemic."""
    if not beyond:
        return ()
    names = [
        _named(name) if region is None else _("{name} in {region}").format(name=_named(name), region=region)
        for name, region in beyond
    ]
    text = _(
        "{who}: together at least {times:g} times the people of such a night, which is the most that is excused; "
        "an epidemic or the first day after a holiday does that, and so do many accounts used at once"
    )
    return (text.format(who=_some(names), times=settings.baselines.shift_high),)


def _some(names: Sequence[str], between: str = ", ") -> str:
    more = len(names) - SHOWN_GROUPS
    return between.join(names[:SHOWN_GROUPS]) + (_(" and {n} more").format(n=more) if more > 0 else "")


def hurried(fleet: Sequence[Fleet], settings: Settings, accepted: Collection[str] = ()) -> tuple[str, ...]:
    """Say which software hurried in many accounts at once."""
    zone = ZoneInfo(settings.portal.zone)
    software = _("{n} of {of} accounts that work with {group}")
    profession = _("{n} of {of} accounts ({group})")
    untold = _("{n} of {of} accounts whose software the logs do not tell")
    who = {"software": software, "profession": profession, UNTOLD: untold}
    text = _(
        " read faster than ever, all between {first:%H:%M} and {last:%H:%M} (at most {before} together on the {nights} "
        "nights before); where each reads its own people, their software, or its maker, may be in use by others, or it "
        "renews rights: ask the maker; accounts: report.json; "
    )
    return tuple(
        (who[one.by] + text).format(
            n=len(one.accounts), of=one.of, group=one.group, before=one.before, nights=one.nights,
            first=one.first.astimezone(zone) - FASTEST, last=one.last.astimezone(zone),
        )
        + (
            _("accepted: learned as usual")
            if one.key in accepted
            else _("if it is here to stay: {command}").format(command=ack_of(one.key))
        )
        for one in fleet
    )  # fmt: skip


def ack_of(*shifts: str) -> str:
    """Write the command that accepts shifts (their keys), safe to paste: logs name the software in them."""
    return f"`tocsin ack{''.join(map(_quoted, shifts))} --reason TEXT`"


def offers(text: str, shift: str) -> bool:
    """Tell whether the command in a text accepts this shift."""
    return f"{_quoted(shift)} " in text.rpartition("`tocsin ack")[2]


def _quoted(shift: str) -> str:
    inside = shift.replace("'", "'\"'\"'")
    return f" '{inside}'"


def _alone(shift: Shift, *, is_accepted: bool) -> str:
    text = _("{figure}: far above the usual for {moved} of {accounts} ({who}) at once; ")
    told = text.format(
        figure=_(BY_NAME[shift.feature].words),
        moved=shift.moved,
        accounts=shift.accounts,
        who=_whose(shift),
    )
    if is_accepted:
        return told + _("accepted as a change of the logs: learned, and not judged until it is usual")
    return (
        told
        + _("nothing else changed, so the logs or a software did: not judged for them tonight, nor learned; ")
        + _("if it is here to stay: {command}").format(command=ack_of(shift.key))
    )


def _whose(shift: Shift) -> str:
    if shift.group is None:
        return _("all accounts")
    return _named(shift.group) if shift.by == "profession" else _("source {name}").format(name=shift.group)


def _named(profession: str) -> str:
    return _("unknown profession") if profession == NOBODY else profession


def _lost(column: str, lost: Sequence[Feature]) -> str:
    one, many = (
        "no {column} in the logs ({n} measure of {families})",
        "no {column} in the logs ({n} measures of {families})",
    )
    families = ", ".join(dict.fromkeys(_(feature.family) for feature in lost))
    return ngettext(one, many, len(lost)).format(column=column, n=len(lost), families=families)
