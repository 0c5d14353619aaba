"""Views that an analyst saves under a name, for themselves alone."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.figures.publishing.models import SavedView
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Refused

from .breakdowns import BREAKDOWNS, CROSSED, Breakdown, CrossedBreakdown
from .periods import Period

MOST = 40  # views of one person


@dataclass(frozen=True)
class ListedView:
    """A saved view with its title, for the list on the page."""

    view: SavedView
    title: str

    @property
    def query(self) -> str:
        return f"what={self.view.what}&period={self.view.period}"


def views_saved_by(user: User, periods: list[Period]) -> list[ListedView]:
    """Return a person's saved views by name, except those of a breakdown or period that is gone."""
    by_code = {period.code: period for period in periods}
    breakdowns: dict[str, Breakdown | CrossedBreakdown] = {**BREAKDOWNS, **CROSSED}
    return [
        ListedView(view, f"{breakdowns[view.what].measure.label} {breakdowns[view.what].label}: {by_code[view.period]}")
        for view in SavedView.objects.filter(owner=user).order_by("name")
        if view.what in breakdowns and view.period in by_code
    ]


@action(permissions.analyse, label=gettext_lazy("saved a view of the figures"))
def save_view(name: str, what: str, period: str, *, by: User, now: datetime) -> SavedView:
    """Save a view under a name. A view of the same name is replaced."""
    name = name.strip()
    if not name:
        raise Refused(_("Give the view a name."))
    _lock_views(by)
    own = SavedView.objects.filter(owner=by)
    own.filter(name=name).delete()
    if own.count() >= MOST:
        raise Refused(_("You have %(many)s saved views: remove one first.") % {"many": MOST})
    return SavedView.objects.create(owner=by, name=name, what=what, period=period, saved_at=now)


@action(permissions.analyse, label=gettext_lazy("removed a saved view of the figures"))
def remove_view(view: SavedView, *, by: User, now: datetime) -> SavedView:
    SavedView.objects.filter(pk=view.pk, owner=by).delete()
    return view


def _lock_views(user: User) -> None:
    """Lock the views of this user until the transaction ends: a form that is sent twice saves one."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock('publishing_savedview'::regclass::int, %s)", [user.pk])
