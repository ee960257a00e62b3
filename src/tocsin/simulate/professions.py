"""The professions that use the portal, and how much each of their accounts reads."""

from dataclasses import dataclass

from tocsin.simulate.rhythms import Rhythm


@dataclass(frozen=True, slots=True)
class Profession:
    """How accounts of a profession behave; ranges are (low, high), means are medians of a log-normal law."""

    name: str
    share: float  # of all accounts
    people_a_day: float  # median over accounts of the mean on an ordinary working day
    spread: float  # log-normal sigma of that mean between accounts
    dispersion: float  # median of the negative binomial's size; smaller is wilder
    new_people: tuple[float, float]  # share of a day's people that the account has never met
    base: tuple[int, int]  # people known and still in care
    recency: float  # how much returning people are the recent ones; 1 is not at all
    near: float  # share of people who live in the next department
    far: float  # share who live anywhere
    workstations: tuple[int, int]
    pace_seconds: float  # least time between two people at one workstation
    week: tuple[float, float, float, float, float, float, float]  # Monday to Sunday, 1 is ordinary
    days_a_week: tuple[int, int]
    weekday: Rhythm
    saturday: Rhythm
    open_on_holidays: float  # share of a normal day's work on a French holiday
    mobile: float  # share of accounts on changing mobile addresses
    lasting: bool = False  # the business stays open when its owner is on holiday
    size_of_structure: int = 1  # accounts behind one address and one patient base
    chain: tuple[float, float] = (0.0, 0.0)  # share of accounts that are big, and their mean
    practices: tuple[int, int] = (1, 1)  # for how many practices, in as many places, an account works
    by_program: bool = False  # programs call, from a rented server, around the clock
    exports: tuple[float, float] = (0.0, 0.0)  # exports in a session, by account


