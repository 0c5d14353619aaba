"""Detects a surge: more callers than the shift can answer. Each is then asked for a key, which a robot does not press.

A call takes about seven minutes, so two waiting callers for each operator mean a quarter of an hour. A surge ends only
after a minute with at most one waiting caller for every two operators, so that it does not flicker.
"""

WAITING_PER_SEAT = 2.0
CALM_PER_SEAT = 0.5
CALM = 60.0  # seconds


class Surge:
    def __init__(self) -> None:
        self.is_on = False
        self._busy_at = 0.0

    def update(self, waiting: int, seats: int, now: float) -> None:
        """Begin or end the surge. `waiting`: callers; `seats`: operators on shift, busy or not; `now`: in seconds."""
        on_shift = max(seats, 1)  # without operators (at night), one caller is not a surge
        if waiting > CALM_PER_SEAT * on_shift:
            self._busy_at = now
        if waiting > WAITING_PER_SEAT * on_shift:
            self.is_on = True
        elif self.is_on and now - self._busy_at >= CALM:
            self.is_on = False
