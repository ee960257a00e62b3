"""Figures that many accounts share: held once a group, they take next to no room."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.model.surprise import Floats


@dataclass(frozen=True, slots=True)
class ByGroup(Mapping[str, Floats]):
    """Figures by name, one for each of tonight's accounts."""

    of_groups: Mapping[str, Floats]
    mine: NDArray[np.int32]
    """The group of each account."""

    def __getitem__(self, name: str) -> Floats:
        """Give a figure of every account."""
        return self.of_groups[name][self.mine]

    def __iter__(self) -> Iterator[str]:
        """Give the names."""
        return iter(self.of_groups)

    def __len__(self) -> int:
        """Count the names."""
        return len(self.of_groups)
