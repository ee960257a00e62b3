"""Accept a change of the logs: the figure that moved for many accounts at once becomes the new usual."""

from collections.abc import Sequence
from datetime import date, datetime

from tocsin.cases.book import write_down
from tocsin.cases.case import ACCEPTED
from tocsin.cases.desk import Desk
from tocsin.errors import SettingsError
from tocsin.verdict.blind import offers
from tocsin.verdict.conclusions import read_night
from tocsin.words import _

LOOKED_BACK = 28
"""Judged nights among which the change must have been reported."""


def accept(shifts: Sequence[str], reason: str, desk: Desk, at: datetime) -> date:
    """Note that changes are accepted and give the first night that learns them.

    Raises SettingsError where no night reported one of them, or no reason is given; then none is accepted.
    """
    if not reason.strip():
        raise SettingsError(_("a change of the logs is accepted for a reason only"), hint=_("give --reason TEXT"))
    reported = _reported(desk)
    unknown = next((shift for shift in shifts if not any(offers(text, shift) for text in reported)), None)
    if unknown is not None:
        hint = "; ".join(reported) or _("none was reported on the last {n} nights").format(n=LOOKED_BACK)
        raise SettingsError(_("no change of the logs is called {shift!r}").format(shift=unknown), hint=hint)
    said = {"heard_from": desk.next_night.isoformat(), "reason": reason}
    bodies = [{"shift": shift, **said} for shift in dict.fromkeys(shifts)]
    write_down(desk.state.files, ACCEPTED, bodies, at, {"shift": ", ".join(shifts), **said})
    return desk.next_night


def _reported(desk: Desk) -> list[str]:
    """List the changes that recent nights reported, and that can be accepted."""
    manifest = desk.state.manifest
    found: dict[str, None] = {}
    for night in manifest.judged[-LOOKED_BACK:]:
        verdict = manifest.nights[night].verdict
        if verdict is not None:
            found |= dict.fromkeys(read_night(desk.state.files.read_json(verdict.result)).shifts)
    return [text for text in found if "`tocsin ack '" in text]
