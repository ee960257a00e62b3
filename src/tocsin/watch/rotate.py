"""A new key: every token of a state is made anew from the source logs, and what was concluded stays concluded.

A token cannot be translated without the identifier behind it, so all logs that the state holds are read again. Nothing
of it counts before the state is finished; then the old tokens are deleted at once.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

import polars as pl

from tocsin.cases.book import entries_of
from tocsin.cases.case import decisions_of
from tocsin.cases.nights import result_of
from tocsin.cases.register import Register, kept_register, read_register
from tocsin.errors import StoreError
from tocsin.formats.inputs import expand
from tocsin.intake import Ledger
from tocsin.nightly import Progress, Scan
from tocsin.privacy.tokens import TokenKey
from tocsin.rules.overlay import tuned
from tocsin.rules.rule import RuleSet
from tocsin.store import journal
from tocsin.store.files import Kept
from tocsin.store.manifest import HeldInput, HeldNight, Manifest, Verdict
from tocsin.store.names import Names
from tocsin.store.state import State
from tocsin.verdict.judge import Before
from tocsin.verdict.kept import kept_before
from tocsin.watch.judging import judged
from tocsin.watch.plan import planned
from tocsin.watch.record import read_record
from tocsin.watch.take import take
from tocsin.watch.tidy import tidied
from tocsin.words import _

TOKEN = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
"""A login that holds a person's number is a token too."""

