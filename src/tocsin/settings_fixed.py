"""What no setting changes: values that say what a stored or a published figure means, each with its reason.

A portal that changed one would compare tonight's figures with earlier ones that mean something else, or publish points
that another portal reads differently. Whoever changes one here changes the meaning of every state there is.
"""

from datetime import timedelta
from typing import Literal

OPEN_FROM = 7
"""Columns `people_closed` and `answers_closed`: the hour from which practices and pharmacies are ordinarily open, by
the clock of the region. An overlay's calendar says which days are open; hours of rules are the rules' own."""

OPEN_UNTIL = 20
"""The same columns: the hour until which they are."""

NETWORK_PREFIX = 24
"""The `network` of an IPv4 address: bits of what one household or office gets."""

NETWORK_PREFIX_6 = 56
"""The `network` of an IPv6 address: bits of what one household or office gets."""

LOOKED_BACK = 90
"""Nights of measured rows that judging a night may look at: origins of links, peaks of rules."""

REPLAYED = 28
"""Nights that are judged again when rules or settings have changed: as many as calibration asks for."""

QUICK_MILLISECONDS = 5_000
"""Column `quick_gaps`: nobody opens and reads a record in less. Column `repeated_gaps` looks at longer ones."""

PAUSE_MILLISECONDS = 600_000
"""Columns `gaps`, `quick_gaps`, `even_gaps` and `repeated_gaps`: a longer gap is a pause, not a pace."""

EVEN_PARTS = 4
"""Column `even_gaps`: a gap that differs by under a quarter from the one before it is even: people's gaps differ by
factors."""

CLOCK_READS = 96
"""Columns `clock_hours` and `even_clock`: with fewer reads, under four for each hour of the clock, chance alone makes
hours uneven."""

CROWD = 3
"""Columns `same_block` and `block_1` to `block_4`: so many numbers of one block in a night make it worth comparing."""

BLOCKS = 4
"""Columns `block_1` to `block_4`, blocks kept a night: a run of some thousand numbers a night has three."""

NEIGHBOURS = 2
"""Column `neighbours`: order numbers this close in one block are neighbours (born the same month in the same town,
registered together)."""

IN_ORDER = 3
"""Column `in_sequence`, and the order of a session: a number this little above the one before in its block was tried in
order."""

RUN_STEP = 3
"""Table `runs`: numbers of one block asked for by anybody belong to one run up to this far from the one before."""

RUN_NUMBERS = 8
"""Table `runs`: shorter ones are not kept; families, wards and schools have them."""

RUN_COVERAGE = 0.5
"""Table `runs`: nor those of which fewer numbers than half were asked for: by chance they are many on large portals."""

RUN_USUAL = 2.0
"""Column `usual` of the table `runs`: in some towns twice as many people are read as in those of most people read."""

PLACES = 6
"""Columns `place_1` to `place_6`, departments kept a night: the people of the others count as from elsewhere, tonight
and on ordinary nights alike."""

PLACE_PARTS = 16
"""The usual departments of an account are held in sixteenths of people, and fade by one of them with every night on
which it worked: eleven such nights forget half."""

ONE_LIST = 5_000
"""Rows `sent` to an origin: one list up to so long, in open hours, is left out, for a practice asks for that of its own
patients."""

FASTEST = timedelta(minutes=10)
"""Column `people_10m`, which is known by the end of its fastest ten minutes."""

REACHED = timedelta(hours=1)
"""Column `people_1h`, and the longest window of any column: so much of what came before a night is counted with it."""

AT_ONCE = timedelta(minutes=10)
"""Column `networks_at_once`: networks used this close together are used at once, for nobody travels that fast."""

HALF_OF_THE_CLOCK = 12
"""Column `clock_hours`: the fewest hours that hold half of a night's reads where each hour of the clock has as many."""

REMEMBERED = 365
"""Every column of new people, networks and browsers: nights after which one that an account did not use counts as new
again (12 months)."""

STAYS_NEW = 1
"""Nights that a value is new to a rule for after the first one: who comes at 23:50 goes on after midnight."""

STRANGER = 10
"""The sums of `second_desk`: hundredths of each stranger at a second desk, so that ten are a point."""

SURPRISES_END = 2_000
"""Surprises are told up to 20.00 (hundredths): beyond it figures differ in ways that nobody acts on."""

USUAL_RANGE = 1.645
"""Standard deviations from the usual value to the low and the high one that reports give: nine nights in ten lie
between."""

RISK: tuple[tuple[float, int], ...] = (
    (0.0, 0), (2.0, 5), (4.0, 12), (6.0, 22), (8.0, 35), (10.0, 50), (14.0, 70), (20.0, 87), (30.0, 97), (40.0, 100),
)  # fmt: skip
"""Points and the risk they mean (0-100); straight lines between. 10 points, the floor of an alert, is 50. The table is
published, so that a risk means the same everywhere."""

LEVELS: tuple[tuple[float, Literal["critical", "high", "medium", "low"]], ...] = (
    (6.0, "critical"), (4.0, "high"), (2.5, "medium"), (1.5, "low"),
)  # fmt: skip
"""Points from which a reason has a level, else it is informational: the words of Sigma, the same everywhere."""

BENIGN_DAYS = 30
"""How long a benign answer silences what it explained, where no day is given (`tocsin triage --until`): a month's habit
comes back within it."""

POPULATION_DAYS = 28
"""The `population` of a link: accounts of the whole portal that used it in four weeks, as the reports say."""

MANY_PEOPLE = 300
"""`tocsin evaluate`: people read in one night from which on an account is to be named that night."""

LATE_NIGHTS = 7
"""`tocsin evaluate`: nights after the intruder's last one in which an alert still counts for it."""

UNFAIR = 3.0
"""`tocsin evaluate`: times its share of false names beyond which a profession is marked."""
