"""Read what follows a field: the modifiers, and whether they make sense together."""

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.errors import Place
from tocsin.located import did_you_mean
from tocsin.rules.encodings import BASES, ENCODINGS
from tocsin.rules.lint import Faults
from tocsin.rules.values import PARTS_OF_TIME, Way
from tocsin.words import _

_WAYS = {
    "contains": Way.CONTAINS,
    "startswith": Way.STARTS,
    "endswith": Way.ENDS,
    "re": Way.REGEX,
    "cidr": Way.CIDR,
    "lt": Way.LESS,
    "lte": Way.AT_MOST,
    "gt": Way.MORE,
    "gte": Way.AT_LEAST,
    "exists": Way.EXISTS,
    **dict.fromkeys(PARTS_OF_TIME, Way.PART),
}
_PLACED = ("contains", "startswith", "endswith")
_FLAGS = {"i": "i", "ignorecase": "i", "m": "m", "multiline": "m", "s": "s", "dotall": "s"}
_SHAPING = (*_PLACED, "windash", "expand", *ENCODINGS, *BASES)
_KNOWN = (*_WAYS, *_FLAGS, *_SHAPING, "all", "cased", "neq", "fieldref")
_ON_TEXT = (Way.EQUALS, Way.CONTAINS, Way.STARTS, Way.ENDS)


@dataclass(frozen=True, slots=True)
class Modifiers:
    """How a field is asked; `shaping` are the words that change a text, in their order."""

    way: Way = Way.EQUALS
    flags: str = ""
    part: str = ""
    shaping: tuple[str, ...] = ()
    every: bool = False
    cased: bool = False
    negated: bool = False


def read_modifiers(words: Sequence[str], place: Place, faults: Faults) -> Modifiers | None:
    """Read what follows the field; None where it makes no sense, with the fault noted."""
    for word in words:
        if word not in _KNOWN:
            message = _("unknown modifier '{word}'").format(word=word)
            faults.add("E021", place, message, did_you_mean(word, _KNOWN))
            return None
    ways = [_WAYS[word] for word in words if word in _WAYS]
    way = ways[0] if ways else Way.EQUALS
    shaping = tuple(word for word in words if word in _SHAPING)
    fits = (
        len(ways) <= 1
        and len(set(words)) == len(words)
        and _flags_fit(words, way)
        and ("cased" not in words or (way in _ON_TEXT and "fieldref" not in words))
        and (way is not Way.EXISTS or len(words) == 1)
        and (way in _ON_TEXT or not shaping)
        and ("fieldref" not in words or (way in _ON_TEXT and set(shaping) <= set(_PLACED)))
        and _encodings_fit(shaping)
    )
    if not fits:
        faults.add("E021", place, _("the modifiers '{words}' do not go together").format(words="|".join(words)))
        return None
    return Modifiers(
        way=Way.REFERS if "fieldref" in words else way,
        flags="".join(_FLAGS[word] for word in words if word in _FLAGS),
        part=next((word for word in words if word in PARTS_OF_TIME), ""),
        shaping=shaping,
        every="all" in words,
        cased="cased" in words,
        negated="neq" in words,
    )


def _flags_fit(words: Sequence[str], way: Way) -> bool:
    flags = [word for word in words if word in _FLAGS]
    once = len({_FLAGS[word] for word in flags}) == len(flags)
    return not flags or (once and way is Way.REGEX and words.index("re") < words.index(flags[0]))


def _encodings_fit(shaping: Sequence[str]) -> bool:
    """Say whether the text is encoded once: dashes before it, UTF-16 before Base64, no list that is not known yet."""
    encoded = [word for word in shaping if word in ENCODINGS]
    based = [word for word in shaping if word in BASES]
    first = next((place for place, word in enumerate(shaping) if word in (*encoded, *based)), len(shaping))
    return (
        len(encoded) <= 1
        and len(based) <= 1
        and (not encoded or not based or shaping.index(encoded[0]) < shaping.index(based[0]))
        and ("windash" not in shaping or shaping.index("windash") < first)
        and ("expand" not in shaping or not (encoded or based))
    )
