"""Read one document of a rule file: a Sigma detection or correlation with its mapping `tocsin:`."""

import re
import string
import uuid
from typing import TypedDict

from tocsin.errors import Place
from tocsin.located import Node
from tocsin.rules.attributes import (
    read_choice,
    read_flag,
    read_text,
    read_texts,
    read_whole,
    refuse_unknown_keys,
    required,
)
from tocsin.rules.case import Case
from tocsin.rules.cases import read_cases
from tocsin.rules.condition import read_condition
from tocsin.rules.counting import read_counting
from tocsin.rules.filters import read_filtered
from tocsin.rules.lint import Faults
from tocsin.rules.narrowing import read_baselines, read_novel, read_ratio
from tocsin.rules.rule import (
    FAMILIES,
    LEVEL_SCORES,
    LEVELS,
    STATUSES,
    Correlation,
    Detection,
    Filter,
)
from tocsin.rules.selection import read_selection
from tocsin.rules.tree import All, Condition
from tocsin.words import _

_COMMON = (
    "title",
    "id",
    "name",
    "related",
    "status",
    "description",
    "license",
    "author",
    "references",
    "date",
    "modified",
    "taxonomy",
    "falsepositives",
    "level",
    "tags",
    "scope",
    "fields",
    "tocsin",
)
_DETECTION = (*_COMMON, "logsource", "detection")
_FILTER = (*_COMMON, "logsource", "filter")
_CORRELATION = (*_COMMON, "correlation", "generate")
_LOGSOURCE = ("category", "product", "service", "definition")
_CATEGORY = "record_access"
_TOCSIN = ("family", "score", "entity", "explain", "runbook", "tests")
_ON_CORRELATIONS = ("entity", "baseline", "combine", "ratio")
_ON_DETECTIONS = ("novel",)
_WORDS = ("count", "account", "timespan", "baseline")
"""What `explain` may fill in; a detection has no timespan."""


class _About(TypedDict):
    """The attributes that both kinds of rule have."""

    name: str
    title: str
    place: Place
    level: str | None
    status: str | None
    id: str | None
    description: str
    falsepositives: tuple[str, ...]
    family: str | None
    score: int
    explain: str
    runbook: tuple[str, ...]
    tests: tuple[Case, ...]


def read_document(node: Node, faults: Faults) -> Detection | Correlation | Filter | None:
    """Read a document; notes all its faults and gives None where nothing can be made of it."""
    if not node.is_mapping:
        faults.add("E013", node.place, _("a rule is a mapping that starts with 'title:'"))
        return None
    if "correlation" in node and "detection" not in node:
        refuse_unknown_keys(node, _CORRELATION, faults)
        return _read_correlation(node, faults)
    if "detection" in node and "correlation" not in node:
        refuse_unknown_keys(node, _DETECTION, faults)
        return _read_detection(node, faults)
    if "filter" in node and not {"correlation", "detection"} & {key for key, _place, _value in node.items()}:
        refuse_unknown_keys(node, _FILTER, faults)
        return _read_filter(node, faults)
    if "overlay" in node:
        message = _("this is an overlay, no rule")
        faults.add("E013", node["overlay"].place, message, _("put it into a folder and name that by --regions"))
        return None
    faults.add("E013", node.place, _("a rule has either 'detection' or 'correlation'"))
    return None


def _read_filter(node: Node, faults: Faults) -> Filter | None:
    about = _read_about(node, (), faults)
    _check_logsource(node, faults)
    inner = node["filter"]
    rules = read_filtered(inner, faults) if inner.is_mapping else None
    condition = _read_selections(inner, faults, ("condition", "rules"))
    return None if condition is None else Filter(about["name"], node.place, rules, condition)


def _read_detection(node: Node, faults: Faults) -> Detection | None:
    about = _read_about(node, _WORDS[:2], faults)
    _check_logsource(node, faults)
    condition = _read_selections(node["detection"], faults)
    novel = read_novel(_tocsin(node, Faults()), faults)
    return None if condition is None else Detection(**about, condition=condition, novel=novel)


def _read_correlation(node: Node, faults: Faults) -> Correlation | None:
    about = _read_about(node, _WORDS, faults)
    generates = read_flag(node, "generate", faults) | read_flag(node["correlation"], "generate", faults)
    counting = read_counting(node["correlation"], faults)
    tocsin = _tocsin(node, Faults())
    baselines, combine = read_baselines(tocsin, faults)
    ratio = read_ratio(tocsin, faults)
    each = _read_entity(tocsin, faults)
    if counting is None:
        return None
    return Correlation(
        **about,
        **counting,
        each_account=each,
        generates_steps=generates,
        baselines=baselines,
        combine=combine,
        ratio=ratio,
    )


