"""What is suggested, on outcomes made by hand."""

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import polars as pl
import pytest

from tocsin.settings import Settings
from tocsin.tune.advice import Advice, advise
from tocsin.tune.knobs import CAP, Knob
from tocsin.tune.known import Labelled, by_habit, fate, planted_names, within
from tocsin.tune.plan import together
from tocsin.tune.plan_words import advice_text
from tocsin.tune.scope import Scope
from tocsin.tune.search import Plan, Terms
from tocsin.tune.suggest import suggest
from tocsin.tune.sweep import Sweep, Tried, closer
from tocsin.tune.words import _beginning
from tuned_outcomes import day, outcome, sweep

CASE = Labelled("C", day(0), day(1), read={day(0): 100, day(1): 50})


def test_the_most_sensitive_value_that_meets_the_number_and_keeps_the_cases():
    today = outcome("A B C", "D")
    told = suggest(sweep(today, [CASE], v10=today, v20=today, v25=outcome("A C", ""), v30=outcome("C", "")), 1.0)
    assert (told.value, told.meets, told.in_the_way) == (25, True, {})


def test_a_value_that_silences_a_case_is_never_suggested():
    today = outcome("A B C", "D")
    told = suggest(sweep(today, [CASE], v25=outcome("A B", ""), v30=outcome("A", "")), 1.0)
    assert (told.value, told.meets) == (None, False)
    assert told.in_the_way == {25: ("C",), 30: ("C",)}


def test_where_nothing_meets_the_number_nothing_is_in_the_way():
    today = outcome("A B C", "D")
    told = suggest(sweep(today, [CASE], v30=today), 1.0)
    assert (told.value, told.meets, told.in_the_way) == (None, False, {})


@pytest.mark.parametrize(("earlier", "value"), [(True, 10), (False, None)])
def test_todays_value_stands_unless_a_lower_one_is_earlier_at_no_cost(earlier, value):
    today = outcome("", "C")
    told = suggest(sweep(today, [CASE], v10=outcome("C", "") if earlier else outcome("A", "C")), 1.0)
    assert (told.value, told.meets) == (value, True)


def test_people_read_on_the_night_of_the_alert_count_as_read_before():
    assert fate([CASE], outcome("C", "")).read_before == 100
    assert fate([CASE], outcome("", "C")).read_before == 150
    assert fate([CASE], outcome("", "")).read_before == 150
    assert fate([CASE], outcome("", "")).silent == ("C",)


def test_an_alert_counts_for_a_case_until_seven_nights_after_it():
    late = ["C" if number == 8 else "" for number in range(12)]
    later = ["C" if number == 9 else "" for number in range(12)]
    assert fate([CASE], outcome(*late)).rings == ("C",)
    assert fate([CASE], outcome(*later)).rings == ()


def test_alerts_of_benign_accounts_are_no_case():
    benign = Labelled("B", day(0), day(1), "benign")
    told = fate([benign, CASE], outcome("B", ""))
    assert (told.rings, told.silent) == ((), ("C",))


def test_an_account_that_rings_on_other_nights_too_is_noticed_by_chance():
    nights = ["C" if number in (0, 5, 10, 15) else "D" if number == 0 else "" for number in range(20)]
    cases = [CASE, Labelled("D", day(0), day(1)), replace(CASE, planted=True), replace(CASE, account="B")]
    told = by_habit(cases, outcome(*nights))
    assert told == {"C": (2, 11), "C (planted)": (4, 20)}, "nine nights are the case's own"
    assert by_habit([replace(CASE, verdict="benign")], outcome(*nights)) == {}
    assert by_habit([CASE], outcome("C")) == {}, "no other night"
    ground = SimpleNamespace(nights=[day(0)], scope=Scope("29", {}), confirmed_late=(), weeks=None)
    said = _beginning(SimpleNamespace(ground=ground, planted=0, cases=cases, before=[outcome(*nights)]))
    assert "whether one is noticed is chance: C on 2 of 11 other nights, C (planted) on 4 of 20 other nights." in said


