"""What became of the last ten times that a service was asked: the room of referrals knows, and makes the function."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection


@dataclass(frozen=True)
class Outcomes:
    """Of the last ten referrals: answered with yes or no, by the service or as somebody told us; or not in its time."""

    accepted: int = 0
    declined: int = 0
    unanswered: int = 0  # its own hours to answer were over
    waiting: int = 0  # they are not

    @property
    def asked(self) -> int:
        return self.accepted + self.declined + self.unanswered + self.waiting


def outcomes_of(services: Iterable[UUID], now: datetime) -> dict[UUID, Outcomes]:
    """By service; one that was never asked is not among them."""
    with connection.cursor() as cursor:
        cursor.execute("select * from directory_outcomes(%s, %s)", [list(services), now])
        return {service: Outcomes(*numbers) for service, *numbers in cursor.fetchall()}
