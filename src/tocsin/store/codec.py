"""What goes from night to night, written so that it can be read back bit by bit: JSON with frames kept beside it.

A value that JSON does not know is an object with one tag, such as {"$date": "2022-03-14"}. Only dataclasses that the
reader names are made, nothing of a file is ever run.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Protocol, runtime_checkable

import numpy as np
import polars as pl

from tocsin.errors import StoreError
from tocsin.words import _

PARTS = "parts"
"""Metadata of a field whose value is InParts: makes it of its parts (each Part)."""

Part = tuple[str | None, Callable[[], pl.DataFrame]]
"""A part: the name under which it is kept, if it is, and what reads it, which may be called in any thread."""


class Keeper(Protocol):
    """Whoever keeps frames, each under a name that its content alone decides."""

    def keep_frame(self, frame: pl.DataFrame) -> str:
        """Keep a frame and give the name under which it can be had again."""

    def is_kept(self, name: str) -> bool:
        """Say whether a frame is kept under this name."""


@runtime_checkable
class InParts(Protocol):
    """A table that is never had as one frame."""

    def kept(self, keeper: Keeper) -> list[str]:
        """Keep its parts, those that are not kept yet; gives the names of all."""


Fetch = Callable[[str], pl.DataFrame]

_MICROSECOND = timedelta(microseconds=1)


def encode(value: Any, keeper: Keeper | None = None) -> Any:
    """Turn a value into what JSON holds; raises TypeError for what cannot be read back, and for frames nobody keeps."""
    match value:
        case np.generic():
            raise TypeError(f"{type(value).__name__} is no plain value")
        case None | bool() | int() | str():
            return value
        case list():
            return [encode(item, keeper) for item in value]
        case Mapping() | tuple() | frozenset() | pl.DataFrame() | np.ndarray():
            return _gathered(value, keeper)
        case InParts():
            return {"$frame": value.kept(_keeping(keeper))}
        case _ if dataclasses.is_dataclass(value):
            fields = {f.name: encode(getattr(value, f.name), keeper) for f in dataclasses.fields(value)}
            return {"$is": type(value).__name__, "fields": fields}
    return _single(value)


def _gathered(value: Any, keeper: Keeper | None) -> dict[str, Any]:
    match value:
        case pl.DataFrame():
            return {"$frame": _kept(value, _keeping(keeper))}
        case np.ndarray():
            return {"$array": _keeping(keeper).keep_frame(pl.DataFrame({"values": value}))}
        case frozenset():
            return {"$set": sorted((encode(item, keeper) for item in value), key=str)}
        case tuple():
            return {"$tuple": [encode(item, keeper) for item in value]}
    return {"$map": [[encode(key, keeper), encode(item, keeper)] for key, item in value.items()]}


def _keeping(keeper: Keeper | None) -> Keeper:
    if keeper is None:
        raise TypeError("nobody keeps the frames of this")
    return keeper


def _single(value: Any) -> dict[str, Any]:
    match value:
        case float():
            return {"$float": value.hex()}
        case datetime():
            return {"$moment": value.isoformat()}
        case date():
            return {"$date": value.isoformat()}
        case timedelta():
            return {"$span": value // _MICROSECOND}
    raise TypeError(f"{type(value).__name__} cannot be kept from night to night")


def decode(plain: Any, fetch: Fetch, classes: Sequence[type]) -> Any:
    """Read back what `encode` wrote; raises StoreError where it is nothing of that kind, or of another version."""
    known = {made.__name__: made for made in classes}

    def read(plain: Any) -> Any:
        if isinstance(plain, list):
            return [read(item) for item in plain]
        if not isinstance(plain, dict):
            return plain
        if plain.get("$is") in known:
            made, written = known[plain["$is"]], plain["fields"]
            if not _needed(made) <= set(written) <= {one.name for one in dataclasses.fields(made)}:
                raise _of_another_version(made.__name__)
            return made(**{key: _completed(made, key, whole(made, key, item)) for key, item in written.items()})
        if len(plain) != 1 or next(iter(plain)) not in readers:
            raise _of_another_version(str(plain.get("$is", next(iter(plain), ""))))
        ((tag, content),) = plain.items()
        return readers[tag](content)

    def whole(made: type, name: str, plain: Any) -> Any:
        (one,) = (field for field in dataclasses.fields(made) if field.name == name)
        if PARTS in one.metadata and isinstance(plain, dict) and "$frame" in plain:
            return one.metadata[PARTS]((name, partial(fetch, name)) for name in plain["$frame"])
        return read(plain)

    readers: dict[str, Callable[[Any], Any]] = {
        "$float": float.fromhex,
        "$moment": datetime.fromisoformat,
        "$date": date.fromisoformat,
        "$span": lambda count: count * _MICROSECOND,
        "$frame": lambda names: pl.concat([fetch(name) for name in names]),
        "$array": lambda name: fetch(name)["values"].to_numpy(),
        "$set": lambda items: frozenset(map(read, items)),
        "$map": lambda items: {read(key): read(item) for key, item in items},
        "$tuple": lambda items: tuple(map(read, items)),
    }
    return read(plain)


def _needed(made: type) -> set[str]:
    missing = dataclasses.MISSING
    return {one.name for one in dataclasses.fields(made) if one.default is missing and one.default_factory is missing}


def _completed(made: type, name: str, value: Any) -> Any:
    """Give a table the columns that were added to it since it was written, as null."""
    (one,) = (field for field in dataclasses.fields(made) if field.name == name)
    if not isinstance(value, pl.DataFrame) or one.default_factory is dataclasses.MISSING:
        return value
    added = {column: dtype for column, dtype in one.default_factory().schema.items() if column not in value.columns}
    return value.with_columns(pl.lit(None, dtype).alias(column) for column, dtype in added.items())


def _of_another_version(name: str) -> StoreError:
    return StoreError(
        _("the state holds a {name} as this version of tocsin does not know it").format(name=name),
        hint=_("use the version of tocsin that wrote it, or start a new state with `tocsin init --backfill`"),
    )


def frames_of(plain: Any) -> set[str]:
    """List the names of the frames that an encoded value refers to."""
    if isinstance(plain, list):
        return set().union(*map(frames_of, plain))
    if not isinstance(plain, dict):
        return set()
    if "$frame" in plain:
        return set(plain["$frame"])
    return {plain["$array"]} if "$array" in plain else set().union(*map(frames_of, plain.values()))


def _kept(frame: pl.DataFrame, keeper: Keeper) -> list[str]:
    """Keep a frame in a part a night where it is in order of nights: yesterday's parts are there already."""
    if "night" not in frame.columns or frame.is_empty() or not frame["night"].is_sorted():
        return [keeper.keep_frame(frame)]
    return [keeper.keep_frame(part) for part in frame.partition_by("night", maintain_order=True)]
