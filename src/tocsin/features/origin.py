"""Origin: addresses, networks, countries and browsers the account never used, and several networks at once."""

import polars as pl

from tocsin.features.feature import Feature, Work
from tocsin.features.windows import distinct_over_time
from tocsin.settings_fixed import AT_ONCE

FOREIGN = ("hosting", "vpn", "proxy")
"""Network types from which professionals seldom work."""


def origins(work: Work) -> pl.DataFrame:
    """Give one row an account, night, address and browser."""
    return work.origins


def reads_by_network(work: Work) -> pl.DataFrame:
    """Give one row a person read that night through a network, with whether the network is new to the account."""
    is_new = work.origins.group_by("who", "night", "network").agg(pl.col("is_new_network").first())
    return (
        work.reads.filter(pl.col("network").is_not_null())
        .select("who", "night", "network", "network_type", "person_id")
        .unique()
        .join(is_new, on=["who", "night", "network"])
    )


def reads_by_country(work: Work) -> pl.DataFrame:
    """Give one row a person read that night from a country, with whether the country is new to the account."""
    rows = work.reads.filter(pl.col("country").is_not_null()).select("who", "night", "country", "person_id").unique()
    return rows.join(work.countries, on=["who", "night", "country"])


def networks_at_once(work: Work) -> pl.DataFrame:
    """Count the different networks in the ten minutes before each event, over midnight too.

    Only the account-nights are looked at that used two, with the night before or after.
    """
    used = work.origins.group_by("who", "night").agg(low=pl.col("network").min(), high=pl.col("network").max())
    used = used.drop_nulls().sort("who", "night")
    goes_on = (pl.col("who") == pl.col("who").shift()) & (
        (pl.col("low") != pl.col("low").shift()) | (pl.col("high") != pl.col("high").shift())
    )
    goes_on = goes_on.fill_null(value=False)
    several = used.filter((pl.col("low") != pl.col("high")) | goes_on | goes_on.shift(-1).fill_null(value=False))
    rows = (
        work.events.filter(pl.col("network").is_not_null())
        .join(several, on=["who", "night"], how="semi")
        .select("who", "night", "time", network=pl.col("network").hash(seed=0))
    )
    counts = distinct_over_time(rows, ["who"], "network", AT_ONCE)
    return counts.join(rows.select("who", "night", "time").unique(), on=["who", "time"])


def in_session(work: Work) -> pl.DataFrame:
    """Give one row an event of a session whose network is told."""
    return work.events.filter(pl.col("session").is_not_null() & pl.col("network").is_not_null()).select(
        "who", "night", "session", "time", "network"
    )


def switches(work: Work) -> pl.DataFrame:
    """Give one row a change of network within a session: a session that two hold at once goes back and forth."""
    keys, told = ["who", "night", "session"], in_session(work)
    several = told.group_by(keys).agg(n=pl.col("network").n_unique()).filter(pl.col("n") > 1)
    rows = told.join(several, on=keys, how="semi").sort(*keys, "time", "network")
    return rows.filter((pl.col("network") != pl.col("network").shift().over(keys)).fill_null(value=False))


