from datetime import date, timedelta
from types import SimpleNamespace

from tocsin.results import Link
from tocsin.settings import Alerting
from tocsin.verdict.budget import Candidate, ceiling, give_places
from tocsin.verdict.campaign import Group
from tocsin.verdict.docket import Docket
from tocsin.verdict.linking import apart, gathered
from tocsin.verdict.lists import cut_by_list
from tocsin.verdict.told import campaigns_of

MONDAY = date(2022, 3, 14)


def candidate(account, points, **more):
    return Candidate(**{"account": account, "points": points, "continues": False, "campaign": None} | more)


def test_the_best_by_points_take_the_places():
    places = give_places([candidate("a", 900), candidate("b", 1200), candidate("c", 1000)], 2, set())
    assert places.ranks == {"b": 1, "c": 2}
    assert (places.cut, places.cut_points, places.new) == (("a",), 900, 2)


def test_where_not_all_fit_every_other_place_goes_to_who_was_shown_most():
    few = [candidate(name, points, shown=10) for name, points in (("a", 4000), ("b", 3900), ("c", 3800))]
    export, search = candidate("e", 1100, shown=800_000), candidate("s", 1200, shown=9_000)
    places = give_places([*few, export, search], 4, set())
    assert places.ranks == {"a": 1, "b": 2, "s": 3, "e": 4}
    assert (places.cut, places.cut_points) == (("c",), 3800)
    assert give_places([*few, export, search], 3, set()).ranks == {"a": 1, "s": 2, "e": 3}
    assert give_places([*few, export, search], 1, set()).ranks == {"a": 1}
    assert give_places([*few, export, search], 5, set()).ranks == {"a": 1, "b": 2, "c": 3, "s": 4, "e": 5}


def test_one_place_in_five_goes_to_what_adds_up_over_nights():
    bursts = [candidate(name, 5000 - 100 * n, shown=5000 - n) for n, name in enumerate("abcdefghij")]
    slow = [candidate("x", 700, adds_up=True), candidate("y", 600, adds_up=True), candidate("z", 500, adds_up=True)]
    assert give_places([*bursts, *slow], 5, set()).ranks == {"a": 1, "b": 2, "c": 3, "d": 4, "x": 5}
    assert {*give_places([*bursts, *slow], 10, set()).ranks} == {*"abcdefgh", "x", "y"}
    assert {*give_places([*bursts, *slow], 4, set()).ranks} == {*"abcd"}
    assert {*give_places(bursts, 5, set()).ranks} == {*"abcde"}
    hard = [candidate(name, 900, first=True) for name in "abcde"]
    assert {*give_places([*hard, *slow], 5, set()).ranks} == {*"abcde"}


def test_one_that_is_first_both_ways_takes_no_second_place():
    both = candidate("a", 4000, shown=800_000)
    others = [candidate("b", 3900), candidate("c", 1000, shown=50), candidate("d", 3000)]
    assert give_places([both, *others], 3, set()).ranks == {"a": 1, "b": 2, "c": 3}


def test_a_hard_rule_gives_way_to_nothing_that_was_shown():
    hard = [candidate("a", 900, first=True), candidate("b", 800, first=True)]
    assert give_places([*hard, candidate("e", 4000, shown=800_000)], 2, set()).ranks == {"a": 1, "b": 2}


def test_a_campaign_was_shown_what_its_members_were():
    many = [candidate(f"m{n}", 1000 + n, campaign="c1", shown=100) for n in range(19)]
    others = [candidate("x", 3000, shown=10), candidate("y", 2000, shown=1_000)]
    places = give_places([*many, *others], 2, set())
    assert (places.ranks["x"], places.ranks["m0"], places.cut) == (1, 2, ("y",))


def test_each_list_is_filled_as_if_it_were_alone():
    own = [candidate("a", 900, list_name="own", shown=5), candidate("b", 800, list_name="own", shown=9)]
    others = [candidate("x", 5000, shown=1), candidate("y", 4000, shown=2_000)]
    limits = {"own": 1, "": 1}
    assert give_places([*own, *others], 2, set(), limits).ranks == {"x": 1, "a": 2}
    assert give_places([*own, *others], 1, set(), limits).taken == {"": 1}


