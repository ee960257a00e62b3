"""What was concluded of a night, as it is kept on disk: it can be read without the model that came to it."""

import json
from typing import Any, cast

from tocsin import results
from tocsin.results import Night
from tocsin.store.codec import decode, encode

CONCLUDED = tuple(
    made for made in vars(results).values() if isinstance(made, type) and made.__module__ == results.__name__
)


def kept_night(night: Night) -> bytes:
    """Write the conclusions of a night, which hold no frames."""
    return json.dumps(encode(night)).encode()


def read_night(plain: Any) -> Night:
    """Read the conclusions of a night."""
    return cast("Night", decode(plain, _none, CONCLUDED))


def _none(name: str) -> Any:
    raise ValueError(name)
