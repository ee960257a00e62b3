"""Where people come from is evidence for crowds that no counter sees, or that were read from elsewhere."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from tests.verdict.test_points import nights, rows

from tocsin.settings import Settings
from tocsin.verdict.drifting import Added, add_up
from tocsin.verdict.points import Scores, is_alert
from tocsin.verdict.whereabouts import crowded, elsewhere, of_the_place

SETTINGS = Settings()
RULES = SETTINGS.alerting


def seen(far, placed, strange, usual=100.0):
    """Assess one account that usually reads so many people; `strange`: how much is new of those read elsewhere."""
    one = nights(rows()[:1])
    told = pl.DataFrame({"account": ["a"], "far_people": [far], "placed_people": [placed], "people": [placed]})
    told = told.with_columns(answers_elsewhere=0, answers=0)
    surprises = {} if strange is None else {"strangers_elsewhere": np.array([strange], np.int32)}
    own = replace(one.own, history_nights=np.array([20.0]))
    return replace(one, rows=told, expected={"people": np.array([usual])}, surprises=surprises, own=own)


@pytest.mark.parametrize(
    ("far", "placed", "strange", "tonight", "adds_up"),
    [
        pytest.param(90, 180, 0, False, False, id="tourists in the season"),
        pytest.param(150, 200, 0, False, False, id="a resort where most are tourists"),
        pytest.param(150, 200, 180, False, False, id="and that moved into a group's network"),
        pytest.param(190, 210, 450, True, True, id="a list read from a new network"),
        pytest.param(40, 140, 210, False, True, id="a few more a day from a new network"),
        pytest.param(900, 1000, 0, True, True, id="more than ever came to the counter"),
        pytest.param(250, 260, 0, False, True, id="letters worked through at the office's own desk"),
        pytest.param(150, 200, None, True, True, id="logs without addresses"),
    ],
)
def test_tells_tourists_from_lists(far, placed, strange, tonight, adds_up):
    told = elsewhere(seen(far, placed, strange), SETTINGS)
    assert (told.tonight.tolist(), told.adds_up.tolist()) == ([tonight], [adds_up])


@pytest.mark.parametrize(
    ("far", "usual", "known", "tonight"),
    [
        pytest.param(110, 17.0, True, True, id="six times all whom a quiet desk reads"),
        pytest.param(84, 17.0, True, False, id="not five times as many"),
        pytest.param(59, 5.0, True, False, id="a coach trip"),
        pytest.param(110, 17.0, False, False, id="nobody knows what is usual"),
    ],
)
def test_a_quiet_desk_is_not_flooded_by_people_from_elsewhere(far, usual, known, tonight):
    one = replace(seen(far, far + 20, 0, usual), known=np.array([known]))
    assert elsewhere(one, SETTINGS).tonight.tolist() == [tonight]


def test_logs_that_do_not_tell_departments_tell_no_tourists():
    told = elsewhere(replace(seen(1, 1, 0), rows=pl.DataFrame({"account": ["a", "b"]})), SETTINGS)
    assert told.tonight.all()
    assert told.adds_up.all()


def test_tourists_are_no_second_kind_of_evidence_and_do_not_add_up():
    weights = Settings().families
    families = {name: np.zeros(2, np.int32) for name in weights.weights}
    families |= {"volume": np.array([800, 800], np.int32), "geography": np.array([400, 400], np.int32)}
    scores, nobody = Scores(families, families, np.zeros(2, np.bool_), 150), np.zeros(2, np.bool_)
    far = np.array([True, False])
    assert is_alert(scores, weights, RULES, nobody, far).tolist() == [True, False]
    _scores, drifting = add_up(
        Added(),
        date(2026, 3, 1),
        pl.DataFrame({"account": ["a", "b"], "day": ["working"] * 2}),
        scores,
        Settings(),
        far,
    )
    assert drifting.little.sums.total.tolist() == [250, 0]


def place(**changed):
    """Assess one account that read 300 people, most of its own place."""
    figures = {"people": 300, "placed_people": 300, "far_people": 90, "new_people": 290}
    loud = ("far_people", "people", "new_share", "answers", "bytes_kb", "session_switches")
    surprises = {name: np.array([changed.get(f"{name}_surprise", 0)], np.int32) for name in loud}
    figures |= {"session_events": 400, "session_switches": 2, "answers": 0, "bytes_kb": 0}
    expected = {"far_people": np.array([changed.get("usual_far", 0.2)]), "new_share": np.array([0.3])}
    expected["session_switches"] = np.array([changed.get("usual_switches", 0.0)])
    expected |= {"answers": np.array([30.0]), "bytes_kb": np.array([15.0])}
    told = pl.DataFrame({name: [changed.get(name, value)] for name, value in figures.items()})
    return replace(nights(rows()[:1]), rows=told, surprises=surprises, expected=expected)


@pytest.mark.parametrize(
    ("changed", "home"),
    [
        pytest.param({}, True, id="a vaccination centre"),
        pytest.param({"far_people": 200}, False, id="a list of the whole country"),
        pytest.param({"usual_far": 0.6}, False, id="a partner without a place of its own"),
        pytest.param({"placed_people": 100}, False, id="departments are not known"),
        pytest.param({"people": 900, "placed_people": 900}, False, id="more than a day can hold"),
        pytest.param({"new_people": 20}, False, id="a dump of its own people"),
        pytest.param({"answers_surprise": 400, "answers": 1_101}, False, id="long lists"),
        pytest.param({"answers_surprise": 400, "answers": 1_100}, True, id="three rows for each that was looked up"),
        pytest.param(
            {"answers_surprise": 400, "answers": 1_100, "bytes_kb_surprise": 400, "bytes_kb": 1_100},
            True,
            id="and of the usual size",
        ),
        pytest.param(
            {"answers_surprise": 400, "answers": 1_100, "bytes_kb_surprise": 400, "bytes_kb": 1_101},
            False,
            id="but of more than twice the usual size",
        ),
        pytest.param({"bytes_kb_surprise": 400, "bytes_kb": 500}, False, id="bytes of rows that no log tells"),
        pytest.param({"session_switches": 3}, False, id="a session in two places"),
        pytest.param({"session_switches": 150, "usual_switches": 0.3}, True, id="a VPN with two exits"),
    ],
)
def test_tells_people_of_the_place(changed, home):
    assert of_the_place(place(**changed), SETTINGS).tolist() == [home]


def test_without_departments_nobody_reads_people_of_the_place():
    assert not of_the_place(replace(place(), surprises={}), SETTINGS).any()


def test_people_of_the_place_make_a_new_network_no_second_kind():
    weights = Settings().families
    families = {name: np.zeros(2, np.int32) for name in weights.weights}
    families |= {name: np.array([800, 800], np.int32) for name in ("volume", "novelty")}
    families |= {name: np.array([360, 360], np.int32) for name in ("origin", "rhythm")}
    scores, nobody = Scores(families, families, np.zeros(2, np.bool_), 150), np.zeros(2, np.bool_)
    home = np.array([False, True])
    assert is_alert(scores, weights, RULES, nobody, home=home).tolist() == [True, False]
    assert is_alert(scores, weights, RULES, nobody, home=home, extreme=home).tolist() == [True, True]


def test_the_outlier_model_lifts_nobody_over_the_floor():
    weights = Settings().families
    families = {name: np.zeros(1, np.int32) for name in weights.weights}
    families |= {"volume": np.array([760], np.int32), "origin": np.array([220], np.int32)}
    nobody = np.zeros(1, np.bool_)
    for outlier, extra in ((100, 0), (0, 40)):
        told = families | {"outlier": np.array([outlier], np.int32), "credentials": np.array([extra], np.int32)}
        scores = Scores(told, told, nobody, 150)
        assert is_alert(scores, weights, RULES, nobody).tolist() == [bool(extra)]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        pytest.param({}, True, id="a vaccination centre"),
        pytest.param({"new_people": 60}, False, id="sixty a day more"),
        pytest.param({"people_new_network": 30}, False, id="from a network it never used"),
        pytest.param({"people_elsewhere": 30}, False, id="from where it is seldom"),
        pytest.param({"people_closed": 30}, False, id="when the office is closed"),
        pytest.param({"home": False}, False, id="a list of the whole country"),
        pytest.param({"logs": ("people_closed",)}, False, id="logs without addresses"),
    ],
)
def test_a_vaccination_centre_is_neither_drift_nor_another_hand(changed, told):
    logs = changed.pop("logs", ("people_new_network", "people_closed"))
    home = np.array([changed.pop("home", True)])
    figures = {"people": 500, "new_people": 450, "people_new_network": 10, "people_elsewhere": 10, "people_closed": 10}
    figures |= {"account": "a", "day": "working", "newcomers_above": 800, "hand": 200} | changed
    day = pl.DataFrame({name: [value] for name, value in figures.items()})
    one = replace(nights(rows()[:1]), rows=day, surprises={name: np.zeros(1, np.int32) for name in logs})
    crowd = crowded(one, home, SETTINGS)
    assert crowd.tolist() == [told]
    drift, quiet = Added(), dict.fromkeys(SETTINGS.families.weights, np.zeros(1, np.int32))
    scores = Scores(quiet, quiet, np.zeros(1, np.bool_), 150)
    for night in range(2, 12):
        _scores, drifting = add_up(drift, date(2026, 3, night), day, scores, SETTINGS, np.ones(1, np.bool_), crowd)
        drift = drift.learn(date(2026, 3, night), day, drifting, np.zeros(1, np.bool_), SETTINGS)
    assert (drifting.more.sums.total > 0).tolist() == [not told]
    assert (drifting.hand.sums.total > 0).tolist() == [not told]
