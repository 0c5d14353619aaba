"""What two people do to open the line for people who call, or to close it; and what each answers for."""

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Refused

from .models import Opening, Question, Statement
from .readiness import needs


def is_open() -> bool:
    latest = Opening.objects.latest_done()
    return latest is not None and latest.opens


@action(permissions.open_line, label=gettext_lazy("answered for what the line needs before it opens"))
def state(question: str, *, is_settled: bool, by: User, now: datetime) -> Statement:
    """Say that a question is settled, or take that back."""
    if question not in Question:
        raise Refused(_("Only what the system cannot check is answered by a person. Load the page anew."))
    return Statement.objects.create(question=question, is_settled=is_settled, at=now, by=by)


@action(permissions.open_line, label=gettext_lazy("opened or closed the line, with a second person"))
def press(*, opens: bool, by: User, now: datetime) -> Opening:
    """Open or close the line: the first press waits ten minutes for that of somebody with the other role.

    Raises `Refused` if nothing would change, if something is missing for an opening, and for a second press by one
    person, or by two of one role.
    """
    _lock()
    if is_open() == opens:
        raise Refused(_("The line is open already.") if opens else _("The line is closed already."))
    if opens and (missing := sum(need.is_missing for need in needs(by, now))):
        raise Refused(
            ngettext(
                "%(n)s thing is missing. See to it first.", "%(n)s things are missing. See to them first.", missing
            ) % {"n": missing}
        )  # fmt: skip
    first = Opening.objects.waiting(now)
    if first is None or first.opens != opens:
        return Opening.objects.create(opens=opens, first=by, first_at=now)
    if first.first == by:
        raise Refused(_("You have pressed already. A second person follows within ten minutes."))
    if permissions.keep_installation(first.first) == permissions.keep_installation(by):
        raise Refused(_("An administrator and a supervisor do it together: each sees another half of what is needed."))
    first.second, first.second_at = by, now
    first.save(update_fields=["second", "second_at"])
    return first


def _lock() -> None:
    """Two presses at one moment follow each other."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock('administration_opening'::regclass::int, 0)")
