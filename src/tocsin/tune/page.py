"""The page of a tuning: the review, then a picture of every rule and family."""

from tocsin.report.html import page
from tocsin.tune.picture import picture
from tocsin.tune.plan_words import advice_text
from tocsin.tune.review import review
from tocsin.tune.tuning import Answer
from tocsin.tune.words import suggestion_text


def as_html(answer: Answer) -> str:
    """Render the answer as one file without scripts."""
    suggested = {one.knob: told.value for one, told in zip(answer.rules, answer.suggestions, strict=False)}
    suggested |= answer.chosen
    told = {
        one.knob: suggestion_text(one, said, answer.ground)
        for one, said in zip(answer.rules, answer.suggestions, strict=False)
    }
    sweeps = [*answer.rules, *answer.families]
    return page(
        "tune.html.j2",
        answer=answer,
        review=review(answer),
        plan=advice_text(answer.advice) if answer.advice else "",
        told=told,
        suggested=suggested,
        drawn=[(one, picture(one, suggested.get(one.knob))) for one in sweeps],
    )
