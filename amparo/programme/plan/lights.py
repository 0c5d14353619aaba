"""The traffic light of an indicator, and of a branch of the plan. The thresholds are our own choice."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from .picklists import Frequency, Light, PlanState, Reason

GREEN, AMBER = 0.9, 0.6  # progress, as a share of what is expected by today
# A value is fresh for one period and one month more, in which it is collected.
FRESH = {
    Frequency.MONTHLY: timedelta(days=62), Frequency.QUARTERLY: timedelta(days=123),
    Frequency.YEARLY: timedelta(days=397),
}  # fmt: skip
WORST_FIRST = (Light.RED, Light.AMBER, Light.GREEN)


def light_of_progress(
    baseline: float | None, target: float | None, value: float | None, elapsed_share: float, *, stale: bool
) -> Light:
    """Return the light of an indicator, from its progress divided by the elapsed share of its time.

    Without a fresh value it is grey. A target that is reached is green at once. The target may be below the baseline.
    """
    if value is None or stale or baseline is None or target is None or baseline == target:
        return Light.GREY
    progress = (value - baseline) / (target - baseline)
    if progress >= 1:
        return Light.GREEN
    if elapsed_share <= 0:
        return Light.GREY
    ratio = progress / min(elapsed_share, 1)
    return Light.GREEN if ratio >= GREEN else Light.AMBER if ratio >= AMBER else Light.RED


def worst_light(counts: Counter[Light]) -> Light:
    """Return the light of a branch: the worst of the lights below it, grey ones left out. It is never an average."""
    return next((each for each in WORST_FIRST if counts[each]), Light.GREY)


def count_lights(lights: Iterable[Light]) -> Counter[Light]:
    return Counter(lights)


def elapsed_share(starts: date, due: date, today: date) -> float:
    return 0.0 if due <= starts else (today - starts).days / (due - starts).days


def is_stale(as_of: date, frequency: str, today: date) -> bool:
    return as_of + FRESH[Frequency(frequency)] < today


def why_not_operational(state: str, law_in_effect_from: date | None, today: date) -> Reason | None:
    """Return why a plan may not be operational today: it is not approved, or its law not in effect. None: it may."""
    if state not in (PlanState.APPROVED, PlanState.OPERATIONAL):
        return Reason.NOT_APPROVED
    if law_in_effect_from is None:
        return Reason.LAW_NOT_IN_EFFECT
    if law_in_effect_from > today:
        return Reason.LAW_NOT_YET_IN_EFFECT
    return None
