import shlex
from datetime import date, timedelta

import numpy as np
import polars as pl

from tocsin.results import Fleet
from tocsin.settings import FleetTest, Settings
from tocsin.verdict.blind import hurried
from tocsin.verdict.fleet import Fleets, excess, without_parts
from tocsin.verdict.points import Scores

RULES = FleetTest()
FIRST = date(2022, 2, 1)
NOON = 60 * 24 * 19_040 + 11 * 60  # minutes since 1970; noon in Paris in winter


def night(*crowds, of=100, client="Soins", profession=None):
    """One night of a software: crowds of (accounts, minutes after noon) that hurried, among `of` accounts in all.

    Where several professions are given, they take turns.
    """
    professions = [profession] if isinstance(profession, str | None) else profession
    at = [NOON + minutes + number % 10 for number_of, minutes in crowds for number in range(number_of)]
    rows = pl.DataFrame(
        {
            "account": [f"A{number:03}" for number in range(of)],
            "client": [client] * of,
            "profession": [professions[number % len(professions)] for number in range(of)],
            "fastest_at": at + [NOON] * (of - len(at)),
        },
        schema_overrides={"client": pl.String, "profession": pl.String},
    )
    return rows, {"people_10m": np.array([400] * len(at) + [200] * (of - len(at)), np.int32)}


def held(*nights, nights_before=14, accepted=()):
    """Learn calm nights, then the given ones."""
    fleets = Fleets()
    for day, (rows, told) in enumerate([night()] * nights_before + list(nights)):
        at = FIRST + timedelta(days=day)
        fleets = fleets.learn(at, fleets.crowds(at, rows, told, RULES), RULES, accepted)
    return fleets


def found(fleets, tonight, rules=RULES):
    rows, told = tonight
    at = FIRST + timedelta(days=fleets.nights)
    return without_parts(fleets.rings(at, fleets.crowds(at, rows, told, rules), rules), rules)


WEEK = [night()] * 6


def test_accounts_of_one_software_that_hurry_in_the_same_hour_are_told_together():
    (fleet,) = found(held(), night((8, 0), (3, 400)))
    assert fleet.accounts == tuple(f"A{number:03}" for number in range(8))
    assert (fleet.group, fleet.of, fleet.before, fleet.nights) == ("Soins", 100, 0, 14)
    (text,) = hurried([fleet], Settings())
    assert "8 of 100 accounts that work with Soins read faster than ever, all between 11:50 and 12:07" in text
    assert "; where each reads its own people, their software" in text  # whose people they are is not looked at
    assert "`tocsin ack 'software/Soins' --reason TEXT`" in text


def test_a_few_or_a_small_share_or_other_hours_are_no_fleet():
    assert found(held(), night((4, 0))) == ()
    assert found(held(), night((8, 0), of=450)) == ()
    assert found(held(), night((4, 0), (4, 130))) == ()


def test_a_software_that_renews_rights_every_week_is_compared_with_its_own_weeks():
    fleets = held(night((5, 0)), *WEEK)
    assert found(fleets, night((8, 0))) == ()  # half as many again as the five learned, and one more, are nine
    assert len(found(fleets, night((9, 0)))[0].accounts) == 9


def test_where_no_software_is_told_a_profession_is_compared():
    (fleet,) = found(held(), night((8, 0), client=None, profession="gp"))
    assert fleet.key == "profession/gp"
    assert hurried([fleet], Settings())[0].startswith("8 of 100 accounts (gp) read faster than ever")


def test_a_software_that_no_log_tells_is_found_over_all_professions():
    mixed = {"client": None, "profession": ["gp", "nurse", "dentist"]}
    (fleet,) = found(held(), night((9, 0), **mixed))
    assert (fleet.key, len(fleet.accounts), fleet.of) == ("untold/*", 9, 100)
    (text,) = hurried([fleet], Settings())
    assert text.startswith("9 of 100 accounts whose software the logs do not tell read faster than ever")
    assert "`tocsin ack 'untold/*' --reason TEXT`" in text
    assert found(held(), night((4, 0), **mixed)) == ()
    assert found(held(), night((9, 0), of=901, **mixed)) == ()  # less than one in a hundred
    assert found(held(night((9, 0), **mixed), *WEEK), night((8, 0), **mixed)) == ()  # five are learned of them
    assert found(held(night((9, 0), **mixed), *WEEK), night((9, 0), **mixed)) != ()
    assert found(held(), night((9, 0), client="Soins", profession=["gp", "nurse"]))[0].key == "software/Soins"


