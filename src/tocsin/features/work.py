"""Prepare the events of a bucket once: account codes, reads of people, requests, origins."""

from datetime import date, timedelta

import polars as pl

from tocsin.features.feature import Work
from tocsin.past import COUNTRY, LEFT, ORIGINS, PERSON, is_new, last_night
from tocsin.schema import Kind, Outcome
from tocsin.settings_fixed import ONE_LIST, REACHED

READING = (Kind.LOOKUP, Kind.SEARCH, Kind.LIST, Kind.EXPORT)
"""Kinds of event that show a person's record."""

SHOWN = (Outcome.SUCCESS, Outcome.UNKNOWN)
"""Outcomes that may have shown it; an unknown one counts, the intruder gets no discount for poor logs."""

COLUMNS = (
    "time", "night", "kind", "outcome", "account", "ip", "network", "network_type", "user_agent", "person_id",
    "block_id", "patient_order", "patient_valid", "patient_region", "subjects", "rows", "bytes", "automatic",
    "open_hours", "session", "country",
)  # fmt: skip
"""Event columns that the features read."""


BEFORE = ("who", "night", "time", "kind", "outcome", PERSON, *ORIGINS, COUNTRY)
"""Event columns that say what is known already."""


def prepare(
    events: pl.DataFrame, repeat: timedelta, first: date = date.min, told: date = date.min
) -> tuple[Work, pl.DataFrame]:
    """Prepare a bucket; also gives the table of codes: who (UInt32), account (sorted).

    What is counted for nights before `first`, and for accounts that did nothing from then on, need not be right: their
    events only tell what is known already, and those of the last hour fill the windows that reach over midnight. Of
    nights before `told` columns of the past say what is known.
    """
    tonight = pl.col("night") >= first
    begins = events.filter(tonight)["time"].min()
    is_near = tonight | (pl.col("time") >= pl.lit(begins, events.schema["time"]) - REACHED - repeat)
    codes = events.filter(tonight).select("account").unique().sort("account").with_row_index("who")
    past = [last_night(column) for column in (PERSON, *ORIGINS, COUNTRY) if last_night(column) in events.columns]
    tells = ~tonight & (pl.col("night") >= told)
    tells = tells & ~pl.col(LEFT) if LEFT in events.columns else tells
    before = events.lazy().filter(tells).join(codes.lazy(), on="account").select(BEFORE).collect()
    near = events.lazy().filter(is_near).select(*COLUMNS, *past).join(codes.lazy(), on="account").drop("account")
    coded = near.collect()
    reads = _reads(coded, before, repeat)
    origins, countries = _origins(coded, before, reads), _countries(coded, before)
    return Work(events=coded, reads=reads, asks=_asks(coded), origins=origins, countries=countries), codes


def is_shown() -> pl.Expr:
    """Tell the events that may have shown records."""
    return pl.col("kind").is_in(list(READING)) & pl.col("outcome").is_in(list(SHOWN))


def is_read() -> pl.Expr:
    """Tell the events that may have shown one person's record."""
    return is_shown() & pl.col("person_id").is_not_null()


def is_unnamed() -> pl.Expr:
    """Tell the events that name no single person, and exports: what they sent is not explained by the people read."""
    return pl.col("person_id").is_null() | (pl.col("kind") == Kind.EXPORT)


def _reads(events: pl.DataFrame, before: pl.DataFrame, repeat: timedelta) -> pl.DataFrame:
    rows = _with_past(events.filter(is_read()), PERSON, before.filter(is_read()))
    rows = rows.select(
        "who", "person_id", "time", "night", "ip", "network", "network_type", "user_agent", "patient_region",
        "automatic", "open_hours", "country", last_night(PERSON),
    ).sort("who", "person_id", "time", "ip", "user_agent")  # fmt: skip
    same = (pl.col("who") == pl.col("who").shift()) & (pl.col("person_id") == pl.col("person_id").shift())
    same = same.fill_null(value=False)
    previous = pl.when(same).then(pl.col("night").shift()).otherwise(last_night(PERSON))
    return rows.with_columns(
        is_new=is_new(pl.col("night"), previous),
        # Software that asks again on later days repeats a consultation that may lie in nights that are not at hand.
        is_repeat=(same & ((pl.col("time") - pl.col("time").shift()) <= repeat))
        | (pl.col("automatic") & ~is_new(pl.col("night"), previous)),
        opens_night=~same | (pl.col("night") != pl.col("night").shift()),
    ).drop(last_night(PERSON))


