"""Writes the page of figures from the runs of the grid."""

from importlib.metadata import version
from statistics import median

DETECTORS = ("tocsin", "people a day", "own history", "isolation forest", "ECOD", "directed anomaly score")


def page(asked, runs):
    """Give the whole page as Markdown."""
    budgets = sorted({budget for run in runs for _name, budget in run.scores})
    parts = [head(asked, runs), shares(runs, budgets)]
    parts += [
        scenarios([run for run in runs if run.poisoned == poisoned], poisoned, max(budgets))
        for poisoned in sorted({run.poisoned for run in runs})
    ]
    parts += [false_names(runs, max(budgets)), sessions(runs, max(budgets)), costs(runs)]
    return "\n\n".join(parts) + "\n"


def head(asked, runs):
    seeds = ", ".join(str(seed) for seed in sorted({run.seed for run in runs}))
    knobs = f" Knobs: `{asked.knobs}`." if asked.knobs else ""
    return f"""# Figures of detection

Written by `python benchmarks/detection.py` (`make bench-detection`), not by hand. Portals of {asked.accounts:,} accounts over
{asked.nights} nights with all twelve scenarios at once and every innocent look-alike; {"seeds" if "," in seeds else "seed"} {seeds}; tocsin {version("tocsin")}, polars
{version("polars")}, PyOD {version("pyod")}. The first {14} nights are learned and not counted.{knobs}

"Found" is an account named, or shown as a member of a campaign, while the intruder uses it or up to seven nights later. A list is
made after its night, so people read on the night of the first alert count as read before it. "On time" is by the first night on
which the intruder read 300 people on the account. Poisoned: on {14} nights before, every third one, the same intruder asked up to 80 times
a night on the account (a search of nights and weekends, or an export, shows many people at once). Each other detector gets, with hindsight, the threshold with no more false new names than tocsin had on the
same portal (at least one). Lists of fewer than {max(b for r in runs for _n, b in r.scores)} places are given anew from that of
{max(b for r in runs for _n, b in r.scores)}, also to who waits for a place."""


def shares(runs, budgets):
    """Show accounts found and people read before the alert, by detector, history and budget."""
    rows = ["## Beside other detectors", "", "Snooping, which volume cannot show, is left out of this table.", "",
            "| detector | history | " + " | ".join(f"found, {b} places" for b in budgets) + " | on time | people read before | false a night |",
            "|---|---|" + "---|" * (len(budgets) + 3)]  # fmt: skip
    for name in DETECTORS:
        for poisoned in sorted({run.poisoned for run in runs}):
            some = [run for run in runs if run.poisoned == poisoned and (name, budgets[0]) in run.scores]
            if not some:
                continue
            most = parts_of(some, name, budgets[-1])
            cells = [ratio(parts_of(some, name, budget), "found", "accounts") for budget in budgets]
            false = sum(run.scores[name, budgets[-1]].false for run in some)
            nights = sum(run.scores[name, budgets[-1]].nights for run in some)
            rows.append(
                f"| {name} | {'poisoned' if poisoned else 'clean'} | {' | '.join(cells)} | {ratio(most, 'on_time', 'reached')} | "
                f"{ratio(most, 'people_before', 'people')} | {false / nights:.2f} |"
            )
    for poisoned in sorted({run.poisoned for run in runs}):
        mine = parts_of([run for run in runs if run.poisoned == poisoned], "tocsin", budgets[-1])
        least = ratio(mine, "people_first_night", "people")
        rows.append(
            f"| *each account named on its first night* | {'poisoned' if poisoned else 'clean'} |{' |' * len(budgets)} | {least} | |"
        )
    return "\n".join(rows)


def parts_of(runs, name, budget):
    return [
        part
        for run in runs
        for part in run.scores[name, budget].scenarios
        if part.scenario != "snoop" and not part.scenario.endswith("-poison")
    ]


def ratio(parts, top, bottom):
    whole = sum(getattr(part, bottom) for part in parts)
    return f"{100 * sum(getattr(part, top) for part in parts) / whole:.1f} %" if whole else ""


