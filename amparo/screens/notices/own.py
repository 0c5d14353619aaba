"""What one's own page of notices shows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import resolve, reverse
from django.utils.functional import Promise

from amparo.foundation.access.models import User
from amparo.line.channels.rules import written_channel

from .kinds import KINDS
from .models import CodeState, NoticeAddress, NoticeEvent, NoticeLine, Reach, Route
from .rules import TRIES, works_on_line
from .sending import CODE_LASTS

SHOWN = timedelta(hours=24)


@dataclass(frozen=True)
class RouteState:
    """One kind of address of one's own, and what can be done about it."""

    route: Route
    row: NoticeAddress | None
    is_offered: bool  # whether this line sends messages of this kind
    waits_for_code: bool

    @property
    def label(self) -> str | Promise:
        return self.route.label

    @property
    def is_confirmed(self) -> bool:
        return self.row is not None and self.row.confirmed_at is not None

    @property
    def is_refused(self) -> bool:
        return self.row is not None and self.row.code_state == CodeState.REFUSED

    @property
    def is_email(self) -> bool:
        return self.route == Route.EMAIL


@dataclass(frozen=True)
class Opened:
    """An event that one opened lately, and the page where it is dealt with, if one may open that."""

    title: str | Promise
    at: datetime
    is_settled: bool
    address: str


def page_of(user: User, now: datetime) -> dict[str, Any]:
    reach = Reach.objects.filter(pk=user.pk).first() or Reach(pk=user.pk)
    waiting = list(NoticeEvent.objects.unopened_by(user).order_by("-is_urgent", "since", "pk"))
    return {
        "waiting": waiting, "is_urgent": any(event.is_urgent for event in waiting), "opened": _opened(user, now),
        "routes": _routes(user, now), "quiet": reach.quiet_hours, "works_on_line": works_on_line(user),
        "minutes": int(CODE_LASTS.total_seconds() // 60),
    }  # fmt: skip


def _routes(user: User, now: datetime) -> list[RouteState]:
    rows = {row.route: row for row in NoticeAddress.objects.filter(user=user).select_related("key")}
    found = []
    for route in (Route.SMS, Route.EMAIL):
        row = rows.get(route)
        waits = row is not None and row.confirmed_at is None and now - row.code_at <= CODE_LASTS and row.tries < TRIES
        found.append(RouteState(route, row, written_channel(route) is not None, waits))
    return found


def _opened(user: User, now: datetime) -> list[Opened]:
    lines = NoticeLine.objects.filter(notice__to=user, opened_at__gt=now - SHOWN).select_related("event")
    found: dict[object, Opened] = {}
    for line in lines.order_by("-opened_at", "pk"):
        if line.opened_at and (kind := KINDS.get(line.event.kind)):
            is_settled = line.event.settled_at is not None
            found.setdefault(line.event_id, Opened(kind.title, line.opened_at, is_settled, _address(kind.page, user)))
    return list(found.values())


def _address(page: str, user: User) -> str:
    """Return the address of a page, if this person may open it; else blank."""
    address = reverse(page)
    may = getattr(resolve(address).func, "may", None)
    return address if may is not None and may(user) else ""
