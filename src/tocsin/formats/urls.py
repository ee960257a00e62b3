"""Reads requests of a web server as what was done: a table of address patterns gives kind, service and patient.

The first pattern that fits the method and the beginning of the address (path and query) decides. Its named groups fill
columns: `patient`, `service` and any other text column of the schema; `service` of the pattern stands where the group
is missing. What no pattern fits is `other`, with the path for its service, every run of digits written `#`.
"""

import re
import string
from collections.abc import Sequence
from functools import cache
from urllib.parse import unquote_plus

import numpy as np
import polars as pl

from tocsin.errors import SettingsError
from tocsin.schema import RAW_EVENTS, Kind
from tocsin.settings import UrlPattern
from tocsin.words import _

_NUMBER = r"(?P<patient>[0-9](?:[0-9ABab .+-]|%20){4,})"
_IN_QUERY = rf"\?(?:[^#]*&)?(?:nir|patient|ins|matricule)={_NUMBER}"
_END = r"(?:[/?#]|$)"

DEFAULT_URLS: tuple[UrlPattern, ...] = (
    UrlPattern("POST", rf"/(?:[a-z]+/)?(?:login|connexion|signin){_END}", Kind.LOGIN, "login"),
    UrlPattern("*", rf"/(?:[a-z]+/)?(?:logout|deconnexion|signout){_END}", Kind.LOGOUT, "logout"),
    UrlPattern("POST|PUT", r"/(?:compte|account)/(?P<service>[a-z-]+)", Kind.CREDENTIAL_CHANGE, "compte"),
    UrlPattern("POST", rf"/(?:mfa|otp|second-facteur){_END}", Kind.MFA, "mfa"),
    UrlPattern("POST|PUT", rf"/delegations?{_END}", Kind.DELEGATION, "delegation"),
    UrlPattern("*", rf"/(?P<service>exports?|telechargements?|downloads?){_END}", Kind.EXPORT, "export"),
    UrlPattern("POST|PUT|PATCH|DELETE", rf"/patients/{_NUMBER}(?:/(?P<service>[a-z-]+))?", Kind.WRITE, "patients"),
    UrlPattern("GET", rf"/patients/{_NUMBER}(?:/(?P<service>[a-z-]+))?", Kind.LOOKUP, "patients"),
    UrlPattern("*", rf"/(?:recherche|search)[a-z/-]*(?:{_IN_QUERY})?", Kind.SEARCH, "recherche"),
    UrlPattern("POST|PUT|PATCH|DELETE", rf"/(?P<service>[^?#]*?)/?{_IN_QUERY}", Kind.WRITE, "patients"),
    UrlPattern("GET", rf"/(?P<service>[^?#]*?)/?{_IN_QUERY}", Kind.LOOKUP, "patients"),
    UrlPattern("GET", r"/patients/?(?:[?#]|$)", Kind.LIST, "patients"),
)
"""What a health portal's addresses usually look like; tocsin.yml replaces the table."""

_UNRESERVED = string.ascii_letters + string.digits + "-._~"
_NEEDLESS = [f"%{ord(letter):{case}}" for case in ("02X", "02x") for letter in _UNRESERVED]
_MEANT = [*_UNRESERVED, *_UNRESERVED]

_WHOLE = "whole"
"""Group of all that a pattern fits; no column of the schema has this name."""
_ANY = ("", "*")
_META = re.compile(r"[\\.^$|?*+()\[\]{}]")
_GROUP = re.compile(r"\(\?P?<([A-Za-z_][A-Za-z0-9_]*)>")
_COLUMNS = tuple(name for name, dtype in RAW_EVENTS.items() if dtype == pl.String() and name != "account")


