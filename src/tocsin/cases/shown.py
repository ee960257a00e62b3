"""The lists of nights with the case and its status beside each suspect."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tocsin.cases.book import Entry
from tocsin.cases.case import Verdict, status_of, verdicts_of
from tocsin.cases.register import Register
from tocsin.results import Night, Suspect
from tocsin.verdict.decisions import case_id


def with_cases(nights: Sequence[Night], register: Register, entries: Sequence[Entry]) -> list[Night]:
    """Give the nights with `case` and `status`: what was answered, else `new` or `continuing`."""
    names, verdicts = register.names(), verdicts_of(entries)
    return [
        replace(night, suspects=tuple(_with_case(one, names, verdicts) for one in night.suspects)) for night in nights
    ]


def _with_case(suspect: Suspect, names: dict[tuple[date, str], str], verdicts: dict[str, Verdict]) -> Suspect:
    case = names.get((suspect.night, suspect.account)) or case_id(suspect.account, suspect.first_alerted)
    status: str = "new" if suspect.rank is not None or suspect.night == suspect.first_alerted else "continuing"
    if case in verdicts:
        status = status_of(verdicts[case])
    return replace(suspect, case=case, status=status)
