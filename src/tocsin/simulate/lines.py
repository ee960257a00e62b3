"""The lines people come in on: address, network and browser of each session."""

from datetime import date, timedelta

import numpy as np

from tocsin.simulate.actions import WEB, Sessions
from tocsin.simulate.origins import address, address_six, browser, program
from tocsin.simulate.plan import Plan
from tocsin.simulate.population import Integers, Population
from tocsin.simulate.professions import HOSPITAL, PROFESSIONS
from tocsin.simulate.randomness import below, scatter, share

_HOME_SHARE = 0.05  # of a practitioner's sessions are from home
_A_VERSION = timedelta(days=35)  # after which every browser has another version
_BY_HAND = 0.05  # of the sessions of people with software are opened on the portal's own pages
_OWN_VPN = 0.012  # of the accounts go through a VPN of their own choice
_BEHIND_PROXY = 0.2  # of the hospitals
_KNOWN_NETWORK = 0.8  # share of lines whose network type the portal knows


def session_lines(
    population: Population, plan: Plan, account: Integers, workstation: Integers, night: int, day: date
) -> Sessions:
    """Give each session of a night its name, address, network type and browser."""
    count = np.arange(len(account))
    names = [f"{word:016x}" for word in scatter(population.seed, 61, night, count).tolist()]
    devices = _devices(population, plan, account, workstation, night).tolist()
    lines = _lines(population, plan, account, night, count)
    places = population.department[account].tolist()
    unusual = plan.origin[account, night].tolist()
    ips: list[str] = []
    network_types: list[str | None] = []
    for place, device, origin, (network_type, host, known) in zip(places, devices, unusual, lines, strict=True):
        if origin:
            strange = plan.origins[origin - 1]
            chosen = device % strange.addresses
            ips.append(
                address(strange.network_type, strange.word % 1_000_003, strange.word % 9_999_991 * 5 + chosen * 305)
            )
            network_types.append(strange.network_type)
        elif network_type == "six":
            ips.append(address_six(place, host, int(scatter(device, night)[0])))
            network_types.append("isp" if known else None)
        else:
            ips.append(address("hosting" if network_type == "vpn" else network_type, place, host))
            network_types.append(network_type if known else None)
    updated = (plan.updated_from[account] <= night).tolist()
    programs = population.per_profession("by_program")[account] > 0
    agents = [
        program(device, day) if called else browser(device, day + _A_VERSION if ahead else day)
        for device, called, ahead in zip(devices, programs.tolist(), updated, strict=True)
    ]
    by_hand = (share(scatter(population.seed, 73, night, count)) < _BY_HAND) & ~programs
    return Sessions(account, names, ips, network_types, agents, [WEB if web else None for web in by_hand.tolist()])


def _devices(population: Population, plan: Plan, account: Integers, workstation: Integers, night: int) -> Integers:
    """Name the device: a hospital's computers are all alike, others are bought one by one."""
    alike = np.isin(population.profession[account], [PROFESSIONS.index(HOSPITAL)])
    own = scatter(population.seed, 62, population.structure[account], account, workstation)
    fleet = scatter(population.seed, 63, population.structure[account])
    word = np.where(alike, fleet, own)
    device: Integers = (
        np.where(plan.device[account, night] > 0, scatter(word, plan.device[account, night]), word) >> np.uint64(4)
    ).astype(np.int64)
    return device


def _lines(
    population: Population, plan: Plan, account: Integers, night: int, session: Integers
) -> list[tuple[str, int, bool]]:
    """Choose network type, host word and whether the portal knows the type, a tuple a session."""
    structure = population.structure[account]
    toss = share(scatter(population.seed, 64, structure))
    mobile = share(scatter(population.seed, 65, account)) < population.per_profession("mobile")[account]
    single = np.array([profession.size_of_structure == 1 for profession in PROFESSIONS])[population.profession[account]]
    # Fixed line; renewed now and then; renewed every day; or IPv6.
    period = np.select(
        [toss < 0.62, toss < 0.82, toss < 0.85], [10**6, 7 + below(scatter(structure, 66), 50), 1], 10**6
    )
    turn = (night + structure % 50) // np.where(single, period, 10**6)
    host = below(scatter(population.seed, 67, structure, turn + 1_000_003 * plan.line[account, night]), 2**31)
    kinds = np.where(mobile, "mobile", np.where(single & (toss >= 0.88), "six", "isp"))
    host = np.where(mobile, below(scatter(population.seed, 68, account, night, session), 2**31), host)
    goes_home = (
        single
        & ~mobile
        & np.isin(population.profession[account], population.profession[population.of("generaliste", "infirmier")])
    )
    at_home = goes_home & (share(scatter(population.seed, 69, night, session)) < _HOME_SHARE)
    host = np.where(at_home, below(scatter(population.seed, 70, account), 2**31), host)
    kinds = np.where(at_home, "isp", kinds)
    kinds = np.where(population.per_profession("by_program")[account] > 0, "hosting", kinds)
    private = single & (share(scatter(population.seed, 74, account)) < _OWN_VPN) & (kinds != "hosting")
    host = np.where(private, below(scatter(population.seed, 75, account, night // 9), 2**31), host)
    kinds = np.where(private, "vpn", kinds)
    kinds = np.where(~single & (share(scatter(population.seed, 76, structure)) < _BEHIND_PROXY), "proxy", kinds)
    known = share(scatter(population.seed, 71, structure)) < _KNOWN_NETWORK
    return list(zip(kinds.tolist(), host.tolist(), known.tolist(), strict=True))
