"""Makes what a reader found fit to keep: people become tokens, texts lose their numbers, addresses get a network."""

from collections.abc import Sequence

import polars as pl

from tocsin.enrich.identifiers import describe
from tocsin.enrich.network import networks
from tocsin.privacy.moments import without_moments
from tocsin.privacy.scrub import MASK, masked, tokenised
from tocsin.privacy.tokens import TokenKey, token, token_id
from tocsin.schema import STORED
from tocsin.settings import PRIVATE_NETWORKS

COLUMNS = tuple(name for name in STORED if name != "night")
"""What comes out: the schema's columns and the two ids; the night depends on the settings and is added later."""

IDENTITIES = ("account", "person", "structure", "session", "request")
"""Texts that say who or what belongs together: one that holds a NIR becomes a token."""

FREE_TEXTS = (
    "profession", "region", "patient_region", "country",
    "ip", "user_agent", "client", "service", "purpose",
)  # fmt: skip
"""Texts in which a NIR is masked."""

_NAME_DIGITS = 8
_SHIFTS = 30_000
"""Order numbers (below 1,000) plus a shift below this fit 16 bits."""


def protect(
    events: pl.DataFrame, patient_kind: str, key: TokenKey, trusted: Sequence[str] = PRIVATE_NETWORKS
) -> pl.DataFrame:
    """Give events (as in `Batch.events`, with their source) with tokens and networks, columns as in COLUMNS.

    `trusted` are the networks of proxies that are believed when they say for whom they ask.
    """
    texts = [_scrubbed_but_moments(events[name], events["time"], key) for name in IDENTITIES + FREE_TEXTS]
    addresses = networks(events["ip"], trusted)
    return (
        events.with_columns(
            *texts,
        )
        .with_columns(
            addresses["network"],
            pl.col("automatic").fill_null(value=False),
            *_people(events["patient"], patient_kind, key),
        )
        .with_columns(__address=pl.coalesce(addresses["ip"], "ip"))
        # Where the address stands for the account, it is the client's, written in one way.
        .with_columns(
            account=pl.when(pl.col("account") == pl.col("ip")).then("__address").otherwise("account"), ip="__address"
        )
        .with_columns(patient_region=pl.coalesce("patient_region", "birth_region"))
        .select(COLUMNS)
    )


def strange_addresses(events: pl.DataFrame) -> int:
    """Count protected events whose address is none: it stays as it was written, in no network."""
    return events["network"].null_count() - events["ip"].null_count()


def file_name(path: str, key: TokenKey) -> str:
    """Give the name of a log without the NIR it may hold; two such names stay two, tonight and tomorrow."""
    clean: str = masked(pl.Series([path])).item()
    if clean == path:
        return path
    keyed = pl.select(token(key.digest(pl.lit(f"file:{path}")))).item()
    return clean.replace(MASK, f"[nir {keyed[:_NAME_DIGITS]}]")


def scrubbed(texts: pl.Series, key: TokenKey) -> pl.Series:
    """Give a column of text, known by its name, without a NIR, the same text always in the same form."""
    return tokenised(texts, key) if texts.name in IDENTITIES else masked(texts)


def _scrubbed_but_moments(texts: pl.Series, times: pl.Series, key: TokenKey) -> pl.Series:
    """Scrub a column of events; a text in which only the moment of its own line looked like a NIR stays as it is."""
    clean = scrubbed(texts, key)
    if clean is texts:
        return texts
    changed = (clean != texts).fill_null(value=False).arg_true()
    if changed.is_empty():
        return clean
    before = texts.gather(changed)
    hidden = without_moments(before, times.gather(changed))
    harmless = (hidden != before) & (scrubbed(hidden, key) == hidden)
    return clean.scatter(changed.filter(harmless), before.filter(harmless))


def _people(patients: pl.Series, patient_kind: str, key: TokenKey) -> list[pl.Series]:
    """Give the columns that come of an identifier: tokens, shifted order, region of birth, validity and ids."""
    parts = describe(patients, patient_kind)
    digests = parts.with_columns(
        patient=token(key.digest(pl.col("identifier"))), digest=key.digest(pl.concat_str(pl.lit("block:"), "block"))
    )
    block = token(pl.col("digest"))
    # The shift comes from digits of the digest that the token does not show.
    shift = pl.col("digest").str.slice(40, 8).str.to_integer(base=16, dtype=pl.Int64()) % _SHIFTS
    return digests.select(
        "patient",
        patient_block=block,
        patient_order=(pl.col("order") + shift).cast(pl.Int16()),
        birth_region="region",
        patient_valid="valid",
        person_id=token_id(pl.col("patient")),
        block_id=token_id(block),
    ).get_columns()