def _asks(events: pl.DataFrame) -> pl.DataFrame:
    asked = pl.col("kind").is_in(list(READING)) & pl.col("person_id").is_not_null() & ~pl.col("automatic")
    return events.filter(asked).select(
        "who", "night", "time", "outcome", "person_id", "block_id", "patient_order", "patient_valid"
    )


def _origins(events: pl.DataFrame, before: pl.DataFrame, reads: pl.DataFrame) -> pl.DataFrame:
    """One row an account, night, address and browser; new when the account did not use it on an earlier night."""
    told, earlier = (rows.filter(pl.col("ip").is_not_null()) for rows in (events, before))
    seen = told.group_by("who", "night", "ip", "network", "network_type", "user_agent").agg(
        events=pl.len(), first=pl.col("time").min(), last=pl.col("time").max()
    )
    people = reads.filter("opens_night").group_by("who", "night").len("people")
    for column, flag in zip(ORIGINS, ("is_new_ip", "is_new_network", "is_new_browser"), strict=True):
        keys = ["who", "night", column]
        uses = _uses(told, earlier, column).select(*keys, is_new(pl.col("night"), pl.col("previous")).alias(flag))
        seen = seen.join(uses, on=keys, how="left", nulls_equal=True)
    seen = _with_amounts(seen, told, reads).join(people, on=["who", "night"], how="left")
    return seen.sort("who", "night", "ip", "user_agent", nulls_last=True)


def _countries(events: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Give the countries of each night, new where the account came from none of them on an earlier night."""
    told, earlier = (rows.filter(pl.col(COUNTRY).is_not_null()) for rows in (events, before))
    new = is_new(pl.col("night"), pl.col("previous")).alias("is_new_country")
    return _uses(told, earlier, COUNTRY).select("who", "night", COUNTRY, new)


def _with_amounts(seen: pl.DataFrame, events: pl.DataFrame, reads: pl.DataFrame) -> pl.DataFrame:
    """Add what went through each origin: people `read`, `strangers` among them, rows `sent` in unnamed answers.

    One list of up to `ONE_LIST` rows in open hours is left out: doctors ask for that of their own patients.
    """
    keys = ["who", "night", "ip", "network", "network_type", "user_agent"]
    first = reads.filter("opens_night").group_by(keys).agg(read=pl.len(), strangers=pl.col("is_new").sum())
    rows = pl.max_horizontal("rows", "subjects").fill_null(0)
    ordinary = pl.when((rows <= ONE_LIST) & pl.col("open_hours").fill_null(value=True)).then(rows).otherwise(0)
    sent = events.filter(is_unnamed()).group_by(keys).agg(sent=rows.sum() - ordinary.max())
    seen = seen.join(first, on=keys, how="left", nulls_equal=True).join(sent, on=keys, how="left", nulls_equal=True)
    return seen.with_columns(pl.col("read", "strangers", "sent").fill_null(0).cast(pl.Int64))


def _uses(events: pl.DataFrame, before: pl.DataFrame, column: str) -> pl.DataFrame:
    """Give one row an account, night and value, with the night before it on which the account used the value."""
    past = last_night(column)
    uses = events.group_by("who", column, "night").agg(
        pl.col("time").min(), *([pl.col(past).max()] if past in events.columns else [])
    )
    uses = _with_past(uses, column, before).sort("who", column, "night")
    same = (pl.col("who") == pl.col("who").shift()) & pl.col(column).eq_missing(pl.col(column).shift())
    previous = pl.when(same.fill_null(value=False)).then(pl.col("night").shift()).otherwise(past)
    return uses.with_columns(previous=previous)


def _with_past(rows: pl.DataFrame, column: str, before: pl.DataFrame) -> pl.DataFrame:
    """Add the last night on which the account used the value before, as told, or seen in the events before.

    Where nobody tells what came before, the events are all there is.
    """
    past = last_night(column)
    if past not in rows.columns:
        rows = rows.with_columns(pl.lit(None, pl.Date).alias(past))
    if before.is_empty():
        return rows
    seen = before.group_by("who", column).agg(__first=pl.col("time").min(), __last=pl.col("night").max())
    # An event of the hour before the first night may itself be among those before: only later ones find it there.
    was_seen = pl.when(pl.col("time") > pl.col("__first")).then(pl.min_horizontal("__last", "night"))
    return (
        rows.join(seen, on=["who", column], how="left", nulls_equal=True)
        .with_columns(pl.max_horizontal(past, was_seen))
        .drop("__first", "__last")
    )