Named = dict[date, list[str]]


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was made anew, and the nights on which the logs, read again, name others than they did."""

    nights: int
    logs: int
    carried: int
    """Nights whose logs the state no longer holds: their lists stay as they were."""
    different: tuple[date, ...]


def rotate(
    asked: Scan, rules: RuleSet, key: TokenKey, progress: Progress, state: State, keep_key: Callable[[], None]
) -> Rotated:
    """Read the logs of a state again under a new key; `keep_key` writes that key before the state needs it.

    Raises StoreError where a log is missing, or rules and settings are not those of the state.
    """
    old = state.manifest
    rules = tuned(rules, asked.overlays)
    _check_habits(old, rules, asked)
    logs = _found(asked.logs, old.inputs, progress)
    carried_over = Manifest(key=key.fingerprint, sequence=old.sequence, frames=old.frames, accepted=old.accepted)
    fresh = State(state.files, replace(carried_over, renames=_names_without_tokens(state)))
    asked = replace(asked, logs=logs)
    taken = take(asked, key, Ledger(lambda done, total: progress(_("reading"), done, total)), fresh)
    plan = planned(asked, rules, taken.manifest, taken.touched)
    manifest, _nights, _records = judged(plan, asked, rules, fresh, taken, decisions_of(entries_of(state)), progress)
    different = _different(state, fresh, manifest)
    manifest = _as_concluded(manifest, state)
    manifest = tidied(manifest, fresh, asked.settings.state)
    manifest, carried = _with_older(manifest, state)
    manifest = _with_cases(_with_firsts(manifest, state), state, asked.settings.alerting.case_nights)
    runs = tuple(_without_tokens(run, state) for run in old.runs)
    done = Rotated(len(manifest.nights) - carried, len(logs), carried, different)
    plain = {**asdict(done), "different": [night.isoformat() for night in different]}
    keep_key()
    journal.append(state.files, "rotate-key", {"from": old.key, "to": key.fingerprint, **plain}, asked.now)
    fresh.finish(replace(manifest, rules=old.rules, settings=old.settings, runs=runs), at_once=True)
    return done


def _check_habits(old: Manifest, rules: RuleSet, asked: Scan) -> None:
    if old.judged and (old.rules, old.settings) != (rules.sha256, asked.settings.sha256):
        raise StoreError(
            _("the last nights of the state were judged with other rules or settings"),
            hint=_("give the same --config, --rules and --regions as the nightly scan; nothing was changed"),
        )


def _found(paths: Sequence[str], inputs: Sequence[HeldInput], progress: Progress) -> list[str]:
    """Find every log of the state among the files, by its bytes; others are left out."""
    wanted = {one.sha256: one for one in inputs}
    sizes = {one.size for one in inputs}
    found: dict[str, str] = {}
    files = [file for file in expand(sorted(paths)).files if file.regular and file.size in sizes]
    for done, file in enumerate(files, start=1):
        digest = file.sha256()
        if digest in wanted:
            found.setdefault(digest, file.path)
        progress(_("looking"), done, len(files))
    missing = [one.path for one in inputs if one.sha256 not in found]
    if missing:
        shown = ", ".join(missing[:5]) + (", …" if len(missing) > 5 else "")
        raise StoreError(
            _("{n} of the {all} logs of the state are not among those given, or have changed: {names}").format(
                n=len(missing), all=len(inputs), names=shown
            ),
            hint=_("name them, or the folder they are in, with --logs; nothing was changed"),
        )
    return sorted(found.values())


def _named(state: State, manifest: Manifest) -> Named:
    """List the suspects of each night; a login that is a token is another under another key."""
    found = {night: result_of(manifest, night, state) for night in manifest.judged}
    return {
        night: sorted(TOKEN.sub(b"*", suspect.account.encode()).decode() for suspect in result.suspects)
        for night, result in found.items()
        if result is not None
    }


def _different(state: State, fresh: State, manifest: Manifest) -> tuple[date, ...]:
    before, after = _named(state, state.manifest), _named(fresh, manifest)
    return tuple(night for night in sorted(before.keys() & after.keys()) if before[night] != after[night])


def _as_concluded(manifest: Manifest, state: State) -> Manifest:
    """Keep each list as it was given then; one that names a token is given in new tokens."""
    for night, held in manifest.nights.items():
        before = state.manifest.nights.get(night, HeldNight()).verdict
        verdict = held.verdict
        if verdict is None:
            continue
        if before is None:
            manifest = manifest.with_night(night, replace(held, verdict=None))
            continue
        verdict = replace(verdict, revision=before.revision)
        if not TOKEN.search(state.files.read(before.result)):
            verdict = replace(verdict, result=before.result)
        manifest = manifest.with_night(night, replace(held, verdict=verdict))
    return manifest


def _with_older(manifest: Manifest, state: State) -> tuple[Manifest, int]:
    """Take over the lists of nights whose logs are no longer held, unless they name a token of the old key."""
    content, _frames = kept_before(Before(), state)
    nothing: Kept | None = None
    carried = 0
    for night, held in state.manifest.nights.items():
        verdict = held.verdict
        if night in manifest.nights or verdict is None or TOKEN.search(state.files.read(verdict.result)):
            continue
        nothing = nothing or state.files.write(f"left/{state.prefix}-nothing.json", content)
        kept = Verdict(verdict.revision, nothing, verdict.result, ())
        manifest = manifest.with_night(night, HeldNight(hours=held.hours, verdict=kept))
        carried += 1
    return manifest, carried


def _with_firsts(manifest: Manifest, state: State) -> Manifest:
    """Remember of accounts that they were seen before the first log that is still held."""
    if state.manifest.accounts is None or manifest.accounts is None:
        return manifest
    before = state.files.read_frame(state.manifest.accounts)
    known = before.filter(~pl.col("account").str.contains(r"^[0-9a-f]{32}$"))
    since = pl.concat([known, state.files.read_frame(manifest.accounts)])
    since = since.group_by("account").agg(pl.col("since").min()).sort("account")
    return replace(manifest, accounts=state.files.write_frame(f"seen/accounts-{state.prefix}-all.parquet", since))


def _names_without_tokens(state: State) -> Kept | None:
    """Keep the former names of accounts; a login that is a token has another one with the new key."""
    table = Names.of(state.files, state.manifest.renames).table
    is_token = pl.any_horizontal(pl.col("former", "account").str.contains(r"^[0-9a-f]{32}$"))
    if not table.filter(is_token).height:
        return state.manifest.renames
    return state.files.write_frame(f"seen/renames-{state.prefix}-kept.parquet", table.filter(~is_token))


def _with_cases(manifest: Manifest, state: State, keep: int) -> Manifest:
    """Keep the register of cases; where it names a token, it is made anew from the lists in new tokens."""
    register = read_register(state)
    if (
        not register.members.vstack(register.hits.select(register.members.columns))
        .filter(pl.col("account").str.contains(r"^[0-9a-f]{32}$"))
        .height
    ):
        return replace(manifest, cases=state.manifest.cases)
    results = (result_of(manifest, night, state) for night in manifest.judged)
    return kept_register(Register().with_nights([one for one in results if one is not None], keep), manifest, state)


def _without_tokens(kept: Kept, state: State) -> Kept:
    """Take the notes out of a run record where they name a token of the old key."""
    record = read_record(state, kept)
    if not TOKEN.search("\n".join(record.notes).encode()):
        return kept
    text = json.dumps(asdict(replace(record, notes=())), indent=1).encode()
    return state.files.write(f"runs/{state.prefix}-of-{record.sequence:06d}.json", text)