GP = Profession(
    name="generaliste", share=0.27, people_a_day=24, spread=0.38, dispersion=14, new_people=(0.08, 0.18),
    base=(700, 1_700), recency=1.5, near=0.09, far=0.03, workstations=(1, 2), pace_seconds=70,
    week=(1.22, 1.0, 0.92, 0.95, 1.02, 0.5, 0.0), days_a_week=(4, 5),
    weekday=Rhythm.PRACTICE, saturday=Rhythm.PRACTICE_MORNING, open_on_holidays=0.0, mobile=0.01,
)  # fmt: skip
PHARMACY = Profession(
    name="pharmacien", share=0.20, people_a_day=116, spread=0.2, dispersion=30, new_people=(0.18, 0.34),
    base=(2_500, 6_500), recency=1.8, near=0.10, far=0.05, workstations=(2, 6), pace_seconds=35,
    week=(1.15, 1.0, 0.98, 0.97, 1.08, 0.72, 0.0), days_a_week=(6, 6),
    weekday=Rhythm.PHARMACY, saturday=Rhythm.PHARMACY_SATURDAY, open_on_holidays=0.0, mobile=0.0,
    lasting=True, chain=(0.05, 380.0),
)  # fmt: skip
NURSE = Profession(
    name="infirmier", share=0.22, people_a_day=17, spread=0.4, dispersion=18, new_people=(0.06, 0.14),
    base=(45, 130), recency=1.0, near=0.05, far=0.01, workstations=(1, 1), pace_seconds=90,
    week=(1.08, 1.0, 1.0, 1.0, 1.0, 0.8, 0.7), days_a_week=(3, 5),
    weekday=Rhythm.ROUNDS, saturday=Rhythm.ROUNDS, open_on_holidays=0.7, mobile=0.10,
)  # fmt: skip
HOSPITAL = Profession(
    name="hopital", share=0.10, people_a_day=44, spread=0.35, dispersion=9, new_people=(0.5, 0.7),
    base=(30_000, 90_000), recency=2.5, near=0.14, far=0.09, workstations=(1, 1), pace_seconds=45,
    week=(1.2, 1.05, 1.0, 1.0, 1.0, 0.55, 0.45), days_a_week=(4, 5),
    weekday=Rhythm.DESK_MORNING, saturday=Rhythm.DESK_MORNING, open_on_holidays=0.5, mobile=0.0,
    size_of_structure=80,
)  # fmt: skip
LABORATORY = Profession(
    name="laboratoire", share=0.05, people_a_day=88, spread=0.42, dispersion=22, new_people=(0.32, 0.5),
    base=(5_000, 14_000), recency=1.6, near=0.10, far=0.04, workstations=(2, 4), pace_seconds=30,
    week=(1.2, 1.05, 1.0, 1.0, 0.95, 0.55, 0.0), days_a_week=(6, 6),
    weekday=Rhythm.LABORATORY, saturday=Rhythm.LABORATORY_MORNING, open_on_holidays=0.0, mobile=0.0,
    lasting=True,
)  # fmt: skip
PHYSIOTHERAPIST = Profession(
    name="kinesitherapeute", share=0.08, people_a_day=15, spread=0.3, dispersion=25, new_people=(0.08, 0.15),
    base=(70, 220), recency=1.2, near=0.06, far=0.02, workstations=(1, 1), pace_seconds=240,
    week=(1.05, 1.0, 0.9, 1.0, 1.0, 0.25, 0.0), days_a_week=(4, 5),
    weekday=Rhythm.PRACTICE, saturday=Rhythm.PRACTICE_MORNING, open_on_holidays=0.0, mobile=0.02,
)  # fmt: skip
SPECIALIST = Profession(
    name="specialiste", share=0.06, people_a_day=19, spread=0.45, dispersion=12, new_people=(0.3, 0.5),
    base=(1_200, 3_500), recency=1.2, near=0.16, far=0.08, workstations=(1, 2), pace_seconds=150,
    week=(1.1, 1.05, 0.9, 1.05, 0.95, 0.15, 0.0), days_a_week=(3, 5),
    weekday=Rhythm.PRACTICE, saturday=Rhythm.PRACTICE_MORNING, open_on_holidays=0.0, mobile=0.01,
)  # fmt: skip
BILLER = Profession(
    name="facturation", share=0.01, people_a_day=95, spread=0.45, dispersion=10, new_people=(0.15, 0.3),
    base=(3_000, 9_000), recency=1.3, near=0.10, far=0.06, workstations=(1, 3), pace_seconds=25,
    week=(1.1, 1.0, 1.0, 1.0, 1.05, 0.05, 0.0), days_a_week=(5, 5),
    weekday=Rhythm.OFFICE, saturday=Rhythm.OFFICE, open_on_holidays=0.0, mobile=0.0,
    lasting=True, practices=(3, 12),
)  # fmt: skip
SECRETARY = Profession(
    name="telesecretaire", share=0.004, people_a_day=130, spread=0.25, dispersion=20, new_people=(0.12, 0.2),
    base=(6_000, 12_000), recency=1.4, near=0.08, far=0.03, workstations=(2, 5), pace_seconds=40,
    week=(1.25, 1.0, 0.95, 0.95, 1.0, 0.4, 0.0), days_a_week=(5, 6),
    weekday=Rhythm.OFFICE, saturday=Rhythm.PRACTICE_MORNING, open_on_holidays=0.0, mobile=0.0,
    lasting=True, practices=(5, 14),
)  # fmt: skip
PARTNER = Profession(
    name="partenaire", share=0.003, people_a_day=1_600, spread=0.5, dispersion=18, new_people=(0.25, 0.5),
    base=(40_000, 120_000), recency=1.2, near=0.0, far=1.0, workstations=(1, 2), pace_seconds=1.0,
    week=(1.1, 1.0, 1.0, 1.0, 1.0, 0.45, 0.3), days_a_week=(7, 7),
    weekday=Rhythm.SERVICE, saturday=Rhythm.SERVICE, open_on_holidays=0.4, mobile=0.0,
    lasting=True, by_program=True,
)  # fmt: skip
ADMINISTRATOR = Profession(
    name="administrateur", share=0.003, people_a_day=7, spread=0.5, dispersion=4, new_people=(0.4, 0.7),
    base=(2_000, 9_000), recency=1.2, near=0.2, far=0.2, workstations=(1, 1), pace_seconds=60,
    week=(1.1, 1.0, 1.0, 1.0, 0.9, 0.0, 0.0), days_a_week=(4, 5),
    weekday=Rhythm.OFFICE, saturday=Rhythm.OFFICE, open_on_holidays=0.0, mobile=0.0,
    exports=(0.04, 0.3),
)  # fmt: skip

PROFESSIONS = (
    GP, PHARMACY, NURSE, HOSPITAL, LABORATORY, SECRETARY, PHYSIOTHERAPIST, SPECIALIST, BILLER, PARTNER, ADMINISTRATOR,
)  # fmt: skip
"""Every profession; an account names its own by its place here."""
