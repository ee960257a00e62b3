"""Scenarios that do not hurry: each keeps the shape of the case it stands for."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from simulate.test_scenarios import lookups, nights_of, played
from tocsin.errors import SettingsError
from tocsin.simulate.nir import order_numbers
from tocsin.simulate.portal import build
from tocsin.simulate.scenarios.blitz import Blitz
from tocsin.simulate.scenarios.dormant_wakeup import DormantWakeup
from tocsin.simulate.scenarios.leaked_list import LeakedList
from tocsin.simulate.scenarios.low_slow import LowSlow
from tocsin.simulate.scenarios.mfa_fatigue import MfaFatigue
from tocsin.simulate.scenarios.night_weekend import NightWeekend
from tocsin.simulate.scenarios.own_base_dump import OwnBaseDump
from tocsin.simulate.scenarios.partner_api import PartnerApi
from tocsin.simulate.scenarios.privileged_export import PrivilegedExport
from tocsin.simulate.scenarios.round_robin import RoundRobin
from tocsin.simulate.scenarios.session_parallel import SessionParallel
from tocsin.simulate.scenarios.snoop import Snoop
from tocsin.simulate.scenarios.spec import attack


def own(actions):
    return actions.filter(pl.col("scenario") == 0)


@pytest.fixture(scope="module")
def low_slow():
    return nights_of(LowSlow(accounts=4), nights=10)


def test_low_slow_adds_a_few_dozen_people_a_day_inside_the_owners_hours(low_slow):
    span = (
        lookups(own(low_slow)).group_by("account", "night").agg(low=pl.col("epoch").min(), high=pl.col("epoch").max())
    )
    slow = lookups(low_slow.filter(pl.col("scenario") == 1))
    assert slow.group_by("account", "night").len()["len"].is_between(15, 60).all()
    inside = slow.join(span, on=["account", "night"]).select(pl.col("epoch").is_between("low", "high").mean()).item()
    assert inside > 0.97


def test_low_slow_rests_with_its_owner_and_never_piles_up(low_slow):
    slow = lookups(low_slow.filter(pl.col("scenario") == 1))
    working = lookups(own(low_slow)).select("account", "night").unique()
    assert slow.join(working, on=["account", "night"], how="anti").is_empty()
    assert slow.group_by("account", "epoch").len()["len"].max() <= 2


def test_low_slow_without_jitter_is_even():
    even = lookups(played(LowSlow(accounts=1, jitter=0.0), nights=5))
    spread = even.group_by("night").agg(gap=pl.col("epoch").diff().std() / pl.col("epoch").diff().mean())
    assert spread["gap"].max() < 0.05


@pytest.fixture(scope="module")
def dealt():
    return lookups(played(RoundRobin(accounts=40, deal=(1, 1)), nights=2))


def test_round_robin_reads_little_on_each_account(dealt):
    assert dealt["account"].n_unique() == 40
    assert dealt.group_by("account", "night").len()["len"].is_between(10, 80).all()


def test_round_robin_is_one_sequence_when_all_accounts_are_seen_together(dealt):
    together = dealt.filter(night=0).sort("epoch")["nir"].to_numpy()
    assert (np.diff(order_numbers(together)) == 1).mean() > 0.8
    alone = dealt.filter(night=0).filter(pl.col("account") == pl.col("account").first())["nir"].to_numpy()
    assert (np.diff(order_numbers(alone)) == 1).mean() < 0.2


def test_round_robin_deals_some_numbers_at_a_time():
    hands = lookups(played(RoundRobin(accounts=6, deal=(8, 8), shuffle=0.0), nights=1)).sort("epoch")
    runs = (hands["account"] != hands["account"].shift()).sum() + 1
    assert 6 < hands.height / runs <= 8


def test_night_weekend_gets_huge_answers_to_few_searches_after_hours():
    quiet = played(NightWeekend(accounts=3), nights=7, first=1, last=7)
    searches = quiet.filter(kind="search")
    assert searches["rows"].is_between(50, 500).all()
    assert searches.group_by("account", "night").len()["len"].max() <= 95
    weekdays = searches.filter(pl.col("night") < 5)
    assert ((weekdays["hour"] >= 20) | (weekdays["hour"] < 6)).mean() > 0.95
    assert (searches["bytes"] / searches["rows"]).median() == pytest.approx(679, rel=0.1)
    assert lookups(quiet).height < 0.2 * searches.height


def test_own_base_dump_reads_own_people_of_one_software_in_the_same_hour():
    everything = nights_of(OwnBaseDump(accounts=5, first_night=1.0), nights=6, accounts=600, first=5, last=6)
    dump = lookups(everything.filter(pl.col("scenario") == 1))
    assert dump["client"].n_unique() == 1
    assert dump["client"][0].startswith("logiciel")
    starts = dump.group_by("account").agg(pl.col("epoch").min())["epoch"]
    assert len(starts) == 5
    assert starts.max() - starts.min() < 3_600_000
    before = lookups(own(everything)).select("account", "nir").unique()
    met = dump.join(before, on=["account", "nir"], how="semi").group_by("account").len()
    assert met.height == 5
    elsewhere = lookups(own(everything)).select("nir", reader="account").unique()
    assert dump.join(elsewhere, on="nir").filter(pl.col("reader") != pl.col("account")).height < met["len"].sum()


def test_own_base_dump_takes_a_share_of_the_softwares_users():
    dump = played(OwnBaseDump(), nights=3, accounts=600)
    assert dump["account"].n_unique() >= 2
    assert dump.group_by("account").agg(pl.col("night").n_unique())["night"].max() == 1


def test_privileged_export_takes_the_whole_base_in_a_few_files():
    export = played(PrivilegedExport(exports=(3, 3)), nights=5)
    files = export.filter(kind="export")
    assert files.height == 3
    assert files["rows"].is_between(50_000, 700_000).all()
    assert set(export["profession"]) == {"administrateur"}


def test_a_quota_holds_an_export_back():
    files = played(PrivilegedExport(exports=(2, 2), quota=60_000), nights=3).filter(kind="export")
    assert files.group_by("night").agg(pl.col("rows").sum())["rows"].max() <= 60_000


def test_partner_api_calls_day_and_night_beside_the_partner():
    everything = nights_of(PartnerApi(a_second=(0.5, 0.5)), nights=3, first=2, last=3)
    calls = lookups(everything.filter(pl.col("scenario") == 1))
    full = calls.filter(night=2)
    assert full["hour"].n_unique() == 24
    assert full.height == pytest.approx(43_200, rel=0.03)
    partner = own(everything).join(calls.select("account").unique(), on="account", how="semi")
    assert not set(calls["ip"]) & set(partner["ip"])
    assert partner.filter(night=2).height > 100


def test_partner_api_may_read_a_list_or_a_sequence():
    row = lookups(played(PartnerApi(sequential=1.0, a_second=(0.5, 0.5), quota=500), nights=1))["nir"].to_numpy()
    listed = lookups(played(PartnerApi(sequential=0.0, a_second=(0.5, 0.5), quota=500), nights=1))["nir"].to_numpy()
    assert (np.diff(order_numbers(row)) == 1).mean() > 0.8
    assert (np.diff(order_numbers(listed)) == 1).mean() < 0.1


def test_dormant_wakeup_uses_accounts_nobody_works_with():
    everything = nights_of(DormantWakeup(accounts=2, reset=1.0, guesses=(2, 2)), nights=6)
    woken = everything.filter(pl.col("scenario") == 1)
    assert own(everything).join(woken.select("account").unique(), on="account", how="semi").is_empty()
    first = woken.sort("epoch").group_by("account", maintain_order=True).agg(pl.col("kind").head(4))
    assert all(list(kinds) == ["login", "login", "credential_change", "login"] for kinds in first["kind"].to_list())
    assert lookups(woken).group_by("account", "night").len()["len"].min() >= 250


def test_dormant_wakeup_may_wake_accounts_that_the_logs_have_seen_at_work():
    for knobs, worked in ((("seen", 2),), {0, 1}), ((("seen", 2), ("unused", 3)), {2, 3}), ((("unused", 3),), set()):
        everything = nights_of(DormantWakeup(accounts=2, **dict(knobs)), nights=10, first=8, last=8)
        woken = everything.filter(pl.col("scenario") == 1)["account"].unique()
        owners = lookups(own(everything)).filter(pl.col("account").is_in(woken.implode()))
        assert {*owners["night"]} == worked
        assert owners["account"].n_unique() == (2 if worked else 0)


def test_dormant_wakeup_says_when_there_is_no_time_to_fall_asleep():
    with pytest.raises(SettingsError, match="seen=2 needs 2 working days before the nights without use, there are 1"):
        played(DormantWakeup(accounts=2, seen=2, unused=6), nights=9, first=8, last=8)


def test_dormant_wakeup_says_when_nobody_sleeps():
    with pytest.raises(SettingsError, match="dormant_wakeup needs 90 accounts"):
        played(DormantWakeup(accounts=90))


def test_mfa_fatigue_pushes_five_times_an_hour_and_reads_on_sunday():
    pushed = played(MfaFatigue(accounts=3), nights=9, first=3, last=9)
    assert set(pushed["night"]) == {6}
    for _, account in pushed.group_by("account"):
        pushes = account.filter(pl.col("kind") == "mfa").sort("epoch")
        assert pushes.filter(pl.col("outcome") != "success").height >= 5
        assert pushes["epoch"].max() - pushes["epoch"].min() <= 3_600_000
        assert pushes["outcome"].to_list()[-1] == "success"
        assert lookups(account)["epoch"].min() > pushes["epoch"].max()


def test_mfa_fatigue_takes_a_holiday_or_the_last_night():
    holiday = played(MfaFatigue(accounts=1), nights=3, start=date(2026, 5, 13), first=1, last=3)
    assert set(holiday["night"]) == {1}
    assert set(played(MfaFatigue(accounts=1), nights=3, first=1, last=3)["night"]) == {2}


def test_session_parallel_has_the_owners_session_on_a_second_network_and_no_login():
    everything = nights_of(SessionParallel(accounts=3, owner_browser=1.0), nights=3, first=3, last=3)
    stolen = everything.filter(pl.col("scenario") == 1)
    assert set(stolen["kind"]) == {"lookup"}
    owner = own(everything).filter(night=2)
    for session in stolen["session"].unique():
        theirs, ours = stolen.filter(session=session), owner.filter(session=session)
        assert ours["epoch"].min() < theirs["epoch"].min() < theirs["epoch"].max() <= ours["epoch"].max()
        assert not set(theirs["ip"]) & set(ours["ip"])
        assert set(theirs["user_agent"]) <= set(owner.filter(account=theirs["account"][0])["user_agent"])


def test_snoop_is_one_to_five_people_a_week_in_the_owners_own_sessions():
    everything = nights_of(Snoop(accounts=3), nights=14, first=1, last=14)
    curious = everything.filter(pl.col("scenario") == 1)
    assert 3 <= curious.height <= 3 * 2 * 9
    owner = own(everything).select("account", "session", "ip", "user_agent").unique()
    assert curious.join(owner, on=["account", "session", "ip", "user_agent"], how="anti").is_empty()


def test_addresses_rotate_when_asked():
    steady = lookups(played(DormantWakeup(accounts=2), nights=2))
    rotating = lookups(played(DormantWakeup(accounts=2, rotate=(20, 30)), nights=2))
    assert steady.group_by("account").agg(pl.col("ip").n_unique())["ip"].max() == 1
    assert rotating.group_by("account").agg(pl.col("ip").n_unique())["ip"].min() > 5
    assert lookups(played(LowSlow(accounts=2, rotate=(5, 8)), nights=4))["ip"].n_unique() > 8


@pytest.mark.parametrize("scenario", [Blitz, LeakedList, RoundRobin])
def test_the_owners_browser_is_copied_when_asked(scenario):
    everything = nights_of(scenario(accounts=2, owner_browser=1.0, per_day=(30, 40)), nights=3)
    used = everything.filter(pl.col("scenario") == 1).select("account", "user_agent").unique()
    owners = own(everything).select("account", "user_agent").unique()
    assert used.join(owners, on=["account", "user_agent"], how="anti").height <= 1


def test_a_warm_up_of_five_percent_adds_five_percent_a_day():
    warm = lookups(played(LeakedList(accounts=1, per_day=(1_000, 1_000), warm_up=0.05), nights=6, first=1, last=6))
    counts = warm.group_by("night").len().sort("night")["len"].to_list()
    assert all(0.85 * most <= count <= most for count, most in zip(counts, range(50, 301, 50), strict=True))


def test_local_people_are_mixed_in():
    far, near = (lookups(played(LeakedList(accounts=1, local=share), nights=3)) for share in (0.0, 0.9))
    assert (
        near.select(pl.col("nir").abs() // 10**6 % 100).n_unique()
        < far.select(pl.col("nir").abs() // 10**6 % 100).n_unique()
    )


def test_poison_reads_a_little_every_third_night_before():
    everything = nights_of(LeakedList(accounts=2, poison=3), nights=12, first=11, last=12)
    before = lookups(everything.filter(pl.col("scenario") == 2))
    assert set(before["night"]) == {2, 5, 8}
    assert before.group_by("account", "night").len()["len"].max() <= 80
    attacked = everything.filter(pl.col("scenario") == 1)
    assert set(before["account"]) == set(attacked["account"])
    assert attacked["night"].min() == 10


def test_poison_is_named_apart_in_the_truth():
    portal = build(
        seed=3,
        accounts=120,
        nights=8,
        start=date(2026, 3, 2),
        attacks=(attack("blitz:2@8,poison=2"), attack("snoop:1")),
    )
    assert portal.names() == ("blitz", "snoop", "blitz-poison")
