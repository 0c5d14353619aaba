"""What may be done with laws and with plans of action: write, review, approve, measure, publish."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.audit.rules import append
from amparo.foundation.core import edit_conflicts
from amparo.foundation.core.refusal import Refused

from . import reviews, tree, versions
from .models import Comment, DataCall, Indicator, Law, Measurement, Node, Plan, YearReview
from .models.records import CommentQuerySet
from .picklists import Frequency, PlanState, PublishedMeasure
from .quarters import end_of_quarter


@action(permissions.coordinate_plan, label=gettext_lazy("wrote down a law"))
def write_law(
    law: Law | None, *, based_on: int | None = None, by: User, now: datetime, **columns: Any
) -> Law:  # fmt: skip
    """Record a law, or change `law`. Raises `Refused` if its dates are not in order.

    Raises `EditConflict` if somebody else changed the same field since version `based_on` (`core/edit_conflicts.py`).
    """
    if law:
        seen = law.version if based_on is None else based_on
        law = Law.objects.select_for_update().get(pk=law.pk)
        edit_conflicts.merge_edits(law, columns, based_on=seen, by=by, now=now)
    else:
        law = Law(**columns)
    try:
        with transaction.atomic():
            law.save()
    except IntegrityError as error:
        if "the_dates_of_a_law" in str(error):
            raise Refused(_("Look at the dates: enacted, published, in effect, regulated, repealed.")) from None
        raise Refused(_("This law is written down already.")) from None
    return law


@action(permissions.coordinate_plan, label=gettext_lazy("began a plan of action"))
def add_plan(*, by: User, **columns: Any) -> Plan:
    """Create a plan as a draft."""
    if columns["ends_on"] <= columns["starts_on"]:
        raise Refused(_("A plan ends after it starts. Look at the two dates."))
    if Plan.objects.filter(title=columns["title"]).exists():
        raise Refused(_("There is a plan of this name. Choose another name."))
    plan: Plan = Plan.objects.create(**columns)
    return plan


@action(permissions.coordinate_plan, label=gettext_lazy("added a line to the plan"))
def add_node(plan: Plan, *, parent: Node | None = None, kind: str, number: str, text: str, by: User) -> Node:
    """Add a line to a draft, below `parent` or at the top."""
    _lock_draft(plan)
    if parent and parent.plan_id != plan.pk:
        raise Refused(_("That line is of another plan."))
    if parent:
        _lock_node(parent)
    if plan.nodes.filter(number=number).exists():
        raise Refused(_("The number %(number)s stands in this plan already.") % {"number": number})
    node: Node = plan.nodes.create(parent=parent, kind=kind, number=number, text=text)
    return node


@action(permissions.coordinate_plan, label=gettext_lazy("added an indicator to the plan"))
def add_indicator(node: Node, *, by: User, **columns: Any) -> Indicator:
    """Add an indicator to a line of a draft."""
    _lock_draft(node.plan)
    _lock_node(node)
    if columns["due_on"] <= columns["baseline_on"]:
        raise Refused(_("The target is due after the day of the baseline."))
    _require_published_frequency(columns)
    if node.indicators.filter(number=columns["number"]).exists():
        raise Refused(_("The number %(number)s stands in this plan already.") % {"number": columns["number"]})
    indicator: Indicator = node.indicators.create(**columns)
    return indicator


def _require_published_frequency(columns: dict[str, Any]) -> None:
    measure = columns.get("measure")
    if measure and PublishedMeasure(measure).is_yearly and columns["frequency"] != Frequency.YEARLY:
        raise Refused(_("This figure is published for whole years alone: choose “yearly”."))


@action(permissions.coordinate_plan, label=gettext_lazy("changed a line of the plan"))
def change_node(node: Node, *, kind: str, number: str, text: str, by: User) -> Node:
    """Reword or renumber a line of a draft."""
    _lock_draft(node.plan)
    if node.plan.nodes.filter(number=number).exclude(pk=node.pk).exists():
        raise Refused(_("The number %(number)s stands in this plan already.") % {"number": number})
    return _save_row(node, kind=kind, number=number, text=text)


@action(permissions.coordinate_plan, label=gettext_lazy("removed a line of the plan"))
def remove_node(node: Node, *, by: User) -> Node:
    """Take a line out of a draft, if nothing is below it. Its comments stay."""
    _lock_draft(node.plan)
    _lock_node(node)
    if node.children.exists() or node.indicators.exists():
        raise Refused(_("Lines or indicators stand below this line. Remove them first."))
    return _save_row(node, is_removed=True)


@action(permissions.coordinate_plan, label=gettext_lazy("changed an indicator of the plan"))
def change_indicator(indicator: Indicator, *, by: User, **columns: Any) -> Indicator:
    """Change an indicator of a draft."""
    _lock_draft(indicator.node.plan)
    if columns["due_on"] <= columns["baseline_on"]:
        raise Refused(_("The target is due after the day of the baseline."))
    _require_published_frequency(columns)
    if indicator.node.indicators.filter(number=columns["number"]).exclude(pk=indicator.pk).exists():
        raise Refused(_("The number %(number)s stands in this plan already.") % {"number": columns["number"]})
    return _save_row(indicator, **columns)


@action(permissions.coordinate_plan, label=gettext_lazy("removed an indicator of the plan"))
def remove_indicator(indicator: Indicator, *, by: User) -> Indicator:
    """Take an indicator out of a draft."""
    _lock_draft(indicator.node.plan)
    return _save_row(indicator, is_removed=True)


@action(permissions.coordinate_plan, label=gettext_lazy("sent the plan to review"))
def send_to_review(plan: Plan, *, by: User, today: date) -> Plan:
    """Let the institutions comment on a plan, and keep this version of it. A plan without lines is refused."""
    plan = _locked_in_state(plan, PlanState.DRAFT, PlanState.UNDER_REVIEW)
    if not plan.nodes.exists():
        raise Refused(_("The plan has no line yet."))
    number, document = plan.versions.count() + 1, versions.version_document(plan)
    plan.versions.create(number=number, document=document, sent_on=today, sent_by=by)
    return _save_plan(plan, reviewed_from=today)


@action(permissions.coordinate_plan, label=gettext_lazy("took the plan back to draft"))
def return_to_draft(plan: Plan, *, by: User) -> Plan:
    """Make a plan under review a draft again, so that it can be changed. The comments stay."""
    return _save_plan(_locked_in_state(plan, PlanState.UNDER_REVIEW, PlanState.DRAFT))


@action(permissions.coordinate_plan, label=gettext_lazy("wrote down that the plan was approved"))
def approve_plan(plan: Plan, *, approved_by: str, approved_through: str, on: date, by: User) -> Plan:
    """Record by whom and through which instrument the plan was approved."""
    if not approved_by.strip() or not approved_through.strip():
        raise Refused(_("Say who approved it, and through which instrument."))
    if on > timezone.localdate():
        raise Refused(_("That day is still to come."))
    plan = _locked_in_state(plan, PlanState.UNDER_REVIEW, PlanState.APPROVED)
    return _save_plan(plan, approved_on=on, approved_by=approved_by.strip(), approved_through=approved_through.strip())


@action(permissions.coordinate_plan, label=gettext_lazy("put the plan into operation"))
def put_into_operation(plan: Plan, *, by: User, today: date) -> Plan:
    """Put an approved plan into operation: only if its law is in effect."""
    plan = Plan.objects.select_for_update(of=("self",)).select_related("law").get(pk=plan.pk)
    if reason := plan.why_not_operational(today):
        raise Refused(str(reason.label))
    return _save_plan(_locked_in_state(plan, PlanState.APPROVED, PlanState.OPERATIONAL), operational_on=today)


@action(permissions.coordinate_plan, label=gettext_lazy("closed the plan"))
def close_plan(plan: Plan, *, by: User, today: date) -> Plan:
    """End an operational plan."""
    return _save_plan(_locked_in_state(plan, PlanState.OPERATIONAL, PlanState.CLOSED), closed_on=today)


@action(permissions.follow_plan, label=gettext_lazy("commented on a line of the plan"))
def comment_on_plan(node: Node, text: str, *, by: User, now: datetime) -> Comment:
    """Comment on one line while the plan is under review."""
    if _current_state(node) != PlanState.UNDER_REVIEW:
        raise Refused(_("The plan is not under review: comments are closed."))
    if not text.strip():
        raise Refused(_("Write the comment."))
    _refuse_removed(node, Node.objects.all())
    written: Comment = node.comments.create(author=by, text=text.strip(), written_at=now)
    return written


@action(permissions.follow_plan, label=gettext_lazy("reported a value of an indicator"))
def report_measurement(
    indicator: Indicator, *, value: float, as_of: date, evidence: str, by: User, now: datetime
) -> Measurement:
    """Report a value with its evidence. Only the responsible institution and the coordinator may."""
    if indicator.responsible_id != by.agency.pk and not permissions.coordinate_plan(by):
        raise Refused(_("Another institution answers for this indicator."))
    if indicator.measure:
        raise Refused(_("This indicator fills itself from the published figures."))
    if _current_state(indicator.node) not in (PlanState.APPROVED, PlanState.OPERATIONAL):
        raise Refused(_("Values are reported once the plan is approved."))
    if not evidence.strip():
        raise Refused(_("Say what shows this value: a document, a register, a link."))
    if as_of > timezone.localdate(now):
        raise Refused(_("That day is still to come."))
    written: Measurement = indicator.measurements.create(
        value=value, as_of=as_of, evidence=evidence.strip(), author=by, written_at=now
    )
    return written


def indicators_to_fill() -> QuerySet[Indicator]:
    """Indicators of approved and operational plans that fill themselves from the published figures."""
    running = (PlanState.APPROVED, PlanState.OPERATIONAL)
    return Indicator.objects.filter(node__plan__state__in=running).exclude(measure="").order_by("pk")


def fill_indicator(
    indicator: Indicator, figure: dict[str, Any], value: float | None, *, as_of: date, evidence: str, now: datetime
) -> Measurement | None:
    """Add a published figure as the value of an indicator on a day. `value` is None if the figure is hidden.

    `figure`: its measure, period and editions. Only the worker may add one. Returns None, and adds nothing, if the
    newest value on this day is the same figure of the same editions.
    """
    newest = indicator.measurements.filter(as_of=as_of).order_by("-pk").first()
    if newest and (newest.figure, newest.value) == (figure, value):
        return None
    append("fill_indicator", f"indicator {indicator.pk}")
    written: Measurement = indicator.measurements.create(
        value=value, as_of=as_of, evidence=evidence, figure=figure, written_at=now
    )
    return written


label_verb("fill_indicator", gettext_lazy("filled an indicator from the published figures"))


@action(permissions.coordinate_plan, label=gettext_lazy("opened a data call"))
def open_data_call(plan: Plan, quarter: date, due_on: date, *, by: User, now: datetime) -> DataCall:
    """Ask the institutions for the values of a quarter that is over (`quarter`: its first day), until `due_on`.

    The start page of each institution shows the values that it owes, and the last day; the bar shows how many.
    """
    plan = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    today = timezone.localdate(now)
    if plan.state != PlanState.OPERATIONAL:
        raise Refused(_("Values are called for once the plan is operational."))
    if end_of_quarter(quarter) >= today:
        raise Refused(_("Choose a quarter that is over."))
    if due_on <= today:
        raise Refused(_("Give the institutions a day that is still to come."))
    if plan.data_calls.filter(quarter=quarter).exists():
        raise Refused(_("The values of this quarter were called for already."))
    call: DataCall = plan.data_calls.create(quarter=quarter, due_on=due_on, opened_at=now, opened_by=by)
    return call


@action(permissions.coordinate_plan, label=gettext_lazy("made the review of a year"))
def review_year(plan: Plan, year: int, *, by: User, now: datetime) -> YearReview:
    """Store how the plan stood at the end of a year that is over.

    A review never changes, whatever is reported later.
    """
    plan = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    today = timezone.localdate(now)
    if plan.state not in (PlanState.OPERATIONAL, PlanState.CLOSED):
        raise Refused(_("A year is reviewed once the plan is operational."))
    if plan.reviews.filter(year=year).exists():
        raise Refused(_("This year was reviewed already. A review never changes."))
    if year not in reviews.reviewable_years(plan, today):
        raise Refused(_("Choose a year of the plan that is over."))
    document = reviews.review_document(plan, year)
    review: YearReview = plan.reviews.create(year=year, document=document, made_at=now, made_by=by)
    return review


def leaves_of(plan: Plan, today: date) -> list[tree.Leaf]:
    """Return every indicator of the plan, with its newest value and its light."""
    return list(tree.leaves(tree.branches_of(plan, today)))


def comments_to_read(user: User) -> CommentQuerySet:
    """Return comments that a user has not answered: for a coordinator on all lines, else on those where they wrote."""
    found = Comment.objects.to_read(user)
    return found if permissions.coordinate_plan(user) else found.filter(node__comments__author=user).distinct()


def _current_state(node: Node) -> str:
    """Return the state of a line's plan, read from the database again: the copy of the page may be old."""
    return str(Plan.objects.values_list("state", flat=True).get(pk=node.plan_id))


