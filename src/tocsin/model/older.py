"""Nights that are no longer held in full, summed by account and four weeks: six features of volume and novelty.

Whole numbers as in model.sums, so that no order of nights can change a figure. The four weeks are counted from a fixed
day, so that a block is never begun anew. Nothing of it names a patient.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.model.held import Held, Whole
from tocsin.model.nights import Past
from tocsin.model.sums import Sums
from tocsin.model.surprise import Floats
from tocsin.model.usual import settled
from tocsin.model.weather import Skies
from tocsin.schema import empty
from tocsin.settings import OlderNights
from tocsin.store.codec import Keeper, Part

COUNTS = ("people", "consultations", "people_10m", "people_1h", "answers")
"""The counts; of `bytes_kb` nothing is kept, which says the same as `answers` in another unit."""

SHARE = "new_share"

OF = "people"

WIDE = ("xx", "xf")
"""Sums that do not fit in 32 bits where an account is a robot."""

OLDER: dict[str, pl.DataType] = {
    "account": pl.String(),
    "night": pl.Date(),
    "last": pl.Date(),
    "nights": pl.Int32(),
    **{
        f"{part}_{name}": pl.Int64() if part in WIDE else pl.Int32()
        for name in COUNTS
        for part in ("x", "f", "xx", "ff", "xf")
    },
    **{f"{part}_{SHARE}": pl.Int32() for part in ("k", "n")},
    "told": pl.Int32(),
    "settled": pl.Int32(),
    "roots": pl.Int32(),
    "squares": pl.Int64(),
}
"""Rows an account and block. `night`: the first of the block, `last`: the last one summed; `nights` on which it was
active, `told`: those that tell who is new. Of those since it had `settled` in (usual.settled): the sum of twice the
roots of its new people (model.newcomers), in hundredths, and of their squares."""

KEYS = ("night", "account")


@dataclass(frozen=True, slots=True)
class Older:
    """What each account of tonight did on these nights (Blocks.summed), and what they weigh beside those in full."""

    sums: pl.DataFrame
    weight: float

    @classmethod
    def of(cls, older: "Blocks", accounts: pl.Series, rules: OlderNights) -> "Older":
        """Look up some accounts."""
        return cls(older.summed(accounts), rules.weight)

    def nights(self, name: str) -> Floats:
        """Count the nights that a feature's figures rest on too."""
        column = {SHARE: "told", **dict.fromkeys(COUNTS, "nights")}.get(name)
        return self.sums[column].to_numpy().astype(np.float64) if column else np.zeros(self.sums.height)

    def counted(self) -> "Older":
        """Keep what `nights` needs: of large portals the sums take room."""
        return replace(self, sums=self.sums.select("nights", "told"))

    def with_count(self, name: str, sums: Mapping[str, Floats]) -> Mapping[str, Floats]:
        """Add their sums of a count to those of the nights held in full (model.sums), as much as they weigh."""
        if name not in COUNTS:
            return sums
        return {part: told + self.weight * self.sums[f"{part}_{name}"].to_numpy() for part, told in sums.items()}

    def with_share(self, name: str, sums: Mapping[str, Floats], groups: NDArray[np.intp]) -> Mapping[str, Floats]:
        """Add part and whole of a share, the part changed as that of the whole profession (`groups`) has since.

        The longer logs are held the fewer people are new.
        """
        if name != SHARE:
            return sums
        k, n = (self.sums[f"{part}_{name}"].to_numpy().astype(np.float64) for part in ("k", "n"))
        both = (n > 0) & (sums["n"] > 0)
        now, whole, then, of = (np.bincount(groups, np.where(both, told, 0)) for told in (sums["k"], sums["n"], k, n))
        with np.errstate(divide="ignore", invalid="ignore"):
            change = np.nan_to_num((now / whole) / (then / of), nan=1.0, posinf=1.0)[groups]
        return {"k": sums["k"] + self.weight * np.minimum(k * change, n), "n": sums["n"] + self.weight * n}