def test_a_profession_is_said_by_itself_where_it_is_most_of_the_crowd_and_not_twice():
    mostly = ["gp", "gp", "nurse", "gp"]
    crowd = night((12, 0), client=None, profession=mostly)
    assert [(one.key, len(one.accounts)) for one in found(held(), crowd)] == [("profession/gp", 9)]
    both = night((16, 0), client=None, profession=["gp", "nurse"])
    assert [(one.key, len(one.accounts)) for one in found(held(), both)] == [("untold/*", 16)]


def test_another_software_does_not_excuse_this_one():
    assert len(found(held(night((5, 0), client="Officine"), *WEEK), night((6, 0)))) == 1
    assert found(held(night((5, 0), client="Officine")), night((3, 0))) == ()


def test_whoever_empties_accounts_goes_on_the_next_day():
    began = [night((10, 0)), night()]
    assert len(found(held(*began), night((3, 0)))) == 1
    assert found(held(*began), night((2, 0))) == ()
    assert found(held(*began), night((3, 0), of=151)) == ()  # less than two in a hundred
    assert found(held(night((10, 0)), *WEEK), night((3, 0))) == ()
    assert found(held(*began, accepted=("software/Soins",)), night((12, 0))) == ()  # ten are usual now
    assert found(held(night((10, 0)), nights_before=13), night((3, 0))) == ()  # too early to have rung


def test_the_first_nights_and_logs_without_what_it_takes_tell_nothing():
    assert found(held(nights_before=13), night((8, 0))) == ()
    rows, told = night((8, 0))
    assert found(held(), (rows.drop("client"), told)) == ()
    assert found(held(), (rows, {})) == ()


def test_nobody_teaches_more_than_what_rings_unless_a_person_accepts_it():
    crowd = night((40, 0))
    assert len(found(held(crowd, *WEEK), crowd)) == 1
    assert found(held(crowd, *WEEK, accepted=("software/Soins",)), crowd) == ()


def test_what_was_learned_is_forgotten_after_the_nights_held():
    assert found(held(night((5, 0)), *[night()] * (RULES.nights - 2)), night((7, 0))) == ()
    assert len(found(held(night((5, 0)), *[night()] * (RULES.nights - 1)), night((7, 0)))) == 1


def test_an_accepted_fleet_is_said_as_accepted():
    (fleet,) = found(held(), night((8, 0)))
    assert hurried([fleet], Settings(), ["software/Soins"])[0].endswith("accepted: learned as usual")


def test_the_command_is_safe_to_paste_whatever_a_log_calls_the_software():
    (fleet,) = found(held(), night((8, 0), client="a'; reboot '"))
    (text,) = hurried([fleet], Settings())
    command = text.rpartition("`tocsin ")[2].removesuffix("`")
    assert shlex.split(command) == ["ack", "software/a'; reboot '", "--reason", "TEXT"]


def test_crowds_kept_by_an_earlier_version_are_usual_at_once():
    fleets = held(night((5, 0)), night())
    older = Fleets(fleets.seen.with_columns(rang=pl.lit(None, pl.Boolean)), fleets.nights)
    assert len(found(fleets, night((7, 0)))) == 1
    assert found(older, night((7, 0))) == ()


def says(own, others_own, members=12, of=400, accepted=()):
    """What a fleet says of its accounts, where `own` of them and so many of the others show a new network."""
    fleet = Fleet("software", "Soins", tuple(f"A{n:03}" for n in range(members)), members, 1, 20, NOON, NOON)
    origin = np.zeros(of, np.int32)
    origin[[*range(own), *range(members, members + others_own)]] = 250
    nothing = np.zeros(of, np.int32)
    families = {family: origin if family == "origin" else nothing for family in Settings().families.weights}
    scores = Scores(families, {}, np.zeros(of, np.bool_), 150)
    return excess([fleet], [f"A{n:03}" for n in range(of)], scores, Settings(), accepted)


def test_a_fleet_speaks_of_those_that_show_something_of_their_own():
    assert np.flatnonzero(says(7, 10)).tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert says(7, 10)[0] > 500
    assert not says(7, 10, accepted={"software/Soins"}).any()


def test_a_fleet_of_which_no_more_have_a_new_network_than_others_says_nothing():
    assert not says(1, 10, members=80).any()  # an evening on which one software renews everybody's rights
    assert not says(4, 12, members=80).any()
    assert not says(7, 200).any()  # everybody has one tonight
