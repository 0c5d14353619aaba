"""The outcomes of a service's last ten referrals.

The room `referrals` has the data and defines the database function.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection


@dataclass(frozen=True)
class Outcomes:
    """How many of its last ten referrals a service accepted, declined, left unanswered or can still answer."""

    accepted: int = 0
    declined: int = 0
    unanswered: int = 0  # the service's hours to answer are over
    waiting: int = 0  # the service still has time to answer

    @property
    def total(self) -> int:
        return self.accepted + self.declined + self.unanswered + self.waiting


def outcomes_of(services: Iterable[UUID], now: datetime) -> dict[UUID, Outcomes]:
    """Return the outcomes by the service's id. A service without referrals is left out."""
    with connection.cursor() as cursor:
        cursor.execute("select * from directory_outcomes(%s, %s)", [list(services), now])
        return {service: Outcomes(*numbers) for service, *numbers in cursor.fetchall()}
