"""Writes what a tuning decided as an overlay: for whom, what, why, on which day, with figures and tests."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tocsin.rules.overlay import load_overlays
from tocsin.rules.prove import prove_overlays
from tocsin.rules.rule import RuleSet
from tocsin.tune.changes import Changes
from tocsin.tune.nearest import tests_of
from tocsin.tune.standing import standing
from tocsin.tune.tuning import Answer
from tocsin.words import _


@dataclass(frozen=True, slots=True)
class Written:
    """An overlay to be: where, its text, and what could not be tested."""

    path: Path
    text: str
    untested: tuple[str, ...]


def overlay_of(answer: Answer, folder: Path, today: date, *, accepted: str = "", season: date | None = None) -> Written:
    """Write the overlay of an answer; what an earlier tuning of the same accounts said of other rules stays.

    Caps hold until the end of the `season`, where one is named. Raises SettingsError as tune.standing does.

    The text is loaded with the other overlays and its tests are run before it is given: a test that does not prove what
    it should is left out, and said.
    """
    changes = Changes(answer, today, accepted, season)
    place = standing(folder, answer.whom, answer.ground.overlays.overlays, changes.sets())
    path = place.path
    before = _earlier(path) if place.is_there else {}
    inner: dict[str, Any] = {"when": {column: list(values) for column, values in answer.whom.when.items()}}
    if place.priority:
        inner["priority"] = place.priority
    inner |= _over_all(before, changes)
    kept = inner.pop("tests", [])
    tests, untested = _proven(
        tests_of(answer, changes.changed()), inner, kept, answer.ground.rules, _others(answer, path)
    )
    if kept or tests:
        inner["tests"] = [*kept, *tests]
    return Written(path, _text(answer, inner, today, changes), untested)


def _text(answer: Answer, inner: Mapping[str, Any], today: date, changes: Changes) -> str:
    document = {
        "title": _("Tuning for {scope}").format(scope=answer.whom.name),
        "description": changes.story(),
        "date": today,
        "overlay": dict(inner),
    }
    return _dump(document)


def _dump(document: Mapping[str, Any]) -> str:
    head = _("# Written by `tocsin tune`, which replaces what it says of the rules that it tunes again.")
    return head + "\n" + yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=110)


def _earlier(path: Path) -> dict[str, Any]:
    """Give the overlay that an earlier tuning wrote to the same file."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    inner = document.get("overlay") if isinstance(document, dict) else None
    return inner if isinstance(inner, dict) else {}


def _over_all(before: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """Set what changes over what an earlier tuning set."""
    inner = {key: before[key] for key in ("budget", "calendar") if key in before}
    families = {**before.get("families", {}), **changes.families()}
    if families:
        inner["families"] = families
    earlier = before.get("rules", {})
    changed = {name: _over(earlier.get(name), said) for name, said in changes.rules().items()}
    kept = [test for test in before.get("tests", []) if test.get("rule") not in changed]
    return {**inner, "rules": {**changes.kept(), **earlier, **changed}, "tests": kept}


def _over(earlier: Mapping[str, Any] | None, said: Mapping[str, Any]) -> dict[str, Any]:
    """Set what is said now over what an earlier tuning set of the same rule."""
    still = {key: value for key, value in (earlier or {}).items() if key not in ("reason", "kept", *said)}
    before = [earlier["reason"]] if earlier and still else []
    return {**still, **said, "reason": "; ".join([*before, said["reason"]])}


def _others(answer: Answer, path: Path) -> list[Path]:
    """List the other files of overlays that hold."""
    files = {Path(one.place.file) for one in answer.ground.overlays.overlays}
    return sorted(one for one in files if one.resolve() != path.resolve())


def _proven(
    tests: Sequence[dict[str, Any]], inner: Mapping[str, Any], kept: Sequence[Any], rules: RuleSet, others: list[Path]
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Load the overlay beside the others and run its tests; gives those that pass, and the names of the rest.

    Raises RuleErrors where it contradicts another overlay.
    """
    ready = [test for test in tests if test["events"]]
    lost = [f"{test['rule']}: {test['name']}" for test in tests if not test["events"]]
    with tempfile.TemporaryDirectory(prefix="tocsin-") as folder:
        path = Path(folder, "tuned.yml")
        document = {"title": "tuned", "overlay": {**inner, "tests": [*kept, *ready]}}
        path.write_text(_dump(document), encoding="utf-8")
        overlays = load_overlays([path, *others], rules)
        proofs = [proof for proof in prove_overlays(rules, overlays) if proof.place.file == str(path)]
    mine = proofs[len(kept) :]
    passed = [test for test, proof in zip(ready, mine, strict=True) if proof.passed]
    lost += [f"{proof.rule}: {proof.test}" for proof in mine if not proof.passed]
    return passed, tuple(lost)
