import dataclasses

import numpy as np
import polars as pl
import pytest

from model.test_assess import nights
from portal import BURST, rows, with_values
from tocsin.settings import Alerting, Families
from tocsin.verdict.hits import HITS
from tocsin.verdict.points import RISK, is_alert, risk, score, with_campaign

NO_HITS = pl.DataFrame(schema=HITS)


def hit(account, family, score, *, hard=False):
    return {"account": account, "family": family, "score": score, "hard": hard}


def scored(frame, *hits):
    seen = nights(frame)
    table = pl.DataFrame(
        hits, schema={"account": pl.String, "family": pl.String, "score": pl.Int64, "hard": pl.Boolean}
    )
    return seen.rows["account"].to_list(), score(seen, table if hits else NO_HITS, Families())


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


def test_two_rules_of_one_family_add_up():
    accounts, scores = scored(rows(), hit("A008", "state", 15), hit("A008", "state", 10))
    assert scores.families["state"][accounts.index("A008")] == 250 * 50 // 100


def test_a_rule_may_be_hard():
    accounts, scores = scored(rows(), hit("A008", "state", 15, hard=True))
    assert scores.hard.tolist() == [account == "A008" for account in accounts]


def test_a_burst_is_an_alert_and_nothing_else_is():
    accounts, scores = scored(with_values(rows(), "A007", 14, **BURST))
    alert = is_alert(scores, Families(), Alerting())
    assert [account for account, rings in zip(accounts, alert, strict=True) if rings] == ["A007"]


def test_a_new_address_alone_never_alerts():
    frame = with_values(rows(), "A007", 14, new_networks=5, people_new_network=20, people_hosting=20, new_browsers=4)
    accounts, scores = scored(
        frame, hit("A007", "origin", 100), hit("A007", "credentials", 100), hit("A007", "state", 100)
    )
    assert scores.points[accounts.index("A007")] >= 800
    assert not is_alert(scores, Families(), Alerting()).any()


def test_a_campaign_lifts_its_members():
    _, scores = scored(rows())
    lift = np.zeros(60, np.int32)
    lift[3] = 450
    assert with_campaign(scores, lift, Families()).points[3] == scores.points[3] + 450


def test_risk_grows_with_points_between_nought_and_a_hundred():
    values = [risk(points / 10) for points in range(500)]
    assert values == sorted(values)
    assert values[0] == 0
    assert values[-1] == 100
    assert [risk(at) for at, _ in RISK] == [value for _, value in RISK]


def test_the_floor_of_an_alert_is_even_odds():
    assert risk(Alerting().floor_points) == pytest.approx(50)


def test_reading_many_people_whom_the_account_knows_says_less():
    frame = with_values(rows(), "A007", 14, **BURST)
    people = frame.filter((pl.col("account") == "A007") & (pl.col("night") == frame["night"].max()))["people"].item()
    strangers, known = (scored(with_values(frame, "A007", 14, new_people=new)) for new in (people, round(0.2 * people)))
    at = strangers[0].index("A007")
    assert strangers[1].families["volume"][at] > 400
    assert known[1].families["volume"][at] == 400


def test_without_persons_in_the_log_volume_keeps_its_cap():
    frame = with_values(rows(), "A007", 14, **BURST)
    seen = nights(frame)
    blind = dataclasses.replace(seen, features=tuple(f for f in seen.features if not f.history))
    assert score(blind, NO_HITS, Families()).families["volume"].max() > 400
