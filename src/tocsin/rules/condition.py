"""Read a Sigma condition: `selection and not 1 of filter_*` becomes a tree of tests."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.located import Node, did_you_mean
from tocsin.rules.lint import Faults
from tocsin.rules.tree import All, AnyOf, Condition, Not
from tocsin.words import _

MOST_NESTED = 50
MOST_WORDS = 2_000

_TOKEN = re.compile(r"\s*(?:(?P<word>[A-Za-z0-9_*-]+)|(?P<mark>[()]))")
_QUANTIFIERS = ("1", "any", "all")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int


class _MalformedError(Exception):
    """The condition cannot be read on."""

    def __init__(self, message: str, start: int, hint: str | None = None, code: str = "E030") -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.hint = hint
        self.code = code


def read_condition(
    node: Node, selections: Mapping[str, Condition], faults: Faults, *, quantifiers: bool = True
) -> Condition | None:
    """Resolve a condition over its selections; notes one fault and gives None where it cannot be read.

    `not` binds before `and`, `and` before `or` (Sigma specification, "Condition"). A selection that nothing names is
    noted as a warning.
    """
    try:
        parser = _Parser(node.text, selections, quantifiers=quantifiers)
        condition = parser.whole()
    except _MalformedError as error:
        faults.add(error.code, node.place_within(error.start), error.message, error.hint)
        return None
    for name in selections.keys() - parser.used:
        faults.add("W030", node.place, _("the condition never names the selection '{name}'").format(name=name))
    return condition


class _Parser:
    """A recursive descent over one condition."""

    def __init__(self, text: str, selections: Mapping[str, Condition], *, quantifiers: bool) -> None:
        self.text = text
        self.selections = selections
        self.quantifiers = quantifiers
        self.used: set[str] = set()
        self.tokens = self._cut(text)
        self.next = 0
        self.nested = 0

    def _cut(self, text: str) -> list[_Token]:
        tokens, start = [], 0
        while text[start:].strip():
            found = _TOKEN.match(text, start)
            if found is None:
                start += len(text[start:]) - len(text[start:].lstrip())
                raise _MalformedError(_("a condition may not hold '{sign}'").format(sign=text[start]), start)
            tokens.append(_Token(found.group().lstrip(), found.end() - len(found.group().lstrip())))
            start = found.end()
        if len(tokens) > MOST_WORDS:
            raise _MalformedError(_("more than {limit} words").format(limit=MOST_WORDS), tokens[MOST_WORDS].start)
        return tokens

    def whole(self) -> Condition:
        condition = self._either()
        if self.next < len(self.tokens):
            token = self.tokens[self.next]
            hint = did_you_mean(token.text, ("and", "or"))
            raise _MalformedError(_("'{word}' cannot follow here").format(word=token.text), token.start, hint)
        return condition

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _both(self) -> Condition:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self) -> Condition:
        negated = False
        while self._take("not"):
            negated = not negated
        if self._take("("):
            inner = self._bracketed()
        elif self.quantifiers and self._peek() in _QUANTIFIERS and self._peek(1) == "of":
            inner = self._several()
        else:
            inner = self._named()
        return Not(inner) if negated else inner

    def _bracketed(self) -> Condition:
        opened = self.tokens[self.next - 1]
        self.nested += 1
        if self.nested > MOST_NESTED:
            raise _MalformedError(_("more than {limit} nested brackets").format(limit=MOST_NESTED), opened.start)
        inner = self._either()
        if not self._take(")"):
            raise _MalformedError(_("this bracket is never closed"), opened.start)
        self.nested -= 1
        return inner

    def _several(self) -> Condition:
        quantifier, pattern = self.tokens[self.next], self._at(2)
        self.next += 3
        if pattern.text == "them":
            names = [name for name in self.selections if not name.startswith("_")]
        else:
            wanted = re.compile(".*".join(map(re.escape, re.split(r"\*+", pattern.text))))
            hidden = pattern.text.startswith("_")
            names = [
                name for name in self.selections if wanted.fullmatch(name) and (hidden or not name.startswith("_"))
            ]
        if not names:
            message = _("no selection is called '{pattern}'").format(pattern=pattern.text)
            raise _MalformedError(message, pattern.start, code="E031")
        self.used.update(names)
        parts = tuple(self.selections[name] for name in names)
        if len(parts) == 1:
            return parts[0]
        return All(parts) if quantifier.text == "all" else AnyOf(parts)

    def _named(self) -> Condition:
        token = self._at(0)
        self.next += 1
        if token.text in self.selections:
            self.used.add(token.text)
            return self.selections[token.text]
        if token.text in ("and", "or", "of", ")"):
            raise _MalformedError(_("'{word}' stands where a selection is due").format(word=token.text), token.start)
        hint = did_you_mean(token.text, (*self.selections, "and", "or", "not"))
        message = _("no selection is called '{name}'").format(name=token.text)
        raise _MalformedError(message, token.start, hint, "E031")

    def _peek(self, ahead: int = 0) -> str | None:
        index = self.next + ahead
        return self.tokens[index].text if index < len(self.tokens) else None

    def _at(self, ahead: int) -> _Token:
        index = self.next + ahead
        if index >= len(self.tokens):
            raise _MalformedError(_("the condition ends too early"), max(0, len(self.text) - 1))
        return self.tokens[index]

    def _take(self, word: str) -> bool:
        if self._peek() != word:
            return False
        self.next += 1
        return True
