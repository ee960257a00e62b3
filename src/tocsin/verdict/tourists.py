"""Tourists: people from departments that the account seldom reads, who may all have stood at its counter.

Where the season or a resort explains them, where people come from is no evidence of how they were read, neither
tonight nor added up over nights (docs/decisions/0071-tourists.md).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.model.assess import Assessment
from tocsin.settings import Settings
from tocsin.verdict.caps import works_elsewhere


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Whose people come from elsewhere, arrays in the order of the night's accounts.

    `tonight`: so many that it is a second kind of evidence by itself. `adds_up`: such that it counts night after night.
    """

    tonight: NDArray[np.bool_]
    adds_up: NDArray[np.bool_]


def elsewhere(assessment: Assessment, settings: Settings) -> Elsewhere:
    """Tell the accounts whose people from elsewhere are no tourists; everybody, where the logs do not show it.

    Tourists are read where the account works, with everybody else, also after it moved to another provider or a VPN.
    """
    rows, rules = assessment.rows, settings.alerting
    if not {"far_people", "placed_people"} <= set(rows.columns):
        everybody = np.ones(rows.height, np.bool_)
        return Elsewhere(everybody, everybody)
    far, placed = (rows[name].fill_null(0).to_numpy() for name in ("far_people", "placed_people"))
    crowd = far > rules.tourists_people * assessment.expected.get("people", 0.0)
    if "strangers_elsewhere" in assessment.surprises:
        crowd |= works_elsewhere(assessment, settings)
    else:
        crowd[:] = True
    return Elsewhere((far > rules.tourists * placed) & crowd, crowd)
