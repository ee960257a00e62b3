"""Takes logs in: every unit becomes an event with tokens in place of people, or is accounted for otherwise."""

from tocsin.intake.ledger import Ledger
from tocsin.intake.protect import scrubbed
from tocsin.intake.take import IntakeOptions, take_in

__all__ = ["IntakeOptions", "Ledger", "scrubbed", "take_in"]
