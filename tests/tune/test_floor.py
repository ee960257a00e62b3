"""What a tuning may not lower without somebody who accepts the risk, and what its overlay holds."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tocsin.settings import Settings
from tocsin.tune.floor import below_floor, risk_of
from tocsin.tune.knobs import CAP, Knob
from tocsin.tune.known import Fate, Labelled
from tocsin.tune.overlay_text import _earlier, _over, _over_all, _proven
from tuned_log import FEW
from tuned_outcomes import day

HOUR = Knob("distinct_people_1h", "correlation.condition.gte", (80,))
SPAN = Knob("distinct_people_1h", "correlation.timespan", (3600,))
FACTOR = Knob("distinct_people_1h", "tocsin.baseline.factor", (1.2,))
VOLUME = Knob("volume", CAP, (2,))


@pytest.fixture
def nights(loaded):
    """The rule as it is (80 in an hour, 1.2 times the usual), and one that rings below 80."""
    rule = loaded((FEW,), ()).by_name[HOUR.name]
    below = replace(rule, condition=replace(rule.condition, operator="lt"))
    return SimpleNamespace(settings=Settings(), rules=SimpleNamespace(by_name={HOUR.name: rule, "below": below}))


@pytest.mark.parametrize(
    ("knob", "still", "too_far"),
    [
        (HOUR, 240, 241),
        (replace(HOUR, name="below"), 27, 26),
        (SPAN, 1200, 1199),
        (FACTOR, 3.6, 3.61),
        (VOLUME, 2, 1.99),
    ],
)
def test_the_floor_is_three_times_what_is_shipped_and_two_points(nights, knob, still, too_far):
    assert risk_of(knob, still, nights) == ""
    assert "the floor" in risk_of(knob, too_far, nights)


def test_cases_that_fall_silent_are_below_the_floor_confirmed_and_planted_apart(nights):
    cases = [Labelled("A", day(0), day(0)), Labelled("B", day(0), day(0), planted=True)]
    before, after = Fate(("A", "B (planted)"), (), 0), Fate((), ("A", "B (planted)"), 0)
    answer = SimpleNamespace(
        chosen={HOUR: 240, VOLUME: 1}, ground=nights, before=(None, before), after=(None, after), cases=cases
    )
    assert below_floor(answer) == [
        "the cap of volume would be 1, the floor is 2",
        "confirmed cases would no longer ring: A",
        "planted attacks would no longer ring: B (planted)",
    ]
    assert below_floor(SimpleNamespace(**{**vars(answer), "chosen": {}, "after": answer.before})) == []


def test_what_an_earlier_tuning_set_of_a_rule_stays_where_it_is_not_set_anew():
    earlier = {"correlation.condition.gte": 120, "tocsin.baseline.factor": 2, "kept": True, "reason": "then"}
    told = _over(earlier, {"correlation.condition.gte": 98, "reason": "now"})
    assert told == {"tocsin.baseline.factor": 2, "correlation.condition.gte": 98, "reason": "then; now"}
    assert _over(earlier, {**dict.fromkeys(earlier, 1), "reason": "now"})["reason"] == "now", "all of it is set anew"
    assert _over(None, {"reason": "now"}) == {"reason": "now"}


def test_what_an_earlier_tuning_set_stays_beside_what_is_set_now():
    said = SimpleNamespace(
        families=lambda: {"volume": {"cap": 3}},
        rules=lambda: {"b": {"x": 2, "reason": "r"}},
        kept=lambda: {"c": {}, "a": {}},
    )
    before = {
        "when": {"region": ["29"]}, "priority": 4, "budget": 9, "calendar": {"holidays": "FR-57"},
        "families": {"volume": {"cap": 2}, "origin": {"cap": 5}}, "rules": {"a": {"x": 1}, "b": {"x": 1}},
        "tests": [{"rule": "a"}, {"rule": "b"}],
    }  # fmt: skip
    assert _over_all(before, said) == {
        "budget": 9,
        "calendar": {"holidays": "FR-57"},
        "families": {"volume": {"cap": 3}, "origin": {"cap": 5}},
        "rules": {"c": {}, "a": {"x": 1}, "b": {"x": 2, "reason": "r"}},
        "tests": [{"rule": "a"}],
    }
    assert _over_all({}, SimpleNamespace(families=dict, rules=dict, kept=dict)) == {"rules": {}, "tests": []}


def test_only_tests_that_prove_what_they_should_are_written(monkeypatch):
    """One stood before, one cannot be made, one fails; proofs of other files are nobody's here."""
    tests = [{"rule": "r", "name": name, "events": events} for name, events in (("a", [1]), ("b", []), ("c", [1]))]
    monkeypatch.setattr("tocsin.tune.overlay_text.load_overlays", lambda paths, _rules: paths)

    def proofs(_rules, paths):
        told = [
            ("other", "x", False),
            (str(paths[0]), "kept", True),
            (str(paths[0]), "a", True),
            (str(paths[0]), "c", False),
        ]
        return [
            SimpleNamespace(place=SimpleNamespace(file=f), rule="r", test=name, passed=is_so) for f, name, is_so in told
        ]

    monkeypatch.setattr("tocsin.tune.overlay_text.prove_overlays", proofs)
    passed, untested = _proven(tests, {}, [{"name": "kept"}], None, [])
    assert ([test["name"] for test in passed], untested) == (["a"], ("r: b", "r: c"))


@pytest.mark.parametrize("text", ["[]", "title: T", "overlay: []"])
def test_a_file_that_holds_no_overlay_sets_nothing(tmp_path, text):
    (tmp_path / "tuned-29.yml").write_text(text)
    assert _earlier(tmp_path / "tuned-29.yml") == {}
