"""Caps: the most a family of evidence may say of each account, by the settings, its region and whom it read."""

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.model.assess import Assessment
from tocsin.rules.overlay import Overlays
from tocsin.rules.tuning import covers
from tocsin.settings import Settings
from tocsin.verdict.points import Caps

ANSWERED = ("answers", "bytes_kb")
"""Features that tell how much was sent, also where no person is named."""


def caps_of(assessment: Assessment, overlays: Overlays, night: date, settings: Settings) -> Caps:
    """Give the caps of every family in hundredths, before weights, arrays in the order of the night's accounts.

    An overlay only lowers a cap; where several hold, the one with priority counts.
    """
    rows, families = assessment.rows, settings.families
    caps = {family: np.full(rows.height, round(100 * cap), np.int32) for family, cap in families.caps.items()}
    own = {family: cap.copy() for family, cap in caps.items()}
    for overlay, said in overlays.caps(night):
        mine = rows.select(is_mine=covers(overlay.when))["is_mine"].to_numpy()
        own[said.family][mine] = round(100 * said.cap)
    caps = {family: np.minimum(cap, own[family]) for family, cap in caps.items()}
    known = reads_known_people(assessment, settings)
    caps["volume"][known] = np.minimum(caps["volume"][known], round(100 * families.known_volume))
    home = ~works_elsewhere(assessment, settings)
    caps["rhythm"][home] = np.minimum(caps["rhythm"][home], round(100 * families.home_rhythm))
    return caps


def works_elsewhere(assessment: Assessment, settings: Settings) -> NDArray[np.bool_]:
    """Tell the accounts that worked from networks new to them as their owners do not.

    Boxes and telephones bring new networks every week, with the owner's people behind them: it takes strangers, more
    than the account usually reads, or many rows in answers that name nobody.
    """
    rows, families = assessment.rows, settings.families
    elsewhere: NDArray[np.bool_] = np.zeros(rows.height, np.bool_)
    if "strangers_elsewhere" in assessment.surprises:
        elsewhere |= assessment.surprises["strangers_elsewhere"] >= 100 * settings.alerting.counts
    there, sent = _values(rows, "answers_elsewhere"), _values(rows, "answers")
    many = assessment.surprises.get("answers", np.zeros(rows.height, np.int32)) >= 100 * settings.alerting.counts
    explained = families.elsewhere_rows + families.rows_a_person * _values(rows, "people")
    elsewhere |= many & (there > explained) & (there >= families.elsewhere_share * sent)
    return elsewhere & (assessment.own.history_nights >= settings.baselines.novelty_own_nights)


def reads_known_people(assessment: Assessment, settings: Settings) -> NDArray[np.bool_]:
    """Tell the accounts whose volume is that of people they had read before (docs/decisions/0011).

    What they were sent must be what these people explain, not much more than the usual rows and bytes a person.
    """
    judged = {feature.name: feature for feature in assessment.features}
    if "new_share" not in judged:
        return np.zeros(assessment.rows.height, np.bool_)
    people, new = (_values(assessment.rows, name) for name in ("people", "new_people"))
    usual_new = np.asarray(assessment.expected.get("new_share", np.zeros(people.size)))
    familiar = np.maximum(settings.families.known_share, settings.families.known_usual * usual_new)
    known: NDArray[np.bool_] = (people > 0) & (new < familiar * people)
    usually = np.maximum(assessment.expected["people"], 1)
    for name in ANSWERED:
        if name in judged:
            usual = settings.families.known_answers * assessment.expected[name] / usually
            explained = usual * people + settings.reading.least[judged[name].unit]
            known &= _values(assessment.rows, name) <= explained
    return known


def _values(rows: pl.DataFrame, name: str) -> NDArray[np.float64]:
    told = rows[name]
    return (told.fill_null(0) if told.has_nulls() else told).cast(pl.Float64).to_numpy()
