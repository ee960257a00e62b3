"""Thresholds and weights of a verdict stand in the settings, or in settings_fixed; none beside its code."""

import ast
from pathlib import Path

import tocsin

PACKAGE = Path(tocsin.__file__).parent
ROOMS = ("model", "verdict", "features")

TECHNICAL = {
    "model/calibration.py:_ROUNDS": "steps of a search that ends by itself long before",
    "model/circles.py:QUANTILES": "the points of a normal law from which a spread is reckoned",
    "model/factors.py:_CELLS": "size up to which counting beats sorting",
    "model/each.py:ACCOUNTS": "size from which on threads pay",
    "model/each.py:FEW": "size from which on threads pay",
    "model/each.py:MOST": "threads",
    "model/newcomers.py:QUARTILES": "a normal law",
    "model/nights.py:BLOCK": "accounts looked at together",
    "model/outlier.py:SEED": "the same forest every time",
    "model/room.py:LARGE": "size from which on memory is given back",
    "model/surprise.py:_FEW": "terms that are summed one by one",
    "model/surprise.py:_TOGETHER": "tails that are summed together",
    "model/surprise.py:_EXACT_TO": "numeric precision",
    "model/tail.py:_STRAIGHT": "numeric precision",
    "verdict/blind.py:SHOWN_GROUPS": "length of a list in words",
    "verdict/degraded.py:SHOWN_SOURCES": "length of a list in words",
    "verdict/dossier.py:STEPS": "length of a list in words",
    "verdict/drifting.py:MOST_TOLD": "room in a column",
    "verdict/evidence.py:MOST": "length of a list",
    "verdict/evidence.py:NEAR_LINES": "lines that are shown as one range",
    "verdict/explain.py:FEWEST": "length of a list in words",
    "verdict/explain.py:REASONS": "length of a list in words",
    "verdict/figures.py:LEAST_SHARE": "digits of a share in words",
    "verdict/hits.py:_REMEMBERED": "the longest time that rules can ask for (rules check it)",
    "verdict/onset.py:_CLOCK": "minutes of a day",
    "verdict/onset.py:_DAY": "minutes of a day",
    "verdict/sessions.py:SAYS": "digits of points in words",
    "verdict/sources.py:_HOUR": "an hour",
    "features/geography.py:CODES": "room of a code in a column",
    "features/pooled.py:SHARD_ROWS": "rows that are looked at together",
    "features/sweep.py:_SPREAD": "a hash",
    "features/window_values.py:_MICROSECOND": "a microsecond",
    "features/windows.py:AXIS_BITS": "bits of a key",
    "features/windows.py:_MICROSECOND": "a microsecond",
}
"""Numbers that change no verdict, or only how it is reckoned, with the reason."""

NUMBERS = {"timedelta", "uint64", "int64", "float64"}
"""Calls that make a number of numbers."""


def is_number(node):
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float) and not isinstance(value, bool)
        case ast.UnaryOp(operand=inner):
            return is_number(inner)
        case ast.BinOp(left=left, right=right):
            return is_number(left) or is_number(right)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return bool(parts) and all(map(is_number, parts))
        case ast.Dict(keys=keys, values=values):
            return bool(values) and (all(map(is_number, values)) or all(map(is_number, keys)))
    made_by = getattr(node, "func", None)
    return getattr(made_by, "id", getattr(made_by, "attr", "")) in NUMBERS


def constants(source):
    """Give the names of a module that are written in capitals and hold a number, or several."""
    for node in ast.parse(source).body:
        match node:
            case ast.Assign(targets=targets, value=value):
                pass
            case ast.AnnAssign(target=target, value=value):
                targets = [target]
            case _:
                continue
        for target in targets:
            several = isinstance(target, ast.Tuple)
            names = target.elts if several else [target]
            values = value.elts if several and isinstance(value, ast.Tuple) else [value] * len(names)
            for name, one in zip(names, values, strict=True):
                if isinstance(name, ast.Name) and name.id.isupper() and is_number(one):
                    yield name.id


def test_no_threshold_stands_beside_its_code():
    found = {
        f"{path.relative_to(PACKAGE).as_posix()}:{name}"
        for room in ROOMS
        for path in (PACKAGE / room).rglob("*.py")
        for name in constants(path.read_text())
    }
    assert found - TECHNICAL.keys() == set(), "make it a setting, or part of settings_fixed.py, with its reason"
    assert TECHNICAL.keys() - found == set(), "these are gone"


def test_a_threshold_of_any_kind_would_be_found():
    source = """
LEAST = 3
_MUCH: Final = -0.5
FEW, MANY = 2, (1, 2.0)
HELD = timedelta(days=28)
FIRST = 50 * FADES
RISK: tuple = ((0.0, 0), (2.0, 5))
STEPS = {600: "critical"}
NAME, ON, KINDS = "a", True, ("b", 3)
small = 3
"""
    assert list(constants(source)) == ["LEAST", "_MUCH", "FEW", "MANY", "HELD", "FIRST", "RISK", "STEPS"]