def scenarios(runs, poisoned, budget):
    """Show each scenario: tocsin, and the best of the others by accounts found."""
    rows = [f"## By scenario, {'poisoned' if poisoned else 'clean'} history, {budget} places", "",
            "| scenario | accounts | found | on time | nights to alert, median | most | people read before | in one campaign | strangers | nights to campaign | best other: found | people read before |",
            "|---|---|---|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    names = list(dict.fromkeys(part.scenario for run in runs for part in run.scores["tocsin", budget].scenarios))
    names = [name for name in names if not name.endswith("-poison")]  # the little reading before counts for nothing
    for name in names:
        mine = of(runs, "tocsin", budget, name)
        others = {other: of(runs, other, budget, name) for other in DETECTORS[1:]}
        best = max(
            others,
            key=lambda other: (
                sum(part.found for part in others[other]),
                -sum(part.people_before for part in others[other]),
            ),
        )
        waits = [part.nights_to_alert_median for part in mine if part.nights_to_alert_median is not None]
        most = [part.nights_to_alert_most for part in mine if part.nights_to_alert_most is not None]
        together = [part.campaign for part in mine]
        soon = [campaign.nights for campaign in together if campaign.nights is not None]
        cells = [
            name,
            sum(part.accounts for part in mine),
            ratio(mine, "found", "accounts"),
            ratio(mine, "on_time", "reached") or "-",
            f"{median(waits):g}" if waits else "-",
            max(most, default="-"),
            ratio(mine, "people_before", "people"),
            ", ".join(str(campaign.together) for campaign in together),
            ", ".join(str(campaign.strangers) for campaign in together),
            max(soon, default="-"),
            f"{best}: {ratio(others[best], 'found', 'accounts')}",
            ratio(others[best], "people_before", "people"),
        ]
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(rows)


def of(runs, detector, budget, scenario):
    return [part for run in runs for part in run.scores[detector, budget].scenarios if part.scenario == scenario]


def false_names(runs, budget):
    """Show false new names by portal and by profession, beside what the report expected."""
    rows = [f"## False new names, {budget} places", "",
            "| seed | history | nights | false | a night | most in one | expected by the report | there | nights with an expectation |", "|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    by_profession, accounts = {}, {}
    for run in runs:
        seen = run.scores["tocsin", budget]
        expected = "-" if seen.expected_false is None else f"{seen.expected_false:.1f}"
        rows.append(
            f"| {run.seed} | {'poisoned' if run.poisoned else 'clean'} | {seen.nights} | {seen.false} | {seen.false_a_night:.2f} | "
            f"{seen.false_most} | {expected} | {seen.false_where_expected} | {seen.nights_expected} |"
        )
        for part in seen.professions:
            by_profession[part.profession] = by_profession.get(part.profession, 0) + part.false
            accounts[part.profession] = accounts.get(part.profession, 0) + part.accounts
    whole, names = sum(accounts.values()), sum(by_profession.values())
    rows += ["", "| profession | share of accounts | false | times its share |", "|---|---|---|---|"]
    for profession in sorted(accounts, key=lambda name: -by_profession[name]):
        times = (by_profession[profession] / names) / (accounts[profession] / whole) if names else 0.0
        rows.append(
            f"| {profession} | {100 * accounts[profession] / whole:.1f} % | {by_profession[profession]} | {times:.1f} |"
        )
    return "\n".join(rows)


def sessions(runs, budget):
    """Show sessions told apart and bounds of people read."""
    rows = ["## Sessions and people read", "",
            "| seed | history | intruder's sessions told | mixed | owner's | accounts with bounds | truth between them |", "|---|---|---|---|---|---|---|"]  # fmt: skip
    for run in runs:
        seen = run.scores["tocsin", budget]
        told = seen.sessions
        cells = (
            [
                f"{told.intruder_right} of {told.intruder}",
                f"{told.mixed_right} of {told.mixed}",
                f"{told.owner_right} of {told.owner}",
            ]
            if told
            else ["-"] * 3
        )
        rows.append(
            f"| {run.seed} | {'poisoned' if run.poisoned else 'clean'} | {' | '.join(cells)} | {seen.bounds} | {seen.bounds_right} |"
        )
    return "\n".join(rows)


def costs(runs):
    rows = [
        "## Cost",
        "",
        "| seed | history | events of judged nights | scan, processor seconds | peak MB so far |",
        "|---|---|---|---|---|",
    ]
    rows += [
        f"| {run.seed} | {'poisoned' if run.poisoned else 'clean'} | {run.events:,} | {run.scan_seconds:.0f} | {run.peak_megabytes} |"
        for run in runs
    ]
    return "\n".join(rows)
