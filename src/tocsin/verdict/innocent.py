"""Innocent explanations: each is checked against the account's own events, with its figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median

import polars as pl

from tocsin.features.work import is_read
from tocsin.results import Innocent, Link, Suspect
from tocsin.settings import Innocence, Settings
from tocsin.verdict.habits import HOSTED
from tocsin.verdict.sessions import Told
from tocsin.verdict.walk import Judged
from tocsin.words import _, ngettext

LISTS = ("answers", "bytes_kb", "answers_elsewhere", "answers_closed", "bytes_closed")
"""Measures of answers that name nobody."""


@dataclass(frozen=True, slots=True)
class _Work:
    """An account's nights (night, people, reads, devices, persons), tonight's row, and the usual of those before."""

    nights: pl.DataFrame
    night: date
    first_held: date
    expected: float | None
    """People that the night's report says are usual, where it does."""

    def tonight(self, column: str) -> int:
        """Give tonight's value."""
        return sum(self.nights.filter(pl.col("night") == self.night)[column].to_list())

    def usual(self, column: str) -> float:
        """Give what the report says is usual, else the middle of the earlier nights with people read, 0 without any.

        Where the account never reads people by name (exports, poor logs), all its earlier nights tell the rest.
        """
        if column == "people" and self.expected is not None:
            return self.expected
        earlier = self.nights.filter(pl.col("night") < self.night)
        read = earlier.filter(pl.col("people") > 0)
        before = (earlier if read.is_empty() else read)[column].to_list()
        return float(median(before)) if before else 0.0

    def usual_calls(self) -> float:
        """Give the reads a person that are usual: the middle of the earlier nights with people read, 0 without any."""
        read = self.nights.filter((pl.col("night") < self.night) & (pl.col("people") > 0))
        calls = (read["reads"] / read["people"]).to_list()
        return float(median(calls)) if calls else 0.0


def innocent_explanations(
    suspect: Suspect, events: pl.DataFrame, told: Told, links: Sequence[Link], first_held: date, settings: Settings
) -> tuple[Innocent, ...]:
    """Check what an honest account might have done; `events` are the account's, `first_held` is the first night held.

    "Holds" means that the figures fit, not that it is so: the professional is asked all the same.
    """
    rules, looked_back = settings.innocent, timedelta(days=settings.sessions.habit_nights)
    told_usual = [m for f in suspect.findings for m in f.measures if m.name == "people" and m.against == "own"]
    work = _Work(
        _nights(events), suspect.rang or suspect.night, first_held, told_usual[0].usual if told_usual else None
    )
    strange = [one for one in told.judged if one.verdict != "owner" and one.stretch.people]
    of_people: tuple[Innocent, ...] = (
        _locum(work, told, rules),
        _upgrade(work, rules),
        _catch_up(work, rules),
        _season(strange, told, rules),
        _shared(work, rules),
    )
    if _sent_lists(suspect, rules):
        of_people = tuple(replace(one, holds=False) for one in of_people)
    return (
        _new_practice(work, told, max(first_held, suspect.first_alerted - looked_back), rules),
        *of_people,
        _group_vpn(told, links, rules),
    )


def _sent_lists(suspect: Suspect, rules: Innocence) -> bool:
    """Say whether it is lists that are unusual: what explains many people does not explain them."""
    measures = [measure for finding in suspect.findings for measure in finding.measures]
    return any(m.name in LISTS and m.value > rules.lists * max(m.usual or 0, 1) for m in measures)


def _from_elsewhere(one: Judged) -> bool:
    return sum(mark.points for mark in one.marks if mark.measure in {"network", "device", "hosted"}) > 0


def _nights(events: pl.DataFrame) -> pl.DataFrame:
    shown = is_read()
    return (
        events.group_by("night")
        .agg(
            people=pl.col("person_id").filter(shown).n_unique(),
            reads=shown.sum(),
            devices=pl.col("user_agent").drop_nulls().n_unique(),
            networks=pl.col("network").drop_nulls().n_unique(),
            persons=pl.col("person").drop_nulls().n_unique(),
        )
        .sort("night")
    )


def _new_practice(work: _Work, told: Told, looked: date, rules: Innocence) -> Innocent:
    """Compare the account's first night with the first night held; `looked` is the first of which it is looked at."""
    first: date = work.nights["night"].min()  # type: ignore[assignment]
    age = (work.night - first).days
    began_with_it = told.began is None or not any(one.verdict == "owner" for one in told.judged)
    young = work.first_held < first and age < rules.young_nights
    figures = _("first seen on {first}, {age} nights before")
    if first <= work.first_held:
        figures = _("the account is as old as the logs held ({first}) or older")
    elif looked > work.first_held:
        figures += _("; nothing in the {n} nights before that")
        figures = figures if age < rules.young_nights else _("in use since {first} at least, {age} nights before")
    figures = figures.format(first=first, age=age, n=(first - looked).days)
    return Innocent(_("a new practice, or one taken over"), holds=young and began_with_it, figures=figures)