def test_a_verdict_without_counts_takes_what_the_account_read():
    mine = pl.DataFrame({"account": ["C", "C", "D"], "night": [day(0), day(1), day(0)], "people": [7, None, 9]})
    cases = [Labelled("C", day(0), day(1)), Labelled("X", day(0), day(1)), Labelled("D", day(9), day(9))]
    (kept,) = within(cases, [day(0), day(1)], mine)
    assert (kept.account, dict(kept.read)) == ("C", {day(0): 7, day(1): 0})


class Replay:
    """Gives the outcome of what is turned, by names and values."""

    def __init__(self, found):
        self.found = found

    def outcome(self, turned, of, whom=None):
        return self.found[tuple(sorted((knob.name, int(value)) for knob, value in turned.items()))]


def capped(name, replay, *values):
    knob, today = Knob(name, CAP, (*values, 8)), replay.found[()]
    found = {value: replay.found[(name, value),] for value in values}
    tried = [Tried(float(value), told, (), (), fate([], told)) for value, told in found.items()]
    return Sweep(knob, "Most", (8.0,), today, fate([], today), tried)


def capped_alone(name, today, *values):
    knob = Knob(name, CAP, (*values, 8))
    tried = [Tried(float(value), today, (), (), fate([], today)) for value in values]
    return Sweep(knob, "Most", (8.0,), today, fate([], today), tried)


def test_of_two_caps_that_come_to_the_same_the_one_nearer_to_todays_is_taken():
    calm = outcome("A", "")
    replay = Replay({(): outcome("A B", "C"), (("volume", 0),): calm, (("volume", 1),): calm})
    caps = capped("volume", replay, 0, 1)
    plan = together(replay, [caps], [], Terms(0.5))
    assert (plan.turned, plan.meets) == ({caps.knob: 1.0}, True)


def test_two_knobs_come_nearer_to_the_number_than_one_that_silences_nearly_all():
    found = {(): "A B C D E", (("a", 0),): "A", (("a", 1),): "A B C D", (("b", 0),): "A B C D E"}
    both = {(("a", 0), ("b", 0)): "A", (("a", 1), ("b", 0)): "A B C"}
    replay = Replay({turned: outcome(names) for turned, names in {**found, **both}.items()})
    replay.found[(("b", 0),)] = outcome("A B C E")
    a, b = capped("a", replay, 0, 1), capped("b", replay, 0)
    assert together(replay, [a, b], [], Terms(3.0)).turned == {a.knob: 1.0, b.knob: 0.0}
    assert together(replay, [a, b], [], Terms(1.2)).turned == {a.knob: 0.0}, "near enough"


@pytest.mark.parametrize(("floor", "turned"), [(1, {"a": 1.0, "b": 5.69}), (8, {})])
def test_of_two_families_that_are_each_enough_for_an_alert_both_are_capped(floor, turned):
    """C rings by either of two families where that may say 7, D by either that may say 3; a third one does nothing."""

    class Either(Replay):
        def outcome(self, turned, of, whom=None):
            most = max(turned.get(knob, 8) for knob in (a.knob, b.knob)) if self.found else 8
            return replace(outcome("A B", " ".join(name for name, least in (("C", 7), ("D", 3)) if most >= least)))

    replay = Either({})
    calm = replay.outcome({}, None)
    replay.found = {(name, value): calm for name in "abc" for value in (1, 6)} | {(): calm}
    a, b, c = (capped_alone(name, calm, 1, 6) for name in "abc")
    terms = Terms(1.5, lambda _knob, value: value < floor, is_bound=True)
    plan = together(replay, [c, a, b], [], terms)
    assert {knob.name: value for knob, value in plan.turned.items()} == turned
    fewest = together(replay, [c, a, b], [], replace(terms, wanted=0.5))
    assert {knob.name: value for knob, value in fewest.turned.items()} == ({"a": 1.0, "b": 1.0} if turned else {})


