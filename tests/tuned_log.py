"""Two regions on nine nights: everybody reads a few people, some read many in an hour once."""

from datetime import datetime, timedelta

from test_nightly import nir

HEADER = "time,kind,outcome,account,profession,region,ip,patient"
FIRST = datetime.fromisoformat("2026-10-05T09:00:00+02:00")
BURSTS = {("A1", 3): 100, ("A2", 5): 140, ("A3", 7): 90, ("A7", 5): 130}
"""How many people an account reads within an hour on a night (from 0)."""
NIGHTS = 9
EVERYTHING = "alerting: {floor_points: 0.1, counts: 0.1, max_expected_false: 1000.0}\n"
"""Shows all that rang."""


def night(day):
    return (FIRST + timedelta(days=day)).date()


def lines(nights=NIGHTS, bursts=BURSTS, accounts=9):
    for day in range(nights):
        for number in range(1, accounts + 1):
            account, region = f"A{number}", "29" if number < 7 else "75"
            people = bursts.get((account, day), 5)
            every = timedelta(seconds=25) if (account, day) in bursts else timedelta(minutes=90)
            for person in range(people):
                moment = FIRST + timedelta(days=day) + person * every
                patient = nir(person + 1, f"2{60 + number}0129{number:03d}"[:10])
                yield f"{moment.isoformat()},lookup,success,{account},gp,{region},10.0.0.{number},{patient}"


def written(path, **made):
    path.write_text("\n".join([HEADER, *sorted(lines(**made))]) + "\n", encoding="utf-8")
    return path
