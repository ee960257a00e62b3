import pytest

from tocsin.formats.ahead import ahead


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
