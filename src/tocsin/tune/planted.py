"""Planted attacks: simulated intruders on the scope's own accounts, among what these really did on the same nights."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from tocsin.enrich.calendar import start_of_night, with_night
from tocsin.errors import SettingsError
from tocsin.intake.protect import protect
from tocsin.privacy.tokens import TokenKey
from tocsin.rules.comparisons import PROFILE
from tocsin.schema import KIND, NETWORK_TYPE, OUTCOME, RAW_EVENTS, STORED, Kind
from tocsin.settings import Settings
from tocsin.simulate.inject import Injected, inject
from tocsin.simulate.plays import TooFewFreeError
from tocsin.simulate.scenarios.spec import Attack, attack
from tocsin.store.spool import Spool
from tocsin.tune.known import Labelled
from tocsin.tune.scope import Scope
from tocsin.words import _

SEED = 1
"""The same logs and scenarios always give the same attacks."""

SOURCE = "planted"

WAKES = "dormant_wakeup"
"""The attack on accounts that nobody uses: in real logs those are accounts not used for weeks."""

_PERSON = ("patient", "patient_region", "patient_block", "patient_order", "patient_valid", "person_id", "block_id")


def attacks_of(specs: Sequence[str]) -> tuple[Attack, ...]:
    """Read what is to be planted, as `tocsin simulate --scenario` does; SettingsError where it is not understood."""
    return tuple(attack(spec) for spec in specs)


@dataclass(slots=True)
class Planted:
    """Plants attacks behind the last event that is read, and knows afterwards what it planted."""

    attacks: Sequence[Attack]
    scope: Scope
    settings: Settings
    key: TokenKey
    cases: list[Labelled] = field(default_factory=list)

    def behind(self, portions: Iterator[pl.DataFrame], spool: Spool) -> Iterator[pl.DataFrame]:
        """Give the frames that are read, which fill the spool, and then the intruders' events."""
        if not self.attacks:
            yield from portions
            return
        profiles: list[pl.DataFrame] = []
        columns: list[str] = []
        for portion in portions:
            columns = portion.columns
            profiles.append(portion.select("account", *PROFILE).unique())
            yield portion
        if not spool.events:
            return
        accounts = sorted(self.scope.within(pl.concat(profiles))["account"].unique())
        if not accounts:
            return  # the refusal that names the known regions comes later
        real = spool.of_accounts(accounts, list(STORED))
        played = self._played(real)
        if played.events.is_empty():
            raise SettingsError(
                _("the planted attacks leave no event in these nights"), hint=_("name more accounts or other nights")
            )
        self._note(played.nights)
        yield self._stored(played.events, real).select(columns)

    def _played(self, real: pl.DataFrame) -> Injected:
        """Play the attacks; whom nobody has used for weeks counts as asleep, for an attack that wakes somebody up."""
        first, last = real["night"].min(), real["night"].max()
        assert isinstance(first, date)  # noqa: S101 there are events
        assert isinstance(last, date)  # noqa: S101
        count = (last - first).days + 1
        away = timedelta(days=self.settings.baselines.away_days)
        waking = [first + timedelta(days=one.window(count)[0]) for one in self.attacks if one.scenario.name == WAKES]
        if waking:
            read = real.filter(pl.col("kind") == Kind.LOOKUP).group_by("account").agg(pl.col("night").max())
            asleep = read.filter(pl.col("night") < min(waking) - away)["account"].implode()
            kind = pl.when(pl.col("account").is_in(asleep)).then(pl.lit(Kind.OTHER, KIND)).otherwise("kind")
            real = real.with_columns(kind=kind)
        try:
            return inject(real, tuple(self.attacks), SEED)
        except TooFewFreeError as error:
            raise SettingsError(error.message, hint=_("give more nights") + error.fewer) from error

    def _note(self, nights: pl.DataFrame) -> None:
        for (account,), rows in nights.partition_by("account", as_dict=True, maintain_order=True).items():
            days = [date.fromisoformat(night) for night in rows["night"]]
            read = dict(zip(days, (rows["people"] + rows["rows"]).to_list(), strict=True))
            self.cases.append(Labelled(str(account), min(days), max(days), read=read, planted=True))

    def _stored(self, events: pl.DataFrame, real: pl.DataFrame) -> pl.DataFrame:
        """Turn native columns into stored events: people of the log are tokens already, made-up ones become some."""
        written = events["patient"].alias("written")
        raw = _raw(events, real)
        kept = protect(raw, "nir", self.key, self.settings.network.trusted_proxies).with_columns(written)
        known = real.select(_PERSON).drop_nulls("patient").unique("patient", keep="any")
        told = known.rename({name: f"{name}_known" for name in _PERSON[1:]}).with_columns(was=pl.lit(value=True))
        joined = kept.join(told, left_on="written", right_on="patient", how="left", maintain_order="left")
        own = pl.col("was").fill_null(value=False)
        joined = joined.with_columns(
            patient=pl.when(own).then("written").otherwise("patient"),
            **{name: pl.when(own).then(f"{name}_known").otherwise(name) for name in _PERSON[1:]},
        )
        portal = self.settings.portal
        return with_night(joined, portal.zone, start_of_night(portal.night_starts)).select(STORED.keys())


def _raw(events: pl.DataFrame, real: pl.DataFrame) -> pl.DataFrame:
    """Give the intruders' events as a reader would; who an account is stays what the log says."""
    rows = events.drop(PROFILE).join(_profiles(real), on="account", how="left", maintain_order="left")
    typed = rows.with_columns(
        pl.col("time").str.to_datetime(time_unit="us", time_zone="UTC"),
        pl.col("kind").cast(KIND),
        pl.col("outcome").cast(OUTCOME),
        pl.col("network_type").cast(NETWORK_TYPE),
        line=pl.int_range(1, pl.len() + 1, dtype=pl.UInt64),
        byte=pl.int_range(pl.len(), dtype=pl.UInt64),
        source=pl.lit(SOURCE),
        automatic=pl.lit(None, pl.Boolean),
        patient_region=pl.lit(None, pl.String),
    )
    missing = [pl.lit(None, kind).alias(name) for name, kind in RAW_EVENTS.items() if name not in typed.columns]
    full = typed.with_columns(missing)
    return full.with_columns(pl.col(name).cast(kind) for name, kind in RAW_EVENTS.items())


def _profiles(real: pl.DataFrame) -> pl.DataFrame:
    """Say who each account is: what most of its events say that say anything."""
    return real.group_by("account").agg(pl.col(PROFILE).drop_nulls().mode().min())
