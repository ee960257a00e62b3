"""When accounts began their nights, where the logs tell no addresses: who steers many still starts them together."""

from dataclasses import replace

import polars as pl

from tocsin.measure import Measured


def with_beginnings(measured: Measured) -> Measured:
    """Put a row of origins, without an address, in for each account-night, where nothing tells any address.

    Only onsets (verdict.onset) read them: an account then begins with the first event of its night.
    """
    if not measured.origins.is_empty() or "first" not in measured.origins.columns:
        return measured
    begun = measured.nights.select("account", "night", "first")
    return replace(measured, origins=pl.concat([measured.origins, begun], how="diagonal"))
