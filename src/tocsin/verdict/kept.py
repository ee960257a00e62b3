"""What a judged night leaves, as it is kept on disk between nightly runs."""

import json
from datetime import date
from typing import Any, cast

from tocsin.model.calibration import Calibration
from tocsin.model.drift import Drift
from tocsin.model.memory import Memory
from tocsin.model.weather import Skies
from tocsin.results import Exposed, Finding, Measure, Suspect
from tocsin.store.codec import Fetch, Keeper, decode, encode, frames_of
from tocsin.verdict.docket import Docket, Open, OpenCampaign, Waiting
from tocsin.verdict.drifting import Added
from tocsin.verdict.feedback import Seen
from tocsin.verdict.fleet import Fleets
from tocsin.verdict.judge import Before
from tocsin.verdict.left_out import LeftOut
from tocsin.verdict.records import Records

LEFT = (
    Before, Memory, Skies, Calibration, Docket, Open, OpenCampaign, Records, Added, Drift, Fleets, Seen, LeftOut,
    Waiting, Suspect, Finding, Measure, Exposed,
)  # fmt: skip
"""Everything that goes from one night to the next: a class that is not here cannot be kept."""


def kept_before(before: Before, keeper: Keeper) -> tuple[bytes, set[str]]:
    """Write what a night left; gives the frames it refers to."""
    plain = encode(before, keeper)
    return json.dumps(plain).encode(), frames_of(plain)


def waiting_since(plain: Any, night: date) -> Any:
    """Forget in what a night left, as it is written, who waits to be told of a night before this one.

    Where the frames are gone nobody can go on from there, and the rest is not read.
    """
    docket = plain["fields"]["docket"]
    if "waiting" not in docket["fields"]:  # a layout before 8
        return plain
    known: Docket = decode(docket, _gone, LEFT)
    return {**plain, "fields": {**plain["fields"], "docket": encode(known.since(night))}}


def _gone(name: str) -> Any:
    raise KeyError(name)


def read_before(plain: Any, fetch: Fetch) -> Before:
    """Read what a night left."""
    return cast("Before", decode(plain, fetch, LEFT))
