"""The attacks that can be played; a new one is a module here and a name in SCENARIOS."""

from tocsin.simulate.scenarios.blitz import Blitz
from tocsin.simulate.scenarios.leaked_list import LeakedList
from tocsin.simulate.scenarios.stage import Scenario

SCENARIOS: tuple[type[Scenario], ...] = (Blitz, LeakedList)
"""Every scenario, in the order in which they are listed."""