def read_requests(requests: pl.DataFrame, urls: Sequence[UrlPattern]) -> pl.DataFrame:
    """Add `kind`, `service` and the patterns' groups to a frame with `method` and `target` (null where unreadable).

    Letters, digits and `-._~` may be escaped (`%31`): that is undone once, as servers do.
    Raises SettingsError for a pattern that is no regular expression or names no column.
    """
    left = requests.with_columns(_unescaped(requests["target"])).with_row_index("row")
    done = []
    for pattern in urls:
        found, left = _split(left, pattern)
        if found.height:
            done.append(found)
    path = pl.col("target").str.extract(r"^([^?#]*)").str.replace_all("[0-9]+", "#")
    done.append(left.with_columns(kind=pl.lit(Kind.OTHER.value), service=path))
    return pl.concat(done, how="diagonal").sort("row").drop("row", "method", "target")


def _unescaped(targets: pl.Series) -> pl.Series:
    """Undo escapes of characters that need none (RFC 3986, section 2.3); all others and invalid ones stay."""
    odd = targets.str.contains("%", literal=True).fill_null(value=False)
    if not odd.any():
        return targets
    return targets.clone().scatter(odd.arg_true(), targets.filter(odd).str.replace_many(_NEEDLESS, _MEANT))


def _split(left: pl.DataFrame, pattern: UrlPattern) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the requests that a pattern fits, with their columns, from the rest."""
    groups = _groups(pattern)
    if left.is_empty():
        return left, left
    target = pl.col("target")
    near = target.str.starts_with(_literal_start(pattern.path))
    if pattern.method.strip() not in _ANY:
        near &= pl.any_horizontal(pl.col("method") == method for method in pattern.method.upper().split("|"))
    # The regular expression is asked only where method and first letters fit: it costs twenty times as much.
    likely = left.filter(near)
    if likely.is_empty():
        return likely, left
    found = _found(likely, f"^(?P<{_WHOLE}>(?:{pattern.path}))", groups).with_columns(kind=pl.lit(pattern.kind))
    named = pl.col("service") if "service" in groups else pl.lit(None, pl.String())
    found = found.with_columns(
        service=pl.when(named.str.len_bytes() > 0).then(named).otherwise(pl.lit(pattern.service))
    )
    if "patient" in groups:
        found = found.with_columns(_decoded(found["patient"]))
    if found.is_empty():
        return found, left
    return found, left.filter(pl.Series(~np.isin(left["row"].to_numpy(), found["row"].to_numpy(), kind="table")))


def _found(likely: pl.DataFrame, regex: str, groups: Sequence[str]) -> pl.DataFrame:
    """Keep the requests that fit, with a column for each group; the regular expression is asked once."""
    target = pl.col("target")
    if not groups:
        return likely.filter(target.str.contains(regex))
    read = likely.with_columns(target.str.extract_groups(regex).alias(_WHOLE))
    fields = pl.col(_WHOLE).struct
    return (
        read.filter(fields.field(_WHOLE).is_not_null())
        .with_columns(fields.field(name).alias(name) for name in groups)
        .drop(_WHOLE)
    )


@cache
def _groups(pattern: UrlPattern) -> list[str]:
    try:
        pl.select(pl.lit("").str.contains(pattern.path))
    except pl.exceptions.ComputeError as error:
        raise SettingsError(_("url pattern {path!r} is not a regular expression").format(path=pattern.path)) from error
    names: list[str] = _GROUP.findall(pattern.path)
    for name in names:
        if name not in _COLUMNS:
            raise SettingsError(
                _("url pattern {path!r} names the unknown column {name!r}").format(path=pattern.path, name=name)
            )
    return names


def _literal_start(path: str) -> str:
    """Give the characters every match begins with: up to the first that has a meaning or may be repeated."""
    if "|" in re.sub(r"\(.*?\)", "", path):
        return ""
    meta = _META.search(path)
    if meta is None:
        return path
    repeated = meta.group() in "?*{"
    return path[: max(0, meta.start() - repeated)]


def _decoded(texts: pl.Series) -> pl.Series:
    """Undo the encoding of addresses (`%20`, `+`), where there is any."""
    odd = texts.str.contains("[%+]").fill_null(value=False)
    if not odd.any():
        return texts
    return texts.scatter(odd.arg_true(), pl.Series([unquote_plus(text) for text in texts.filter(odd)]))