class Halves(Replay):
    """One alert more for every one and a half points of a cap."""

    def outcome(self, turned, of, whom=None):
        return outcome(" ".join(["A", "B", "C", "D"][: 1 + int((next(iter(turned.values()), 8) - 2) / 1.5)]))


def test_a_cap_between_two_of_the_list_is_found_by_halves():
    replay = Halves({(): outcome("A B C D"), (("volume", 2),): outcome("A"), (("volume", 8),): outcome("A B C D")})
    told = closer(replay, capped("volume", replay, 2, 8), [], 2.0)
    assert [(one.value, one.outcome.alerts) for one in told.tried] == [(2, 1), (3.5, 2), (5, 3), (8, 4)]
    assert closer(replay, told, [], 3.5) is told, "one alert more would be too many"


@pytest.mark.parametrize(
    ("key", "values", "only", "middle"),
    [
        (CAP, (2, 3), False, 2.5),
        ("correlation.condition.gte", (80, 90), False, 85),
        ("correlation.condition.gte", (80, 81), False, None),
        ("correlation.condition.gte", (80, 90), True, None),
        ("tocsin.baseline.factor", (1.2, 1.3), False, 1.25),
        ("correlation.timespan", (3600, 7200), False, None),
    ],
)
def test_values_between_two_are_as_round_as_people_write_them(key, values, only, middle):
    assert Knob("r", key, values, only=only).between(values[1], values[0]) == middle


def test_of_two_rules_that_hit_the_same_accounts_both_are_turned_a_little():
    """Either rule alone leaves all; what rings with both turned is guessed from the hits that are left."""
    hit = {10: "A B C D E F", 20: "A B C D", 30: "A B", 40: "A"}

    class Both(Replay):
        def outcome(self, turned, of, whom=None):
            values = [turned.get(one, 10) for one in rules]
            rings = set(hit[values[0]].split()) | set(hit[values[1]].split())
            mine = hit[values[rules.index(of)]].split()
            hits = pl.DataFrame({"night": [day(0)] * len(mine), "account": mine})
            extra = "G" if values == [10, 10] else ""
            return replace(outcome(" ".join(sorted(rings)) + f" {extra}"), hits=hits)

    rules = [Knob(name, "correlation.condition.gte", (10, 20, 30, 40), only=True) for name in ("hour", "day")]
    replay = Both({})
    today = replay.outcome({}, rules[0])
    sweeps = []
    for knob in rules:
        tried = [Tried(value, replay.outcome({knob: value}, knob), (), (), fate([], today)) for value in knob.values]
        sweeps.append(Sweep(knob, "R", (10.0,), replay.outcome({}, knob), fate([], today), tried))
    assert together(replay, sweeps, [], Terms(4.0)).turned == {rules[0]: 20, rules[1]: 20}


def test_a_value_that_needs_an_accepted_risk_is_the_last_resort():
    found = {(): "A B C D E", (("a", 0),): "A B C", (("a", 1),): "A B C D", (("b", 0),): "A B C E"}
    found |= {(("a", 0), ("b", 0)): "A", (("a", 1), ("b", 0)): "A B C"}
    replay = Replay({turned: outcome(names) for turned, names in found.items()})
    a, b = capped("a", replay, 0, 1), capped("b", replay, 0)
    assert together(replay, [a, b], [], Terms(3.0)).turned == {a.knob: 0.0}
    risky = together(replay, [a, b], [], Terms(3.0, lambda knob, value: (knob.name, value) == ("a", 0)))
    assert risky.turned == {a.knob: 1.0, b.knob: 0.0}


