"""The fields a rule may name: columns of an event and the local time, with what can be asked of each."""

from collections.abc import Mapping

import polars as pl

from tocsin.features.catalogue import FEATURES
from tocsin.schema import EVENTS

CALENDAR: Mapping[str, pl.DataType] = {
    "local_hour": pl.Int8(),
    "local_weekday": pl.Int8(),
    "holiday": pl.Boolean(),
    "open_hours": pl.Boolean(),
}
"""Local time of the portal as data, added to events before rules see them."""

FIELDS: Mapping[str, pl.DataType] = {**EVENTS, **CALENDAR}
"""Every field of an event that a detection may name."""

NIGHT_FIELDS = ("account", "profession", "structure", "region")
"""Fields that a rule about nights may name beside features."""

_FEATURES = {feature.name: feature for feature in FEATURES}

ASKED: Mapping[str, pl.DataType] = {**FIELDS, **dict.fromkeys(_FEATURES, pl.Int64())}
"""Every field that a detection may name: those of an event, or the features of an account's night."""

HIGH_CARDINALITY = frozenset({"patient", "patient_block", "session", "request", "ip"})
"""Text columns with nearly as many values as rows: a dictionary of their values would cost more than it spares."""

_NO_WORDS = ("patient", "patient_block", "source")


def is_feature(field: str) -> bool:
    """Say whether a field is a feature of a night (docs/features.md)."""
    return field in _FEATURES


def columns_told_by(feature: str) -> tuple[str, ...]:
    """Name the columns of events that a feature is worked out from."""
    return _FEATURES[feature].needs


def is_text(dtype: pl.DataType) -> bool:
    """Says whether patterns apply: text, or one of a fixed set of words."""
    return isinstance(dtype, pl.String | pl.Enum)


def is_number(dtype: pl.DataType) -> bool:
    """Says whether comparisons apply."""
    return dtype.is_integer()


def is_truth(dtype: pl.DataType) -> bool:
    """Says whether the column holds true and false."""
    return isinstance(dtype, pl.Boolean)


KEYWORD_FIELDS = tuple(name for name, dtype in EVENTS.items() if is_text(dtype) and name not in _NO_WORDS)
"""Columns that a keyword is searched for in: texts of the log, neither tokens nor the name of the file."""
