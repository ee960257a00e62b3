"""What is usual, for accounts and for sources of logs: each threshold and weight with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Baselines:
    """What is usual: how far back it looks and how much it trusts few nights."""

    nights: int = 28
    """Nights of history held in full: four of each weekday, short enough to follow a season."""
    own_nights: int = 5
    """Active nights an account needs before it is compared with itself: one working week."""
    novelty_nights: int = 5
    """Nights that must be held before 'never read before' means anything: the first working week everybody is new."""
    novelty_own_nights: int = 3
    """Nights after those on which an account was active, before its own share of new people is judged."""
    peer_accounts: int = 50
    """Accounts a peer group needs: a 2 % tail is then one account."""
    peer_account_nights: int = 1_000
    """Or as many active account-nights: the tail of one in a thousand is then seen."""
    peer_size_step: float = 3.0
    """Accounts are of like size where their usual people a night lie on one step: each goes three times as far as the
    one below. Within a profession most accounts share three steps, so that a third of a region can still be peers."""
    peer_closed_share: float = 0.1
    """Who reads more than a tenth of its people at night, on Sundays and on holidays has other hours than an office."""
    peer_lists: float = 3.0
    """Who is sent more than three rows of lists for each person it reads uses other services than files of people."""
    peer_structure: float = 0.005
    """The own structure is left out of the peers from one in two hundred of their account-nights: with fewer no figure
    moves by more than half a hundredth of them."""
    peer_spread: float = 0.25
    """Accounts of one group differ by at least a quarter (in logarithms)."""
    dispersion_nights: float = 10.0
    """Nights that the peers' dispersion weighs in an account's own: variances need more nights than means."""
    least_dispersion: float = 0.04
    """No account is steadier than 20 % from day to day, whatever five calm nights say."""
    shift_low: float = 0.5
    shift_high: float = 2.0
    """Bounds of tonight's common shift of a profession in a region: beyond it is news, not weather."""
    shift_leaning: float = 20.0
    """Accounts that the whole profession weighs in the shift of one region: of a few the shift is mostly noise."""
    shift_accounts: int = 20
    """Fewer accounts than this have no common shift that is not their own noise."""
    shift_count: float = 50.0
    """Nor have accounts that together expect less than this: a quiet feature has no weather."""
    shift_trimmed: float = 0.05
    """Share of accounts left out at each end, so that an attack on a few does not become the weather."""
    clip_surprise: float = 3.0
    """An undecided night is learned up to the value that one night in a thousand would exceed, a count as a share
    (poison)."""
    clip_peers: float = 5.2
    """And without an own baseline up to so many spreads above the peers' middle: one account-night in a thousand
    exceeds them (Student, `peer_freedom` degrees)."""
    peer_freedom: float = 6.0
    """Degrees of freedom of the peers' tail: accounts differ by more than a log-normal says (chains, centres)."""
    prior_shape: float = 1.0
    """Shape of the gamma law of accounts' means within a profession: they differ by as much as their own size."""
    share_weight: float = 20.0
    share_rare: float = 5_000.0
    """Observations that the peers' share weighs in an account's own share: more where the thing is rare, so that an
    account that never did it is not taken for one that never will."""
    share_nights: float = 14.0
    """Nights of its own after which nothing of that is left: what an account did on fourteen nights it does. An alert
    that nobody answers fades by it, and no week of an intruder is enough."""
    share_most: float = 300.0
    """Observations an own share may weigh: habits drift, a year of requests is not a law of nature."""
    pool_most: float = 500.0
    """Observations by which one account may form its profession's share: a robot asks as often as a hundred
    colleagues."""
    least_sameness: float = 0.002
    """No night is a perfect draw: a share differs from night to night by at least this correlation."""
    few_nights: int = 5
    first_sameness: float = 0.05
    """Until accounts have this many nights, how much they differ from night to night is not known but supposed."""
    away_days: int = 35
    """An account not used for longer is dormant: the longest leave that most professionals take is five weeks."""
    away_points: float = 1.5
    """What it says that a dormant account comes back, one point more with each doubling of its days: one night in
    thirty, for most of them were on leave."""
    batch_nights: float = 0.9
    """Shares of numbers say nothing where the account asked for no more of such numbers than on nine nights in ten."""
    awake_days: int = 14
    """For two weeks it counts as just awake: an intruder may begin with a few people a day."""
    far_share: float = 0.02
    """Departments with less than one in fifty of an account's people are not where its people come from."""
    far_adds: int = 4
    """A night adds no more than a quarter of what is held: one night's robot does not make the whole country home."""
    far_first: int = 50
    """People whom a night may add to an account of which little is held."""
    far_leans: int = 20
    """People that the departments of the account's region weigh in its own."""
    cold_cap: float = 3.5
    """The most that a comparison with peers alone may say of an account without history: below its cap."""


@dataclass(frozen=True, slots=True)
class Outlier:
    """When a combination of figures is rare: it raises a suspect, and never decides."""

    trees: int = 100
    tree_rows: int = 256
    """Trees and rows a tree, as the paper gives them (Liu, Ting, Zhou, ICDM 2008). Professions of fewer accounts than a
    tree has rows are one group together."""
    learn_from: int = 20_000
    """Accounts the forest sees at most, evenly spaced in the order of names: more changes nothing but the time."""
    least_accounts: int = 30
    """Among fewer accounts 'rare' has no meaning."""
    surprise_most: float = 6.0
    """One in a million is as far as a figure goes here: beyond it one feature would be the whole combination."""


@dataclass(frozen=True, slots=True)
class MissingLogs:
    """When a source fell silent, lost hours or lost a column, so that the night is degraded (verdict.sources)."""

    looked_back: int = 28
    """Nights that a source is compared with: four of each weekday."""
    least_nights: int = 5
    """Nights of the class of day (else of all) that say what is usual: one working week."""
    always: float = 0.8
    """What a source does on so many nights it does always: one bad night in five teaches nothing."""
    least_events: int = 10
    """Where so many events are usual, none at all happens by chance less than once in 20,000 times (Poisson)."""
    silent: float = 0.02
    """A source with less than this part of its usual events is as good as silent: some last lines, no night's work."""
    fallen: float = 0.1
    """A column with less than this part of its usual filling has fallen from use; seasons do not do that."""
    least_filled: int = 20
    """Events that should have the column, before its emptiness says something."""