def _lock_draft(plan: Plan) -> None:
    """Lock the plan; raise `Refused` unless it is a draft."""
    if not Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk).is_open_to_changes:
        raise Refused(_("Only a draft is changed. Take the plan back to draft first."))


def _locked_in_state(plan: Plan, before: PlanState, after: PlanState) -> Plan:
    """Lock a plan, and return it with the state `after`, not saved. Raises `Refused` unless its state is `before`."""
    plan = Plan.objects.select_for_update(of=("self",)).select_related("law").get(pk=plan.pk)
    if plan.state != before:
        wanted = {"state": before.label, "now": plan.get_state_display()}
        raise Refused(_("The plan is %(now)s; it must be %(state)s for this.") % wanted)
    plan.state = after
    return plan


def _lock_node(node: Node) -> None:
    """Lock a line. Raises `Refused` if it was removed."""
    _refuse_removed(node, Node.objects.select_for_update(of=("self",)))


def _refuse_removed(node: Node, lines: QuerySet[Node]) -> None:
    if not lines.filter(pk=node.pk).exists():
        raise Refused(_("A colleague has removed this line. Load the plan anew."))


def _save_row[Row: (Node, Indicator)](row: Row, **columns: Any) -> Row:
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=[*columns])
    return row


def _save_plan(plan: Plan, **columns: Any) -> Plan:
    for name, value in columns.items():
        setattr(plan, name, value)
    plan.save(update_fields=["state", *columns])
    return plan
