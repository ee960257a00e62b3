"""Writes the smallest address database of MaxMind's format (specification 2.0), for tests: networks to records."""

import ipaddress
import struct

SHORT, LONG = (
    ("binary_format_major_version", "binary_format_minor_version", "ip_version", "record_size"),
    ("build_epoch",),
)
"""Whole numbers that the reader wants as 16 and as 64 bits."""


def mmdb(records, version=6):
    """Give the bytes of a database; `records` maps networks (text) to plain values; IPv4 lives under ::/96."""
    nodes, data, where = [[0, 0]], b"", {}
    for text, record in records.items():
        network = ipaddress.ip_network(text)
        bits = f"{int(network.network_address):0{network.max_prefixlen}b}"[: network.prefixlen]
        if version == 6 and network.version == 4:
            bits = "0" * 96 + bits
        where[_leaf(nodes, bits)] = len(data)
        data += _encoded(record)
    count = len(nodes)
    tree = b""
    for at, node in enumerate(nodes):
        for side in (0, 1):
            found = where.get((at, side))
            value = count + 16 + found if found is not None else node[side] or count
            tree += value.to_bytes(4, "big")
    metadata = {
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": 1_700_000_000,
        "database_type": "Tiny", "description": {"en": "made for a test"}, "ip_version": version, "languages": ["en"],
        "node_count": count, "record_size": 32,
    }  # fmt: skip
    return tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + _encoded(metadata)


def _leaf(nodes, bits):
    at = 0
    for bit in map(int, bits[:-1]):
        if not nodes[at][bit]:
            nodes.append([0, 0])
            nodes[at][bit] = len(nodes) - 1
        at = nodes[at][bit]
    return at, int(bits[-1])


def _encoded(value, name=""):
    match value:
        case bool():
            return _head(14, int(value))
        case str():
            return _head(2, len(value.encode())) + value.encode()
        case int():
            raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
            kind = 5 if name in SHORT else 9 if name in LONG or value >= 2**32 else 6
            return _head(kind, len(raw)) + raw
        case float():
            return _head(3, 8) + struct.pack(">d", value)
        case list():
            return _head(11, len(value)) + b"".join(map(_encoded, value))
        case dict():
            return _head(7, len(value)) + b"".join(_encoded(key) + _encoded(item, key) for key, item in value.items())
    raise TypeError(value)


def _head(kind, size):
    assert size < 285
    short, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    return bytes([kind << 5 | short]) + more if kind < 8 else bytes([short, kind - 7]) + more
