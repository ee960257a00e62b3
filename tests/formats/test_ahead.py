import threading

import pytest

from tocsin.formats.ahead import ahead, side_by_side


def test_gives_the_same_things_in_the_same_order():
    assert list(ahead(iter([3, None, 1]))) == [3, None, 1]
    assert list(ahead(iter([]))) == []


def test_raises_what_the_maker_raises_after_what_it_made():
    def made():
        yield 1
        raise LookupError

    made_ahead = ahead(made())
    assert next(made_ahead) == 1
    with pytest.raises(LookupError):
        next(made_ahead)


def test_may_be_left_early():
    made_ahead = ahead(iter(range(1_000)))
    assert next(made_ahead) == 0
    made_ahead.close()


def test_things_made_side_by_side_come_in_their_order():
    together = threading.Barrier(2, timeout=10)

    def made(thing):
        together.wait()  # nobody gets past it alone: two are made at a time
        return -thing

    assert [(thing, making.result()) for thing, making in side_by_side(iter(range(6)), made)] == [
        (thing, -thing) for thing in range(6)
    ]


def test_a_thing_that_cannot_be_made_harms_no_other_and_nobody():
    made = side_by_side(iter([1, 0, 2]), lambda thing: 1 / thing)
    assert next(made)[1].result() == 1
    with pytest.raises(ZeroDivisionError):
        next(made)[1].result()
    assert next(made)[1].result() == 0.5
    endless = side_by_side(iter(range(10**9)), abs)
    next(endless)
    endless.close()
