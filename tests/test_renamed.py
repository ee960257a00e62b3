"""An account that gets a new name between two nights goes on as if it had always had it."""

import shutil
import time
from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from test_nightly import NOW, START, a_night, an_attack, line, nir, write
from test_watch import concluded
from tocsin.cases.desk import desk
from tocsin.cases.nights import result_of
from tocsin.nightly import Scan
from tocsin.privacy.tokens import TokenKey
from tocsin.rules.load import load_rules
from tocsin.rules.pack import shipped
from tocsin.store.lake import Lake
from tocsin.store.names import NAMES, Names
from tocsin.store.state import changing, reading
from tocsin.watch import Watched
from tocsin.watch import scan as watch
from tocsin.watch.held import before_night, measured_on
from tocsin.watch.purge import purge

KEY = TokenKey(b"k" * 32)
RULES = load_rules([shipped()])
DAYS = [START + timedelta(days=day) for day in range(6)]


def call(paths, state, directory=None):
    question = Scan([str(path) for path in paths], NOW, with_model=False, directory=directory)
    return watch(question, RULES, KEY, lambda *_: None, Watched(state, time.monotonic))


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Six nights in which A7 is attacked twice; from the fifth on it is called Q7. One state knew that all along."""
    folder = tmp_path_factory.mktemp("renamed")
    rows = {day: list(a_night(day, accounts=12)) for day in DAYS}
    for day in (DAYS[3], DAYS[5]):
        rows[day] += an_attack(day, "A7", people=150)
    # People read on the first night and on the last are no strangers: only the marks of the old name know them.
    for day in (DAYS[0], DAYS[5]):
        rows[day] += [line(day, 700 + number, "A7", nir(700 + number)) for number in range(9)]
    # A row of the evening before comes with the fifth night's log: that night is judged again, under the new name.
    rows[DAYS[4]].append(line(DAYS[3], 900, "A7", nir(3)))
    logs = [write(folder / f"{day}.csv", sorted(rows[day])) for day in DAYS]
    directory = folder / "directory.csv"
    directory.write_text("account,profession,former_account\nQ7,gp,A7\nQ99,gp,A99\n")
    always = [call(logs[:4], folder / "always", directory), call(logs[4:], folder / "always", directory)]
    apart = [call(logs[:4], folder / "apart"), *(call([log], folder / "apart", directory) for log in logs[4:])]
    return folder, always, apart


def held(folder, name):
    return reading(folder / name)


def test_the_nights_under_the_new_name_are_judged_with_the_past_of_the_old_one(told):
    _folder, always, apart = told
    assert concluded(*apart)[3:] == concluded(always[1])
    (suspect,) = apart[-1].nights[-1].suspects
    assert (suspect.account, suspect.first_alerted, suspect.rank) == ("Q7", DAYS[3], None)


def test_what_is_held_is_the_same_as_if_the_name_had_always_been_known(told):
    folder, *_ = told
    one, other = held(folder, "always"), held(folder, "apart")
    for day in DAYS:
        for name in ("nights", "origins", "episodes", "peaks"):
            rows = [getattr(measured_on(state.manifest, day, state), name) for state in (one, other)]
            assert_frame_equal(*rows, check_row_order=False)
        events = [pl.concat(Lake.of(state.files, state.manifest).parts([day])) for state in (one, other)]
        assert_frame_equal(*(part.drop("source").sort("byte", "account") for part in events), check_row_order=False)
    left = [before_night(state.manifest, DAYS[5] + timedelta(days=1), state) for state in (one, other)]
    assert_frame_equal(*(one.memory.past.frame() for one in left))
    assert_frame_equal(left[0].memory.mix, left[1].memory.mix)
    assert_frame_equal(left[0].memory.networks, left[1].memory.networks, check_row_order=False)
    assert left[0].docket == left[1].docket


def test_it_is_said_once(told):
    _folder, _always, apart = told
    notes = [[note for note in report.notes if "new name" in note] for report in apart]
    assert notes == [[], ["1 account has a new name, under which its past goes on: A7 > Q7"], []]


def test_a_case_goes_on_and_is_found_under_both_names(told):
    folder, *_ = told
    cases = desk(held(folder, "apart"), 7)
    (case,) = cases.cases
    assert case.account == "Q7"
    assert case.nights == (DAYS[3], DAYS[5])
    assert cases.find("A7") == cases.find("Q7") == case


def test_a_list_of_then_is_told_under_the_name_of_today_and_stays_as_written(told):
    folder, *_ = told
    state = held(folder, "apart")
    shown = result_of(state.manifest, DAYS[3], state)
    assert shown is not None
    assert [suspect.account for suspect in shown.suspects] == ["Q7"]
    assert set(shown.measures) == {"Q7"}


def test_events_of_an_account_are_found_under_both_names(told):
    folder, *_ = told
    state = held(folder, "apart")
    lake = Lake.of(state.files, state.manifest)
    mine = lake.of_accounts(["Q7"], ["account", "night"])
    assert set(mine["account"]) == {"Q7"}
    assert mine["night"].n_unique() == 6
    assert lake.of_accounts(["A7"], ["account"]).is_empty()
    assert lake.bucket(DAYS[:1], 0, 1)["account"].n_unique() == 12


def test_a_purge_forgets_a_former_name_with_its_last_night(told, tmp_path):
    folder, *_ = told
    shutil.copytree(folder / "apart", tmp_path / "state")
    with changing(tmp_path / "state") as state:
        purge(state, DAYS[4], NOW)
    purged = reading(tmp_path / "state")
    assert purged.manifest.renames is None
    past = before_night(purged.manifest, DAYS[5], purged).memory.past
    assert past.names.is_in(["Q7"]).any()
    assert [one.night for one in past.nights] == [DAYS[4]]


# --- names ------------------------------------------------------------------------------------------------------------


def names(*rows):
    return Names(pl.DataFrame(rows, schema=NAMES, orient="row"))


def renames(*rows):
    return pl.DataFrame(rows, schema={"former": pl.String(), "account": pl.String()}, orient="row")


def test_a_second_new_name_takes_the_first_along():
    known = pl.Series(["A", "B", "X"])
    once = names().told(renames(("A", "B")), known, DAYS[0])
    twice = once.told(renames(("A", "C"), ("B", "C")), pl.Series(["B"]), DAYS[3])
    assert once.table.rows() == [("A", "B", DAYS[0])]
    assert twice.table.rows() == [("A", "C", DAYS[0]), ("B", "C", DAYS[3])]


def test_who_has_the_login_later_is_another_account():
    rows = pl.DataFrame({"account": ["A", "A", "B"], "night": [DAYS[0], DAYS[2], DAYS[2]]})
    assert names(("A", "Q", DAYS[1])).rows(rows)["account"].to_list() == ["Q", "A", "B"]
    assert names(("A", "Q", DAYS[1])).on(DAYS[2]).table.is_empty()


def test_of_a_night_on_which_both_names_were_used_todays_row_stays():
    rows = pl.DataFrame({"account": ["A", "C", "Q"], "night": [DAYS[0]] * 3, "people": [1, 2, 3]})
    assert names(("A", "Q", DAYS[0])).single(rows).rows() == [("C", DAYS[0], 2), ("Q", DAYS[0], 3)]
    spans = pl.DataFrame({"account": ["A", "Q"], "first": [DAYS[0], DAYS[2]], "last": [DAYS[1], DAYS[3]]})
    assert names(("A", "Q", DAYS[1])).single(spans).rows() == [("Q", DAYS[0], DAYS[3])]