@dataclass(slots=True, eq=False)
class Packed:
    """The rows of one block, compressed: 76 bytes an account, where the table has 191."""

    night: date
    content: bytes
    kept: str | None = None
    """The name under which a state keeps the rows, once it does."""

    @classmethod
    def of(cls, rows: pl.DataFrame, kept: str | None = None) -> "Packed":
        """Pack the rows of one block."""
        content = io.BytesIO()
        rows.sort("account").write_ipc(content, compression="zstd")
        return cls(rows["night"][0], content.getvalue(), kept)

    def rows(self) -> pl.DataFrame:
        """Unpack them."""
        return pl.read_ipc(io.BytesIO(self.content))


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks in order, never had as one table."""

    blocks: tuple[Packed, ...] = ()

    @classmethod
    def of(cls, rows: pl.DataFrame) -> "Blocks":
        """Hold rows of OLDER, each account and block once."""
        parts = rows.sort("night").partition_by("night", maintain_order=True) if rows.height else []
        return cls(tuple(map(Packed.of, parts)))

    @classmethod
    def of_parts(cls, parts: Iterable[Part]) -> "Blocks":
        """Hold rows that come block by block."""
        blocks = (Packed.of(rows, kept) for kept, read in parts if (rows := read()).height)
        return cls(tuple(sorted(blocks, key=lambda one: one.night)))

    def kept(self, keeper: Keeper) -> list[str]:
        """Keep the rows of each block, where they are not kept yet; gives the names."""
        for one in self.blocks:
            if one.kept is None or not keeper.is_kept(one.kept):
                one.kept = keeper.keep_frame(one.rows())
        return [one.kept or "" for one in self.blocks] or [keeper.keep_frame(empty(OLDER))]

    def changed(self, change: Callable[[pl.DataFrame], pl.DataFrame]) -> "Blocks":
        """Hold what a change makes of the rows of each block; where an account has two then, their sum."""
        return Blocks.of_parts((None, partial(_single, change(one.rows()))) for one in self.blocks)

    def frame(self) -> pl.DataFrame:
        """Give all rows, in the order of blocks and accounts: many times what is held."""
        return pl.concat([empty(OLDER), *(one.rows() for one in self.blocks)])

    def of_some(self, accounts: pl.Series) -> pl.DataFrame:
        """Give the rows of some accounts."""
        mine = pl.col("account").is_in(accounts.implode())
        return pl.concat([empty(OLDER), *(one.rows().filter(mine) for one in self.blocks)])

    def with_rows(self, rows: pl.DataFrame) -> "Blocks":
        """Add rows to those of the same account and block."""
        new = {part["night"][0]: part for part in (rows.partition_by("night") if rows.height else [])}
        same = [one for one in self.blocks if one.night not in new]
        touched = [one.rows() for one in self.blocks if one.night in new]
        both = pl.concat([*touched, *new.values()]) if new else rows
        return Blocks(tuple(sorted((*same, *Blocks.of(_single(both)).blocks), key=lambda one: one.night)))

    def without(self, rows: pl.DataFrame) -> "Blocks":
        """Take the rows of these accounts and blocks out."""
        nights = {*rows["night"]}
        same = [one for one in self.blocks if one.night not in nights]
        left = [one.rows().join(rows, on=KEYS, how="anti") for one in self.blocks if one.night in nights]
        packed = [Packed.of(part) for part in left if part.height]
        return Blocks(tuple(sorted((*same, *packed), key=lambda one: one.night)))

    def since(self, night: date) -> "Blocks":
        """Let go of blocks that began before a night."""
        return Blocks(tuple(one for one in self.blocks if one.night >= night))

    def summed(self, accounts: pl.Series) -> pl.DataFrame:
        """Sum the blocks of each of some accounts, in their order; 0 of those that have none."""
        sums = {name: np.zeros(accounts.len(), np.int64) for name in OLDER if name not in {*KEYS, "last"}}
        asked = accounts.to_frame("account")
        for one in self.blocks:
            told = asked.join(one.rows(), on="account", how="left", maintain_order="left")
            for name in sums:
                sums[name] += told[name].fill_null(0).to_numpy()
        return pl.DataFrame({name: pl.Series(name, values, OLDER[name]) for name, values in sums.items()})


def learn_older(
    older: Blocks,
    past: Past,
    nights: tuple[date, date],
    skies: Skies,
    seen: pl.DataFrame,
    settling_days: int,
    rules: OlderNights,
) -> Blocks:
    """Add the nights that `past` is going to lose tonight, and let go of blocks that began too long ago.

    `nights`: tonight, and the first one that stays; `past`, `skies` and `seen` (carried.SEEN) as they were before.
    """
    (night, since), kept = nights, older
    for held in past.nights:
        if held.night < since:
            kept = kept.with_rows(_summed(held, past, skies, seen, settling_days, rules))
    return kept.since(night - timedelta(days=rules.days - 1))


def _single(rows: pl.DataFrame) -> pl.DataFrame:
    """Put the rows of the same account and block together."""
    return rows.group_by(KEYS).agg(pl.col("last").max(), pl.exclude("last").sum()).select(*OLDER).sort(KEYS)


def block_of(night: date, rules: OlderNights) -> date:
    """Give the first night of the block in which a night lies."""
    return date.fromordinal(night.toordinal() // rules.block_days * rules.block_days)


def _summed(
    held: Held, past: Past, skies: Skies, seen: pl.DataFrame, settling_days: int, rules: OlderNights
) -> pl.DataFrame:
    """Give the rows of one night."""
    alone = replace(past, nights=(held,))
    told = dict(_columns(alone, skies, seen, settling_days))
    rows = {name: pl.Series(name, values[held.accounts], OLDER[name]) for name, values in told.items()}
    names = past.names.gather(held.accounts).alias("account")
    return pl.DataFrame({**rows, "account": names, "night": block_of(held.night, rules), "last": held.night}).select(
        *OLDER
    )


def _columns(alone: Past, skies: Skies, seen: pl.DataFrame, settling_days: int) -> Iterator[tuple[str, Whole]]:
    sums = Sums.of(alone, skies)
    yield "nights", sums.nights()
    for name in COUNTS:
        yield from ((f"{part}_{name}", values) for part, values in sums.count(name).items())
    share = sums.share(SHARE, OF)
    yield from ((f"{part}_{SHARE}", share[part]) for part in ("k", "n"))
    yield "told", sums.nights_told(SHARE)
    counted = settled(alone, seen, settling_days)
    told, roots = np.zeros(alone.names.len(), np.int64), np.zeros(alone.names.len(), np.int64)
    for block in alone.blocks():
        people, here = alone.table("new_people", block)
        here &= counted(block)
        told[block] = here.sum(axis=0)
        roots[block] = np.where(here, np.rint(100 * root(people)), 0).sum(axis=0)
    yield from (("settled", told), ("roots", roots), ("squares", roots * roots))


def root(people: Whole) -> Floats:
    """Give twice the root of a count, whose spread does not grow with it (Anscombe, Biometrika 1948)."""
    twice: Floats = 2 * np.sqrt(people + 0.375)
    return twice
