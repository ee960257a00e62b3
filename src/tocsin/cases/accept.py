"""Accept a change of the logs: the figure that moved for many accounts at once becomes the new usual."""

from datetime import date, datetime

from tocsin.cases.book import write_down
from tocsin.cases.case import ACCEPTED
from tocsin.cases.desk import Desk
from tocsin.errors import SettingsError
from tocsin.verdict.blind import ack_of
from tocsin.verdict.conclusions import read_night
from tocsin.words import _

LOOKED_BACK = 28
"""Judged nights among which the change must have been reported."""


def accept(shift: str, reason: str, desk: Desk, at: datetime) -> date:
    """Note that a change is accepted and give the first night that learns it.

    Raises SettingsError where no night reported such a change, or no reason is given.
    """
    if not reason.strip():
        raise SettingsError(_("a change of the logs is accepted for a reason only"), hint=_("give --reason TEXT"))
    reported = _reported(desk)
    if not any(ack_of(shift) in text for text in reported):
        hint = "; ".join(reported) or _("none was reported on the last {n} nights").format(n=LOOKED_BACK)
        raise SettingsError(_("no change of the logs is called {shift!r}").format(shift=shift), hint=hint)
    body = {"shift": shift, "heard_from": desk.next_night.isoformat(), "reason": reason}
    write_down(desk.state.files, ACCEPTED, [body], at, body)
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
