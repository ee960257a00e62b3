"""Past nights as one list: the intruder may be inside already, and nobody reads a hundred lists."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tocsin.results import Suspect


@dataclass(frozen=True, slots=True)
class PastSuspect:
    """An account that past nights name: since when, on how many, and what its worst night says."""

    account: str
    profession: str | None
    region: str | None
    first: date
    last: date
    nights: int
    worst: date
    points: float
    risk: int
    people: int | None
    """Different people read on the worst night, where the logs name anybody."""
    why: str
    campaigns: tuple[str, ...]


def one_list(suspects: Iterable[Suspect]) -> list[PastSuspect]:
    """Gather the suspects of many nights: a row an account, the highest points first."""
    by_account: dict[str, list[Suspect]] = {}
    for suspect in suspects:
        by_account.setdefault(suspect.account, []).append(suspect)
    rows = [_row(account, found) for account, found in by_account.items()]
    return sorted(rows, key=lambda row: (-row.points, row.first, row.account))


def _row(account: str, found: list[Suspect]) -> PastSuspect:
    worst = max(found, key=lambda suspect: (suspect.points, suspect.people or 0))
    nights = sorted({suspect.rang or suspect.night for suspect in found})
    return PastSuspect(
        account=account,
        profession=worst.profession,
        region=worst.region,
        first=nights[0],
        last=nights[-1],
        nights=len(nights),
        worst=worst.rang or worst.night,
        points=worst.points,
        risk=worst.risk,
        people=worst.people,
        why=worst.why,
        campaigns=tuple(sorted({suspect.campaign for suspect in found if suspect.campaign})),
    )
