"""How an intruder appears on the line: from which addresses, and with which browser string."""

from dataclasses import dataclass
from datetime import date, timedelta

from tocsin.simulate.origins import address, browser
from tocsin.simulate.scenarios.stage import Stage

_LIBRARIES = (
    "python-requests/2.{}.0",
    "Go-http-client/2.{}",
    "okhttp/4.{}.0",
    "Java/17.0.{}",
    "axios/1.{}.2",
    "curl/7.{}.0",
)


@dataclass(frozen=True, slots=True)
class Place:
    """An address, and the type of network the portal knows it by."""

    ip: str
    network_type: str | None


def rented(stage: Stage, count: int, *place: int, kind: str = "hosting") -> list[Place]:
    """Rent servers or VPN exits, two companies at most; the same every night."""
    return [
        Place(
            address("hosting", stage.word(1, *place) % 977 + which % 2, stage.word(2, which, *place) % 2**31),
            kind,
        )
        for which in range(count)
    ]


def households(stage: Stage, count: int, *place: int) -> list[Place]:
    """Come from other people's homes, a new one each time; the portal knows the type of most of them."""
    words = [stage.word(11, *place, number) for number in range(count)]
    return [Place(address("isp", word % 97, word // 97 % 2**31), "isp" if word % 5 else None) for word in words]


def phones(stage: Stage, count: int, *place: int) -> list[Place]:
    """Come through a mobile carrier, whose addresses change with each connection."""
    words = [stage.word(14, *place, number) for number in range(count)]
    return [Place(address("mobile", 0, word % 2**31), "mobile" if word % 5 else None) for word in words]


def hideout(stage: Stage, count: int, *place: int) -> list[Place]:
    """Choose by seed: rented servers, a VPN, a proxy, homes of others or a phone."""
    toss = stage.word(15, *place) % 100
    if toss < 30:
        return rented(stage, count, *place)
    if toss < 55:
        return rented(stage, count, *place, kind="vpn")
    if toss < 70:
        return rented(stage, count, *place, kind="proxy")
    return households(stage, count, *place) if toss < 88 else phones(stage, count, *place)


def robot_browser(word: int, day: date) -> str:
    """Give a robot's browser string: today's, one that is months old, a browser without a screen, or a library's."""
    toss = word % 100
    if toss < 62:
        return browser(word >> 8, day)
    if toss < 80:
        return browser(word >> 8, day - timedelta(days=90 + word // 100 % 600))
    if toss < 88:
        return browser(word >> 8 | 8, day).replace(" Chrome/", " HeadlessChrome/")
    return _LIBRARIES[word // 100 % len(_LIBRARIES)].format(word // 1_000 % 30 + 4)
