"""The network of an address: /24 for IPv4, /56 for IPv6 (what one household or office gets)."""

import ipaddress
from functools import lru_cache

import polars as pl

_IPV4_PREFIX, _IPV6_PREFIX = 24, 56
_REMEMBERED = 1 << 17
"""Addresses come back block after block; so many are kept, some 40 MB at most."""


def networks(addresses: pl.Series) -> pl.DataFrame:
    """Give for each address `ip`, written in one way, and its `network`; both null where the text is no address.

    A port, brackets, a zone (`%eth0`) and IPv4 inside IPv6 are undone; of a list (X-Forwarded-For) the first counts.
    """
    distinct = addresses.drop_nulls().unique()
    read = [_place(text) for text in distinct]
    known = pl.DataFrame(
        {"text": distinct, "ip": [ip for ip, _ in read], "network": [network for _, network in read]},
        schema=dict.fromkeys(("text", "ip", "network"), pl.String()),
    )
    return addresses.to_frame("text").join(known, on="text", how="left", maintain_order="left").drop("text")


@lru_cache(_REMEMBERED)
def _place(text: str) -> tuple[str | None, str | None]:
    address = _read(text)
    if address is None:
        return None, None
    return str(address), _network(address)


def _read(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    address = text.split(",", 1)[0].strip().partition("%")[0]
    if address.startswith("["):
        address = address[1:].partition("]")[0]
    elif address.count(":") == 1:
        address = address.partition(":")[0]
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    inside = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return inside or found


def _network(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    prefix = _IPV4_PREFIX if address.version == 4 else _IPV6_PREFIX
    host = address.max_prefixlen - prefix
    return f"{type(address)(int(address) >> host << host)}/{prefix}"
