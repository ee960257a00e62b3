"""Events of a few accounts that wait in memory: compressed, for a text column keeps all that it was cut from."""

import io
from collections.abc import Iterator

import polars as pl


class Squeezed:
    """Frames that were put aside, given again in the same order."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Put a frame aside."""
        buffer = io.BytesIO()
        frame.write_ipc(buffer, compression="lz4")
        self._held.append(buffer.getvalue())

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Give the frames."""
        for held in self._held:
            yield pl.read_ipc(io.BytesIO(held))