def _locum(work: _Work, told: Told, rules: Innocence) -> Innocent:
    """Look for people whom the account knows in sessions from elsewhere; that strangers are usual is no sign."""
    name = _("a stand-in (locum) with a device of their own")
    strange = [one for one in told.judged if one.stretch.people and _from_elsewhere(one)]
    if not strange:
        text = _("none of its {n} sessions that read people stands out by its network and browser")
        return Innocent(name, holds=False, figures=text.format(n=len(told.judged)))
    people = sum(one.stretch.people for one in strange if one.stretch.night == work.night)
    familiar = [one for one in strange if any(m.measure == "people" and m.points < 0 < m.known for m in one.marks)]
    usual = work.usual("people")
    text = _("{n} of {all} sessions from elsewhere read people whom the account knows; {people:,} people in them")
    text += _(" that night, {usual:.0f} are usual")
    figures = text.format(n=len(familiar), all=len(strange), people=people, usual=usual)
    return Innocent(name, holds=2 * len(familiar) > len(strange) and people <= rules.much * usual, figures=figures)


def _upgrade(work: _Work, rules: Innocence) -> Innocent:
    people, usual = work.tonight("people"), work.usual("people")
    calls, before = work.tonight("reads") / max(people, 1), work.usual_calls()
    text = _("{calls:.1f} reads a person, usually {before:.1f}; {people:,} people, usually {usual:.0f}")
    return Innocent(
        _("software that was upgraded and asks more often"),
        holds=calls >= rules.much * max(before, 1) and people <= rules.much * usual,
        figures=text.format(calls=calls, before=before, people=people, usual=usual),
    )


def _catch_up(work: _Work, rules: Innocence) -> Innocent:
    name = _("work made up for after an outage")
    active = work.nights.filter((pl.col("night") < work.night) & (pl.col("people") > 0))
    if active.is_empty():
        n = work.nights.filter(pl.col("night") < work.night).height
        text = ngettext("{n} earlier night is held", "{n} earlier nights are held", n)
        text += _(", none with people read") if n else ""
        return Innocent(name, holds=False, figures=text.format(n=n))
    people, usual, yesterday = work.tonight("people"), work.usual("people"), int(active["people"][-1])
    lost = max(0.0, usual - yesterday)
    text = _("{people:,} people; {yesterday:,} on its last active day, {usual:.0f} are usual")
    return Innocent(
        name,
        holds=yesterday < usual / 2 and people <= rules.much * (usual + lost),
        figures=text.format(people=people, yesterday=yesterday, usual=usual),
    )


def _season(strange: Sequence[Judged], told: Told, rules: Innocence) -> Innocent:
    own = sum(one.stretch.people for one in told.judged if one.verdict == "owner")
    other = sum(one.stretch.people for one in strange)
    name = _("tourists, an epidemic or another season of strangers")
    if not own + other:
        return Innocent(name, holds=False, figures=_("its sessions read 0 people by name"))
    share = own / (own + other)
    return Innocent(
        name,
        holds=share >= rules.season,
        figures=_("{share:.0%} of the people were read in the owner's own sessions").format(share=share),
    )


def _shared(work: _Work, rules: Innocence) -> Innocent:
    """Compare who, or what, worked with the account; whoever shares it reads no more people than usual with it."""
    name = _("one account that several people share")
    people, usual = work.tonight("people"), work.usual("people")
    rest = _("; {people:,} people, usually {usual:.0f}").format(people=people, usual=usual)
    as_many = people <= rules.much * usual
    persons = work.tonight("persons")
    if persons:
        text = ngettext("{n} person named in the log that night", "{n} persons named in the log that night", persons)
        others = work.usual("persons")
        figures = (text + _(", usually {usual:.0f}")).format(n=persons, usual=others)
        return Innocent(name, holds=as_many and others > 1 and persons <= others, figures=figures + rest)
    seen = {column: (work.tonight(column), work.usual(column)) for column in ("devices", "networks")}
    (devices, usual_d), (networks, usual_n) = seen["devices"], seen["networks"]
    text = ngettext("{n} browser", "{n} browsers", devices).format(n=devices)
    text += ngettext(" and {n} network that night", " and {n} networks that night", networks).format(n=networks)
    text += _(", usually {usual_d:.0f} and {usual_n:.0f}").format(usual_d=usual_d, usual_n=usual_n)
    holds = as_many and usual_d > 1 and all(now <= usually for now, usually in seen.values())
    return Innocent(name, holds=holds, figures=text + rest)


def _group_vpn(told: Told, links: Sequence[Link], rules: Innocence) -> Innocent:
    name = _("the common way out of a group (VPN, proxy)")
    strange = [one for one in told.judged if one.verdict != "owner" and one.stretch.lookups]
    through = [one.stretch for one in strange if one.stretch.network_type in HOSTED]
    hosted = sorted({one.network for one in through if one.network})
    shared = [link for link in links if link.kind in {"address", "network"}]
    if shared:
        link = max(shared, key=lambda held: held.population)
        text = _("{value}: {n} suspicious accounts here, {population} accounts of the whole portal in four weeks")
        figures = text.format(value=link.value, n=len(link.accounts), population=link.population)
        return Innocent(name, holds=link.population >= rules.way_out * len(link.accounts), figures=figures)
    if hosted:
        text = _("{network} is of a hosting company or VPN, and no other suspicious account shares it")
        return Innocent(name, holds=False, figures=text.format(network=hosted[0]))
    text = _("{n} of {all} sessions that may be another's came through a hosting company or VPN")
    return Innocent(name, holds=False, figures=text.format(n=len(through), all=len(strange)))
