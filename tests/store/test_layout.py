"""The layout of a state: what a night leaves to the next is part of it."""

import dataclasses
import hashlib

from tocsin.store.manifest import VERSION
from tocsin.verdict.kept import LEFT

KNOWN = {2: "a9e8132256cfcc3a", 3: "f8dfb92bc6c5eb4c"}
"""Version of the layout -> digest of the classes that nights leave. Old ones stay, so that none is used twice."""


def test_a_change_of_what_nights_leave_comes_with_a_new_version_of_the_layout():
    shapes = [f"{made.__name__}: {', '.join(field.name for field in dataclasses.fields(made))}" for made in LEFT]
    digest = hashlib.sha256("\n".join(sorted(shapes)).encode()).hexdigest()[:16]
    assert KNOWN.get(VERSION) == digest, "read by an older or newer program, such a state would be half used"
