"""Which hours the units of an input are of: a rejected unit has no time, so it counts with the event before it.

Of a file that holds thirty nights it is thus known which of them lacks lines.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tocsin.formats.base import Batch

SECONDS = 3_600


@dataclass
class Hours:
    """Events and rejects of one input by hour, counted from 1970 (UTC)."""

    events: Counter[int] = field(default_factory=Counter)
    rejects: Counter[int] = field(default_factory=Counter)
    _now: int | None = None
    _before: int = 0

    def add(self, batch: Batch) -> None:
        """Count a batch; what is rejected before the first event counts with that one."""
        if batch.events.is_empty():
            self._reject(batch.rejects.height)
            return
        # A unit that names several people is one event.
        units = batch.events.unique("byte", maintain_order=True) if batch.further else batch.events
        hours = units["time"].dt.epoch("s").to_numpy() // SECONDS
        self.events.update(_counted(hours))
        if batch.rejects.height:
            bytes_of_events = units["byte"].to_numpy()
            order = np.argsort(bytes_of_events, kind="stable")
            places = np.searchsorted(bytes_of_events[order], batch.rejects["byte"].to_numpy()) - 1
            early = int((places < 0).sum())
            if self._now is not None:
                self._reject(early)
            else:
                self._before += early
            self.rejects.update(_counted(hours[order][places[places >= 0]]))
        if self._now is None:
            self.rejects.update({int(hours[0]): self._before})
        self._now = int(hours[-1])

    def _reject(self, count: int) -> None:
        if self._now is None:
            self._before += count
        else:
            self.rejects.update({self._now: count})


def _counted(hours: NDArray[np.int64]) -> dict[int, int]:
    found, counts = np.unique(hours, return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))