def test_the_last_knob_of_a_plan_is_turned_back_by_halves():
    """One cap silences four of twenty whatever it is, the other one more with every point less."""

    class Twenty(Replay):
        def outcome(self, turned, of, whom=None):
            values = {knob.name: value for knob, value in turned.items()}
            first, last = 4 if values.get("a", 8) < 8 else 0, int(8 - values.get("b", 8))
            return outcome(" ".join(f"N{number}" for number in range(first, 20 - last)))

    replay = Twenty({})
    replay.found = {(): replay.outcome({}, None)}
    replay.found |= {(("a", 2),): outcome(" ".join(f"N{number}" for number in range(4, 20)))}
    replay.found |= {(("b", 0),): outcome(" ".join(f"N{number}" for number in range(12)))}
    a, b = capped("a", replay, 2), capped("b", replay, 0)
    assert together(replay, [a, b], [], Terms(14.0)).turned == {b.knob: 2.0}
    assert together(replay, [a], [], Terms(3.0)).turned == {a.knob: 2.0}, "the best there is"


def test_what_is_left_of_the_number_finds_cases_earlier():
    today, sooner = outcome("", "C"), outcome("C", "")
    replay = Replay({(): today, (("r", 10),): sooner})
    told = sweep(today, [CASE], v10=sooner)
    plan = together(replay, [told, sweep(today, [CASE], v20=today)], [CASE], Terms(1.0))
    assert (plan.turned, plan.fate.read_before) == ({told.knob: 10}, 100)


PEAKS = {"L1": 15, "L2": 25, "L3": 35, "L4": 45, "G1": 12, "G2": 18} | {f"G{number}": 5 for number in range(3, 9)}
WORKS = {account: "lab" if account.startswith("L") else "gp" for account in PEAKS}
LIMIT = Knob("r", "correlation.condition.gte", (10, 20, 30, 40), only=True)


class Parts:
    """Whoever reaches the limit of their profession rings; today's is 10."""

    ground = SimpleNamespace(scope=Scope("29", {"region": ("29",)}), settings=Settings(), professions=WORKS)

    def outcome(self, turned, of, whom=None):
        works = sorted(set(WORKS.values()))
        tried = whom.when["profession"] if whom else works
        limits = {one: turned.get(LIMIT, 10) if one in tried else 10 for one in works}
        names = sorted(account for account, peak in PEAKS.items() if peak >= limits[WORKS[account]])
        counted = dict(Counter(WORKS[account] for account in names))
        rang = outcome(" ".join(names))
        hits = pl.DataFrame({"night": [day(0)] * len(names), "account": names})
        nights = [replace(rang.nights[0], by_profession=counted)]
        return replace(rang, hits=hits, nights=nights, planted=nights)


def in_parts(*cases, wanted=3.0, is_risky=lambda _knob, _value: False, may_lose=frozenset()):
    return together(Parts(), [limits(cases)], cases, Terms(wanted, is_risky, 1, WORKS, may_lose))


def limits(cases):
    replay = Parts()
    today = replay.outcome({}, LIMIT)
    found = {value: replay.outcome({LIMIT: value}, LIMIT) for value in LIMIT.values}
    tried = [Tried(value, told, (), (), fate(cases, told)) for value, told in found.items()]
    return Sweep(LIMIT, "R", (10.0,), today, fate(cases, today), tried)


def of(account, *, planted=False):
    return Labelled(account, day(0), day(0), planted=planted)


def test_the_profession_that_rings_most_is_tuned_alone_and_the_others_keep_what_they_have():
    plan = in_parts()
    assert plan.turned == {LIMIT: 40}
    assert plan.whom == Scope("29, lab", {"region": ("29",), "profession": ("lab",)})
    assert plan.outcome.accounts == {"L4", "G1", "G2"}


