"""Where people come from: tourists who may all have stood at the counter, and people of the account's own place.

Where the season or a resort explains them, where people come from is no evidence of how they were read, neither
tonight nor added up over nights (docs/decisions/0071-tourists.md). Where a vaccination centre or a nursing home
explains them, a new network and an even pace are none either (docs/decisions/0073-people-of-the-place.md).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.model.assess import Assessment
from tocsin.settings import Alerting, Settings
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
    usual = np.asarray(assessment.expected.get("people", 0.0))
    crowd = far > rules.tourists_people * usual
    away = np.ones(rows.height, np.bool_)
    if "strangers_elsewhere" in assessment.surprises:
        away = works_elsewhere(assessment, settings)
    flood = (far >= rules.flood_people) & (far > rules.flood * usual) & assessment.known
    many = away | (crowd & (far >= rules.desk_people)) | flood
    return Elsewhere((far > rules.tourists * placed) & many, away | crowd)


def of_the_place(assessment: Assessment, settings: Settings) -> NDArray[np.bool_]:
    """Tell the accounts whose people are those of their own place, and no more than a day's work can hold.

    Their departments are known, and those of the account are few; they are no more familiar than usual (a dump of an
    account's own base is), looked up by name and not sent as long lists; and the session was in one place at a time.
    """
    rows, rules = assessment.rows, settings.alerting
    nobody = np.zeros(rows.height, np.bool_)
    if not {"far_people", "people", "new_share"} <= assessment.surprises.keys():
        return nobody
    value = {
        name: rows[name].fill_null(0).cast(pl.Float64).to_numpy()
        for name in ("people", "placed_people", "far_people", "new_people")
    }
    loud = round(100 * rules.counts)
    usual = assessment.expected["far_people"]
    here = (value["far_people"] <= rules.home_far * value["placed_people"]) & (usual <= rules.home_far)
    here &= (value["placed_people"] >= rules.home_placed * value["people"]) & (value["people"] <= rules.home_people)
    here &= value["new_people"] >= settings.families.known_usual * assessment.expected["new_share"] * value["people"]
    for name, explained in _searched(assessment, settings).items():
        here &= (assessment.surprises[name] < loud) | explained
    return here & ~_in_two_places(assessment, settings.alerting)


def crowded(assessment: Assessment, home: NDArray[np.bool_], settings: Settings) -> NDArray[np.bool_]:
    """Tell the accounts that held a vaccination centre's day: a crowd of their own place, read as any other day is.

    `home`: of_the_place. From where the account always works, which the logs must tell, and in opening hours.
    """
    rows, rules = assessment.rows, settings.more_strangers
    if not {"people_new_network", "people_closed"} <= assessment.surprises.keys():
        return np.zeros(rows.height, np.bool_)
    few = rules.crowd_apart * rows["people"].to_numpy()
    apart = [rows[name].fill_null(0).to_numpy() for name in ("people_new_network", "people_elsewhere", "people_closed")]
    many = (rows["new_people"] >= rules.crowd).fill_null(value=False).to_numpy()
    told: NDArray[np.bool_] = home & many & np.logical_and.reduce([people <= few for people in apart])
    return told


def _searched(assessment: Assessment, settings: Settings) -> dict[str, NDArray[np.bool_]]:
    """Tell by figure of unnamed answers whether looking up by name the people that were read explains it.

    So many rows for each of them, and bytes as usual for a row; where the logs tell no rows, bytes are not explained.
    """
    told = {
        name: assessment.rows[name].fill_null(0).cast(pl.Float64).to_numpy()
        for name in ("answers", "bytes_kb")
        if name in assessment.surprises
    }
    explained = {name: np.zeros(assessment.rows.height, np.bool_) for name in told}
    if "answers" in told:
        families, usual = settings.families, assessment.expected
        people = assessment.rows["people"].fill_null(0).cast(pl.Float64).to_numpy()
        rows = told["answers"]
        explained["answers"] = rows <= families.elsewhere_rows + families.rows_a_person * people
        if "bytes_kb" in told:
            of_a_row = families.known_answers * usual["bytes_kb"] / np.maximum(usual["answers"], 1.0)
            most = np.maximum(of_a_row * rows, settings.reading.least["kB"])
            explained["bytes_kb"] = explained["answers"] & (rows > 0) & (told["bytes_kb"] <= most)
    return explained


def _in_two_places(assessment: Assessment, rules: Alerting) -> NDArray[np.bool_]:
    """Tell the accounts whose sessions changed networks far more often than they do: a few changes are enough here."""
    if "session_switches" not in assessment.surprises:
        return np.zeros(assessment.rows.height, np.bool_)
    switches, told = (assessment.rows[name].fill_null(0).to_numpy() for name in ("session_switches", "session_events"))
    usual = assessment.expected["session_switches"] * told
    several: NDArray[np.bool_] = (switches >= rules.switches) & (switches > rules.switches_usual * usual)
    return several
