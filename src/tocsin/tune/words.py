"""Figures of a tuning as text."""

from collections.abc import Sequence

from tocsin.tune.outcome import Outcome
from tocsin.tune.sweep import Sweep, Tried
from tocsin.words import _, ngettext

MOST_NAMED = 5
"""Accounts named in a line."""


def as_text(sweep: Sweep) -> str:
    """Lay out the table of one rule: a line a value, today's marked."""
    rows = [
        [
            "",
            sweep.knob.key.rsplit(".", 1)[-1],
            _("hits a night"),
            _("alerts a night"),
            _("worst night"),
            _("gained"),
            _("lost"),
            _("by profession"),
        ]
    ]
    rows += [_row(one, sweep) for one in sweep.tried]
    heading = _("{title} ({rule}), for {scope}: {nights} nights, {first} to {last}").format(
        title=sweep.title,
        rule=sweep.knob.name,
        scope=sweep.scope,
        nights=len(sweep.today.nights),
        first=sweep.today.nights[0].night,
        last=sweep.today.nights[-1].night,
    )
    told = [heading, _today(sweep), "", _table(rows), *_changes(sweep)]
    return "\n".join(told) + "\n"


def _today(sweep: Sweep) -> str:
    text = _("today: {value}; {hits:.2f} hits and {alerts:.2f} new alerts a night")
    value = " / ".join(f"{one:g}" for one in sweep.effective)
    return text.format(value=value, hits=sweep.today.hits_a_night, alerts=sweep.today.alerts_a_night)


def _row(one: Tried, sweep: Sweep) -> list[str]:
    outcome = one.outcome
    return [
        "=" if sweep.effective == (one.value,) else "",
        f"{one.value:g}",
        f"{outcome.hits_a_night:.2f}",
        f"{outcome.alerts_a_night:.2f}",
        f"{outcome.worst.new}" + (f" ({outcome.worst.night})" if outcome.worst.new else ""),
        str(len(one.gained)),
        str(len(one.lost)),
        _professions(outcome),
    ]


def _professions(outcome: Outcome) -> str:
    return ", ".join(f"{name} {count / len(outcome.nights):.2f}" for name, count in outcome.by_profession.items())


def _changes(sweep: Sweep) -> list[str]:
    """Name the accounts that come and go, where a value changes them."""
    told = []
    before: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    for one in sweep.tried:
        now = (one.gained, one.lost)
        if now != before and (one.gained or one.lost):
            said = [f"+ {_named(one.gained)}"] if one.gained else []
            said += [f"- {_named(one.lost)}"] if one.lost else []
            told.append(f"{one.value:g}: " + "; ".join(said))
        before = now
    return ["", _("Accounts that a value adds (+) or removes (-) against today:"), *told] if told else []


def _named(accounts: Sequence[str]) -> str:
    more = len(accounts) - MOST_NAMED
    names = ", ".join(accounts[:MOST_NAMED])
    return names + (" " + ngettext("and {n} more", "and {n} more", more).format(n=more) if more > 0 else "")


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Set columns under one another, the last one to the left."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at in (0, len(row) - 1) else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
