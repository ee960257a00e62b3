from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from model.test_assess import nights
from portal import BURST, FIRST, rows, with_values
from tocsin.rules.overlay import Overlays
from tocsin.settings import Alerting, Families, Settings
from tocsin.settings_fixed import RISK
from tocsin.verdict.caps import caps_of
from tocsin.verdict.explain import beside, findings, hits_of
from tocsin.verdict.hits import HITS
from tocsin.verdict.points import (
    is_alert,
    risk,
    score,
    with_campaign,
)

NO_HITS = pl.DataFrame(schema=HITS)
NO_RECORD = np.zeros(60, np.bool_)
TOLD = {"rule": "r", "title": "", "level": "low", "headline": "", "peak": 1, "unit": "", "runbook": []}


def hit(account, family, score, *, hard=False):
    return {"account": account, "family": family, "score": score, "hard": hard}


def scored(frame, *hits):
    seen = nights(frame)
    table = pl.DataFrame(
        hits, schema={"account": pl.String, "family": pl.String, "score": pl.Int64, "hard": pl.Boolean}
    )
    return seen.rows["account"].to_list(), score(
        seen, table if hits else NO_HITS, Families(), caps_of(seen, Overlays(), FIRST, Settings())
    )


def test_contributions_add_up_to_points():
    _, scores = scored(
        with_values(rows(), "A007", 14, **BURST), hit("A007", "volume", 35), hit("A008", "credentials", 20)
    )
    assert (sum(scores.families.values()) == scores.points).all()


def test_a_family_says_no_more_than_its_cap():
    accounts, scores = scored(with_values(rows(), "A007", 14, **BURST), hit("A007", "volume", 100))
    assert scores.families["volume"][accounts.index("A007")] == 800


def test_rules_add_their_points_to_the_same_family():
    accounts, scores = scored(rows(), hit("A008", "credentials", 30))
    assert scores.families["credentials"][accounts.index("A008")] == 300 * 60 // 100


def test_the_settings_say_below_which_a_family_says_nothing():
    seen = nights(with_values(rows(), "A007", 14, **BURST))
    deaf = replace(Families(), noise=8.5)
    scores = score(seen, NO_HITS, deaf, caps_of(seen, Overlays(), FIRST, Settings()))
    assert not scores.points.any()


def test_two_rules_of_one_family_add_up():
    accounts, scores = scored(rows(), hit("A008", "state", 15), hit("A008", "state", 10))
    assert scores.families["state"][accounts.index("A008")] == 250 * 50 // 100


def test_a_rule_may_be_hard():
    accounts, scores = scored(rows(), hit("A008", "state", 15, hard=True))
    assert scores.hard.tolist() == [account == "A008" for account in accounts]


def test_a_burst_is_an_alert_and_nothing_else_is():
    accounts, scores = scored(with_values(rows(), "A007", 14, **BURST))
    alert = is_alert(scores, Families(), Alerting(), NO_RECORD)
    assert [account for account, rings in zip(accounts, alert, strict=True) if rings] == ["A007"]


def test_how_much_and_how_new_is_not_enough_without_how():
    # A vaccination centre: forty times the usual people, all of them new, read as people read.
    centre = {"people": 800, "consultations": 800, "people_1h": 90, "new_people": 790, "new_share": 790}
    accounts, scores = scored(with_values(rows(), "A007", 14, **centre))
    at = accounts.index("A007")
    assert scores.points[at] >= 1_600
    assert not is_alert(scores, Families(), Alerting(), NO_RECORD).any()
    assert is_alert(scores, Families(), Alerting(), ~NO_RECORD)[at]


def test_a_new_address_alone_never_alerts():
    frame = with_values(rows(), "A007", 14, new_networks=5, people_new_network=20, people_hosting=20, new_browsers=4)
    accounts, scores = scored(
        frame, hit("A007", "origin", 100), hit("A007", "credentials", 100), hit("A007", "state", 100)
    )
    assert scores.points[accounts.index("A007")] >= 800
    assert not is_alert(scores, Families(), Alerting(), NO_RECORD).any()


def test_a_campaign_lifts_its_members():
    seen = nights(rows())
    caps = caps_of(seen, Overlays(), FIRST, Settings())
    scores = score(seen, NO_HITS, Families(), caps)
    lift = np.zeros(60, np.int32)
    lift[3] = 450
    assert with_campaign(scores, lift, Families(), caps).points[3] == scores.points[3] + 450


def test_risk_grows_with_points_between_nought_and_a_hundred():
    values = [risk(points / 10) for points in range(500)]
    assert values == sorted(values)
    assert values[0] == 0
    assert values[-1] == 100
    assert [risk(at) for at, _ in RISK] == [value for _, value in RISK]


def test_the_floor_of_an_alert_is_even_odds():
    assert risk(Alerting().floor_points) == pytest.approx(50)


def test_a_campaign_says_no_more_than_its_cap():
    seen = nights(rows())
    caps = caps_of(seen, Overlays(), FIRST, Settings())
    scores = score(seen, NO_HITS, Families(), caps)
    lifted = with_campaign(scores, np.full(60, 2000, np.int32), Families(), caps)
    assert set(lifted.families["campaign"].tolist()) == {800}


@pytest.mark.parametrize("points", [5, 10, 20, 35])
def test_findings_add_up_to_points_whatever_is_too_quiet_to_tell(points):
    seen = nights(rows())
    table = pl.DataFrame([hit(account, "volume", points) | TOLD for account in seen.rows["account"]], schema=HITS)
    scores = score(seen, table, Families(), caps_of(seen, Overlays(), FIRST, Settings()))
    assert any(0 < at < scores.noise for at in seen.surprises["people"].tolist())
    for at, account in enumerate(seen.rows["account"]):
        rang = hits_of(table.filter(pl.col("account") == account).drop("account", "night", "hard"))
        told = findings(at, seen, scores, rang, [])
        assert sum(round(100 * finding.points) for finding in told) == scores.points[at]


def test_a_usual_share_of_strangers_rests_on_the_nights_that_could_tell_who_was_new():
    seen = nights(with_values(rows(), "A007", 14, **BURST))
    at = seen.rows["account"].to_list().index("A007")
    told = {measure.name: measure.nights for measure in beside(at, seen)}
    assert (told["people"], told["new_share"]) == (14, 14 - Settings().baselines.novelty_nights)
