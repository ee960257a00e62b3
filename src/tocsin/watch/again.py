"""A judged night judged again, for an account that it did not name."""

from dataclasses import replace
from datetime import date

from tocsin.cases.case import decisions_of
from tocsin.cases.desk import Desk
from tocsin.enrich.calendar import holidays_between
from tocsin.errors import StoreError
from tocsin.features.catalogue import with_all
from tocsin.nightly import Scan
from tocsin.results import Night
from tocsin.rules.baselined import Watched, who_was_active
from tocsin.rules.overlay import tuned
from tocsin.rules.rule import RuleSet
from tocsin.verdict.beginnings import with_beginnings
from tocsin.verdict.hits import Hits
from tocsin.verdict.judge import Asked, judge_on
from tocsin.watch.held import before_night, measured_on, with_earlier
from tocsin.words import _


def judged_again(night: date, account: str, asked: Scan, rules: RuleSet, desk: Desk) -> Night:
    """Judge a night again as it was judged then, watching one account; without the evidence of the others."""
    state, manifest = desk.state, desk.state.manifest
    held = manifest.nights[night]
    earlier = [one for one in manifest.judged if one < night]
    left = manifest.nights[earlier[-1]].verdict if earlier else None
    if not held.measured or (left is not None and not left.frames):
        raise StoreError(
            _(
                "{account} was not on the list of {night}, and what that night was compared with is no longer held"
            ).format(account=account, night=night),
            hint=_("ask about a later night, or give the logs"),
        )
    tuned_rules = tuned(rules, asked.overlays)
    tonight = measured_on(manifest, night, state)
    tonight = replace(tonight, nights=with_all(tonight.nights))
    whole = with_earlier(tonight, manifest, night, state)
    profiles = who_was_active(whole.nights)
    hits = Hits(Watched(tonight.episodes, whole.peaks, profiles, tuned_rules))
    holidays = holidays_between(asked.settings.portal.holidays, min(manifest.nights), max(manifest.nights))
    question = Asked(
        frozenset([night]), holidays, asked.budget, asked.with_model, asked.overlays, watched=account,
        decisions=decisions_of(desk.entries), mark=tuned_rules.mark(asked.settings.sha256),
    )  # fmt: skip
    judged = judge_on(
        replace(with_beginnings(whole), nights=tonight.nights),
        hits.on,
        asked.settings,
        question,
        before_night(manifest, night, state),
    )
    return next(judged)[0]
