"""How many people call on each invented day: a random number around a rate that changes with the day."""

from datetime import date

import numpy as np

WEEK = (1.22, 1.16, 1.1, 1.0, 1.0, 0.82, 0.74)  # of a mean day, from Monday on
SEASON = 0.1  # share by which the best season raises the rate; half a year later it lowers it as much
LUCK, LASTS = 0.06, 0.4  # deviation of the logarithm by chance, and the share of it that remains the next day
A_YEAR = 365.25


def counts_by_day(
    first: date, days: int, a_day: tuple[float, float], chance: np.random.Generator, *, since: date = date.max,
    lift: float = 1.0,
) -> list[int]:  # fmt: skip
    """Return how many people call on each of the `days` from `first` on: a Poisson number around a rate.

    The rate goes from the first to the second number of `a_day`, in calls a day. It also follows the day of the week,
    the time of the year, and luck that lasts some days. From the day `since` on it is `lift` times as high.
    """
    day = np.arange(days)
    luck = np.zeros(days)
    for each in day[1:]:
        luck[each] = LASTS * luck[each - 1] + chance.normal(0, LUCK)
    rate = np.geomspace(*a_day, days) * np.array(WEEK)[(first.weekday() + day) % len(WEEK)]
    rate *= np.exp(SEASON * np.sin(2 * np.pi * (first.timetuple().tm_yday + day) / A_YEAR) + luck)
    rate[day >= (since - first).days] *= lift
    return [int(many) for many in chance.poisson(rate)]
