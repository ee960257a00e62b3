"""The outlier model: which combinations of surprises are rare among tonight's accounts (PyOD stays behind this door).

An isolation forest (Liu, Ting, Zhou, ICDM 2008) is used because its score of one account does not depend on which
others are scored with it: one account asked about later gets the night's number. Each profession has a forest of its
own, as what is rare for an office is a night's work for a hospital. Scores become ranks among tonight's accounts of the
profession: hundredths of minus log10 of the share that is at least as unusual.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.model.each import ACCOUNTS, side_by_side
from tocsin.model.surprise import Hundredths
from tocsin.settings import Outlier

SEED = 20220314


def unusual(surprises: Sequence[Hundredths], groups: NDArray[np.intp], rules: Outlier) -> Hundredths:
    """Rank accounts (in the order of names) by how rare in their group their combination of surprises is.

    `surprises`: of each feature, one an account. `groups`: a number an account; those of groups of fewer accounts than
    a tree has rows are one group together.
    """
    scores = np.zeros(groups.size, dtype=np.int32)
    small = np.bincount(groups)[groups] < rules.tree_rows if groups.size else np.zeros(0, np.bool_)
    together = np.where(small, -1, groups)
    most = round(100 * rules.surprise_most)
    members = [np.flatnonzero(together == group) for group in np.unique(together)]

    def ranked(mine: NDArray[np.intp]) -> Hundredths:
        said = [np.minimum(one[mine], most).astype(np.int16) for one in surprises]
        return _ranks(np.column_stack([np.zeros((mine.size, 0), np.int16), *said]), rules)

    for mine, ranks in zip(members, side_by_side(ranked, members, together=groups.size > ACCOUNTS), strict=True):
        scores[mine] = ranks
    return scores


def _ranks(surprises: NDArray[np.int16], rules: Outlier) -> Hundredths:
    scores = np.zeros(surprises.shape[0], dtype=np.int32)
    if surprises.shape[0] < rules.least_accounts or not surprises.any():
        return scores
    raised = surprises.any(axis=1)
    found = _scores(surprises, rules)
    order = np.sort(found)[::-1]
    at_least = np.searchsorted(-order, -found, side="right")
    ranks = np.rint(-100 * np.log10(at_least / (found.size + 1))).astype(np.int32)
    scores[raised] = np.maximum(ranks[raised], 0)
    return scores


def _scores(table: NDArray[np.int16], rules: Outlier) -> NDArray[np.int64]:
    from pyod.models.iforest import IForest  # noqa: PLC0415 costs 1.5 s, only where a model runs

    step = max(1, -(-table.shape[0] // rules.learn_from))
    seen = table[::step].astype(np.float64)
    forest = IForest(n_estimators=rules.trees, max_samples=min(rules.tree_rows, seen.shape[0]), random_state=SEED)
    forest.fit(seen)
    # Rows are told apart by their bytes: comparing them number by number takes twenty times as long.
    rows = table.view(f"V{table.itemsize * table.shape[1]}")[:, 0]
    _distinct, first, back = np.unique(rows, return_index=True, return_inverse=True)
    scores: NDArray[np.int64] = np.rint(forest.decision_function(table[first].astype(np.float64)) * 1e9).astype(
        np.int64
    )
    return scores[back]
