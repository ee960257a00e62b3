"""Rules about whole nights: features of the catalogue as fields."""

import pytest

from rule_texts import LOOKUP, load
from tocsin.errors import RuleErrors
from tocsin.rules.prove import prove

NIGHT = """title: Many new people in a night
name: new_night
level: low
logsource: {category: record_access}
detection:
  selection: {%s}
  condition: selection
tocsin:
  family: novelty
  explain: "{count} people never read before"
  tests:
    - name: four people
      expect: {account: A1}
      events: [{repeat: 4, every: 1h, time: 2022-03-14T09:00:00+01:00, account: A1, profession: nurse, kind: lookup, patient: "P{i}"}]
    - name: two people
      expect: none
      events: [{repeat: 2, every: 1h, time: 2022-03-14T09:00:00+01:00, account: A1, kind: lookup, patient: "P{i}"}]
"""


@pytest.fixture
def folder(tmp_path):
    return tmp_path


@pytest.mark.parametrize("selection", ["new_people|gte: 3", "new_people|gte: 3, profession: nurse", "people: [4, 5]"])
def test_a_rule_may_ask_for_the_features_of_a_night(folder, selection):
    rules = load(folder, NIGHT % selection)
    assert [proof.passed for proof in prove(rules)] == [True, True]
    assert rules.by_name["new_night"].unit in ("new_people", "people")


def test_a_failing_test_says_what_the_night_showed(folder):
    proofs = list(prove(load(folder, NIGHT % "new_people|gte: 9")))
    assert proofs[0].seen == "expected A1, seen none; the highest new_people of a night is 4"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (NIGHT % "new_people|gte: 3, kind: lookup", 6, "'kind' is told by events, 'new_people' by a whole night"),
        (NIGHT % "new_people|gte: 3" + "  novel: {any_of: [ip]}\n", 1, "cannot ask what is new"),
        (
            NIGHT
            % "new_people|gte: 3"
            + "---\ntitle: On top\nlevel: low\ntocsin: {family: volume}\ncorrelation: {type: event_count, rules: [new_night], "
            "group-by: [account], timespan: 7d, condition: {gte: 3}}\n",
            22,
            "nothing can be built on it",
        ),
    ],
)
def test_refuses_to_mix_nights_and_events(folder, text, line, message):
    with pytest.raises(RuleErrors) as caught:
        load(folder, text)
    (error,) = caught.value.faults
    assert (error.code, error.place.line, message in error.message) == ("E056", line, True)


def test_rules_about_events_do_not_need_nights(folder):
    assert load(folder, LOOKUP).by_name["lookup"].features == ()
