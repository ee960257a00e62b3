"""A practice with habits of its own, and somebody else in it: rows for `made.stored`."""

from made import at, night
from tocsin.results import Exposed, Suspect

EXTRA = ("local_hour", "local_weekday", "holiday", "open_hours")
HOME = {"ip": "10.0.0.1", "user_agent": "Firefox/98.0"}
ELSEWHERE = {"ip": "51.68.3.9", "user_agent": "Chrome/99", "network_type": "hosting"}


def reading(day, names, *, start=0, every=4.0, session="own", **more):
    """Lookups of these people, `every` minutes apart, from `start` minutes after nine."""
    return [
        {"patient": name, "time": at(start + every * n, day=day), "session": f"{session}{day}", "patient_region": "29"}
        | more
        for n, name in enumerate(names)
    ]


def practice(days=range(10), **more):
    """The owner: a dozen people a day out of twenty, from one address and browser."""
    return [row for day in days for row in reading(day, [f"p{(day * 7 + n) % 20}:7" for n in range(12)], **HOME | more)]


def strangers(count, day, name="s"):
    return [f"{name}{day}x{n}" for n in range(count)]


def suspect(account, *findings, first=0):
    """A suspect of the second night."""
    nobody = Exposed(min=None, max=None, possible=0, records=0, listed=0, unlisted_max=0)
    return Suspect(
        rank=1, night=night(1), account=account, profession=None, structure=None, region=None, points=1.0, risk=50, why="x",
        first_alerted=night(first), nights_alerted=1, people=1, new_people=None, families={}, not_judged=(), findings=findings,
        expected_false=None, exposed=nobody, next=(),
    )  # fmt: skip
