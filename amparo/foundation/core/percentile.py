"""A percentile as PostgreSQL computes it, for every page that shows waiting times."""

from typing import Any

from django.db.models import Aggregate, DurationField


class Percentile(Aggregate):
    """The smallest value that at least this fraction of the values does not exceed (PostgreSQL's percentile_disc)."""

    function = "percentile_disc"
    template = "%(function)s(%(fraction)s) within group (order by %(expressions)s)"
    output_field = DurationField()

    def __init__(self, expression: Any, fraction: float, **more: Any) -> None:
        super().__init__(expression, fraction=fraction, **more)
