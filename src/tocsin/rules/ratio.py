"""Keep the hits that are a share of another rule's count in the same window (`ratio`, docs/decisions/0010)."""

import polars as pl

from tocsin.features.windows import distinct_over_time
from tocsin.rules.comparisons import Ratio
from tocsin.rules.rule import Correlation
from tocsin.rules.windows import COMPARISONS


def with_share(hits: pl.DataFrame, whole: pl.DataFrame, rule: Correlation, ratio: Ratio) -> pl.DataFrame:
    """Keep the hits whose count fulfils the share; `whole` are the events to be counted against.

    `whole` has the groups of the rule, time, and the fields that it counts, where it counts values.
    """
    group = list(rule.group_by)
    fields = [column for column in whole.columns if column not in (*group, "time")]
    whole = whole.join(hits, on=group, how="semi")
    if len(fields) == 1:
        counted = whole.drop_nulls(fields).with_columns(pl.col(fields[0]).rank("dense").alias("#value"))
    elif fields:
        counted = whole.drop_nulls(fields).with_columns(pl.struct(fields).rank("dense").alias("#value"))
    else:
        counted = whole.with_columns(pl.int_range(pl.len()).alias("#value"))
    # The instants of the hits come in as rows that hold no value: windows end there and nothing is counted.
    probes = hits.select(*group, "time", pl.lit(None, pl.Int64).alias("#value"))
    rows = pl.concat([counted.select(*group, "time", pl.col("#value").cast(pl.Int64)), probes])
    windows = distinct_over_time(rows, group, "#value", rule.timespan).rename({"count": "#whole"})
    share = ratio.share
    own = pl.col("count").cast(pl.Int128) * share.denominator
    bound = pl.col("#whole").cast(pl.Int128) * share.numerator
    kept = hits.join(windows, on=[*group, "time"]).filter(pl.col("#whole") > 0)
    return kept.filter(COMPARISONS[ratio.operator](own, bound)).select(hits.columns)
