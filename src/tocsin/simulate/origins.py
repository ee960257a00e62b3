"""Addresses and browsers: French access networks, mobile carriers, hosting companies, and browsers that update."""

from datetime import date
from functools import lru_cache

from tocsin.simulate.randomness import scatter

# First two numbers of ranges that French access networks and hosting companies announce; no host is meant.
_HOME = (
    (90, 3), (90, 22), (86, 195), (86, 214), (82, 64), (82, 120), (78, 192), (78, 240), (93, 1), (93, 20), (109, 190),
    (176, 128), (176, 158), (89, 80), (92, 130), (81, 250),
)  # fmt: skip
_MOBILE = ((37, 160), (37, 165), (37, 169), (92, 184), (92, 188), (80, 214), (77, 204))
HOSTING = (
    (51, 68),
    (51, 254),
    (145, 239),
    (54, 36),
    (51, 15),
    (163, 172),
    (212, 47),
    (95, 216),
    (159, 69),
    (188, 165),
)
_PUBLIC = ((194, 167), (193, 48), (194, 57), (195, 83))
_SIX = ("2a01:cb0", "2a01:e0a", "2a02:842")


@lru_cache(maxsize=65_536)
def address(network_type: str, place: int, host: int) -> str:
    """Give the address that belongs to a place (a department, a company) and a host word there."""
    if network_type == "mobile":
        first, second = _MOBILE[host % len(_MOBILE)]
        return f"{first}.{second}.{host // 7 % 256}.{1 + host // 1792 % 254}"
    pools = {"hosting": HOSTING, "gov": _PUBLIC}.get(network_type, _HOME)
    pool = pools[_word(place, host % 5) % len(pools)]
    # A department's subscribers share some sixty of the pool's /24 networks.
    third = (_word(place, 8) + host // 5 % 61) % 256
    return f"{pool[0]}.{pool[1]}.{third}.{1 + host // 305 % 254}"


def address_six(place: int, host: int, device: int) -> str:
    """Give an IPv6 address: the line's own /56, and a device part that privacy extensions renew."""
    prefix = _SIX[host % len(_SIX)]
    line = _word(host, 3)
    third, fourth = (place % 0x100) << 8 | line >> 8 & 0xFF, (line & 0xFF) << 8
    return (
        f"{prefix}:{third:x}:{fourth:x}:{device >> 48 & 0xFFFF:x}:{device >> 32 & 0xFFFF:x}:"
        f"{device >> 16 & 0xFFFF:x}:{device & 0xFFFF:x}"
    )


@lru_cache(maxsize=65_536)
def browser(word: int, day: date) -> str:
    """Give the browser string of a device on a day: the version follows the calendar, a little late on some devices."""
    late = word // 16 % 4 * 9 + (400 if word // 64 % 40 == 0 else 0)
    passed = (day - date(2022, 3, 29)).days - late
    chrome = 100 + passed * 10 // 315  # a release about every 31.5 days since Chrome 100 on 29 March 2022
    firefox = 98 + passed // 28
    system = ("Windows NT 10.0; Win64; x64", "Windows NT 10.0; Win64; x64", "X11; Linux x86_64",
              "Macintosh; Intel Mac OS X 10_15_7")[word // 4 % 4]  # fmt: skip
    match word % 16:
        case 0 | 1 | 2:
            return f"Mozilla/5.0 ({system}; rv:{firefox}.0) Gecko/20100101 Firefox/{firefox}.0"
        case 3 | 4 | 5 | 6:
            return f"{_chrome(system, chrome)} Edg/{chrome}.0.{word // 1000 % 90}.{word // 90000 % 60}"
        case 7:
            return (
                f"Mozilla/5.0 (iPad; CPU OS {13 + passed // 365}_{word % 5} like Mac OS X) AppleWebKit/605.1.15 "
                f"(KHTML, like Gecko) Version/{13 + passed // 365}.{word % 5} Mobile/15E148 Safari/604.1"
            )
        case _:
            return _chrome(system, chrome)


def program(word: int, day: date) -> str:
    """Give the client string of a partner's program; it changes with the program's releases, a few a year."""
    release = (day - date(2020, 1, 1)).days // 97 + word % 5
    library = ("Apache-HttpClient/4.5.{} (Java/11.0.9)", "python-requests/2.{}.1", "Partenaire-Connect/3.{}",
               "okhttp/4.{}.0")[word // 8 % 4]  # fmt: skip
    return library.format(release)


def _chrome(system: str, version: int) -> str:
    return f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"


def _word(*parts: int) -> int:
    return int(scatter(*parts)[0])
