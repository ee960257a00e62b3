"""The list of exposed people as CSV, and the figures that a notice to the authority needs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from tocsin.cases.case import Case
from tocsin.enrich.calendar import as_utc
from tocsin.report.cells import cells
from tocsin.report.plain import cell
from tocsin.settings import ServiceCategory
from tocsin.verdict.listing import ExposureList
from tocsin.words import _, ngettext

COLUMNS = ("patient", "first", "last", "reads", "services", "certainty", "basis", "accounts")

NOTICE_HOURS = 72
"""GDPR, article 33: without undue delay and, where feasible, within 72 hours of becoming aware."""


def as_csv(listed: ExposureList, identities: pl.DataFrame | None = None) -> str:
    """Write the list, a line a person; `identities` (patient, identity) adds a column."""
    table = listed.people.with_columns(
        *(pl.col(name).dt.to_string("%Y-%m-%dT%H:%M:%SZ") for name in ("first", "last")),
        pl.col("services", "accounts").list.join(" "),
        pl.col("certainty").cast(pl.String),
    ).select(COLUMNS)
    if identities is not None:
        table = table.join(identities, on="patient", how="left", maintain_order="left")
    return cells(table).write_csv()


def summary(listed: ExposureList) -> list[str]:
    """Say what the list holds and what it cannot."""
    by_certainty = Counter(listed.people["certainty"].cast(pl.String).to_list())
    counts = ", ".join(f"{by_certainty[level]:,} {_(level)}" for level in ("certain", "probable", "possible"))
    lines = [ngettext("{n:,} person listed: ", "{n:,} people listed: ", listed.people.height) + counts]
    lines[0] = lines[0].format(n=listed.people.height)
    for told in listed.told:
        since = told.local(told.since)
        text = _("{account}: window from {since:%Y-%m-%d %H:%M} to the end of {until}")
        lines.append(text.format(account=cell(told.account), since=since, until=listed.until[told.account]))
    lines += _regions(listed)
    if listed.asked_only:
        lines.append(_("{n:,} were asked for and not shown: not listed").format(n=listed.asked_only))
    if listed.counts.unlisted_max:
        text = _("up to {n:,} were in answers to searches and exports that name nobody: ask the portal to replay them")
        lines.append(text.format(n=listed.counts.unlisted_max))
    lines += dict.fromkeys(limit for told in listed.told for limit in told.limits)
    return lines


def _regions(listed: ExposureList) -> list[str]:
    """Count by department and certainty, the largest first."""
    told = listed.people.select(pl.col("patient_region").fill_null("?"), pl.col("certainty").cast(pl.String)).rows()
    by_region = Counter(region for region, _certainty in told)
    both = Counter(told)
    lines = [
        "{code} {n:,} ({parts})".format(
            code=cell(region),
            n=n,
            parts=", ".join(
                f"{both[region, level]:,} {_(level)}"
                for level in ("certain", "probable", "possible")
                if both[region, level]
            ),
        )
        for region, n in by_region.most_common(8)
    ]
    return [_("departments: {list}").format(list="; ".join(lines))] if lines else []


def preserve(listed: ExposureList, cases: Sequence[Case]) -> list[str]:
    """Name the files that a confirmed case needs as evidence."""
    if not any(case.status == "confirmed" for case in cases):
        return []
    files = [f"  {one.sha256}  {cell(one.path)}" for one in listed.inputs]
    return [_("confirmed: preserve these files as they are (sha256)"), *files]


def notice(listed: ExposureList, aware: datetime | None, services: Sequence[ServiceCategory] = ()) -> dict[str, Any]:
    """Give the figures of an article 33 notice as plain values; `services` say which data each service shows."""
    known = {one.service: one.category for one in services}
    categories: dict[str, list[str]] = {}
    for service in listed.services:
        if service in known:
            categories.setdefault(known[service], []).append(service)
    times = listed.people.filter(pl.col("certainty") != "possible")
    counts = listed.counts
    return {
        "people": {"min": counts.min, "max": counts.max, "possible": counts.possible},
        "records": counts.records,
        "not_named_in_logs_max": counts.unlisted_max,
        "asked_only": listed.asked_only,
        "services": dict(listed.services),
        "categories": categories,
        "services_without_category": [service for service in listed.services if service not in known],
        "period": {"from": _moment(times["first"].min()), "to": _moment(times["last"].max())},
        "accounts": [told.account for told in listed.told],
        "aware_at": as_utc(aware.astimezone(UTC)) if aware else None,
        "notify_by": as_utc(aware.astimezone(UTC) + timedelta(hours=NOTICE_HOURS)) if aware else None,
        "inputs_to_preserve": [{"path": one.path, "sha256": one.sha256} for one in listed.inputs],
    }


def notice_text(figures: Mapping[str, Any]) -> str:
    """Write the figures in words."""
    people, period = figures["people"], figures["period"]
    clock = _("the controller was aware at {aware_at}: notify by {notify_by} (72 hours)").format(**figures)
    if figures["aware_at"] is None:
        clock = _("not started: give --aware-at, the moment the controller became aware")
    rows = [
        *_phase(figures),
        (
            _("People concerned"),
            _("{bounds}; {possible:,} by anybody in that time").format(bounds=_bounds(people), **people),
        ),
        (_("Records concerned"), _("about {n:,} reads").format(n=figures["records"])),
        (_("Not named in the logs"), f"{figures['not_named_in_logs_max']:,}"),
        (_("Asked for, not shown"), f"{figures['asked_only']:,}"),
        (_("Categories of data"), _categories(figures)),
        (_("Services used"), ", ".join(f"{cell(one)} ({n:,})" for one, n in figures["services"].items()) or "?"),
        (_("Period"), f"{period['from']} - {period['to']}"),
        (_("Accounts used"), ", ".join(map(cell, figures["accounts"]))),
        (_("72-hour clock"), clock),
        (_("Files to preserve"), _("{n}, listed with --json").format(n=len(figures["inputs_to_preserve"]))),
    ]
    width = max(len(name) for name, _value in rows)
    return "".join(f"{name:{width}}  {value}\n" for name, value in rows)


def _phase(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    if "phase" not in figures:
        return []
    rows = [(_("Notice"), _("{incident}, phase {phase}").format(**{**figures, "incident": cell(figures["incident"])}))]
    since = figures["since_last_phase"]
    if since:
        text = _(
            "people {min:+,} to {max:+,}, records {records:+,}, not named {not_named_in_logs_max:+,} (phase of {at})"
        )
        more = (
            _("; new accounts: {names}").format(names=", ".join(map(cell, since["accounts"])))
            if since["accounts"]
            else ""
        )
        rows.append((_("Since last phase"), text.format(**since) + more))
    return rows


def _categories(figures: Mapping[str, Any]) -> str:
    told = "; ".join(map(cell, figures["categories"]))
    unmapped = ", ".join(map(cell, figures["services_without_category"]))
    if not unmapped:
        return told or "?"
    text = _("not known for {services}: set services: in the settings")
    return "; ".join(part for part in (told, text.format(services=unmapped)) if part)


def _bounds(people: Mapping[str, int]) -> str:
    return f"{people['max']:,}" if people["min"] == people["max"] else _("{min:,} to {max:,}").format(**people)


def _moment(value: object) -> str | None:
    return as_utc(value) if isinstance(value, datetime) else None
