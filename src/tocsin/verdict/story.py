"""The story of an account on a judged night, named or not, from its events."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from tocsin.results import Night, Watched
from tocsin.settings import Settings
from tocsin.verdict.advice import calm_story
from tocsin.verdict.dossier import Dossier, dossier
from tocsin.verdict.evidence import evident
from tocsin.verdict.sessions import Question, overruled, tell_apart
from tocsin.verdict.stretches import with_stretch
from tocsin.verdict.walk import Verdict


def story(
    night: Night,
    account: str,
    named: Sequence[date],
    events: pl.DataFrame,
    settings: Settings,
    sessions: Mapping[str, Verdict] | None = None,
    begins: date | None = None,
) -> Dossier:
    """Tell the story; `events` are the account's, with the columns of stretches.COLUMNS.

    An account that was not on the list must be the one that the night `watched`: it is explained as if it had been.
    `sessions` are verdicts of persons who know better, by the session's name; `begins` is the first night held.
    """
    numbered = with_stretch(events.filter(pl.col("night") <= night.night), settings)
    campaign = next((one for one in night.campaigns if any(m.account == account for m in one.accounts)), None)
    suspect = next((one for one in night.suspects if one.account == account), None)
    measures, is_listed = night.measures.get(account, ()), suspect is not None
    if suspect is None:
        watched = night.watched
        assert isinstance(watched, Watched)  # noqa: S101 see above
        suspect, measures = watched.suspect, watched.measures
    told = overruled(
        tell_apart(numbered, Question(account, night.night, suspect.first_alerted), settings), sessions or {}
    )
    if sessions or not is_listed:
        alone = replace(night, suspects=(suspect,), campaigns=())
        shown = evident(alone, numbered, {account: told}, settings, begins).suspects[0]
        suspect = replace(shown, campaign=campaign.id if campaign else None)
    if not is_listed and not named:
        suspect = replace(suspect, story=calm_story(told))
    return dossier(suspect, told, numbered, measures, campaign, named, settings.sessions)