FEATURES = (
    Feature(
        name="people_elsewhere",
        unit="people",
        family="origin",
        table=origins,
        value=pl.lit(0),
        carried=True,
        needs=("ip", "patient"),
        history=True,
        judged=False,
        words="people read from networks that the account began to use within two weeks",
        sentence="",
    ),
    Feature(
        name="answers_elsewhere",
        unit="rows",
        family="origin",
        table=origins,
        value=pl.lit(0),
        carried=True,
        like="answers",
        needs=("ip", "rows"),
        history=True,
        words="rows sent to networks that the account began to use within two weeks",
        sentence="was sent {value} rows on networks new to it, usually {usual} in all",
    ),
    Feature(
        name="strangers_elsewhere",
        unit="of the people",
        family="origin",
        table=origins,
        value=pl.lit(0),
        carried=True,
        of="people_elsewhere",
        like="new_share",
        needs=("ip", "patient"),
        history=True,
        words="share of people never read before among those read from new networks",
        sentence="{share} of those it read from networks new to it were strangers, usually {usual} of its people",
    ),
    Feature(
        name="people_desk",
        unit="people",
        family="origin",
        table=origins,
        value=pl.lit(0),
        carried=True,
        needs=("ip", "patient"),
        history=True,
        judged=False,
        words="people read through networks that see people whom the account knows",
        sentence="",
    ),
    Feature(
        name="strangers_apart",
        unit="people",
        family="origin",
        table=origins,
        value=pl.lit(0),
        carried=True,
        needs=("ip", "patient"),
        history=True,
        judged=False,
        words="people never read before, from networks that see hardly anybody whom the account knows",
        sentence="",
    ),
    Feature(
        name="strangers_beside",
        unit="people",
        family="origin",
        table=origins,
        value=pl.lit(0),
        carried=True,
        needs=("ip", "patient"),
        history=True,
        judged=False,
        words="of these, those beyond half as many again as usual, while the other networks are used as usual",
        sentence="",
    ),
    Feature(
        name="lists_apart",
        unit="rows",
        family="origin",
        table=origins,
        value=pl.lit(0),
        carried=True,
        needs=("ip", "patient", "rows"),
        history=True,
        judged=False,
        words="rows of answers that name nobody, sent to networks that are no desk of the account",
        sentence="",
    ),
    Feature(
        name="lists_beyond",
        unit="rows",
        family="origin",
        table=origins,
        value=pl.lit(0),
        carried=True,
        needs=("ip", "patient", "rows"),
        history=True,
        judged=False,
        words="of these, those beyond half as many again as usual: they never become the account's habit",
        sentence="",
    ),
    Feature(
        name="people_new_country",
        unit="people",
        family="origin",
        table=reads_by_country,
        value=pl.col("person_id").filter(pl.col("is_new_country")).n_unique(),
        needs=("country", "patient"),
        history=True,
        weak=True,
        spare=True,
        words="people read from countries never worked from before",
        sentence="read {value} people from a country it never worked from before, usually {usual}",
    ),
    Feature(
        name="people_new_network",
        unit="people",
        family="origin",
        table=reads_by_network,
        value=pl.col("person_id").filter(pl.col("is_new_network")).n_unique(),
        needs=("ip", "patient"),
        history=True,
        weak=True,
        words="people read from networks never used before",
        sentence="read {value} people from networks it never used before, usually {usual}",
    ),
    Feature(
        name="people_hosting",
        unit="people",
        family="origin",
        table=reads_by_network,
        value=pl.col("person_id").filter(pl.col("network_type").is_in(list(FOREIGN))).n_unique(),
        needs=("network_type", "patient"),
        weak=True,
        words="people read from hosting, VPN or proxy networks",
        sentence="read {value} people from hosting or VPN networks, usually {usual}",
    ),
    Feature(
        name="new_networks",
        unit="networks",
        family="origin",
        table=origins,
        value=pl.col("network").filter(pl.col("is_new_network")).n_unique(),
        needs=("ip",),
        history=True,
        weak=True,
        words="networks never used before by this account",
        sentence="came from {value} networks it never used before, usually {usual}",
        one="came from a network it never used before, usually {usual}",
    ),
    Feature(
        name="new_addresses",
        unit="addresses",
        family="origin",
        table=origins,
        value=pl.col("ip").filter(pl.col("is_new_ip")).n_unique(),
        needs=("ip",),
        history=True,
        weak=True,
        words="addresses never used before by this account",
        sentence="came from {value} addresses it never used before, usually {usual}",
        one="came from an address it never used before, usually {usual}",
    ),
    Feature(
        name="new_browsers",
        unit="browsers",
        family="origin",
        table=origins,
        value=pl.col("user_agent").filter(pl.col("is_new_browser")).n_unique(),
        needs=("user_agent",),
        history=True,
        weak=True,
        words="browsers never used before by this account",
        sentence="used {value} browsers it never used before, usually {usual}",
        one="used a browser it never used before, usually {usual}",
    ),
    Feature(
        name="company",
        unit="structures",
        family="origin",
        table=origins,
        value=pl.lit(0),
        carried=True,
        needs=("ip",),
        history=True,
        weak=True,
        words="structures (or accounts of none) with accounts behind an address of the night, where it had far fewer",
        sentence="shared an address that never had so many with accounts of {value} structures, usually {usual}",
    ),
    Feature(
        name="networks_at_once",
        unit="networks",
        family="origin",
        table=networks_at_once,
        value=pl.col("count").filter(pl.col("count") > 1).max(),
        needs=("ip",),
        words="networks used within ten minutes",
        sentence="worked from {value} networks within ten minutes, usually {usual}",
    ),
    Feature(
        name="session_events",
        unit="events",
        family="origin",
        table=in_session,
        value=pl.len(),
        needs=("ip", "session"),
        judged=False,
        words="events of a session whose network is known",
        sentence="",
    ),
    Feature(
        name="session_switches",
        unit="of the events",
        family="origin",
        table=switches,
        value=pl.len(),
        of="session_events",
        needs=("ip", "session"),
        words="share of events that came from another network than the one before in the same session",
        sentence="went from one network to another within one session at {share} of its events, usually {usual}",
    ),
)
