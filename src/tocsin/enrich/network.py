"""The client's address, and its network: /24 for IPv4, /56 for IPv6 (what one household or office gets)."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

import polars as pl

from tocsin.settings import PRIVATE_NETWORKS
from tocsin.settings_fixed import NETWORK_PREFIX, NETWORK_PREFIX_6

_REMEMBERED = 1 << 17
"""Addresses come back block after block; so many are kept, some 40 MB at most."""

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(addresses: pl.Series, trusted: Sequence[str] = PRIVATE_NETWORKS) -> pl.DataFrame:
    """Give for each address `ip`, written in one way, and its `network`; both null where the text is no address.

    A port, brackets, a zone (`%eth0`) and IPv4 inside IPv6 are undone. Of a list (X-Forwarded-For: client, proxy,
    proxy) the client is the last hop that is no trusted proxy: what stands before it, anybody may have written.
    """
    distinct = addresses.drop_nulls().unique()
    proxies = tuple(trusted)
    read = [_place(text, proxies) for text in distinct]
    known = pl.DataFrame(
        {"text": distinct, "ip": [ip for ip, _ in read], "network": [network for _, network in read]},
        schema=dict.fromkeys(("text", "ip", "network"), pl.String()),
    )
    return addresses.to_frame("text").join(known, on="text", how="left", maintain_order="left").drop("text")


@lru_cache(_REMEMBERED)
def _place(text: str, trusted: tuple[str, ...]) -> tuple[str | None, str | None]:
    address = _client(text, trusted) if "," in text else _read(text)
    if address is None:
        return None, None
    return str(address), _network(address)


def _client(hops: str, trusted: tuple[str, ...]) -> _Address | None:
    """Walk back from the server to the first hop that is no trusted proxy; a hop that is no address ends the walk."""
    reached = None
    for hop in reversed(hops.split(",")):
        address = _read(hop)
        if address is None:
            return reached
        reached = address
        if not any(address in network for network in _parsed(trusted) if network.version == address.version):
            return reached
    return reached


@lru_cache(8)
def _parsed(trusted: tuple[str, ...]) -> tuple[_Network, ...]:
    return tuple(ipaddress.ip_network(network, strict=False) for network in trusted)


def _read(text: str) -> _Address | None:
    address = text.strip().partition("%")[0]
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


def _network(address: _Address) -> str:
    prefix = NETWORK_PREFIX if address.version == 4 else NETWORK_PREFIX_6
    host = address.max_prefixlen - prefix
    return f"{type(address)(int(address) >> host << host)}/{prefix}"
