"""What to do next about a suspect: the most pressing first, with what was seen."""

from collections.abc import Sequence

from tocsin.results import Exposed, Innocent, Link, Suspect
from tocsin.verdict.sessions import Told
from tocsin.words import _, ngettext


def next_steps(suspect: Suspect, told: Told, innocent: Sequence[Innocent], links: Sequence[Link]) -> tuple[str, ...]:
    """Order the steps: stop what goes on, name what is shared, ask what fits, then the rules' runbooks."""
    steps = [
        *_shared(links),
        *_sessions(told),
        *_credential(told),
        *_ask(suspect, told),
        *_check(innocent),
        *suspect.next,
    ]
    return tuple(dict.fromkeys(steps))


def questions(suspect: Suspect, told: Told, innocent: Sequence[Innocent]) -> tuple[str, ...]:
    """List what to ask the professional."""
    return (*_ask(suspect, told), *_check(innocent))


def _shared(links: Sequence[Link]) -> list[str]:
    """Name the address first: closing it stops every account behind it."""
    origins = [link for link in links if link.kind in {"address", "network"}]
    if not origins:
        return []
    link = max(origins, key=lambda held: (len(held.accounts), held.kind == "address", held.value))
    n, others = len(link.accounts), max(link.population - len(link.accounts), 0)
    text = _("Have the portal watch or close {kind} {value}: {n} of these accounts use it, and {others}.")
    rest = ngettext("{n} other of the portal", "{n} others of the portal", others).format(n=others)
    rest = rest if others else _("nobody else of the portal")
    return [text.format(kind=_(link.kind), value=link.value, n=n, others=rest)]


def _sessions(told: Told) -> list[str]:
    thieves = [one.stretch for one in told.judged if one.verdict == "intruder" and one.stretch.lookups]
    if not thieves:
        return []
    last = max(thieves, key=lambda one: one.last)
    if last.session is None:
        return [_("Have the account's sessions ended and its password changed.")]
    text = _("Have session {session} ended (from {ip}, last seen {last:%-d %B at %H:%M}) and the password changed.")
    return [text.format(session=last.label, ip=last.ip or _("an unknown address"), last=told.local(last.last))]


def _credential(told: Told) -> list[str]:
    if told.credential is None:
        return []
    text = _("Ask who changed the credentials on {moment:%-d %B at %H:%M}, and undo it; check the mailbox too.")
    return [text.format(moment=told.local(told.credential))]


def _ask(suspect: Suspect, told: Told) -> list[str]:
    if told.began is None:
        text = _("Call the professional on a number you already have: was this their work on {night:%-d %B}?")
        return [text.format(night=suspect.rang or suspect.night)]
    one = next(one for one in told.judged if one.verdict == "intruder" and one.stretch.first == told.began)
    first, is_new = one.stretch, any(mark.measure == "network" and mark.points >= 0 for mark in one.marks)
    text = _("Call the professional on a number you already have: were you at work on {moment:%-d %B at %H:%M}")
    if first.ip:
        text += _(" from {ip}, an address the account never used?") if is_new else _(" from {ip}?")
    else:
        text += "?"
    return [text.format(moment=told.local(told.began), ip=first.ip)]


def _check(innocent: Sequence[Innocent]) -> list[str]:
    text = _("Ask whether it was {explanation}: the figures fit ({figures}).")
    return [text.format(explanation=one.explanation, figures=one.figures) for one in innocent if one.holds]


def story(told: Told, counts: Exposed) -> str:
    """Say in a sentence which sessions are whose, from where and since when, and how many people they read."""
    thieves = [one.stretch for one in told.judged if one.verdict == "intruder" and one.stretch.lookups]
    readers = [one for one in told.judged if one.stretch.lookups]
    if told.began is None or not thieves:
        unsure = sum(one.verdict == "mixed" for one in readers)
        if readers and not unsure:
            return _("All its sessions are like its own earlier ones: whoever read, read from where the owner works.")
        text = _("No session can be told to be an intruder's; {n} of {all} may be, with {people:,} people")
        return text.format(n=unsure, all=len(readers), people=counts.max or 0) + "."
    places = sorted({one.ip for one in thieves if one.ip})
    where = ngettext(" from {ip}", " from {n_ip} addresses, {ip} first", len(places)) if places else ""
    first = min(thieves, key=lambda one: one.first)
    text = ngettext(
        "{n} of its {all} sessions looks like an intruder's",
        "{n} of its {all} sessions look like an intruder's",
        len(thieves),
    )
    if len(thieves) == len(readers):
        text = ngettext(
            "Its only session looks like an intruder's", "All its {n} sessions look like an intruder's", len(thieves)
        )
    text += where + _(", {first:%-d %b %H:%M} to {last:%-d %b %H:%M}")
    text = text.format(
        n=len(thieves),
        all=len(readers),
        n_ip=len(places),
        ip=first.ip or (places[0] if places else ""),
        first=told.local(told.began),
        last=told.local(max(one.last for one in thieves)),
    )
    return f"{text}: {people_read(counts)}."


def calm_story(told: Told) -> str:
    """Say of an account that no night named what its sessions show; what differs a little is no sign of an intruder."""
    readers = [one for one in told.judged if one.stretch.lookups]
    thieves = sum(one.verdict == "intruder" for one in readers)
    if thieves:
        text = ngettext(
            "No night named it, yet {n} of its {all} last sessions is like an intruder's: ask the professional.",
            "No night named it, yet {n} of its {all} last sessions are like an intruder's: ask the professional.",
            thieves,
        )
        return text.format(n=thieves, all=len(readers))
    other = sum(one.verdict == "mixed" for one in readers)
    if not other:
        return _("No night named it, and its last sessions are like its own earlier ones.")
    text = ngettext(
        "No night named it; {n} of its {all} last sessions differs from its own earlier ones, as happens with a new"
        " address or device. That alone is no sign of an intruder.",
        "No night named it; {n} of its {all} last sessions differ from its own earlier ones, as happens with a new"
        " address or device. That alone is no sign of an intruder.",
        other,
    )
    return text.format(n=other, all=len(readers))


def people_read(counts: Exposed) -> str:
    """Say the bounds in words."""
    if counts.min is None or counts.max is None:
        return _("up to {n:,} people read").format(n=counts.possible)
    least, most = counts.min, counts.max
    if least == most:
        return ngettext("{n:,} person read", "{n:,} people read", most).format(n=most)
    return _("{least:,} to {most:,} people read").format(least=least, most=most)
