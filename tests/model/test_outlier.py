from threading import get_ident

import numpy as np
import pytest

from tocsin.model import outlier
from tocsin.settings import Outlier

SAMPLE = Outlier().tree_rows


@pytest.fixture(autouse=True)
def always_anew(monkeypatch):
    """Other tests may share a forest (see conftest.py); here it is what is tested."""
    monkeypatch.setattr(outlier, "_scores", outlier._scores.__wrapped__)


def unusual(table, groups=None, rules=None):
    return outlier.unusual(
        list(table.T), np.zeros(len(table), np.intp) if groups is None else groups, rules or Outlier()
    )


def ordinary(accounts=300):
    return np.random.default_rng(1).integers(0, 150, size=(accounts, 6)).astype(np.int32)


def test_the_most_unusual_combination_ranks_highest():
    table = ordinary()
    table[17] = [500, 400, 600, 300, 500, 400]
    scores = unusual(table)
    assert scores.argmax() == 17
    assert scores[17] == round(100 * np.log10(301))


def test_what_a_profession_does_every_day_is_rare_in_another_only():
    table = np.concatenate([ordinary(SAMPLE), ordinary(SAMPLE)])
    table[:SAMPLE, 0] += 400  # who works at night always surprises those who do not
    table[SAMPLE + 7, 0] += 400
    groups = np.repeat([0, 1], SAMPLE)
    assert unusual(table).argmax() != SAMPLE + 7
    assert unusual(table, groups)[SAMPLE:].argmax() == 7


def test_forests_grown_side_by_side_are_those_grown_one_by_one(monkeypatch):
    table, groups = ordinary(3 * SAMPLE), np.arange(3 * SAMPLE) % 3
    one_by_one = unusual(table, groups)
    threads = []
    monkeypatch.setattr(outlier, "ACCOUNTS", 3 * SAMPLE - 1)
    monkeypatch.setattr("tocsin.model.each.pl.thread_pool_size", lambda: 2)
    grow = outlier._scores
    monkeypatch.setattr(outlier, "_scores", lambda *asked: threads.append(get_ident()) or grow(*asked))
    assert (unusual(table, groups) == one_by_one).all()
    assert len(threads) == 3
    assert get_ident() not in threads


def test_small_groups_are_one_together():
    table = ordinary(300)
    table[17] = [500, 400, 600, 300, 500, 400]
    assert (unusual(table, np.arange(300)) == unusual(table)).all()
    assert not unusual(ordinary(0)).any()


def test_among_few_accounts_nothing_is_rare():
    assert not unusual(ordinary(10)).any()


def test_the_settings_say_among_how_many_something_is_rare():
    assert unusual(ordinary(10), rules=Outlier(least_accounts=5)).any()


def test_a_night_without_surprises_has_no_outlier():
    assert not unusual(np.zeros((100, 3), np.int32)).any()


def test_an_account_without_any_surprise_gets_nothing():
    table = ordinary()
    table[3] = 0
    assert unusual(table)[3] == 0


def test_the_same_night_gives_the_same_scores():
    assert (unusual(ordinary()) == unusual(ordinary())).all()


def test_learns_from_a_part_of_a_large_portal():
    table = ordinary(301)
    table[5] = 590
    assert unusual(table, rules=Outlier(learn_from=100)).argmax() == 5
