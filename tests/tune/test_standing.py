"""In which file an overlay of a tuning stands, and above which others."""

from types import SimpleNamespace

import pytest

from tocsin.errors import SettingsError
from tocsin.tune.knobs import CAP
from tocsin.tune.scope import Scope
from tocsin.tune.standing import path_of, standing

HOUR = ("distinct_people_1h", "correlation.condition.gte")
DAY = ("distinct_people_1d", "correlation.condition.gte")
WEST = Scope("29", {"region": ("29",)})


def overlay(file, priority, *sets, when=WEST.when, family=None, budget=None):
    return SimpleNamespace(
        place=SimpleNamespace(file=str(file)),
        priority=priority,
        when=when,
        tunings=[(rule, SimpleNamespace(key=key)) for rule, key in sets],
        families=[SimpleNamespace(family=family)] if family else [],
        budget=budget,
        calendar=None,
    )


@pytest.fixture
def stands(tmp_path):
    """Say where an overlay of the west that sets something stands: in which file and how high."""

    def told(*overlays, sets=(HOUR,)):
        for one in overlays:
            tmp_path.joinpath(one.place.file).touch()
            one.place.file = str(tmp_path / one.place.file)
        found = standing(tmp_path, WEST, overlays, set(sets))
        return found.path.name, found.priority, found.is_there

    return told


def test_the_file_of_a_scope_is_named_after_it(tmp_path):
    names = [path_of(tmp_path, name).name for name in ("29, Laboratoire", "../Île", "??", "x" * 300)]
    assert names == ["tuned-29-laboratoire.yml", "tuned-île.yml", "tuned-all.yml", f"tuned-{'x' * 60}.yml"]
    assert path_of(tmp_path, "29", 2).name == "tuned-29-2.yml"


def test_an_overlay_stands_just_above_those_that_set_the_same(stands):
    assert stands() == ("tuned-29.yml", 0, False)
    assert stands(overlay("a.yml", -5, HOUR)) == ("tuned-29.yml", 0, False)
    assert stands(overlay("a.yml", 7, HOUR), overlay("b.yml", 9, DAY)) == ("tuned-29.yml", 8, False)
    capped = overlay("a.yml", 3, family="volume")
    assert stands(capped)[1] == 0
    assert stands(capped, sets=[("volume", CAP)])[1] == 4
    with pytest.raises(SettingsError, match="an overlay of the highest priority already sets the same"):
        stands(overlay("a.yml", 100, HOUR))


def test_an_earlier_overlay_of_the_same_accounts_goes_on_and_no_lower(stands):
    assert stands(overlay("tuned-29.yml", 0, DAY)) == ("tuned-29.yml", 0, True)
    assert stands(overlay("tuned-29.yml", 1, HOUR), overlay("a.yml", 0, HOUR), sets=[DAY]) == ("tuned-29.yml", 1, True)


def test_a_file_of_other_accounts_stays_as_it_is(stands):
    """A structure that is called as the region is, two overlays in one file, and a file that nobody read."""
    other = overlay("tuned-29.yml", 0, HOUR, when={"structure": ("29",)})
    assert stands(other) == ("tuned-29-2.yml", 1, False)
    more = overlay("tuned-29.yml", 0, DAY)
    assert stands(other, more) == ("tuned-29-2.yml", 1, False)
    assert stands() == ("tuned-29-2.yml", 0, False)


@pytest.mark.parametrize("besides", [{"family": "origin"}, {"budget": 3}, {}])
def test_what_an_overlay_set_besides_is_not_lifted_above_another_one_of_it(stands, besides):
    sets = [] if besides else [DAY]
    mine, other = overlay("tuned-29.yml", 0, *sets, **besides), overlay("a.yml", 1, HOUR, *sets, **besides)
    assert stands(mine, other) == ("tuned-29-2.yml", 2, False)
    assert stands(mine, overlay("a.yml", 0, HOUR, *sets, **besides)) == ("tuned-29.yml", 1, True)
    assert stands(overlay("tuned-29.yml", 0, HOUR), overlay("a.yml", 1, HOUR)) == ("tuned-29.yml", 2, True)
