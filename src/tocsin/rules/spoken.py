"""How rules speak of what they count and of their windows."""

from tocsin.words import ngettext

UNITS = {
    "patient": "people",
    "account": "accounts",
    "ip": "addresses",
    "network": "networks",
    "session": "sessions",
    "structure": "structures",
    "patient_region": "departments",
}


def in_words(written_timespan: str) -> str:
    """Say a span of time as people do: `1h` is "1 hour"; empty stays empty."""
    if not written_timespan:
        return ""
    count = int(written_timespan[:-1])
    match written_timespan[-1]:
        case "s":
            words = ngettext("{count} second", "{count} seconds", count)
        case "m":
            words = ngettext("{count} minute", "{count} minutes", count)
        case "h":
            words = ngettext("{count} hour", "{count} hours", count)
        case "d":
            words = ngettext("{count} day", "{count} days", count)
        case _:
            words = ngettext("{count} week", "{count} weeks", count)
    return words.format(count=count)
