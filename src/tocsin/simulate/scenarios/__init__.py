"""The attacks that can be played; a new one is a module here and a name in SCENARIOS."""

from tocsin.simulate.scenarios.blitz import Blitz
from tocsin.simulate.scenarios.dormant_wakeup import DormantWakeup
from tocsin.simulate.scenarios.leaked_list import LeakedList
from tocsin.simulate.scenarios.low_slow import LowSlow
from tocsin.simulate.scenarios.mfa_fatigue import MfaFatigue
from tocsin.simulate.scenarios.night_weekend import NightWeekend
from tocsin.simulate.scenarios.own_base_dump import OwnBaseDump
from tocsin.simulate.scenarios.partner_api import PartnerApi
from tocsin.simulate.scenarios.privileged_export import PrivilegedExport
from tocsin.simulate.scenarios.round_robin import RoundRobin
from tocsin.simulate.scenarios.session_parallel import SessionParallel
from tocsin.simulate.scenarios.snoop import Snoop
from tocsin.simulate.scenarios.stage import Scenario

SCENARIOS: tuple[type[Scenario], ...] = (
    Blitz,
    LeakedList,
    LowSlow,
    RoundRobin,
    NightWeekend,
    OwnBaseDump,
    PrivilegedExport,
    PartnerApi,
    DormantWakeup,
    MfaFatigue,
    SessionParallel,
    Snoop,
)
"""Every scenario, in the order in which they are listed."""
