import numpy as np

from tocsin.model.calibration import Calibration


def test_claims_nothing_before_enough_nights():
    assert Calibration().learn([1, 2]).expected_false(np.array([1], np.int32), 2) is None


def test_counts_how_many_scored_as_much_on_past_nights():
    held = Calibration().learn([100, 200, 300]).learn([200, 250])
    expected = held.expected_false(np.array([200, 300, 900], np.int32), 2)
    assert expected.tolist() == [round(4 / 3, 4), round(1 / 3, 4), round(1 / 3, 4)]


def test_keeps_half_a_year():
    held = Calibration()
    for night in range(200):
        held = held.learn([night])
    assert len(held.nights) == 180
    assert held.nights[-1].tolist() == [199]
