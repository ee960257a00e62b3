"""What confirmed windows take out of an account's memory, held so that another answer about the case brings it back."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import polars as pl

from tocsin.model.memory import Memory
from tocsin.model.networks import NETWORKS
from tocsin.model.older import Blocks
from tocsin.schema import empty
from tocsin.store.codec import PARTS
from tocsin.verdict.decisions import Decision


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows of Memory.past, Memory.networks and Memory.older of windows that are confirmed."""

    past: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"account": pl.String, "night": pl.Date}))
    networks: pl.DataFrame = field(default_factory=lambda: empty(NETWORKS))
    older: Blocks = field(default_factory=Blocks, metadata={PARTS: Blocks.of_parts})


def leave_out(
    memory: Memory,
    held: LeftOut,
    confirmed: pl.DataFrame,
    answers: Sequence[Decision],
    night: date,
    keep: timedelta,
) -> tuple[Memory, LeftOut]:
    """Take confirmed account-nights out, and put back what a later answer about the account no longer confirms.

    `confirmed` has the account and night of each confirmed one; `answers` are those that the night hears.
    What was left out longer ago than `keep` is let go of.
    """
    windows = [one for one in answers if one.answer == "true"]
    answered = pl.col("account").is_in(pl.Series([one.account for one in answers], dtype=pl.String).implode())
    past, past_held = memory.past, held.past.filter(pl.col("night") > night - keep)
    if past is not None:
        back = past_held.filter(answered).join(confirmed, on=["account", "night"], how="anti", maintain_order="left")
        for rows in back.partition_by("night", maintain_order=True):
            past = past.with_rows(pl.concat([past.on(rows["night"][0]), rows], how="diagonal"))
        past_held = past_held.join(back, on=["account", "night"], how="anti", maintain_order="left")
        for day in sorted({*confirmed["night"]} & {one.night for one in past.nights}):
            rows = past.on(day)
            gone = rows.join(confirmed, on=["account", "night"], how="semi", maintain_order="left")
            if gone.height:
                kept = rows.join(confirmed, on=["account", "night"], how="anti", maintain_order="left")
                past = past.with_rows(kept) if kept.height else past.without(day)
                past_held = pl.concat([past_held, gone], how="diagonal_relaxed")
    begun = _begun_in(windows)
    networks = held.networks.filter(answered & ~begun)
    known = pl.concat([memory.networks, networks])
    if networks.height:
        known = known.group_by("account", "network").agg(pl.col("first").min(), pl.col("last").max())
        known = known.sort("account", "network")
    networks_held = pl.concat([held.networks.filter(~(answered & ~begun)), known.filter(begun)])
    networks_held = networks_held.filter(pl.col("last") > night - keep).unique(
        ["account", "network"], keep="last", maintain_order=True
    )
    return replace(memory, past=past, networks=known.filter(~begun)), replace(
        held, past=past_held, networks=networks_held
    )


def leave_older_out(
    memory: Memory,
    held: LeftOut,
    confirmed: pl.DataFrame,
    answers: Sequence[Decision],
    new: Sequence[Decision],
    since: date,
) -> tuple[Memory, LeftOut]:
    """Take the sums of blocks of older nights out that a newly confirmed window touches, and put back as `leave_out`.

    Sums cannot be parted by night, so the whole block goes. Nights that were confirmed while they were held in full
    never came into one: only `new` answers count. Blocks that began up to `since` are held no longer.
    """
    older, out = memory.older, held.older.since(since)
    about = pl.Series("account", [one.account for one in answers], pl.String)
    mine = out.of_some(about)
    spans = mine.join(confirmed.select("account", day="night"), on="account")
    touched = spans.filter(pl.col("day").is_between("night", "last"))
    back = mine.join(touched, on=["account", "night"], how="anti")
    if back.height:
        out, older = out.without(back), older.with_rows(back)
    windows = [one for one in new if one.answer == "true"]
    if windows:
        rows = older.of_some(pl.Series("account", [one.account for one in windows], pl.String))
        gone = rows.filter(pl.any_horizontal(map(_touches, windows)))
        out, older = out.with_rows(gone), older.without(gone)
    return replace(memory, older=older), replace(held, older=out)


def _touches(one: Decision) -> pl.Expr:
    """Tell the blocks that a window touches."""
    return (pl.col("account") == one.account) & (pl.col("night") <= one.last) & (pl.col("last") >= one.first)


def _begun_in(windows: Sequence[Decision]) -> pl.Expr:
    """Tell networks that an account began to use in a confirmed window: they are the intruder's."""
    mine = [(pl.col("account") == one.account) & pl.col("first").is_between(one.first, one.last) for one in windows]
    return pl.any_horizontal(mine) if mine else pl.lit(value=False)
