"""What accounts do in one night, before it is written in some format: one frame, one row an action."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.schema import KIND, NETWORK_TYPE, OUTCOME, Kind, Outcome

SERVICES = (
    "connexion",
    "deconnexion",
    "droits",
    "affiliation",
    "historique-remboursements",
    "medecin-traitant",
    "recherche-patient",
    "liste-patients",
    "saisie-arret",
    "declaration",
    "compte",
    "export",
    "api-droits",
    "delegation",
)
"""What the portal offers; an action names a service by its place here."""

KINDS = tuple(kind.value for kind in Kind)
OUTCOMES = tuple(outcome.value for outcome in Outcome)
_DAY_MILLISECONDS = 86_400_000
WEB = "portail-web"
"""What the log calls the portal's own pages, beside the names of software."""
OWNER = 0
"""The origin of the owner's own actions; scenarios count from 1."""

ACTIONS: Mapping[str, pl.DataType] = {
    "wall": pl.Int64(),  # milliseconds on the portal's wall clock since midnight
    "account": pl.UInt32(),  # place in the population
    "kind": KIND,
    "outcome": OUTCOME,
    "nir": pl.Int64(),  # see nir.py; null where no person was asked for
    "key": pl.UInt8(),  # as typed, so wrong beside a mistyped number
    "session": pl.String(),
    "ip": pl.String(),
    "network_type": NETWORK_TYPE,
    "user_agent": pl.String(),
    "client": pl.String(),  # null: the one the account always uses
    "service": pl.String(),
    "rows": pl.UInt32(),
    "bytes": pl.UInt32(),
    "scenario": pl.UInt16(),
}

_ANSWER_BYTES = {"connexion": 1_900, "deconnexion": 300, "recherche-patient": 2_100, "liste-patients": 9_000}
_BYTES = np.array([_ANSWER_BYTES.get(service, 3_400) for service in SERVICES])


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions of one night, one element a session."""

    account: NDArray[np.int64]
    names: list[str]
    ips: list[str]
    network_types: list[str | None]
    user_agents: list[str]
    clients: list[str | None] | None = None  # the software each came through; None: the account's own


@dataclass(frozen=True, slots=True)
class Deeds:
    """Actions as columns of numbers, one element an action; `nir` 0 where nobody was asked for."""

    session: NDArray[np.int64]  # place in Sessions
    wall: NDArray[np.int64]
    kind: NDArray[np.int64]
    outcome: NDArray[np.int64]
    nir: NDArray[np.int64]
    key: NDArray[np.int64]
    service: NDArray[np.int64]
    rows: NDArray[np.int64]


def service(name: str) -> int:
    """Give a service's place."""
    return SERVICES.index(name)


def kind(name: Kind) -> int:
    """Give a kind's place."""
    return KINDS.index(name)


def outcome(name: Outcome) -> int:
    """Give an outcome's place."""
    return OUTCOMES.index(name)


def joined(parts: list[Deeds]) -> Deeds:
    """Put deeds after one another."""
    return Deeds(*(np.concatenate([getattr(part, column) for part in parts]) for column in Deeds.__dataclass_fields__))


def frame(deeds: Deeds, sessions: Sessions, scenario: int, bytes_a_row: int = 310) -> pl.DataFrame:
    """Make the frame of ACTIONS. What lies before or after the night is left out: it is another file's."""
    deeds = _within_the_night(deeds)
    place = pl.Series(deeds.session)
    nir = pl.Series(deeds.nir)
    size = _BYTES[deeds.service] + deeds.rows * bytes_a_row + deeds.wall % 251
    asked = nir != 0
    columns = {
        "wall": pl.Series(deeds.wall),
        "account": pl.Series(sessions.account, dtype=pl.UInt32).gather(place),
        "kind": pl.Series(KINDS, dtype=KIND).gather(pl.Series(deeds.kind)),
        "outcome": pl.Series(OUTCOMES, dtype=OUTCOME).gather(pl.Series(deeds.outcome)),
        "nir": nir,
        "key": pl.Series(deeds.key).cast(pl.UInt8),
        "session": pl.Series(sessions.names, dtype=pl.String).gather(place),
        "ip": pl.Series(sessions.ips, dtype=pl.String).gather(place),
        "network_type": pl.Series(sessions.network_types, dtype=NETWORK_TYPE).gather(place),
        "user_agent": pl.Series(sessions.user_agents, dtype=pl.String).gather(place),
        "client": pl.Series(sessions.clients or [None] * len(sessions.names), dtype=pl.String).gather(place),
        "service": pl.Series(SERVICES, dtype=pl.String).gather(pl.Series(deeds.service)),
        "rows": pl.Series(deeds.rows).cast(pl.UInt32),
        "bytes": pl.Series(np.where(deeds.outcome == outcome(Outcome.SUCCESS), size, 420)).cast(pl.UInt32),
        "scenario": pl.Series(np.full(len(deeds.wall), scenario), dtype=pl.UInt16),
    }
    table = pl.DataFrame(columns, schema_overrides=dict(ACTIONS))
    return table.with_columns(pl.when(asked).then(pl.col("nir", "key")))


def _within_the_night(deeds: Deeds) -> Deeds:
    inside = (deeds.wall >= 0) & (deeds.wall < _DAY_MILLISECONDS)
    return Deeds(*(getattr(deeds, column)[inside] for column in Deeds.__dataclass_fields__))
