"""Fold case by Unicode's simple case folding, as the regular expressions of rules do."""


def folded(text: str) -> str:
    """Fold case letter by letter, so that the text keeps its length."""
    return text.lower() if text.isascii() else text.translate(_FOLDS)


class _Folds(dict[int, str]):
    """The folded letter by code point, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        # What folds to several letters (as the German sharp s) keeps to its lower case.
        letter = chr(code)
        full, lower = letter.casefold(), letter.lower()
        self[code] = full if len(full) == 1 else lower if len(lower) == 1 else letter
        return self[code]


_FOLDS = _Folds()
