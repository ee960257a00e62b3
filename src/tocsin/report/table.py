"""suspects.csv: one line a suspect, for a spreadsheet."""

import csv
import io

from tocsin.report.plain import cell
from tocsin.results import Report

COLUMNS = (
    "night", "rank", "account", "profession", "structure", "region", "risk", "points", "people", "new_people",
    "first_alerted", "nights_alerted", "campaign", "case", "status", "why",
)  # fmt: skip


def as_csv(report: Report) -> str:
    """Write the suspects as CSV; texts that a spreadsheet would run are quoted with an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for suspect in report.suspects:
        values = [getattr(suspect, column) for column in COLUMNS]
        writer.writerow(["" if v is None else cell(v) if isinstance(v, str) else v for v in values])
    return text.getvalue()
