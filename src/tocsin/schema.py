"""The columns of an event: the one contract between readers, features, rules and store."""

import enum
from collections.abc import Mapping

import polars as pl

HOURS_OF_DAY = 24


class Kind(enum.StrEnum):
    """What was done."""

    LOGIN = "login"
    LOGOUT = "logout"
    LOOKUP = "lookup"
    SEARCH = "search"
    LIST = "list"
    EXPORT = "export"
    WRITE = "write"
    CREDENTIAL_CHANGE = "credential_change"
    MFA = "mfa"
    DELEGATION = "delegation"
    OTHER = "other"


class Outcome(enum.StrEnum):
    """How it ended; `not_found` is kept apart because enumeration shows in it."""

    SUCCESS = "success"
    FAILURE = "failure"
    NOT_FOUND = "not_found"
    DENIED = "denied"
    ERROR = "error"
    UNKNOWN = "unknown"


class NetworkType(enum.StrEnum):
    """What sort of network an address belongs to."""

    ISP = "isp"
    MOBILE = "mobile"
    HOSTING = "hosting"
    VPN = "vpn"
    PROXY = "proxy"
    EDU = "edu"
    GOV = "gov"


KIND = pl.Enum([kind.value for kind in Kind])
OUTCOME = pl.Enum([outcome.value for outcome in Outcome])
NETWORK_TYPE = pl.Enum([network.value for network in NetworkType])
TIME = pl.Datetime("us", "UTC")

EVENTS: Mapping[str, pl.DataType] = {
    "time": TIME,
    "offset_minutes": pl.Int16(),
    "kind": KIND,
    "outcome": OUTCOME,
    "account": pl.String(),
    "person": pl.String(),
    "profession": pl.String(),
    "structure": pl.String(),
    "region": pl.String(),
    "session": pl.String(),
    "ip": pl.String(),
    "network": pl.String(),
    "country": pl.String(),
    "asn": pl.UInt32(),
    "network_type": NETWORK_TYPE,
    "user_agent": pl.String(),
    "client": pl.String(),
    "service": pl.String(),
    "patient": pl.String(),
    "patient_region": pl.String(),
    "patient_block": pl.String(),
    "patient_order": pl.Int16(),
    "patient_valid": pl.Boolean(),
    "subjects": pl.UInt32(),
    "rows": pl.UInt32(),
    "bytes": pl.UInt64(),
    "request": pl.String(),
    "purpose": pl.String(),
    "break_glass": pl.Boolean(),
    "automatic": pl.Boolean(),
    "source": pl.String(),
    "line": pl.UInt64(),
    "byte": pl.UInt64(),
}
"""Every column of a normalised event. Never null: time, kind, outcome, account, automatic, source, line, byte."""

MADE_BY_INTAKE = ("network", "patient_region", "patient_block", "patient_order", "patient_valid", "automatic", "source")
"""Columns that no reader fills: they are derived after reading (intake.py)."""

RAW_EVENTS: Mapping[str, pl.DataType] = {name: dtype for name, dtype in EVENTS.items() if name not in MADE_BY_INTAKE}
"""What a reader yields: `patient` still holds the identifier as the log has it."""

REJECTS: Mapping[str, pl.DataType] = {
    "source": pl.String(),
    "line": pl.UInt64(),
    "byte": pl.UInt64(),
    "reason": pl.String(),
}
"""Units that became no event: where they start and why, never what they say."""

STORED: Mapping[str, pl.DataType] = {**EVENTS, "night": pl.Date(), "person_id": pl.UInt64(), "block_id": pl.UInt64()}
"""An event as the store keeps it: with its night and 64-bit keyed ids of person read and block, for fast counting."""


def empty(columns: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Make a frame of no rows with these columns."""
    return pl.DataFrame(schema=dict(columns))
