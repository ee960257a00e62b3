"""The story of an account on a judged night, named or not, from its events."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from tocsin.results import Night, Watched
from tocsin.settings import Settings
from tocsin.verdict.dossier import Dossier, dossier
from tocsin.verdict.evidence import evident
from tocsin.verdict.sessions import Question, tell_apart
from tocsin.verdict.stretches import with_stretch


def story(night: Night, account: str, named: Sequence[date], events: pl.DataFrame, settings: Settings) -> Dossier:
    """Tell the story; `events` are the account's, with the columns of stretches.COLUMNS.

    An account that was not on the list must be the one that the night `watched`: it is explained as if it had been.
    """
    numbered = with_stretch(events.filter(pl.col("night") <= night.night), settings)
    campaign = next((one for one in night.campaigns if any(m.account == account for m in one.accounts)), None)
    suspect = next((one for one in night.suspects if one.account == account), None)
    measures = night.measures.get(account, ())
    if suspect is None:
        watched = night.watched
        assert isinstance(watched, Watched)  # noqa: S101 see above
        alone = replace(night, suspects=(watched.suspect,), campaigns=())
        shown = evident(alone, numbered, settings).suspects[0]
        suspect, measures = replace(shown, campaign=campaign.id if campaign else None), watched.measures
    told = tell_apart(numbered, Question(account, night.night, suspect.first_alerted), settings)
    return dossier(suspect, told, numbered, measures, campaign, named)
