"""Other campaigns and events, which may bring or cost contacts in the same weeks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
EVENT_DAYS = 14  # in which an event may bring contacts


@dataclass(frozen=True)
class Causes:
    campaigns: tuple[tuple[str, date, date], ...] = ()  # name, first and last day
    events: tuple[date, ...] = ()

    def campaigns_by_week(self, mondays: Sequence[date]) -> Iterator[tuple[str, list[float]]]:
        """Yield each campaign that ran in these weeks, and the share of each week's days on which it did."""
        for name, first, last in self.campaigns:
            column = [_share(monday, first, last) for monday in mondays]
            if any(column):
                yield name, column

    def events_by_week(self, mondays: Sequence[date]) -> list[float]:
        """Return how many events each week stands under. They have one column: there may be too many for one each."""
        last = (EVENT_DAYS - 1) * DAY
        return [sum(_share(monday, day, day + last) for day in self.events) for monday in mondays]

    def events_within(self, mondays: Sequence[date]) -> int:
        return sum(mondays[0] <= day < mondays[-1] + WEEK for day in self.events)


ALONE = Causes()


def _share(monday: date, first: date, last: date) -> float:
    days = (min(last, monday + 6 * DAY) - max(first, monday)).days + 1
    return max(days, 0) / 7
