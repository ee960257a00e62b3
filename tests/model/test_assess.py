from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from assessed import assessed
from portal import BURST, FIRST, rows, with_values
from tocsin.features.catalogue import BY_NAME, JUDGED
from tocsin.model.assess import About, assess
from tocsin.model.memory import ANSWERED, Memory
from tocsin.settings import OlderNights, Settings
from tocsin.verdict.explain import measure_of, sentence


def nights(frame, features=JUDGED, settings=None, accepted=(), assess=assessed):
    """Assess every night in order; gives the last assessment."""
    memory, seen = Memory(), None
    for (night,), tonight in (
        frame.sort("night", "account").partition_by("night", as_dict=True, maintain_order=True).items()
    ):
        seen = assess(
            tonight,
            memory,
            features,
            settings or Settings(),
            About((night, "working"), with_model=False, accepted=dict.fromkeys(accepted, night)),
        )
        memory = seen.learned
    return seen


def with_lists(network, every=3):
    """Give fifteen nights of people read at home; from the ninth on, every so often, all take 300 rows to `network`."""
    memory, seen = Memory(), None
    for (night,), people in rows().partition_by("night", as_dict=True, maintain_order=True).items():
        day = (night - FIRST).days
        lists = 300 if day >= 8 and day % every == 0 else 0
        tonight = people.with_columns(pl.lit(lists).alias(name) for name in ANSWERED)
        home = tonight.select("account", read="people", strangers="new_people", network=pl.lit("home"), sent=0)
        away = tonight.select("account", read=0, strangers=0, network=pl.lit(network), sent=lists)
        origins = pl.concat([home, away], how="vertical_relaxed")
        about = About((night, "working"), with_model=False, origins=origins)
        seen = assess(tonight, memory, [one for one in JUDGED if one.name in ANSWERED], Settings(), about)
        memory = seen.learned
    return seen


def test_lists_taken_elsewhere_never_become_usual_and_lists_at_the_desk_do():
    elsewhere, at_home, always = with_lists("box"), with_lists("home"), with_lists("box", every=1)
    for name in ANSWERED:
        assert elsewhere.expected[name].max() < 0.01, name
        assert always.expected[name].min() > 1, name  # a habit: on most nights
        assert at_home.expected[name].min() > 0.5, name


def surprise(seen, name, account):
    at = seen.rows["account"].to_list().index(account)
    return int(seen.surprises[name][at])


def test_a_burst_is_surprising_in_every_way_it_shows():
    seen = nights(with_values(rows(), "A007", 14, **BURST))
    for name in ("people", "people_1h", "new_share", "not_found", "same_block", "in_sequence"):
        assert surprise(seen, name, "A007") > 600, name
        assert surprise(seen, name, "A008") < 300, name


def test_the_usual_value_is_the_accounts_own():
    seen = nights(with_values(rows(), "A007", 14, **BURST))
    at = seen.rows["account"].to_list().index("A007")
    assert seen.expected["people"][at] == pytest.approx(20, abs=4)
    assert seen.expected["new_share"][at] == pytest.approx(0.33, abs=0.06)
    assert bool(seen.of_self["people"][at])


def test_a_large_account_is_compared_with_itself():
    small, large = rows(), rows(accounts=1, mean=300, prefix="B")
    seen = nights(pl.concat([small, large]))
    assert surprise(seen, "people", "B000") < 250


def test_a_new_account_is_compared_with_its_peers_and_never_extreme():
    late = rows(accounts=1, nights=15, mean=900, prefix="B").filter(pl.col("night") == FIRST + timedelta(days=14))
    seen = nights(pl.concat([rows(), late]))
    assert 200 < surprise(seen, "people", "B000") <= 350
    assert surprise(seen, "new_share", "B000") == 0


def test_a_busy_day_of_the_whole_profession_blames_nobody():
    busy = rows().with_columns(
        people=pl.when(pl.col("night") == FIRST + timedelta(days=14)).then(pl.col("people") * 2).otherwise("people")
    )
    seen = nights(busy)
    worst = max(surprise(seen, "people", account) for account in seen.rows["account"])
    assert worst < 350
    assert seen.factors["people"][0] == pytest.approx(1.9, abs=0.15)


def test_a_burst_teaches_no_more_than_its_clip():
    frame = rows(nights=16)
    for day in range(10, 15):
        frame = with_values(frame, "A007", day, **BURST)
    frame = with_values(frame, "A007", 15, **BURST)
    seen = nights(frame)
    at = seen.rows["account"].to_list().index("A007")
    assert seen.expected["people"][at] < 120
    assert surprise(seen, "people", "A007") > 600


def test_nothing_is_new_in_the_first_nights():
    seen = nights(rows(nights=4))
    assert not seen.surprises["new_share"].any()


def test_the_first_night_is_judged_by_its_own_table():
    seen = nights(with_values(rows(accounts=200, nights=1), "A007", 0, **BURST))
    assert surprise(seen, "people", "A007") > 200
    assert surprise(seen, "same_block", "A007") > 300
    assert surprise(seen, "people", "A008") < 200


def test_a_count_too_small_for_bulk_reading_says_nothing():
    quiet = with_values(rows(mean=1.0), "A007", 14, people=15, consultations=15)
    assert surprise(nights(quiet), "people", "A007") == 0


def test_what_the_logs_do_not_hold_is_learned_as_unknown():
    features = [feature for feature in JUDGED if feature.name != "not_found"]
    seen = nights(rows(nights=3), features)
    assert seen.learned.past.frame()["not_found"].null_count() == seen.learned.past.height


