"""Two regions on nine nights: everybody reads the same people each night, some read more of them once.

The log has no addresses and the settings let only a rule ring, so that what a threshold does is what is seen.
"""

from datetime import datetime, timedelta

from test_nightly import nir
from tocsin.rules.pack import shipped

HEADER = "time,kind,outcome,account,profession,region,patient"
FIRST = datetime.fromisoformat("2026-10-05T09:00:00+02:00")
BURSTS = {("A1", 5): 100, ("A2", 6): 125, ("A3", 7): 95, ("A6", 6): 130}
"""How many people an account reads within an hour on a night (from 0)."""
USUAL = 70
NIGHTS = 9
ONLY_RULES = "alerting: {floor_points: 3.0, counts: 3.0, max_expected_false: 1000.0}\n"
FEW = shipped() / "distinct_people.yml"
"""Two rules, to be quick."""


def night(day):
    return (FIRST + timedelta(days=day)).date()


def lines(nights=NIGHTS, bursts=BURSTS, accounts=6):
    """A1 to A4 are of region 29, the others of 75."""
    for day in range(nights):
        for number in range(1, accounts + 1):
            account, region = f"A{number}", "29" if number < 5 else "75"
            for person in range(bursts.get((account, day), USUAL)):
                moment = FIRST + timedelta(days=day) + person * timedelta(seconds=25)
                patient = nir(person + 1, f"2{60 + number}0129{number:03d}"[:10])
                yield f"{moment.isoformat()},lookup,success,{account},gp,{region},{patient}"


def written(path, **made):
    path.write_text("\n".join([HEADER, *sorted(lines(**made))]) + "\n", encoding="utf-8")
    return path


RULE = ("--rule", "distinct_people_1h")
