"""The country of every address, as a portal with a database of addresses would log it."""

import zlib

import polars as pl

from tocsin.simulate.actions import OWNER
from tocsin.simulate.departments import DEPARTMENTS
from tocsin.simulate.origins import HOSTING
from tocsin.simulate.plan import Plan
from tocsin.simulate.plays import Play
from tocsin.simulate.population import Population
from tocsin.simulate.randomness import Purpose, below, scatter, share

_HOME = "FR"
_OVERSEAS = {"971": "GP", "972": "MQ", "973": "GF", "974": "RE", "976": "YT"}
_RENTED_AT_HOME = 0.5  # French companies have servers and VPN exits all over Europe
_RENTED = ("NL", "DE", "GB", "PL", "US", "CH", "RO", "FI")
_LENT = ("RO", "MA", "ES", "US", "BR", "VN", "UA", "GB", "IT", "NG")  # homes and phones of others
_WRONG = 0.003  # of the /24 networks are placed in another country, in any two weeks
_WRONG_NIGHTS = 14

# First two numbers of ranges that providers of these countries announce; no host is meant.
_ABROAD = {
    "ES": (83, 32), "IT": (79, 0), "PT": (85, 240), "MA": (105, 128), "GB": (86, 128), "TN": (197, 0),
    "BE": (81, 240), "DE": (84, 128), "US": (73, 0), "TH": (171, 96), "LU": (83, 99), "CH": (85, 0),
    "RO": (79, 112), "BR": (177, 0), "VN": (14, 160), "UA": (178, 150), "NG": (105, 112),
}  # fmt: skip


def with_countries(
    actions: pl.DataFrame, population: Population, plan: Plan, plays: tuple[Play, ...], night: int
) -> pl.DataFrame:
    """Give each action its country; homes that lie abroad get an address there (schema ACTIONS and country)."""
    abroad = {play.stage.number: play.attack.scenario.abroad for play in plays}
    origins = actions.select("account", "scenario", "ip").unique(maintain_order=True)
    seed = population.seed
    told: list[tuple[str, str]] = []
    for account, scenario, ip in origins.iter_rows():
        place = plan.origin[account, night]
        strange = plan.origins[place - 1].country if place and scenario == OWNER else None
        if _rented(ip):
            told.append((_of_rented(seed, ip), ip))
        elif strange or _lent(seed, scenario, ip, abroad):
            country = strange or _LENT[int(below(scatter(seed, _word(ip, 2), 35), len(_LENT))[0])]
            told.append((country, _moved(ip, country)))
        else:
            told.append((_at_home(seed, population, account, ip, night), ip))
    placed = origins.with_columns(
        country=pl.Series([country for country, _ in told], dtype=pl.String),
        there=pl.Series([ip for _, ip in told], dtype=pl.String),
    )
    joined = actions.join(placed, on=["account", "scenario", "ip"], how="left", maintain_order="left")
    return joined.with_columns(ip=pl.col("there")).drop("there")


def _rented(ip: str) -> bool:
    return ":" not in ip and tuple(int(part) for part in ip.split(".")[:2]) in HOSTING


def _of_rented(seed: int, ip: str) -> str:
    word = scatter(seed, int(Purpose.ORIGINS), _word(ip, 3))
    return _HOME if share(word)[0] < _RENTED_AT_HOME else _RENTED[int(below(scatter(word, 1), len(_RENTED))[0])]


def _lent(seed: int, scenario: int, ip: str, abroad: dict[int, float]) -> bool:
    """Say whether an intruder's home or phone lies abroad: they are lent by the lot, here a /16."""
    return scenario != OWNER and float(share(scatter(seed, _word(ip, 2), 36))[0]) < abroad[scenario]


def _at_home(seed: int, population: Population, account: int, ip: str, night: int) -> str:
    home = _OVERSEAS.get(DEPARTMENTS.codes[population.department[account]], _HOME)
    word = scatter(seed, _word(ip, 3), night // _WRONG_NIGHTS, 37)
    return _RENTED[int(below(scatter(word, 1), len(_RENTED))[0])] if share(word)[0] < _WRONG else home


def _moved(ip: str, country: str) -> str:
    first, second = _ABROAD[country]
    return ".".join([str(first), str(second), *ip.split(".")[2:]])


def _word(ip: str, parts: int) -> int:
    """Turn the first numbers of an address into a word that stays the same everywhere."""
    sign = ":" if ":" in ip else "."
    return zlib.crc32(sign.join(ip.split(sign)[:parts]).encode())