def test_a_lower_value_that_rings_less_by_chance_does_not_turn_the_search_around():
    """Where an open case goes on with 9, nobody rings anew: that is no way to fewer alerts."""

    class Odd(Parts):
        def outcome(self, turned, of, whom=None):
            told = super().outcome(turned, of, whom)
            calm = replace(told.nights[0], new=5, taking=told.nights[0].taking - {"L1"})
            return replace(told, nights=[calm]) if turned.get(LIMIT) == 9 else told

    told = limits([])
    nine = Odd().outcome({LIMIT: 9}, LIMIT)
    told = replace(told, tried=[Tried(9, nine, (), (), fate([], nine)), *told.tried])
    plan = together(Odd(), [told], [], Terms(3.0, professions=WORKS))
    assert (plan.turned, plan.whom.name) == ({LIMIT: 40}, "29, lab")


def test_where_a_value_for_some_would_need_an_accepted_risk_one_for_all_is_taken():
    plan = in_parts(is_risky=lambda _knob, value: value > 30)
    assert (plan.turned, plan.whom) == ({LIMIT: 20}, None)


def test_a_case_that_stands_in_the_way_for_all_does_not_for_some():
    assert in_parts(of("G1")).whom.when["profession"] == ("lab",)
    plan = in_parts(of("L2"))
    assert (plan.turned, plan.whom) == ({LIMIT: 20}, None)
    assert not in_parts(of("G1"), of("L2")).meets


def test_the_profession_of_a_case_that_would_be_lost_is_left_out(monkeypatch):
    """Laboratories ring most, but one of them is a case that any value for them silences."""
    for number in range(4):
        monkeypatch.setitem(PEAKS, f"N{number}", 12 if number else 5)
        monkeypatch.setitem(WORKS, f"N{number}", "nurse")
    plan = in_parts(of("L1"), wanted=6.0)
    assert (plan.turned, plan.whom.when["profession"]) == ({LIMIT: 20}, ("nurse",))
    assert in_parts(wanted=6.0).whom.when["profession"] == ("lab",)
    assert in_parts(of("L1"), wanted=3.0).turned == {}, "no plan does without laboratories"


def test_of_plans_that_meet_the_number_the_one_that_loses_fewest_planted_attacks_is_taken():
    """Of these, 20 for all silences two, and 40 for laboratories one."""
    cases = [of(account, planted=True) for account in ("G1", "G2", "L2")]
    plan = in_parts(*cases, may_lose=planted_names(cases))
    assert (plan.turned, plan.whom.name) == ({LIMIT: 40}, "29, lab")
    assert plan.fate.silent == ("L2 (planted)",)
    cases = [of(account, planted=True) for account in ("G1", "L2", "L3")]
    assert in_parts(*cases, may_lose=planted_names(cases)).whom is None


def test_a_plan_says_for_whom_it_is_and_what_keeps_the_planted_attacks():
    cases = [of(account, planted=True) for account in ("G1", "G2", "L2")]
    plan = in_parts(*cases, may_lose=planted_names(cases))
    told = advice_text(Advice(plan))
    assert "r gte 40: 3.00 new alerts a night, 6.00 today; cases 2 of 3." in told
    assert "Only for lab, whose accounts ring most: the others keep today's values." in told
    assert "1 of 3 planted attacks that ring today would no longer: L2 (planted)." in told
    assert told.endswith("No plan that was tried keeps them all and rings less than today.\n")
    more = in_parts(*cases, wanted=5.0)
    assert more.fate.silent == ()
    told = advice_text(Advice(plan, more))
    assert "With more alerts all of them are kept.\nTogether: r gte 20: 5.00 new alerts a night" in told
    assert told.endswith("Only for lab, whose accounts ring most: the others keep today's values.\n")


@pytest.fixture
def advised(monkeypatch):
    """What to do about a number of alerts where a limit above the highest allowed needs an accepted risk."""

    def advice(*cases, wanted, highest):
        monkeypatch.setattr(
            "tocsin.tune.advice.risk_of", lambda _knob, value, _ground: f"r is {value}" if value > highest else ""
        )
        return advise(Parts(), [limits(cases)], cases, wanted)

    return advice