def test_hard_rules_come_first():
    assert give_places([candidate("a", 900, first=True), candidate("b", 1200)], 1, set()).ranks == {"a": 1}


def test_a_campaign_takes_one_place_with_all_its_members():
    many = [candidate(f"m{n}", 2000 + n, campaign="c1") for n in range(19)]
    places = give_places([*many, candidate("x", 1000)], 2, set())
    assert {places.ranks[c.account] for c in many} == {1}
    assert places.ranks["x"] == 2
    assert places.new == 2


def test_continuing_cases_take_no_place():
    places = give_places([candidate("a", 900, continues=True), candidate("b", 800)], 1, set())
    assert places.ranks == {"b": 1}
    assert places.continuing == ("a",)


def test_a_new_member_of_an_open_campaign_takes_no_place():
    places = give_places([candidate("a", 900, campaign="c1"), candidate("b", 800)], 1, {"c1"})
    assert places.continuing == ("a",)
    assert places.ranks == {"b": 1}


def test_ties_are_broken_by_name():
    assert give_places([candidate("b", 900), candidate("a", 900)], 1, set()).ranks == {"a": 1}


def test_each_list_gives_its_own_places_and_a_campaign_of_two_lists_takes_one():
    mine = [candidate("a", 900, list_name="own"), candidate("b", 800, list_name="own", campaign="c1")]
    others = [candidate("x", 700, campaign="c1"), candidate("y", 600)]
    places = give_places([*mine, *others], 3, set(), {"own": 1, "": 1})
    assert places.ranks == {"a": 1, "x": 2, "b": 2}
    assert (places.cut, places.taken) == (("y",), {"own": 1, "": 1})


def test_the_ceiling_grows_with_the_portal():
    assert ceiling(400_000, Alerting(), None) == 20
    assert ceiling(100_000, Alerting(), None) == 5
    assert ceiling(1_000, Alerting(), None) == 3
    assert ceiling(1_000, Alerting(), 50) == 50


def test_a_case_continues_until_a_week_without_a_hit():
    docket = Docket().alert(MONDAY, ["a"])
    assert "a" in docket.on(MONDAY + timedelta(days=7), 7).accounts
    assert "a" not in docket.on(MONDAY + timedelta(days=8), 7).accounts


def test_a_further_hit_keeps_the_first_night():
    docket = Docket().alert(MONDAY, ["a"]).alert(MONDAY + timedelta(days=2), ["a"])
    case = docket.accounts["a"]
    assert (case.first, case.last, case.nights) == (MONDAY, MONDAY + timedelta(days=2), 2)


def test_a_campaign_keeps_its_name_while_members_are_shared():
    docket, first = Docket().gather(MONDAY, ["b", "a"])
    docket, second = docket.gather(MONDAY + timedelta(days=1), ["b", "c"])
    assert first.id == second.id == "2022-03-14-a"
    assert second.members == {"a", "b", "c"}


def test_campaigns_that_meet_are_merged_into_the_oldest():
    docket, one = Docket().gather(MONDAY, ["a"])
    docket, _ = docket.gather(MONDAY, ["z"])
    docket, both = docket.gather(MONDAY + timedelta(days=1), ["a", "z"])
    assert both.id == one.id
    assert len(docket.campaigns) == 1


def test_a_campaign_says_which_others_were_merged_into_it():
    docket, _one = Docket().gather(MONDAY, ["a", "b"])
    docket, _other = docket.gather(MONDAY, ["y", "z"])
    docket, both = docket.gather(MONDAY + timedelta(days=1), ["b", "y"])
    assert both.merged == ("2022-03-14-y",)
    _docket, later = docket.gather(MONDAY + timedelta(days=2), ["z"])
    assert (later.id, later.merged) == ("2022-03-14-a", ("2022-03-14-y",))


