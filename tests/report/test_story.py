"""The story of an account on the terminal: its counts are of all sessions, or say that they are not."""

import io
from dataclasses import replace
from zoneinfo import ZoneInfo

from rich.console import Console

from made import at
from practice import suspect
from tocsin.report.dossier import show
from tocsin.report.terminal import _first_of
from tocsin.results import Session
from tocsin.verdict.dossier import Dossier


def told(listed, total):
    sessions = tuple(
        Session(f"s{n}", at(n), at(n + 1), "203.0.113.9", "intruder", 3, 3, why="too fast (+2.0)")
        for n in range(listed)
    )
    one = replace(suspect("A1"), sessions=sessions, sessions_total=total)
    story = Dossier(one, (), None, (), (), (), (), 0, (), ZoneInfo("Europe/Paris"))
    console = Console(width=120, record=True, file=io.StringIO(), highlight=False)
    show(story, console)
    return console.export_text()


def test_counts_of_sessions_say_how_many_are_listed():
    assert "Sessions since then: 2 of 121 are listed: 2 intruder" in told(2, 121)
    assert "Sessions since then: 2 intruder" in told(2, 2)


def test_a_campaign_began_where_two_of_its_accounts_did():
    early, one, other = "2022-03-06T04:10+01:00", "2022-03-29T22:15+02:00", "2022-03-30T01:00+02:00"
    assert _first_of([other, early, one]) == one
    assert _first_of([early, one]) == one
    assert _first_of([one]) == one
    assert _first_of([]) is None