def test_of_plans_that_keep_as_many_alerts_the_one_by_which_fewest_accounts_fall_silent_is_taken():
    """With a A and B ring once each, with b A twice and B never; b is turned less."""
    found = {(): outcome("A B", "A B"), (("a", 0),): outcome("A", "B"), (("b", 7),): outcome("A", "A")}
    replay = Replay(found)
    a, b = capped("a", replay, 0), capped("b", replay, 7)
    assert together(replay, [a, b], [], Terms(1.0)).turned == {a.knob: 0.0}


def test_a_plan_a_little_below_the_number_goes_before_one_that_just_meets_it(advised):
    """Of 28 that ring, 20 are wanted: 18 are left by one value, 20 by the other; of 6, one less would be far below 3."""

    class Many(Parts):
        def outcome(self, turned, of, whom=None):
            left = {20: 20, 30: 18}.get(turned.get(LIMIT), 28)
            return outcome(" ".join(f"N{number}" for number in range(left)))

    replay = Many()
    today = replay.outcome({}, LIMIT)
    found = [(value, replay.outcome({LIMIT: value}, LIMIT)) for value in (10, 20, 30)]
    told = Sweep(LIMIT, "R", (10.0,), today, fate([], today), [Tried(v, o, (), (), fate([], o)) for v, o in found])
    assert advised(wanted=3.0, highest=40).plan.outcome.alerts == 3
    assert advise(replay, [told], [], 20.0).plan.turned == {LIMIT: 30}


def test_where_caps_follow_nothing_below_the_floor_is_looked_for(monkeypatch):
    monkeypatch.setattr("tocsin.tune.advice.risk_of", lambda _knob, value, _ground: "r" if value > 20 else "")
    told = advise(Parts(), [limits([])], [], 2.0, more_follow=True)
    assert (told.plan.meets, told.comes_near, told.risks) == (False, False, ())


def test_a_plan_below_the_floor_loses_to_one_of_somewhat_more_alerts_above_it(advised):
    told = advised(wanted=2.8, highest=20)
    assert (told.plan.turned, told.risks, told.comes_near) == ({LIMIT: 20}, (), True)
    assert advice_text(told).endswith("3.00 new alerts a night, 6.00 today; that is still more than 2.8.\n")
    assert advised(wanted=2.8, highest=30).plan.turned == {LIMIT: 30}
    told = advised(of("G1"), wanted=2.8, highest=40)
    assert (told.plan.turned, told.plan.whom.name, told.plan.meets) == ({LIMIT: 40}, "29, lab", False)


def test_a_plan_below_the_floor_is_the_last_resort_and_said_plainly(advised):
    told = advised(wanted=2.0, highest=20)
    assert (told.plan.turned, told.risks, told.comes_near) == ({LIMIT: 30}, ("r is 30",), False)
    assert (
        "This goes below the floor: r is 30. Whoever writes it must say why (--accept-risk REASON).\n"
        "What rings least above the floor:\nTogether: r gte 20: 3.00 new alerts a night"
    ) in advice_text(told)
    assert "Nothing above the floor that was tried rings less" in advice_text(advised(wanted=2.0, highest=10))


def test_planted_attacks_are_lost_before_the_floor_is_left(advised):
    cases = [of(account, planted=True) for account in ("G1", "G2", "L2")]
    told = advised(*cases[:2], wanted=3.0, highest=30)
    assert (told.plan.turned, told.plan.whom, told.risks) == ({LIMIT: 20}, None, ())
    assert told.plan.fate.silent == ("G1 (planted)", "G2 (planted)")
    told = advised(*cases, wanted=2.0, highest=20)
    assert (told.plan.turned, told.risks, told.above.turned) == ({LIMIT: 30}, ("r is 30",), {})


