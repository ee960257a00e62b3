"""What persons' answers change later, and what innocent explanations must show; each with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person's answer about a case does to later nights (verdict.feedback, verdict.left_out)."""

    held_days: int = 180
    """How long an unusual account-night, or what a confirmed one taught, is kept as it was, so that an answer can still
    be given or changed: as long as calibration remembers its score."""
    near: float = 0.5
    """Account-nights are kept from this share of the floor of an alert on: below, little was clipped."""
    more: float = 1.25
    """A silent account rings when it reads more than a quarter more than what was explained: days differ by that
    much."""
    more_points: float = 1.0
    """Or when a family says this much more: ten times as unusual."""


@dataclass(frozen=True, slots=True)
class Innocence:
    """When the figures fit an innocent explanation: a person weighs it, and nobody is silent because of it."""

    young_nights: int = 28
    """A practice is new for its first four weeks."""
    much: float = 1.5
    """More than half as much again is more than a busy day."""
    lists: float = 10.0
    """Searches and exports that sent ten times the usual are not of people who came."""
    season: float = 0.8
    """Strangers are a season's when four in five of the people were read in the owner's own sessions."""
    way_out: int = 3
    """An address is a group's common way out when the whole portal has three times the accounts that are suspicious."""
    colleague_days: int = 28
    """How long before the night colleagues may have read somebody: four weeks are read in a moment."""
    colleagues: int = 30
    """Accounts of a structure from which on nobody knows all the others' people: a hospital's hundreds."""
