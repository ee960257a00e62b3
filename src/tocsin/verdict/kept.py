"""What a judged night leaves, as it is kept on disk between nightly runs."""

import json
from typing import Any, cast

from tocsin import results
from tocsin.model.calibration import Calibration
from tocsin.model.drift import Drift
from tocsin.model.memory import Memory
from tocsin.model.weather import Skies
from tocsin.results import Night
from tocsin.store.codec import Fetch, Keep, decode, encode, frames_of
from tocsin.verdict.docket import Docket, Open, OpenCampaign
from tocsin.verdict.drifting import Added
from tocsin.verdict.feedback import Seen
from tocsin.verdict.fleet import Fleets
from tocsin.verdict.judge import Before
from tocsin.verdict.left_out import LeftOut
from tocsin.verdict.records import Records

LEFT = (Before, Memory, Skies, Calibration, Docket, Open, OpenCampaign, Records, Added, Drift, Fleets, Seen, LeftOut)
"""Everything that goes from one night to the next: a class that is not here cannot be kept."""

CONCLUDED = tuple(
    made for made in vars(results).values() if isinstance(made, type) and made.__module__ == results.__name__
)


def kept_before(before: Before, keep: Keep) -> tuple[bytes, set[str]]:
    """Write what a night left; gives the frames it refers to."""
    plain = encode(before, keep)
    return json.dumps(plain).encode(), frames_of(plain)


def read_before(plain: Any, fetch: Fetch) -> Before:
    """Read what a night left."""
    return cast("Before", decode(plain, fetch, LEFT))


def kept_night(night: Night) -> bytes:
    """Write the conclusions of a night, which hold no frames."""
    return json.dumps(encode(night, _no_frames)).encode()


def read_night(plain: Any) -> Night:
    """Read the conclusions of a night."""
    return cast("Night", decode(plain, _none, CONCLUDED))


def _no_frames(_frame: object) -> str:
    raise TypeError("a night's conclusions hold no frames")


def _none(name: str) -> Any:
    raise ValueError(name)