def test_cases_that_stand_in_the_way_of_every_plan_are_named_with_what_would_do_without_them(advised):
    told = advised(of("L2"), of("G1"), of("L4"), wanted=2.0, highest=30)
    assert (told.plan.turned, told.heedless.turned, told.risks) == ({}, {LIMIT: 30}, ())
    assert advice_text(told).endswith(
        "Confirmed cases stand in the way: G1, L2. What would meet the number without regard to them:\n"
        "Together: r gte 30: 2.00 new alerts a night, 6.00 today; cases 1 of 3.\n"
    )
    assert advised(of("L4"), wanted=0.5, highest=20).heedless is None, "nor would it without regard to them"
    assert advised(wanted=0.5, highest=20).heedless is None


def test_a_plan_that_silences_everything_says_so():
    today, silent, nobody = outcome("A"), outcome(""), fate([], outcome(""))
    told = advice_text(Advice(Plan(0.5, today, nobody, {LIMIT: 50}, silent, nobody)))
    assert told.endswith("0.00 new alerts a night, 1.00 today.\nNothing at all would have rung on these nights.\n")
    assert "Nothing at all" not in advice_text(Advice(Plan(0.5, silent, nobody, {}, silent, nobody)))


def test_where_nothing_meets_the_number_what_rings_least_above_the_floor_is_told(advised):
    told = advised(wanted=0.5, highest=20)
    assert (told.plan.turned, told.risks) == ({LIMIT: 20}, ())
    told = advised(of("L2"), of("G1"), wanted=2.0, highest=30)
    assert (told.plan.outcome.alerts, told.plan.meets, told.risks, told.comes_near) == (6, False, (), False)


def test_a_plan_of_many_more_alerts_that_keeps_the_planted_attacks_is_told(advised, monkeypatch):
    for number in range(10, 30):
        monkeypatch.setitem(PEAKS, f"L{number}", 12 if number < 20 else 25)
        monkeypatch.setitem(WORKS, f"L{number}", "lab")
    case = of("L21", planted=True)
    said = advice_text(advised(case, wanted=1.0, highest=20))
    assert "above the floor:\nTogether: r gte 20: 13.00 new alerts a night, 26.00 today; cases 1 of 1" in said
    assert said.endswith("no longer: L21 (planted).\nWhat rings least above the floor keeps them all.\n")
    said = advice_text(advised(case, wanted=1.0, highest=40))
    assert "With more alerts all of them are kept.\nTogether: r gte 20: 13.00 new alerts a night" in said


def test_a_plan_above_the_floor_that_is_found_among_more_alerts_is_the_one_that_is_told(advised, monkeypatch):
    """Of 6 that ring, 20 for laboratories alone leaves 3 and keeps G1; 40 for all leaves the 1 that is wanted."""
    for one in [*PEAKS]:
        monkeypatch.delitem(PEAKS, one)
    for one, peak in {"L1": 12, "L2": 12, "L3": 12, "L4": 35, "G1": 18, "G2": 45}.items():
        monkeypatch.setitem(PEAKS, one, peak)
    told = advised(of("G1", planted=True), wanted=1.0, highest=30)
    assert (told.plan.turned, told.above.turned, told.above.whom.name) == ({LIMIT: 40}, {LIMIT: 20}, "29, lab")
    said = advice_text(told)
    assert "What rings least above the floor:\nTogether: r gte 20: 3.00 new alerts a night, 6.00 today" in said
    assert said.endswith("What rings least above the floor keeps them all.\n")


def test_of_pairs_of_families_those_that_ring_most_are_tried():
    """Of six families the last two ring most; either is enough for an alert."""

    class Two(Replay):
        def outcome(self, turned, of, whom=None):
            both = {"e", "f"} <= {knob.name for knob in turned}
            told = outcome("A" if both else "A B")
            return replace(told, nights=[replace(told.nights[0], loudest={"e": 1, "f": 1})])

    calm = Two({}).outcome({}, None)
    plan = together(Two({}), [capped_alone(name, calm, 1) for name in "abcdef"], [], Terms(1.0))
    assert {knob.name for knob in plan.turned} == {"e", "f"}