def test_members_of_a_merged_campaign_without_a_link_tonight_are_of_the_one_it_was_merged_into():
    docket, _one = Docket().gather(MONDAY, ["a", "b"])
    docket, _other = docket.gather(MONDAY, ["y", "z"])
    _docket, campaigns = gathered(docket, MONDAY + timedelta(days=1), [Group(("b", "y"), ())])
    assert {name: one.id for name, one in campaigns.items()} == dict.fromkeys("abyz", "2022-03-14-a")


def tied(*accounts, kind="address"):
    return Link(kind, ".".join(accounts), accounts, len(accounts), 1e-6)


def two_campaigns():
    docket, _one = Docket().gather(MONDAY, ["a", "b"])
    return docket.gather(MONDAY, ["y", "z"])[0]


def on_tuesday(*links):
    """Continue two campaigns by one group that these links hold together: who is then in which."""
    group = Group(tuple(sorted({name for held in links for name in held.accounts})), links)
    parts = apart([group], two_campaigns(), 2, {*group.accounts})
    _docket, campaigns = gathered(two_campaigns(), MONDAY + timedelta(days=1), parts)
    return parts, {name: one.id[-1] for name, one in campaigns.items()}


def test_one_weak_link_makes_no_campaign_of_two_that_were_found_on_other_nights():
    parts, home = on_tuesday(tied("b", "y"))
    assert home == {"a": "a", "b": "a", "y": "y", "z": "y"}
    assert [part.accounts for part in parts] == [("b",), ("y",)]
    assert apart([Group(("b", "y"), (tied("b", "y"),))], two_campaigns(), 2, {"y"})[0].accounts == ("y",)
    assert all(part.links == (tied("b", "y"),) for part in parts)  # each says whom it was seen with


def test_through_a_newcomer_two_campaigns_are_not_one_either():
    _parts, home = on_tuesday(tied("a", "b", "n"), tied("n", "y"), tied("y", "w", "x"), tied("n", "q", kind="browser"))
    assert home == dict.fromkeys("abn", "a") | dict.fromkeys("ywxz", "y") | {"q": "a"}


def test_two_links_or_one_of_two_members_each_make_one_campaign_of_two_nights():
    assert {*on_tuesday(tied("b", "y"), tied("a", "y"))[1].values()} == {"a"}
    assert {*on_tuesday(tied("a", "b", "y", "z"))[1].values()} == {"a"}


def test_a_campaign_goes_on_by_its_last_member_and_takes_new_ones_in():
    parts, home = on_tuesday(tied("b", "n"))
    assert (home["n"], [part.accounts for part in parts]) == ("a", [("b", "n")])
    _docket, campaigns = gathered(two_campaigns(), MONDAY + timedelta(days=1), [Group(("z",), ())])
    assert campaigns["z"].id == "2022-03-14-y"


def test_two_groups_of_one_campaign_that_nothing_links_tonight_are_told_as_one():
    docket, _one = Docket().gather(MONDAY, ["a", "b", "y", "z"])
    groups = [Group(("a", "b"), (Link("address", "1", ("a", "b"), 2, 1e-6),)), Group(("y", "z"), ())]
    _docket, campaigns = gathered(docket, MONDAY + timedelta(days=1), groups)
    places = give_places([candidate(name, 900, campaign="2022-03-14-a") for name in "by"], 3, set())
    told = campaigns_of(SimpleNamespace(groups=groups, campaigns=campaigns, places=places, night=MONDAY))
    assert [(one.id, one.rank, len(one.links)) for one in told] == [("2022-03-14-a", 1, 1)]
    assert [(one.account, one.role) for one in told[0].accounts] == [
        ("a", "linked"), ("b", "suspect"), ("y", "suspect"), ("z", "linked"),
    ]  # fmt: skip


def test_a_quiet_campaign_is_forgotten():
    docket, _ = Docket().gather(MONDAY, ["a"])
    assert docket.on(MONDAY + timedelta(days=8), 7).campaigns == ()


def test_tells_for_each_list_how_high_those_were_that_did_not_fit():
    lists = [candidate(f"{name}{n}", 900 + n, list_name=name) for name in ("", "own", "other") for n in range(3)]
    places = give_places(lists, 9, set(), {"": 3, "own": 1, "other": 2})
    assert cut_by_list(lists, places) == {"own": 901, "other": 900}
