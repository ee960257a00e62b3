"""Many values asked of one column: looked up together, where one test for each would never end."""

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import polars as pl

from tocsin.rules.folding import folded
from tocsin.rules.patterns import Pattern, Wild

FEW = 16
"""Up to so many values are asked one by one: they share the masks of their column with other rules."""

_CHUNK = 50
"""Patterns that one regular expression holds side by side."""


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Patterns by their shape; all but `odd` are folded where case does not count."""

    cased: bool
    whole: pl.Series
    starts: Mapping[int, pl.Series]
    """By their length in characters."""
    ends: Mapping[int, pl.Series]
    inside: pl.Series
    odd: tuple[str, ...]
    """Regular expressions of what has wildcards elsewhere."""

    @property
    def tests(self) -> int:
        """How many of the values are still asked one by one."""
        return len(self.odd)

    def hold(self, column: pl.Series) -> pl.Series:
        """Say which values of a text column match one of the patterns; a null does not."""
        texts = column if self.cased else folded_texts(column)
        answers = [texts.is_in(self.whole.implode())]
        answers += [texts.str.slice(0, length).is_in(known.implode()) for length, known in self.starts.items()]
        answers += [texts.str.tail(length).is_in(known.implode()) for length, known in self.ends.items()]
        answers += [texts.str.contains_any(self.inside.implode())] if self.inside.len() else []
        answers += [column.str.contains(one) for one in _alternatives(self.odd, cased=self.cased)]
        return reduce(or_, answers).fill_null(value=False)


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Whole numbers; a number with decimals is never that of a column."""

    values: pl.Series

    @property
    def tests(self) -> int:
        """How many of the values are still asked one by one."""
        return 0

    def hold(self, column: pl.Series) -> pl.Series:
        """Say which values of a column of whole numbers are among the values; a null is not."""
        return column.cast(pl.Int128).is_in(self.values.implode()).fill_null(value=False)


@dataclass(frozen=True, slots=True, eq=False)
class Networks:
    """Networks by IP version and length of their prefix, each as the number that its prefix is."""

    prefixes: Mapping[tuple[int, int], frozenset[int]]

    @property
    def tests(self) -> int:
        """How many of the values are still asked one by one."""
        return 0

    def hold(self, column: pl.Series) -> pl.Series:
        """Say which addresses or networks lie within one of these; what is no address does not."""
        return pl.Series([self._holds(text) for text in column], dtype=pl.Boolean)

    def _holds(self, text: str | None) -> bool:
        address = network_of(text) if text is not None else None
        if address is None:
            return False
        number, bits = int(address.network_address), address.max_prefixlen
        return any(
            version == address.version and length <= address.prefixlen and number >> (bits - length) in known
            for (version, length), known in self.prefixes.items()
        )


Several = Texts | Numbers | Networks


def network_of(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """Read an address or a network; None where it is neither."""
    try:
        address = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Network) and address.prefixlen == address.max_prefixlen:
        mapped = address.network_address.ipv4_mapped  # an IPv4 client behind a dual-stack socket
        return ipaddress.ip_network(mapped) if mapped else address
    return address


def texts_of(patterns: Sequence[Pattern], *, cased: bool) -> Texts:
    """Sort patterns by their shape."""
    whole, inside, odd = [], [], []
    starts: defaultdict[int, list[str]] = defaultdict(list)
    ends: defaultdict[int, list[str]] = defaultdict(list)
    for pattern in patterns:
        match pattern.parts:
            case ():
                whole.append("")
            case (str(text),):
                whole.append(text)
            case (str(text), Wild.ANY):
                starts[len(text)].append(text)
            case (Wild.ANY, str(text)):
                ends[len(text)].append(text)
            case (Wild.ANY, str(text), Wild.ANY):
                inside.append(text)
            case _:
                odd.append(pattern.inner)

    def known(texts: Iterable[str]) -> pl.Series:
        column = pl.Series(list(texts), dtype=pl.String)
        return (column if cased else folded_texts(column)).unique(maintain_order=True)

    return Texts(
        cased=cased,
        whole=known(whole),
        starts={length: known(texts) for length, texts in starts.items()},
        ends={length: known(texts) for length, texts in ends.items()},
        inside=known(inside),
        odd=tuple(dict.fromkeys(odd)),
    )


def numbers_of(values: Iterable[float]) -> Numbers:
    """Keep the whole ones."""
    return Numbers(pl.Series(sorted({int(value) for value in values if value == int(value)}), dtype=pl.Int128))


def networks_of(texts: Iterable[str]) -> Networks:
    """Sort networks by the length of their prefix."""
    prefixes: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    for text in texts:
        network = ipaddress.ip_network(text)
        shift = network.max_prefixlen - network.prefixlen
        prefixes[network.version, network.prefixlen].add(int(network.network_address) >> shift)
    return Networks({key: frozenset(known) for key, known in prefixes.items()})


def folded_texts(column: pl.Series) -> pl.Series:
    """Fold case letter by letter, as regular expressions do; fast where all letters are those of ASCII."""
    foreign = column.str.len_bytes() != column.str.len_chars()
    lower = column.str.to_lowercase()
    if not foreign.any():
        return lower
    own = column.filter(foreign)
    return lower.scatter(foreign.arg_true(), pl.Series([folded(text) for text in own], dtype=pl.String))


def _alternatives(odd: Sequence[str], *, cased: bool) -> Iterator[str]:
    for first in range(0, len(odd), _CHUNK):
        yield f"(?{'' if cased else 'i'}s)\\A(?:{'|'.join(odd[first : first + _CHUNK])})\\z"
