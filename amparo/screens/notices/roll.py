"""Who would be notified of what at which moment: people of the line, their duty, and how they can be reached."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from amparo.foundation.access.models import HOTLINE, Role, User
from amparo.foundation.line_settings import hours
from amparo.foundation.line_settings.rules import LineSettings, current

from .kinds import Audience, Kind, Step
from .models import Reach, Route

ROLES = {
    Audience.PLACEMENT_OFFICERS: Role.PLACEMENT_OFFICER, Audience.SUPERVISORS: Role.SUPERVISOR,
    Audience.COORDINATORS: Role.ADMINISTRATOR,
}  # fmt: skip


@dataclass(frozen=True)
class Duty:
    user: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Roll:
    """People of the line with a confirmed address, as they are between two moments."""

    people: dict[int, User]
    reach: dict[int, Reach]
    duties: tuple[Duty, ...]
    line: LineSettings  # its opening hours

    def audience(self, step: Step, at: datetime, person: int | None = None) -> list[User]:
        """Return whom a step reaches at this moment. `person`: whom the event is about."""
        if step.audience is Audience.PERSON:
            found: Iterable[int | None] = [person]
        elif step.audience is Audience.ON_SHIFT:
            found = dict.fromkeys(duty.user for duty in self.duties if duty.starts_at <= at < duty.ends_at)
        else:
            found = [pk for pk, user in self.people.items() if user.role == ROLES[step.audience]]
        return [self.people[pk] for pk in found if pk is not None and pk in self.people]

    def is_on_duty(self, user: int, at: datetime) -> bool:
        return any(duty.user == user and duty.starts_at <= at < duty.ends_at for duty in self.duties)

    def may_notify(self, user: User, at: datetime, *, is_urgent: bool) -> bool:
        """Whether a notice may go to this person now.

        What can wait is kept back in their quiet hours and while the line is closed, but not on duty.
        """
        if is_urgent or self.is_on_duty(user.pk, at):
            return True
        return hours.is_open(self.line, at) and not self.reach[user.pk].is_quiet(at)

    def reached_now(self, kind: Kind, step: Step, at: datetime) -> list[User]:
        """Return those of a step to whom a notice of this kind would leave at this moment."""
        return [it for it in self.audience(step, at) if self.may_notify(it, at, is_urgent=kind.is_urgent)]

    def routes(self, user: int, *, is_urgent: bool) -> list[Route]:
        """Return how to reach this person, the best one first: danger by text message, what can wait by e-mail."""
        order = [Route.SMS, Route.EMAIL] if is_urgent else [Route.EMAIL, Route.SMS]
        return [route for route in order if route in self.reach[user].routes]


def read_roll(start: datetime, end: datetime) -> Roll:
    """Read who can be notified between two moments. The actor is the worker, or an administrator of the line."""
    reach = {row.user_id: row for row in Reach.objects.reachable()}
    people = User.objects.filter(pk__in=reach, agency=HOTLINE, is_active=True, is_machine=False)
    with connection.cursor() as cursor:
        cursor.execute("select * from notices_on_duty(%s, %s)", [start, end])
        duties = tuple(Duty(*row) for row in cursor.fetchall())
    return Roll({user.pk: user for user in people.order_by("first_name", "pk")}, reach, duties, current())
