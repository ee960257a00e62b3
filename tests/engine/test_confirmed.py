"""What an account did in a confirmed window is not known to its owner; what it did before and after is."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl

from made import night, stored
from rule_texts import LOOKUP, load
from tocsin.engine.confirmed import WINDOWS, Confirmed
from tocsin.features.work import is_read
from tocsin.past import LEFT, PERSON, last_night, last_seen
from tocsin.rules.correlation import look
from tocsin.schema import Kind, Outcome
from tocsin.store.marks import Noticed, Space
from tocsin.verdict.decisions import Decision, Decisions
from tocsin.watch.windows import alike, confirmed_on

PEOPLE = Noticed(Space(last_night(PERSON), PERSON, is_read()), pl.DataFrame(), pl.Series(), pl.DataFrame())
NETWORKS = Noticed(
    Space(last_night("network"), "network", pl.col("ip").is_not_null()), pl.DataFrame(), pl.Series(), pl.DataFrame()
)

MANY = """\
title: Lookups
name: lookups
status: experimental
level: high
correlation: {type: event_count, rules: [lookup], group-by: [account], timespan: 1h, condition: {gte: 1}}
tocsin: {family: origin, score: 1, explain: "{count}"}
"""


@dataclass
class Lake:
    """Reads of A1: the night, the person and the network."""

    reads: list

    def of_accounts(self, accounts, columns, since):
        assert list(accounts) == ["A1"], "only those whose past lies in a window are looked up"
        rows = [
            ("A1", night(day), Kind.LOOKUP, Outcome.SUCCESS, "192.0.2.1", person, network)
            for day, person, network in self.reads
        ]
        names = ["account", "night", "kind", "outcome", "ip", PERSON, "network"]
        return pl.DataFrame(rows, schema=names, orient="row").filter(pl.col("night") >= since).select(columns)


def confirmed(reads, *windows):
    rows = [(account, night(first), night(last)) for account, first, last in windows]
    return Confirmed(pl.DataFrame(rows, schema=WINDOWS, orient="row"), Lake(reads))


def asked(*rows):
    """Make events of night 9 from account, person and the night on which the marks say that they met last."""
    told = [(who, night(9), person, night(last), night(last), "n1", None) for who, person, last in rows]
    names = {
        "account": pl.String, "night": pl.Date, PERSON: pl.Int64, last_night(PERSON): pl.Date,
        last_seen(PERSON): pl.Date, "network": pl.String, last_night("network"): pl.Date,
    }  # fmt: skip
    return pl.DataFrame(told, schema=names, orient="row")


def test_a_person_read_in_the_window_alone_is_new_and_one_read_before_it_is_known_from_then():
    made = confirmed([(2, 20, "n1"), (5, 10, "n1"), (5, 20, "n1")], ("A1", 5, 6))
    events = asked(("A1", 10, 5), ("A1", 20, 5), ("A1", 30, 7), ("A2", 10, 5))
    told = made.corrected(events, [PEOPLE], night(9))
    assert told[last_night(PERSON)].to_list() == [None, night(2), night(7), night(5)]
    assert told.drop(last_night(PERSON), last_seen(PERSON)).equals(events.drop(last_night(PERSON), last_seen(PERSON)))


def test_rules_hear_of_the_night_before_last_where_the_last_one_is_too_fresh():
    made = confirmed([(2, 20, "n1"), (8, 20, "n1"), (5, 20, "n1")], ("A1", 5, 6))
    told = made.corrected(asked(("A1", 20, 5)), [PEOPLE], night(9))
    assert (told[last_night(PERSON)].item(), told[last_seen(PERSON)].item()) == (night(8), night(2))


def test_a_network_of_the_window_is_strange_again():
    events = asked(("A1", 10, 7)).with_columns(pl.lit(night(6)).alias(last_night("network")))
    for reads, known in (([(6, 1, "n1")], None), ([(3, 1, "n1"), (4, 1, "n2"), (6, 1, "n1")], night(3))):
        told = confirmed(reads, ("A1", 5, 6)).corrected(events, [PEOPLE, NETWORKS], night(9))
        assert told[last_night("network")].to_list() == [known]
        assert told[last_night(PERSON)].to_list() == [night(7)]


def test_an_account_that_slept_before_the_window_has_slept():
    account = Noticed(Space(last_seen("account"), "account", is_read()), pl.DataFrame(), pl.Series(), pl.DataFrame())
    events = asked(("A1", 10, 7)).with_columns(pl.lit(night(6)).alias(last_seen("account")))
    told = confirmed([(1, 10, "n1"), (6, 10, "n1")], ("A1", 5, 6)).corrected(events, [account], night(9))
    assert told[last_seen("account")].to_list() == [night(1)]


def test_events_of_a_window_are_told_apart():
    events = pl.DataFrame({"account": ["A1", "A1", "A2", "A1"], "night": [night(4), night(5), night(5), night(7)]})
    assert confirmed([], ("A1", 5, 6), ("A1", 5, 5)).flagged(events)[LEFT].to_list() == [False, True, False, False]


def test_rules_too_find_new_what_was_used_in_the_window_alone(tmp_path):
    rules = load(tmp_path, LOOKUP + "tocsin: {novel: {any_of: [ip], per: account, over: 90d, min_history: 1d}}\n", MANY)
    days = [{"time": datetime(2022, 3, day, 9, tzinfo=UTC)} for day in (1, 5, 8)]
    told = [{**day, "account": who, "ip": "192.0.2.1"} for day in days for who in ("A1", "A2")]
    events = stored(*({**one, "ip": None} if one["time"].day == 1 else one for one in told))
    windows = pl.DataFrame([("A1", date(2022, 3, 5), date(2022, 3, 6))], schema=WINDOWS, orient="row")
    found = look(Confirmed(windows, Lake([])).flagged(events), rules, "account").episodes
    days = [(who, night.day) for who, night in found.select("account", "night").sort("night", "account").iter_rows()]
    assert days == [("A1", 5), ("A2", 5), ("A1", 8)]


def test_nothing_is_surely_known_to_an_account_with_a_window():
    told = confirmed([], ("A1", 5, 6), ("A1", 8, 8)).doubted(asked(("A1", 10, 4), ("A2", 10, 4)))
    assert told[last_night(PERSON)].to_list() == told[last_seen(PERSON)].to_list() == [None, night(4)]
    assert told[PERSON].to_list() == [10, 10]


def answer(what, heard, last=6, case="C1"):
    return Decision(case, "A1", what, night(5), night(last), night(heard))


def test_another_answer_brings_what_was_read_in_the_window_back_from_its_night_on():
    book = Decisions((answer("waiting", 6, case="C0"), answer("true", 7), answer("benign", 9)))
    windows = [confirmed_on(night(day), book, Lake([])).windows.height for day in (6, 7, 8, 9)]
    assert windows == [0, 1, 1, 0]
    assert confirmed_on(night(7 + 367), Decisions(book.answers[:2]), Lake([])).windows.is_empty()
    nights = [night(day) for day in range(5, 11)]
    assert alike(nights, book) == [tuple(nights[:2]), tuple(nights[2:4]), tuple(nights[4:])]
    assert alike(nights, Decisions()) == [tuple(nights)]
