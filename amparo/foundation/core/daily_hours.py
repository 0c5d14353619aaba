"""Hours of each day, such as those in which a person may be reached."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone


@dataclass(frozen=True)
class DailyHours:
    """From `start` until before `end`, local time; over midnight if `end` is earlier, never if they are equal."""

    start: time
    end: time

    def include(self, moment: datetime) -> bool:
        hour = timezone.localtime(moment).time()
        if self.start <= self.end:
            return self.start <= hour < self.end
        return hour >= self.start or hour < self.end

    def next_from(self, moment: datetime) -> datetime | None:
        """Return the first moment within these hours, from this one on. None: the hours are empty."""
        if self.start == self.end:
            return None
        if self.include(moment):
            return moment
        local = timezone.localtime(moment)
        opening = local.replace(hour=self.start.hour, minute=self.start.minute, second=0, microsecond=0)
        return opening if opening > local else opening + timedelta(days=1)
