"""Says a score in words and tables, and as plain values for JSON."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from tocsin.evaluate.exposed import ListScore
from tocsin.evaluate.score import SPOILING, ScenarioScore, Score
from tocsin.settings_fixed import UNFAIR
from tocsin.words import _


def as_dict(score: Score, exposed: ListScore | None) -> dict[str, Any]:
    """Give the score as plain values; keys may be added, none renamed without a new schema_version."""
    values = dataclasses.asdict(score)
    listed = None
    if exposed is not None:
        listed = {**dataclasses.asdict(exposed), "precision": exposed.precision, "recall": exposed.recall}
    return {"schema_version": 1, **values, "exposed": listed}


def as_text(score: Score, exposed: ListScore | None) -> str:
    """Write the score as a page of text."""
    parts = [_head(score), _scenarios(score), _false(score), _sessions(score)]
    if exposed is not None:
        parts.append(_listed(exposed))
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(score: Score) -> str:
    told = _("{nights} nights judged, {degraded} of them degraded.").format(
        nights=score.nights, degraded=score.degraded
    )
    # Accounts whose history was spoiled before their attack stand in two rows, and are found once.
    counted = [part for part in score.scenarios if part.covered and not part.scenario.endswith(SPOILING)]
    accounts, found = sum(part.accounts for part in counted), sum(part.found for part in counted)
    told += " " + _("{found} of {accounts} attacked accounts found.").format(found=found, accounts=accounts)
    for part in score.scenarios:
        if not part.covered:
            text = _("{scenario} is not covered: volumes cannot show it ({found} of {accounts} found).")
            told += " " + text.format(scenario=part.scenario, found=part.found, accounts=part.accounts)
    return told


def _scenarios(score: Score) -> str:
    header = [
        _("scenario"), _("found"), _("on time"), _("nights, median"), _("most"), _("read before"), _("of all"),
        _("in one campaign"), _("strangers"), _("in a fleet"), _("sessions right"),
    ]  # fmt: skip
    return _table([header, *(_scenario(part) for part in score.scenarios)]) if score.scenarios else ""


def _scenario(part: ScenarioScore) -> list[str]:
    share = f"{100 * part.people_before / part.people:.0f}%" if part.people else "-"
    return [
        part.scenario if part.covered else _("{scenario} (not covered)").format(scenario=part.scenario),
        f"{part.found}/{part.accounts}",
        f"{part.on_time}/{part.reached}" if part.reached else "-",
        "-" if part.nights_to_alert_median is None else f"{part.nights_to_alert_median:g}",
        "-" if part.nights_to_alert_most is None else str(part.nights_to_alert_most),
        f"{part.people_before:,}",
        share,
        str(part.campaign.together) if part.campaign.together else "-",
        str(part.campaign.strangers) if part.campaign.together else "-",
        str(part.in_fleet) if part.in_fleet else "-",
        f"{part.sessions.right}/{part.sessions.all}" if part.sessions else "-",
    ]


def _false(score: Score) -> str:
    told = _("{false} false new names, {a_night:.2f} a night, at most {most} in one.").format(
        false=score.false, a_night=score.false_a_night, most=score.false_most
    )
    if score.expected_false is not None:
        told += " " + _("In {nights} nights for which the report expected {expected:.1f} there were {false}.").format(
            expected=score.expected_false, nights=score.nights_expected, false=score.false_where_expected
        )
    wrong = [part for part in score.professions if part.false]
    if not wrong:
        return told
    rows = [[_("profession"), _("accounts"), _("false"), _("times its share")]]
    for part in wrong:
        times = part.times_its_share or 0.0
        mark = " !" if times > UNFAIR else ""
        rows.append([part.profession, f"{part.accounts:,}", str(part.false), f"{times:.1f}{mark}"])
    return told + "\n" + _table(rows)


def _sessions(score: Score) -> str:
    told = []
    if score.sessions is not None:
        seen = score.sessions
        told.append(
            _("Sessions told right: intruder {a} of {b}, mixed {c} of {d}, owner {e} of {f}.").format(
                a=seen.intruder_right,
                b=seen.intruder,
                c=seen.mixed_right,
                d=seen.mixed,
                e=seen.owner_right,
                f=seen.owner,
            )
        )
    if score.bounds:
        told.append(
            _("People read lie between the report's bounds for {right} of {bounds} accounts.").format(
                right=score.bounds_right, bounds=score.bounds
            )
        )
    return "\n".join(told)


def _listed(exposed: ListScore) -> str:
    precision = "-" if exposed.precision is None else f"{100 * exposed.precision:.1f}%"
    recall = "-" if exposed.recall is None else f"{100 * exposed.recall:.1f}%"
    return _(
        "Exposed people: {listed:,} listed, {read:,} really read, {both:,} both: precision {precision}, "
        "recall {recall}. "
        "Of {certain:,} called certain {right:,} were read."
    ).format(
        listed=exposed.listed,
        read=exposed.read,
        both=exposed.both,
        precision=precision,
        recall=recall,
        certain=exposed.certain,
        right=exposed.certain_right,
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Set columns under one another: names to the left, figures to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
