"""When people call during a day, who they are, and how long they wait."""

import random
from dataclasses import dataclass

from amparo.line.practice_phone.voices.callers import Caller, callers

# Relative number of calls per hour, from midnight: few before dawn, most late in the morning and in the evening.
PROFILE = (3, 2, 2, 1, 1, 2, 3, 4, 6, 8, 9, 9, 8, 7, 7, 7, 8, 9, 10, 11, 11, 9, 7, 4)
SHIFT = range(6, 22)  # hours of the operator's shift; outside it nobody answers

AT_NIGHT = {"quenual": 3, "lucuma": 3, "condor": 1, "lechuza": 1, "colibri": 1, "tucan": 1}
BY_DAY = {
    "tucan": 4, "ceibo": 5, "garza": 2, "condor": 2, "pisonay": 3, "lechuza": 2, "algarrobo": 3, "colibri": 2,
}  # fmt: skip
NUMBERS = 12  # numbers per story, so that some call again on the same day
# factor of patience: people in danger, or about to leave a message, wait longer
PATIENT = {"condor": 3.0, "quenual": 3.0, "lucuma": 3.0}


@dataclass(frozen=True)
class Pace:
    """How fast a day passes. All values in seconds; ranges are (shortest, longest)."""

    hour: float
    patience: tuple[float, float]
    talk: tuple[float, float]
    wrap: tuple[float, float]


QUICK = Pace(hour=8.0, patience=(30, 60), talk=(6, 9), wrap=(0.3, 1))
REAL = Pace(hour=3600.0, patience=(60, 600), talk=(120, 900), wrap=(30, 120))


@dataclass(frozen=True)
class Arrival:
    at: float  # seconds after the day began
    who: Caller
    nth: int  # which of the people with this story; each has their own number
    patience: float  # seconds until they give up


def arrivals(calls: int, pace: Pace, chance: random.Random) -> list[Arrival]:
    """Draw this many calls of one day, in order of time. PROFILE says how likely each hour is (a Poisson process)."""
    hours = sorted(hour + chance.random() for hour in chance.choices(range(24), PROFILE, k=calls))
    return [_arrival(hour, nth, pace, chance) for nth, hour in enumerate(hours)]


def _arrival(hour: float, nth: int, pace: Pace, chance: random.Random) -> Arrival:
    who = _random_caller(BY_DAY if int(hour) in SHIFT else AT_NIGHT, chance)
    patience = chance.uniform(*pace.patience) * PATIENT.get(who.id, 1.0)
    return Arrival(hour * pace.hour, who, nth % NUMBERS, patience)


def _random_caller(weights: dict[str, int], chance: random.Random) -> Caller:
    known = callers()
    return known[chance.choices(list(weights), list(weights.values()))[0]]
