"""Rhythm: pace without pauses, even and repeated gaps, hours in which nobody works, reads around the clock."""

import polars as pl

from tocsin.features.feature import Feature, Work
from tocsin.features.volume import reads, unnamed
from tocsin.settings_fixed import CLOCK_READS, EVEN_PARTS, HALF_OF_THE_CLOCK, PAUSE_MILLISECONDS, QUICK_MILLISECONDS


def gaps(work: Work) -> pl.DataFrame:
    """Give one row a gap between the reads of two people through one network and browser, pauses left out.

    Gaps are told between neighbours in time: where the owner and another read at once, only what follows its own kind
    makes a gap.
    """
    rows = (
        work.reads.filter(~pl.col("is_repeat"))
        .select("who", "time", "night", "person_id", "network", "user_agent")
        .sort("who", "time", "network", "user_agent", "person_id")
    )
    same = pl.all_horizontal(pl.col(key).eq_missing(pl.col(key).shift()) for key in ("who", "network", "user_agent"))
    other = pl.col("person_id") != pl.col("person_id").shift()
    apart = pl.col("time").diff().dt.total_milliseconds()
    gap = pl.when(same & other & (apart <= PAUSE_MILLISECONDS)).then(apart)
    before = gap.shift()
    return (
        rows.select(
            "who",
            "night",
            gap=gap,
            is_even=(((gap - before).abs() * EVEN_PARTS <= before) & same.shift()).fill_null(value=False),
        )
        .filter(pl.col("gap").is_not_null())
        .with_columns(
            is_quick=pl.col("gap") < QUICK_MILLISECONDS,
            # Most logs tell whole seconds: to the nearest one, a pace that they cut is the same pace.
            seconds=((pl.col("gap") + 500) // 1_000).cast(pl.Int32),
        )
    )


def hours_of_half(work: Work) -> pl.DataFrame:
    """Give for each night of enough reads the fewest hours of the clock that together hold half of them."""
    by_hour = (
        work.reads.filter(~pl.col("is_repeat"))
        .group_by("who", "night", hour=pl.col("time").dt.truncate("1h"))
        .agg(reads=pl.len().cast(pl.Int64))
    )
    nights = by_hour.group_by("who", "night").agg(pl.col("reads").sort(descending=True), whole=pl.col("reads").sum())
    return (
        nights.filter(pl.col("whole") >= CLOCK_READS)
        .explode("reads")
        .with_columns(before=pl.col("reads").cum_sum().over("who", "night") - pl.col("reads"))
        .filter(2 * pl.col("before") < pl.col("whole"))
        .group_by("who", "night")
        .agg(hours=pl.len())
    )


def working_hours(work: Work) -> pl.DataFrame:
    """Give one row an hour of the clock in which somebody was read."""
    return work.reads.select("who", "night", hour=pl.col("time").dt.truncate("1h")).unique()


FEATURES = (
    Feature(
        name="gaps",
        unit="gaps",
        family="rhythm",
        table=gaps,
        value=pl.len(),
        needs=("patient",),
        judged=False,
        words="gaps of under ten minutes between two people read through one network and browser",
        sentence="",
    ),
    Feature(
        name="quick_gaps",
        unit="of the gaps",
        family="rhythm",
        table=gaps,
        value=pl.col("is_quick").sum(),
        of="gaps",
        needs=("patient",),
        words="share of gaps under five seconds",
        sentence="went on to the next person within five seconds in {share} of cases, usually {usual}",
    ),
    Feature(
        name="even_gaps",
        unit="of the gaps",
        family="rhythm",
        table=gaps,
        value=pl.col("is_even").sum(),
        of="gaps",
        needs=("patient",),
        words="share of gaps as long as the one before",
        sentence="kept an even pace from person to person in {share} of cases, usually {usual}",
    ),
    Feature(
        name="repeated_gaps",
        unit="of the gaps",
        family="rhythm",
        table=gaps,
        value=pl.col("seconds").filter(~pl.col("is_quick")).unique_counts().max(),
        of="gaps",
        needs=("patient",),
        words="share of gaps, of five seconds and more, that are to the second as long as the night's most common one",
        sentence="waited to the second as long in {share} of its gaps between two people, usually {usual}",
    ),
    Feature(
        name="clock_hours",
        unit="of the clock",
        family="rhythm",
        table=hours_of_half,
        value=pl.lit(HALF_OF_THE_CLOCK).max(),
        needs=("patient",),
        judged=False,
        words="hours that would hold half of the reads, were they even around the clock; 0 on nights of under 96 reads",
        sentence="",
    ),
    Feature(
        name="even_clock",
        unit="of the clock",
        family="rhythm",
        table=hours_of_half,
        value=pl.col("hours").clip(upper_bound=HALF_OF_THE_CLOCK).sum(),
        of="clock_hours",
        needs=("patient",),
        words="how evenly the reads lie around the clock: the fewest hours that hold half of them",
        sentence="spread its reads {share} as evenly around the clock as a machine that never stops, usually {usual}",
    ),
    Feature(
        name="working_hours",
        unit="hours",
        family="rhythm",
        table=working_hours,
        value=pl.len(),
        needs=("patient",),
        words="hours of the clock in which somebody was read",
        sentence="read in {value} different hours, usually {usual}",
    ),
    Feature(
        name="people_closed",
        unit="people",
        family="rhythm",
        table=reads,
        value=pl.col("person_id").filter(~pl.col("open_hours")).n_unique(),
        needs=("patient",),
        words="people read at night, on Sundays and on holidays",
        sentence="read {value} people at night or on a closed day, usually {usual}",
    ),
    Feature(
        name="answers_closed",
        unit="rows",
        family="rhythm",
        table=unnamed,
        value=pl.max_horizontal("rows", "subjects").filter(~pl.col("open_hours")).sum(),
        needs=("rows",),
        words="rows sent at night, on Sundays and on holidays",
        sentence="was sent {value} rows at night or on a closed day, usually {usual}",
    ),
    Feature(
        name="bytes_closed",
        unit="kB",
        family="rhythm",
        table=unnamed,
        value=pl.col("bytes").filter(~pl.col("open_hours")).sum() // 1000,
        needs=("bytes",),
        unless=("rows",),
        words="kilobytes of answers that name nobody at night, on Sundays and on holidays, where the logs tell no rows",
        sentence="was sent {value} kB at night or on a closed day in answers that name nobody, usually {usual}",
    ),
)
