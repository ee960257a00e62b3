"""Logs in the formats that portals write."""

from tocsin.simulate.writers.amelipro import amelipro_sheets
from tocsin.simulate.writers.combined import combined_sheet
from tocsin.simulate.writers.native import csv_sheet, ndjson_sheet
from tocsin.simulate.writers.page import Writer

WRITERS: dict[str, Writer] = {
    "native": csv_sheet,
    "native-ndjson": ndjson_sheet,
    "amelipro": amelipro_sheets,
    "combined": combined_sheet,
}
"""Every format that can be written, by the name of the option."""
