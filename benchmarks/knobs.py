"""How the attackers' knobs change what tocsin finds: the same calm portal, attacks played into it knob by knob.

The portal is written once and kept; each row plays all scenarios into it with one knob changed (`tocsin.simulate.inject`),
scans the portal with the intruders' lines beside it, and counts who was found. Writes docs/detection-knobs.md;
`make bench-knobs` runs it whole, and `python benchmarks/knobs.py --accounts 400 --nights 30 --knobs jitter=0 --out build/knobs.md` a
small one. Seeds 101 to 109 and 201 to 299 are kept for published figures: nothing may be chosen by looking at them.
"""

import argparse
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import polars as pl
from detection import LEARNING_NIGHTS, MIX, START, attacks, command

from tocsin.evaluate import read_report, read_truth, score
from tocsin.simulate.inject import inject
from tocsin.simulate.scenarios.spec import attack

AS_USUAL = "as usual"
KNOBS = (
    AS_USUAL, "jitter=0", "jitter=1", "shuffle=1", "local=0.3", "local=1", "warm_up=0.05", "quota=120",
    "rotate=20-40", "owner_browser=1", "poison=14",
)  # fmt: skip
NOT_IN_LOGS = "dormant_wakeup"
"""Accounts that nobody uses are in no log: none can be woken in a portal that is read from its logs."""
TYPES = {"time": pl.Datetime("us", "UTC"), "rows": pl.Int64, "bytes": pl.Int64}


def main():
    asked = arguments()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        home = asked.keep or Path(scratch)
        portal = home / f"calm-{asked.accounts}-{asked.nights}-{asked.seed}"
        if not (portal / "truth").is_dir():
            command(["simulate", "--out", portal, "--accounts", asked.accounts, "--nights", asked.nights, "--seed",
                     asked.seed, "--start", START, "--calm", "--quiet"])  # fmt: skip
        events = background(portal / "logs")
        for knob in asked.knobs:
            rows.append((knob, measured(asked, portal, events, knob, Path(scratch))))
            print(f"{knob}: {rows[-1][1].false} false", file=sys.stderr)
            asked.out.parent.mkdir(parents=True, exist_ok=True)
            asked.out.write_text(page(asked, rows))
    print(asked.out.read_text())


def arguments():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--accounts", type=int, default=1_200)
    options.add_argument("--nights", type=int, default=40)
    options.add_argument("--seed", type=int, default=204)
    options.add_argument("--knobs", nargs="+", default=list(KNOBS))
    options.add_argument("--keep", type=Path, help="folder in which the portal is kept and found again")
    options.add_argument("--out", type=Path, default=Path("docs/detection-knobs.md"))
    return options.parse_args()


def background(logs):
    """Read the portal's native logs as `inject` wants them."""
    frames = [pl.read_csv(path, infer_schema=False) for path in sorted(logs.iterdir())]
    events = pl.concat(frames)
    return events.with_columns(
        pl.col("time").str.to_datetime(time_unit="us", time_zone="UTC"),
        *(pl.col(name).cast(kind) for name, kind in TYPES.items() if name in events.columns and name != "time"),
    )


def measured(asked, portal, events, knob, scratch):
    """Play the attacks, scan the portal and their lines, and score what is said of both."""
    changed = argparse.Namespace(**{**vars(asked), "knobs": "" if knob == AS_USUAL else knob})
    words = attacks(changed, poisoned=False)
    wanted = tuple(attack(word) for word in words if word != "--scenario" and not word.startswith(NOT_IN_LOGS))
    played = inject(events, wanted, asked.seed)
    folder = Path(tempfile.mkdtemp(dir=scratch))
    log, truth = folder / "intruders.csv", folder / "truth"
    truth.mkdir()
    played.events.write_csv(log)
    for name in ("accounts", "nights", "sessions", "exposed"):
        getattr(played, name).write_csv(truth / f"{name}.csv")
    (truth / "population.csv").write_bytes((portal / "truth" / "population.csv").read_bytes())
    first = START + timedelta(days=LEARNING_NIGHTS)
    command(["scan", portal / "logs", log, "--since", first, "--until", START + timedelta(days=asked.nights - 1),
             "--budget", 20, "--out", folder / "report", "--quiet"])  # fmt: skip
    return score(read_report(folder / "report"), read_truth(truth))


def page(asked, rows):
    """Give the whole page as Markdown."""
    names = [name for name, _accounts, _nights in MIX if name != NOT_IN_LOGS]
    lines = [
        "# Figures of detection, knob by knob",
        "",
        f"Written by `python benchmarks/knobs.py` (`make bench-knobs`), not by hand. One calm portal of {asked.accounts:,} accounts over {asked.nights}",
        f"nights, seed {asked.seed}; all scenarios are played into it with one [knob](simulator.md) changed for every scenario that has it. In each cell",
        "the accounts named of those attacked; in brackets by the first night with 300 people, where there was one. The first 14 nights are",
        "learned and not counted. Accounts that nobody uses are in no log, so that none is woken here.",
        "",
        "| knob | " + " | ".join(names) + " | people read before the alert | false names a night |",
        "|---|" + "---|" * (len(names) + 2),
    ]
    for knob, said in rows:
        parts = {part.scenario: part for part in said.scenarios}
        cells = [cell(parts.get(name)) for name in names]
        some = [part for part in said.scenarios if part.scenario != "snoop"]
        before, people = sum(part.people_before for part in some), sum(part.people for part in some)
        share = f"{100 * before / people:.1f} %" if people else "-"
        lines.append(f"| {knob} | {' | '.join(cells)} | {share} | {said.false / said.nights:.2f} |")
    return "\n".join(lines) + "\n"


def cell(part):
    if part is None or not part.accounts:
        return "-"
    reached = f" ({part.on_time} of {part.reached})" if part.reached else ""
    fleet = f", {part.in_fleet} in the fleet line" if part.in_fleet else ""
    return f"{part.found} of {part.accounts}{reached}{fleet}"


if __name__ == "__main__":
    began = time.perf_counter()
    main()
    print(f"{time.perf_counter() - began:.0f} s", file=sys.stderr)