def test_a_profession_missing_tonight_is_known_from_before():
    frame = rows().with_columns(
        profession=pl.when(pl.col("night") == FIRST + timedelta(days=14)).then(None).otherwise("profession")
    )
    seen = nights(frame)
    assert set(seen.rows["profession"]) == {"gp"}
    assert max(surprise(seen, "people", account) for account in seen.rows["account"]) < 350


def test_a_profession_never_seen_borrows_everybodys_figures():
    other = rows(accounts=30, nights=15, profession="nurse", prefix="B").filter(
        pl.col("night") == FIRST + timedelta(days=14)
    )
    seen = nights(pl.concat([rows(), other]))
    assert max(surprise(seen, "people", f"B{n:03d}") for n in range(30)) < 300


def test_only_the_nights_of_the_window_are_remembered():
    settings = replace(Settings(), baselines=replace(Settings().baselines, nights=5))
    seen = nights(rows(nights=9), settings=settings)
    assert len(seen.learned.past.nights) == 5


def test_the_order_of_nights_in_memory_is_all_that_counts():
    frame = rows()
    shuffled = frame.sample(fraction=1, shuffle=True, seed=5)
    anew = nights(shuffled, assess=assess)
    assert nights(frame).surprises["people"].tolist() == anew.surprises["people"].tolist()


def test_a_few_events_before_the_first_night_are_no_peers():
    early = rows(accounts=1, nights=1, prefix="A")
    rest = rows(nights=2).filter(pl.col("night") > FIRST)
    seen = nights(pl.concat([early, rest]))
    assert seen.peers.accounts.min() >= 50
    assert max(surprise(seen, "people", account) for account in seen.rows["account"]) < 300


def test_a_batch_of_numbers_is_no_news_because_the_rest_of_the_day_is_missing():
    ward = rows(nights=15).with_columns(
        same_block=pl.when(pl.col("account") == "A001").then(8).otherwise(0), asked_people=pl.lit(40, pl.Int64)
    )
    down = with_values(ward, "A001", 14, people=9, asked=9, asked_people=9)
    assert surprise(nights(down), "same_block", "A001") == 0
    robot = with_values(ward, "A001", 14, people=30, asked=30, asked_people=30, same_block=26)
    assert surprise(nights(robot), "same_block", "A001") > 300


def test_peers_whose_profession_is_not_told_are_called_so():
    nobody = nights(rows(profession=None).with_columns(pl.col("profession").cast(pl.String)))
    assert set(nobody.peers.group) == {"like size, hours and services in 29"}
    assert set(nobody.own.leans_on) == {"unknown profession"}
    nowhere = nights(
        rows(profession=None)
        .with_columns(pl.lit(None, pl.String).alias("profession"), region=None)
        .cast({"region": pl.String})
    )
    assert set(nowhere.peers.group) == {"like size, hours and services"}


@pytest.mark.parametrize(("accepted", "learned", "moved"), [((), None, [60]), (("answers/*",), 600, [])])
def test_a_change_of_the_logs_becomes_usual_once_a_person_accepted_it(accepted, learned, moved):
    counted = pl.when(pl.col("night") < FIRST + timedelta(days=13)).then(30).otherwise(600)
    seen = nights(rows().with_columns(answers=counted.cast(pl.Int64)), accepted=accepted)
    first = seen.learned.past.on(FIRST + timedelta(days=13))
    assert first["answers"].unique().to_list() == [learned]
    assert [shift.moved for shift in seen.shifts if shift.key == "answers/*"] == moved
    assert surprise(seen, "answers", "A007") < 300


def test_what_is_usual_rests_on_nights_that_are_no_longer_held_in_full_and_says_so():
    week = replace(Settings(), baselines=replace(Settings().baselines, nights=7))
    grown = rows().with_columns(
        people=pl.when(pl.col("account") == "A007", pl.col("night") > FIRST + timedelta(days=6))
        .then(30)
        .otherwise("people")
    )
    seen, short = (nights(grown, settings=replace(week, older=OlderNights(days=days))) for days in (180, 0))
    at = seen.rows["account"].to_list().index("A007")
    assert seen.own.older.nights("people")[at] == 7
    assert seen.expected["people"][at] < short.expected["people"][at] - 3
    measure = measure_of(at, seen, BY_NAME["people"])
    assert measure.nights == 14
    text = sentence(BY_NAME["people"], replace(measure, against="own"), seen, at)
    assert text.endswith("(its own 14 nights, 7 of them before the 7 held in full)")
    measure = measure_of(at, short, BY_NAME["people"])
    assert sentence(BY_NAME["people"], replace(measure, against="own"), short, at).endswith("(its own 7 nights)")


def told_nights(frame, name, account):
    """Give the surprise at one share of one account, night by night."""
    memory, told = Memory(), []
    for (night,), tonight in frame.partition_by("night", as_dict=True, maintain_order=True).items():
        about = About((night, "working"), with_model=False)
        seen = assess(tonight, memory, [BY_NAME[name]], Settings(), about)
        memory = seen.learned
        told.append(surprise(seen, name, account))
    return told


def test_what_nobody_answers_fades_and_a_week_of_it_does_not():
    ordinary = rows(nights=58, mean=300.0, accounts=20).with_columns(gaps="people").sort("night", "account")
    robot = pl.when((pl.col("account") == "A007") & (pl.col("night") >= FIRST + timedelta(days=14)))
    frame = ordinary.with_columns(even_gaps=robot.then("gaps").otherwise(0))
    told = told_nights(frame, "even_gaps", "A007")
    assert max(told[:14]) == 0
    assert min(told[14:21]) == 2_000, "an attack of a week rings to its end"
    assert max(told[40:]) < 300, "a month later it is what the account does"
    assert max(told[-5:]) < 100, "and stays so when nothing else is held"