def _read_about(node: Node, words: tuple[str, ...], faults: Faults) -> _About:
    title = read_text(node, "title", faults, longest=256) if required(node, "title", faults) else ""
    level = read_choice(node, "level", LEVELS, faults)
    tocsin = _tocsin(node, faults)
    score = read_whole(tocsin, "score", 0, 100, faults)
    for key in ("license", "author", "taxonomy"):
        read_text(node, key, faults)
    for key in ("references", "tags", "scope", "fields"):
        read_texts(node, key, faults)
    for key in ("date", "modified"):
        _check_date(node, key, faults)
    return _About(
        name=read_text(node, "name", faults, longest=256) or _name_from(title),
        title=title,
        place=node.place,
        level=level,
        status=read_choice(node, "status", STATUSES, faults),
        id=_read_id(node, faults),
        description=read_text(node, "description", faults),
        falsepositives=read_texts(node, "falsepositives", faults),
        family=_read_family(tocsin, faults),
        score=LEVEL_SCORES.get(level or "", 0) if score is None else score,
        explain=_read_explain(tocsin, words, faults),
        runbook=_read_runbook(tocsin, faults),
        tests=read_cases(tocsin, faults),
    )


def _read_family(tocsin: Node, faults: Faults) -> str | None:
    """Read the family of evidence; a word that is none stays, so that its absence is not a second fault."""
    read_choice(tocsin, "family", FAMILIES, faults, "E050")
    return tocsin["family"].text if "family" in tocsin else None


def _read_runbook(tocsin: Node, faults: Faults) -> tuple[str, ...]:
    """Read what an analyst should do: steps, or one text."""
    found = tocsin.get("runbook")
    if found is not None and found.is_sequence:
        return read_texts(tocsin, "runbook", faults)
    return tuple(filter(None, (read_text(tocsin, "runbook", faults),)))


def _tocsin(node: Node, faults: Faults) -> Node:
    tocsin = node.get("tocsin")
    if tocsin is None:
        return Node(node.place, {})
    if not tocsin.is_mapping:
        faults.add("E012", tocsin.place, _("tocsin is a mapping"))
        return Node(tocsin.place, {})
    refuse_unknown_keys(tocsin, (*_TOCSIN, *_ON_CORRELATIONS[1:], *_ON_DETECTIONS), faults)
    for key, place, _value in tocsin.items():
        if key in _ON_CORRELATIONS and "correlation" not in node:
            faults.add("E012", place, _("{key} belongs to a correlation").format(key=key))
        if key in _ON_DETECTIONS and "detection" not in node:
            faults.add("E012", place, _("{key} belongs to a detection").format(key=key))
    return tocsin


def words_for(node: Node) -> tuple[str, ...]:
    """Give the words by which other rules can refer to a document, faults in it or not: its name and its id."""
    name, title, identity = node.get("name"), node.get("title"), node.get("id")
    own = name.text if name else _name_from(title.text if title else "")
    return (own, identity.text.lower()) if identity else (own,)


def _name_from(title: str) -> str:
    return re.sub(r"\W+", "_", title.casefold()).strip("_")


def _read_id(node: Node, faults: Faults) -> str | None:
    text = read_text(node, "id", faults)
    if not text:
        return None
    try:
        return str(uuid.UUID(text))
    except ValueError:
        faults.add("E012", node["id"].place, _("'{text}' is no UUID").format(text=text))
        return None


def _check_date(node: Node, key: str, faults: Faults) -> None:
    found = node.get(key)
    if found is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[012])-(0[1-9]|[12]\d|3[01])", found.text):
        faults.add("E012", found.place, _("'{key}' is a day written as 2026-01-31").format(key=key))


def _check_logsource(node: Node, faults: Faults) -> None:
    logsource = required(node, "logsource", faults)
    if logsource is None:
        return
    refuse_unknown_keys(logsource, _LOGSOURCE, faults)
    category = logsource.get("category")
    if category is None or category.content != _CATEGORY:
        place = category.place if category else logsource.place
        message = _("a rule about these logs has the log source {category}").format(category=_CATEGORY)
        faults.add("E015", place, message, _("write 'logsource: {category: record_access}'"))


def _read_explain(tocsin: Node, words: tuple[str, ...], faults: Faults) -> str:
    text = read_text(tocsin, "explain", faults)
    try:
        parts = [] if not text else list(string.Formatter().parse(text))
    except ValueError:
        faults.add("E051", tocsin["explain"].place, _("a brace in explain is not closed"))
        return ""
    for _literal, word, specification, conversion in parts:
        if word is not None and (word not in words or specification or conversion):
            message = _("explain cannot fill in '{word}'").format(word=word)
            hint = _("it knows {words}").format(words=", ".join("{" + known + "}" for known in words))
            faults.add("E051", tocsin["explain"].place, message, hint)
            return ""
    return text


def _read_entity(tocsin: Node | None, faults: Faults) -> bool:
    entity = tocsin.get("entity") if tocsin else None
    if entity is None:
        return False
    if entity.value != {"account": "each"}:
        faults.add("E012", entity.place, _("entity can only be '{only}'").format(only="{account: each}"))
        return False
    return True


def _read_selections(node: Node, faults: Faults, others: tuple[str, ...] = ("condition",)) -> Condition | None:
    if not node.is_mapping:
        faults.add("E012", node.place, _("this is a mapping of selections and a condition"))
        return None
    condition = required(node, "condition", faults)
    read = {key: read_selection(value, faults) for key, _place, value in node.items() if key not in others}
    if condition is None:
        return None
    if not isinstance(condition.content, str):
        faults.add("E030", condition.place, _("a condition is one line of text"))
        return None
    # A selection with faults stands in empty, so that the faults of the condition come out too.
    whole = read_condition(condition, {key: value or All(()) for key, value in read.items()}, faults)
    return whole if all(read.values()) else None
