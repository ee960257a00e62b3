"""Country, operator and sort of network of an address, from a database of MaxMind's format that the user points at.

Databases name the same things differently (MaxMind's City, ASN, Enterprise and Anonymous IP, and those of others in the
format): every name known is tried. Nothing is guessed from the address itself.
"""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import maxminddb
import polars as pl

from tocsin.errors import SettingsError
from tocsin.schema import EVENTS, NetworkType
from tocsin.words import _

FILLED = ("country", "asn", "network_type")
"""Columns that are filled where the log itself does not say them."""

_REMEMBERED = 1 << 17
_COUNTRY = (("country", "iso_code"), ("country_code",), ("country",), ("registered_country", "iso_code"))
_ASN = (("autonomous_system_number",), ("traits", "autonomous_system_number"), ("asn",))
_OPERATOR = (
    ("autonomous_system_organization",),
    ("traits", "autonomous_system_organization"),
    ("as_name",),
    ("organization",),
    ("isp",),
)
_FLAGS = (
    ("is_anonymous_vpn", NetworkType.VPN),
    ("is_public_proxy", NetworkType.PROXY),
    ("is_residential_proxy", NetworkType.PROXY),
    ("is_tor_exit_node", NetworkType.PROXY),
    ("is_hosting_provider", NetworkType.HOSTING),
    ("is_vpn", NetworkType.VPN),
    ("is_proxy", NetworkType.PROXY),
    ("is_hosting", NetworkType.HOSTING),
    ("is_mobile", NetworkType.MOBILE),
)
"""Statements about an address, the most telling first."""
_SORTS = (
    ("traits", "user_type"),
    ("user_type",),
    ("connection_type",),
    ("traits", "connection_type"),
    ("as_type",),
    ("type",),
)
_MEANT = {
    "hosting": NetworkType.HOSTING,
    "content_delivery_network": NetworkType.HOSTING,
    "cellular": NetworkType.MOBILE,
    "mobile": NetworkType.MOBILE,
    "residential": NetworkType.ISP,
    "cable/dsl": NetworkType.ISP,
    "dialup": NetworkType.ISP,
    "satellite": NetworkType.ISP,
    "isp": NetworkType.ISP,
    "college": NetworkType.EDU,
    "school": NetworkType.EDU,
    "library": NetworkType.EDU,
    "education": NetworkType.EDU,
    "government": NetworkType.GOV,
    "military": NetworkType.GOV,
    "consumer_privacy_network": NetworkType.VPN,
}  # fmt: skip
"""How databases call sorts of networks; `business` and the like say nothing of use."""
_NAMED = (
    ("vpn", NetworkType.VPN),
    ("hosting", NetworkType.HOSTING),
    ("datacenter", NetworkType.HOSTING),
    ("data center", NetworkType.HOSTING),
    ("cloud", NetworkType.HOSTING),
    ("colocation", NetworkType.HOSTING),
    ("servers", NetworkType.HOSTING),
    ("ovh", NetworkType.HOSTING),
    ("hetzner", NetworkType.HOSTING),
    ("amazon", NetworkType.HOSTING),
    ("microsoft", NetworkType.HOSTING),
    ("digitalocean", NetworkType.HOSTING),
    ("scaleway", NetworkType.HOSTING),
    ("leaseweb", NetworkType.HOSTING),
    ("universi", NetworkType.EDU),
    ("renater", NetworkType.EDU),
    ("ministere", NetworkType.GOV),
    ("government", NetworkType.GOV),
)
"""What the name of an operator gives away, in this order; no name makes an address an ordinary subscriber's."""

Said = tuple[str | None, int | None, str | None]
_NOTHING: Said = (None, None, None)


class AddressDatabases:
    """The opened databases, in the order in which they are asked; use as a context manager."""

    def __init__(self, paths: Sequence[Path | str] = ()) -> None:
        self._readers = [_opened(Path(path)) for path in paths]
        self.said = lru_cache(_REMEMBERED)(self._said)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        for _path, reader in self._readers:
            reader.close()

    def __bool__(self) -> bool:
        return bool(self._readers)

    def _said(self, ip: str) -> Said:
        """Give country, number of the operator and sort of network of one address; the first database that knows."""
        country, asn, sort = _NOTHING
        for path, reader in self._readers:
            record = _record(path, reader, ip)
            country = country or _country(record)
            asn = asn or _asn(record)
            sort = sort or _sort(record)
        return country, asn, sort


def placed(events: pl.DataFrame, databases: AddressDatabases) -> pl.DataFrame:
    """Fill country, asn and network_type of events where the log has none, each different address asked once."""
    if not databases:
        return events
    distinct = events["ip"].drop_nulls().unique()
    said = [databases.said(ip) for ip in distinct]
    known = pl.DataFrame(
        [
            distinct,
            *(
                pl.Series(f"said {name}", [row[at] for row in said], dtype=EVENTS[name])
                for at, name in enumerate(FILLED)
            ),
        ]
    )
    both = events.join(known, on="ip", how="left", maintain_order="left")
    return both.with_columns(pl.coalesce(name, f"said {name}").alias(name) for name in FILLED).select(events.columns)


def _opened(path: Path) -> tuple[Path, maxminddb.Reader]:
    try:
        return path, maxminddb.open_database(path)
    except OSError as error:
        message = _("the address database {path} cannot be read: {why}").format(path=path, why=error.strerror)
    except (maxminddb.InvalidDatabaseError, ValueError):
        message = _("{path} is no address database of MaxMind's format").format(path=path)
    raise SettingsError(message, hint=_("check `network` in the settings"))


def _record(path: Path, reader: maxminddb.Reader, ip: str) -> dict[str, Any]:
    try:
        address = ipaddress.ip_address(ip)
        record = reader.get(address)
    except ValueError:  # no address, or IPv6 in a database of IPv4
        return {}
    except (maxminddb.InvalidDatabaseError, UnicodeDecodeError) as error:
        raise SettingsError(
            _("the address database {path} is damaged").format(path=path), hint=_("fetch it again")
        ) from error
    return record if isinstance(record, dict) else {}


def _first(record: dict[str, Any], ways: Sequence[tuple[str, ...]], kind: type) -> Any:
    """Follow each way into a record until one ends at a value of this kind."""
    for way in ways:
        value: Any = record
        for step in way:
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, kind) and not isinstance(value, bool):
            return value
    return None


def _country(record: dict[str, Any]) -> str | None:
    code = _first(record, _COUNTRY, str)
    return code.upper() if code and len(code) == 2 and code.isascii() and code.isalpha() else None


def _asn(record: dict[str, Any]) -> int | None:
    number = _first(record, _ASN, int)
    text = _first(record, _ASN, str) or ""
    digits = text.upper().removeprefix("AS")
    if number is None and digits.isascii() and digits.isdecimal():
        number = int(digits)
    return number if number is not None and 0 < number < 2**32 else None


def _sort(record: dict[str, Any]) -> str | None:
    """Say what sort of network it is: flags first, then the kind the database gives, then the operator's name."""
    traits = record.get("traits")
    for holder in (record, traits if isinstance(traits, dict) else {}):
        for flag, sort in _FLAGS:
            if holder.get(flag) is True:
                return sort.value
    for way in _SORTS:
        told = _MEANT.get(str(_first(record, [way], str)).casefold())
        if told:
            return told.value
    operator = str(_first(record, _OPERATOR, str) or "").casefold()
    return next((sort.value for word, sort in _NAMED if word in operator), None)
