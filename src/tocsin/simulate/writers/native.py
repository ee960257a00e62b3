"""The native format: columns of the normalised event that a portal would log, as CSV or NDJSON."""

import polars as pl

from tocsin.simulate.writers.page import Page, Sheet, every_row, patient_as_typed, stamp

NATIVE_COLUMNS = (
    "time", "kind", "outcome", "account", "profession", "structure", "region", "session", "ip", "network_type",
    "user_agent", "client", "service", "patient", "rows", "bytes",
)  # fmt: skip
_WHERE_TOLD = ("country",)
"""Columns that only some portals log."""


def csv_sheet(page: Page) -> list[Sheet]:
    """Write a night as one CSV file."""
    return [Sheet(f"portal-{page.day}.csv", native_table(page), every_row(page), "csv")]


def ndjson_sheet(page: Page) -> list[Sheet]:
    """Write a night as one JSON object a line."""
    return [Sheet(f"portal-{page.day}.ndjson", native_table(page), every_row(page), "ndjson")]


def native_table(page: Page) -> pl.DataFrame:
    """Lay out a night in the native columns."""
    table = page.actions.with_columns(time=stamp(), patient=patient_as_typed())
    told = (name for name in _WHERE_TOLD if name in table.columns)
    return table.select(name for name in (*NATIVE_COLUMNS, *told) if name not in page.without)
