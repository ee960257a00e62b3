"""The register: a row for every night on which an account was on the list, and the case that the row belongs to.

It is made from the nights' conclusions and finished with them, so it cannot say anything else than they do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from tocsin.results import Night, Suspect
from tocsin.schema import empty
from tocsin.store.manifest import Manifest
from tocsin.store.names import Names
from tocsin.store.state import State
from tocsin.verdict.decisions import case_id

HITS = {
    "case": pl.String(),
    "account": pl.String(),
    "night": pl.Date(),
    "first": pl.Date(),
    "rank": pl.Int64(),
    "risk": pl.Int64(),
    "points": pl.Float64(),
    "people": pl.Int64(),
    "profession": pl.String(),
    "structure": pl.String(),
    "region": pl.String(),
    "campaign": pl.String(),
    "began": pl.String(),
    "least": pl.Int64(),
    "most": pl.Int64(),
    "why": pl.String(),
}
"""`first` is the night on which the case was opened, `began` when the intruder seems to have come (on the
portal's clock), `least` and `most` the people exposed since."""

MEMBERS = {"campaign": pl.String(), "night": pl.Date(), "first": pl.Date(), "account": pl.String()}
"""Who was in a campaign on which night, suspects and linked accounts."""


@dataclass(frozen=True, slots=True)
class Register:
    """Rows of HITS and of MEMBERS, in order of night and account."""

    hits: pl.DataFrame = field(default_factory=lambda: empty(HITS))
    members: pl.DataFrame = field(default_factory=lambda: empty(MEMBERS))

    def with_nights(self, nights: Sequence[Night], reach: int, closed: Mapping[str, date] | None = None) -> "Register":
        """Put the conclusions of these nights in the place of what was known of them.

        A case whose first night changes because a late log or a new rule did keeps its name: it is the one that began
        within `reach` nights, and was not `closed` (case -> from which night on) by then.
        """
        judged = [night.night for night in nights]
        rows = [
            _hit(suspect, self._name(suspect, reach, closed or {})) for night in nights for suspect in night.suspects
        ]
        groups = [
            {"campaign": group.id, "night": night.night, "first": group.first_night, "account": member.account}
            for night in nights
            for group in night.campaigns
            for member in group.accounts
        ]
        return Register(
            _in_place(self.hits, pl.DataFrame(rows, schema=HITS), judged),
            _in_place(self.members, pl.DataFrame(groups, schema=MEMBERS), judged),
        )

    def without(self, nights: Sequence[date]) -> "Register":
        """Forget some nights."""
        gone = pl.col("night").is_in(list(nights))
        return Register(self.hits.filter(~gone), self.members.filter(~gone))

    def names(self) -> dict[tuple[date, str], str]:
        """Give the case of each night and account."""
        return {(night, account): case for night, account, case in self.hits["night", "account", "case"].iter_rows()}

    def _name(self, suspect: Suspect, reach: int, closed: Mapping[str, date]) -> str:
        """Give the case of a suspect: the known one that its first night belongs to, else a new one."""
        first = suspect.first_alerted
        over = [case for case, since in closed.items() if since <= first]
        mine = self.hits.filter((pl.col("account") == suspect.account) & ~pl.col("case").is_in(over))
        if mine.filter(pl.col("first") == first).height:
            return str(mine.filter(pl.col("first") == first)["case"][0])
        near = (
            mine.group_by("case", maintain_order=True)
            .agg(pl.col("first").min(), last=pl.col("night").max())
            .filter((pl.col("first") <= pl.lit(first).dt.offset_by(f"{reach}d")) & (pl.col("last") >= first))
        )
        return str(near["case"][0]) if near.height else case_id(suspect.account, first)


def read_register(state: State) -> Register:
    """Read the register of a state, under today's names."""
    manifest = state.manifest
    if not manifest.cases:
        return Register()
    names = Names.of(state.files, manifest.renames)
    hits, members = (names.rows(state.files.read_frame(manifest.cases[name])) for name in ("hits", "members"))
    return Register(hits, members)


def kept_register(register: Register, manifest: Manifest, state: State) -> Manifest:
    """Write the register as files of the run that is being made."""
    cases = {
        name: state.files.write_frame(f"cases/{state.prefix}-{name}.parquet", frame)
        for name, frame in (("hits", register.hits), ("members", register.members))
    }
    return replace(manifest, cases=cases)


def _in_place(known: pl.DataFrame, rows: pl.DataFrame, judged: Sequence[date]) -> pl.DataFrame:
    return pl.concat([known.filter(~pl.col("night").is_in(list(judged))), rows]).sort("night", "account")


def _hit(suspect: Suspect, case: str) -> dict[str, object]:
    shared = {name: getattr(suspect, name) for name in HITS if hasattr(suspect, name) and name != "case"}
    return {
        **shared,
        "case": case,
        "first": suspect.first_alerted,
        "began": suspect.began_local,
        "least": suspect.exposed.min,
        "most": suspect.exposed.max,
    }
