"""Read the keys of `tocsin:` that compare: baseline, ratio and novel (docs/decisions/0010)."""

from datetime import timedelta
from fractions import Fraction

from tocsin.located import Node, did_you_mean
from tocsin.rules.attributes import parse_span, read_choice, read_span, read_texts, read_whole, refuse_unknown_keys
from tocsin.rules.comparisons import PROFILE, Baseline, Novel, Ratio
from tocsin.rules.fields import FIELDS, is_number, is_text
from tocsin.rules.lint import Faults
from tocsin.words import _

_BASELINE = ("against", "by", "statistic", "over", "factor", "min_history", "min_peers", "otherwise")
_STATISTICS = ("mean", "median", "p95", "p99")
_DAY = timedelta(days=1)
_SHARES = ("gte", "gt", "lte", "lt")


def read_baselines(tocsin: Node, faults: Faults) -> tuple[tuple[Baseline, ...], str]:
    """Read `baseline`, a list of comparisons, and how they are joined."""
    combine = read_choice(tocsin, "combine", ("all", "any"), faults, "E052") or "all"
    node = tocsin.get("baseline")
    if node is None:
        if "combine" in tocsin:
            faults.add("E052", tocsin["combine"].place, _("combine joins the comparisons of a baseline"))
        return (), combine
    if not node.is_sequence or not node.content or not all(item.is_mapping for item in node):
        faults.add("E052", node.place, _("baseline is a list of comparisons"), _("write '- {against: self, ...}'"))
        return (), combine
    read = [_read_baseline(item, faults) for item in node]
    return tuple(one for one in read if one is not None), combine


def _read_baseline(node: Node, faults: Faults) -> Baseline | None:
    refuse_unknown_keys(node, _BASELINE, faults)
    for key in ("against", "statistic", "over"):
        if key not in node:
            faults.add("E052", node.place, _("the key '{key}' is missing").format(key=key))
    against = read_choice(node, "against", ("self", "peers"), faults, "E052")
    statistic = read_choice(node, "statistic", _STATISTICS, faults, "E052")
    nights = _read_nights(node, "over", faults)
    history = _read_nights(node, "min_history", faults) if "min_history" in node else 7
    otherwise = read_choice(node, "otherwise", ("floor", "peers", "skip"), faults, "E052") or "floor"
    peers = read_whole(node, "min_peers", 1, 1_000_000, faults) or 20
    factor = _read_factor(node, faults)
    if otherwise == "peers" and against == "peers":
        faults.add("E052", node["otherwise"].place, _("peers cannot stand in for peers"))
    if nights is not None and history is not None and history > nights:
        place = node["min_history"].place if "min_history" in node else node["over"].place
        message = _("{nights} nights can never hold {history} nights of history")
        faults.add("E052", place, message.format(nights=nights, history=history))
    by = read_texts(node, "by", faults)
    for item in node.get("by") or ():
        if item.text not in PROFILE:
            message = _("peers cannot be told by '{field}'").format(field=item.text)
            faults.add("E052", item.place, message, did_you_mean(item.text, PROFILE))
    if against is None or statistic is None or nights is None or history is None or factor is None:
        return None
    return Baseline(against, statistic, nights, factor, by, history, peers, otherwise)


def _read_nights(node: Node, key: str, faults: Faults, code: str = "E052") -> int | None:
    found = node.get(key)
    if found is None:
        return None
    span = parse_span(found.text)
    if span is None or span % _DAY:
        message = _("'{key}' is a number of days").format(key=key)
        faults.add(code, found.place, message, _("write it as 30d"))
        return None
    return span // _DAY


def _read_factor(node: Node, faults: Faults) -> Fraction | None:
    found = node.get("factor")
    if found is None:
        return Fraction(1)
    if not is_factor(found.content):
        faults.add("E052", found.place, _("factor is a number above 0"))
        return None
    return Fraction(str(found.content))


def is_factor(value: object) -> bool:
    """Say whether a value can be how many times the usual a baseline asks for."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1_000_000


def read_ratio(tocsin: Node, faults: Faults) -> Ratio | None:
    """Read `ratio`: of which rule, and the share."""
    node = tocsin.get("ratio")
    if node is None:
        return None
    if not node.is_mapping:
        faults.add(
            "E055", node.place, _("ratio is a mapping such as {example}").format(example="{of: lookup, gte: 0.3}")
        )
        return None
    refuse_unknown_keys(node, ("of", *_SHARES), faults)
    of = node.get("of")
    shares = [(key, value) for key, _place, value in node.items() if key in _SHARES]
    if of is None or not isinstance(of.content, str) or len(shares) != 1:
        message = _("ratio has 'of', the name of a rule, and one of {words}").format(words=", ".join(_SHARES))
        faults.add("E055", node.place, message)
        return None
    operator, share = shares[0]
    value = share.content
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1_000_000:
        faults.add("E055", share.place, _("'{text}' is no share").format(text=share.text), _("write it as 0.3"))
        return None
    return Ratio(of.content, operator, Fraction(str(value)), of.place)


def read_novel(tocsin: Node, faults: Faults) -> Novel | None:
    """Read `novel`: which columns, and over which time."""
    node = tocsin.get("novel")
    if node is None:
        return None
    if not node.is_mapping:
        faults.add(
            "E053", node.place, _("novel is a mapping such as {example}").format(example="{any_of: [ip], over: 90d}")
        )
        return None
    refuse_unknown_keys(node, ("any_of", "per", "over", "min_history"), faults)
    columns = read_texts(node, "any_of", faults)
    if not columns:
        faults.add("E053", node.place, _("any_of lists the columns that can be new"))
    for item in node.get("any_of") or ():
        dtype = FIELDS.get(item.text)
        if dtype is None or not (is_text(dtype) or is_number(dtype)):
            message = _("unknown field '{field}'").format(field=item.text)
            faults.add("E053", item.place, message, did_you_mean(item.text, FIELDS))
            columns = ()
    if "per" in node:
        read_choice(node, "per", ("account",), faults, "E053")
    over = _read_nights(node, "over", faults, "E053") if "over" in node else 90
    history = read_span(node["min_history"], "E053", faults) if "min_history" in node else 7 * _DAY
    if over is not None and over <= 1:
        faults.add("E053", node["over"].place, _("a value stays new for a day: 'over' is longer than that"))
    return Novel(columns, over, history) if columns and over is not None and history is not None else None
