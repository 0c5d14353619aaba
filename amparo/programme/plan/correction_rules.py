"""Correct title, days or law of a plan in any state. The history keeps the former values and the reason."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Refused

from . import lights
from .models import Plan
from .picklists import PlanState


@action(permissions.coordinate_plan, label=gettext_lazy("corrected title, days or law of a plan"))
def correct_plan(plan: Plan, *, reason: str, seen: int, by: User, now: datetime, **columns: Any) -> Plan:
    """Correct `title`, `starts_on`, `ends_on` or `law`. Yearly reviews do not change.

    `seen`: how many corrections `by` saw on the page. Raises `Refused` if there are more by now, if a reviewed year
    would be outside the plan, or if a plan in operation would have a law that is not in effect.
    """
    plan = Plan.objects.select_for_update(of=("self",)).select_related("law").get(pk=plan.pk)
    if plan.corrections.count() != seen:
        raise Refused(_("A colleague has corrected it meanwhile. Load the plan anew, and look at it again."))
    if not reason.strip():
        raise Refused(_("Say why it is corrected."))
    before = {name: getattr(plan, name) for name, value in columns.items() if getattr(plan, name) != value}
    if not before:
        raise Refused(_("Nothing is different."))
    _check_correction(plan, today=timezone.localdate(now), **columns)
    for name in before:
        setattr(plan, name, columns[name])
    plan.save(update_fields=[*before])
    plan.corrections.create(
        before=_as_stored(before), after=_as_stored({name: columns[name] for name in before}), reason=reason.strip(),
        corrected_at=now, corrected_by=by,
    )  # fmt: skip
    return plan


def _check_correction(plan: Plan, *, title: str, starts_on: date, ends_on: date, law: Any, today: date) -> None:
    if ends_on <= starts_on:
        raise Refused(_("A plan ends after it starts. Look at the two dates."))
    if Plan.objects.filter(title=title).exclude(pk=plan.pk).exists():
        raise Refused(_("There is a plan of this name. Choose another name."))
    for year in plan.reviews.order_by("year").values_list("year", flat=True):
        if not starts_on.year <= year <= ends_on.year:
            raise Refused(_("The year %(year)d was reviewed: it stays within the plan.") % {"year": year})
    is_running = plan.state == PlanState.OPERATIONAL and law != plan.law
    if is_running and lights.why_not_operational(plan.state, law.valid_from(today) if law else None, today):
        raise Refused(_("The plan is in operation. Choose a law that is in effect."))


def _as_stored(columns: dict[str, Any]) -> dict[str, str]:
    """Return the values as they are stored: a day in ISO 8601, a law by its number."""
    return {name: "" if value is None else str(value) for name, value in columns.items()}
