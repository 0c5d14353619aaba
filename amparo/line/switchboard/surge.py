"""Whether more call than the shift can answer: then each caller is asked for a key, which a robot does not press.

With seven minutes a call, two who wait for each operator are a quarter of an hour. It ends only after a minute in which
at most one waited for every two operators, so that it does not flicker.
"""

WAITING_PER_SEAT = 2.0
CALM_PER_SEAT = 0.5
CALM = 60.0  # seconds


class Surge:
    def __init__(self) -> None:
        self.is_on = False
        self._busy_at = 0.0

    def look(self, waiting: int, seats: int, now: float) -> None:
        """`seats`: operators on shift, in a call or not; `now` in seconds of one clock."""
        on_shift = max(seats, 1)  # at night one caller alone is no surge
        if waiting > CALM_PER_SEAT * on_shift:
            self._busy_at = now
        if waiting > WAITING_PER_SEAT * on_shift:
            self.is_on = True
        elif self.is_on and now - self._busy_at >= CALM:
            self.is_on = False
