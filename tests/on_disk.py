"""What a folder says to somebody who reads every byte of it."""

import polars as pl

GONE = "ZOE99"
"""An account that is active on the first night only."""


def everything(folder):
    """All that the files below a folder say, by name: tables as their texts, the rest as it stands."""
    return {str(path.relative_to(folder)): said(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def said(path):
    if path.suffix != ".parquet":
        return path.read_bytes().decode("utf-8", "replace")
    frame = pl.read_parquet(path, glob=False).with_columns(pl.selectors.array().arr.to_list())
    lists = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.List)]
    frame = frame.with_columns(pl.col(lists).cast(pl.List(pl.String)).list.join("\n"))
    return "\n".join(frame.select(pl.all().cast(pl.String)).fill_null("").unpivot()["value"].unique().sort().to_list())
