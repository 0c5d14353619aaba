"""Fill an empty draft of a plan from a file: whether it may be done, and doing it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action, allowed
from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Refused

from .models import Indicator, Node, Plan
from .spreadsheet import PlanRows


@allowed(permissions.coordinate_plan)
def check_import(plan: Plan, *, by: User) -> None:
    """Raise `Refused` if this user or this plan imports nothing. Ask it before anything of a file is read."""
    if not plan.is_open_to_changes:
        raise Refused(_("Only a draft is changed. Take the plan back to draft first."))
    if plan.nodes.exists():
        raise Refused(_("This plan has lines already. Begin a new draft, and import into that."))


@action(permissions.coordinate_plan, label=gettext_lazy("took a plan from a spreadsheet"))
def import_plan(plan: Plan, lines: PlanRows, *, by: User) -> Plan:
    """Fill an empty draft with the lines and indicators of a spreadsheet: all of them, or none."""
    plan = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    check_import(plan, by=by)
    made: dict[str, Node] = {}
    for row in lines.nodes:
        parent = made[row["parent"]] if row["parent"] else None
        made[row["number"]] = plan.nodes.create(**{**row, "parent": parent})
    Indicator.objects.bulk_create(Indicator(**{**row, "node": made[row["node"]]}) for row in lines.indicators)
    return plan
