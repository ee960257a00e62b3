"""Two loaders of YAML as nodes with places: a fast one for what is sound, and one that says what is wrong."""

from typing import Any

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

MOST_DEPTH = 50


class TooDeepError(Exception):
    """The text nests deeper than any honest file does."""

    def __init__(self, mark: yaml.Mark) -> None:
        super().__init__()
        self.mark = mark


class Loader(Composer, SafeConstructor):
    """PyYAML's composer, with an end to nesting: it calls itself for each level."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose a node and all below it; raises TooDeepError."""
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise TooDeepError(self.peek_event().start_mark)  # type: ignore[attr-defined]
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


class PlainLoader(Loader, yaml.SafeLoader):
    """Reads in Python, and says best what is wrong."""


def fast_loader(text: str) -> Loader | None:
    """Give a loader that reads sound text ten times as fast, by libyaml; None where there is none for this text."""
    if "\t" in text:  # libyaml lets tabs pass where YAML wants spaces
        return None
    return FastLoader(text) if yaml.__with_libyaml__ else None


if yaml.__with_libyaml__:
    from yaml._yaml import CParser

    class FastLoader(Loader, CParser, Resolver):
        """Takes its events from libyaml, and makes the same nodes of them."""

        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)
            Composer.__init__(self)
            SafeConstructor.__init__(self)
            Resolver.__init__(self)
