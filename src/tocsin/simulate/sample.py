"""The sample logs of this repository: twelve nights of a small portal, in every format, with a hidden blitz.

Some lines are broken on purpose, so that whoever tries tocsin on them sees what becomes of bad input.
"""

from datetime import date

import polars as pl

from tocsin.simulate import Simulation
from tocsin.simulate.actions import OWNER
from tocsin.simulate.scenarios.blitz import Blitz
from tocsin.simulate.scenarios.spec import Attack
from tocsin.simulate.writers.page import Page
from tocsin.simulate.writers.publish import Dress

MARKUP = "<script>alert('tocsin')</script>"
FORMULA = '=HYPERLINK("http://portail-sante.example/";"a report")'


def sample() -> Simulation:
    """Describe the sample: 150 accounts in Brittany, and on the last night a robot on four of them."""
    csv = Dress("native", "gz", tight=True)
    ndjson = Dress("native-ndjson", "zst", tight=True)
    return Simulation(
        accounts=150,
        nights=12,
        start=date(2026, 3, 2),
        seed=2022,
        attacks=(Attack(Blitz(accounts=4, per_day=(1_500, 3_000), gap_seconds=(1.0, 4.0), addresses=(2, 2)), 12, 12),),
        dress=(
            csv,
            Dress("native", "gz", tight=True, damage=break_lines),
            csv,
            csv,
            ndjson,
            ndjson,
            Dress("native-ndjson", "zst", tight=True, damage=cut_short),
            Dress("amelipro", "gz", tight=True),
            Dress("combined", "gz", tight=True),
            Dress("amelipro", "gz", tight=True),
            ndjson,
            Dress("native", "gz", tight=True, alter=name_browsers),
        ),
        departments=("22", "29", "35", "56"),
    )


def break_lines(_name: str, text: bytes) -> bytes:
    """Cut line 101 in the middle, spoil the date of line 202, and put bytes that are no UTF-8 into line 303."""
    lines = text.split(b"\n")
    lines[100] = lines[100][: len(lines[100]) // 2]
    lines[201] = b"2026-03-32T25:61:00+01:00" + lines[201][lines[201].index(b",") :]
    lines[302] = lines[302].replace(b"/", b"\xff\xfe/")
    return b"\n".join(lines)


def cut_short(_name: str, text: bytes) -> bytes:
    """Stop in the middle of the last line, as a full disk does."""
    return text[: text.rindex(b"{") + 60]


def name_browsers(page: Page) -> Page:
    """Let two logins of stolen accounts carry a browser string with markup, and one that a spreadsheet would run."""
    logins = page.actions.with_row_index("row").filter((pl.col("scenario") != OWNER) & (pl.col("kind") == "login"))
    first, second = logins["row"][0], logins["row"][-1]
    row = pl.int_range(pl.len())
    spoken = pl.when(row == first).then(pl.lit(MARKUP)).when(row == second).then(pl.lit(FORMULA))
    altered = page.actions.with_columns(user_agent=spoken.otherwise(pl.col("user_agent")))
    return Page(page.day, altered, page.seed, page.without)
