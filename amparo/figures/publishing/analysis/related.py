"""Related answers to offer beside an answer: with less detail, or by another breakdown."""

from .answers import Answer, Published, answer
from .breakdowns import QUARTERS, Breakdown, breakdowns_of
from .periods import Period

WIDER = 6  # periods offered at most


def wider_answers(published: Published, narrow: Answer) -> list[Answer]:
    """Return answers with less detail that show a larger share of their rows: longer periods, then the totals alone."""
    longer = [it for it in reversed(published.periods) if it != narrow.period and narrow.period.is_within(it)]
    longer.sort(key=lambda it: (it.part is None, it.last - it.first))
    found = [answer(published, narrow.breakdown, period) for period in longer[:WIDER]]
    if not narrow.breakdown.is_in_time:
        together = next(it for it in breakdowns_of(narrow.breakdown.measure) if it.by == QUARTERS)
        found.append(answer(published, together, narrow.period))
    return [it for it in found if it.shown_count * len(narrow.rows) > narrow.shown_count * len(it.rows)]


def other_breakdowns(published: Published, of: Breakdown, period: Period) -> list[Answer]:
    """Return the same measure by every other breakdown of which at least one number is shown."""
    others = [answer(published, it, period) for it in breakdowns_of(of.measure) if it != of]
    return [it for it in others if it.shown_count and len(it.rows) > 1]
