"""Where the events of a few accounts can be had again while a night is told."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import polars as pl


class Events(Protocol):
    """The spool of a run, or the lake of a state."""

    @property
    def begins(self) -> date | None:
        """Give the first night of which anything is held; None where nothing is."""

    def of_accounts(self, accounts: Sequence[str], columns: Sequence[str], since: date = date.min) -> pl.DataFrame:
        """Give their events of nights from `since` on, with these columns."""
