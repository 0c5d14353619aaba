"""Forms of the case pages."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from amparo.care.consent.disclosure import Policy
from amparo.care.consent.picklists import AUTHORITIES, OverrideGround
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.screening.models import Body, Status
from amparo.foundation.access.models import User
from amparo.foundation.core.dates import moment_field
from amparo.foundation.core.form_fields import (
    bounded_day_field,
    check_boxes_field,
    choice_field,
    line_field,
    text_field,
    version_field,
)
from amparo.foundation.core.pagination import DEEPEST
from amparo.line.contacts.picklists import Urgency

from .fields import OneOfTeam, PersonField
from .picklists import Closing, NoteKind, TaskKind


class CaseListForm(forms.Form):
    """Filter of the list of cases."""

    SHOWN = [
        ("mine", _("mine")), ("left", _("handed over to me")), ("open", _("all open")), ("late", _("late")),
        ("closed", _("all closed")),
    ]  # fmt: skip

    SORTS = [("due", _("what is due first")), ("urgency", _("the most urgent")), ("newest", _("the newest case"))]

    show = forms.ChoiceField(choices=SHOWN, required=False)
    urgency = choice_field(Urgency, _("Urgency"))
    sort = forms.ChoiceField(label=_("Order"), choices=SORTS, required=False)
    page = forms.IntegerField(required=False, min_value=1, max_value=DEEPEST)


class CaseCodeForm(forms.Form):
    """A case code such as L-1031. The hyphen may be missing, the letter may be small. Cleans to the number."""

    code = forms.RegexField(r"^\s*[Ll]-?([0-9]{1,9})\s*$", label=_("Code of the case"))

    def clean_code(self) -> int:
        return int("".join(filter(str.isdigit, self.cleaned_data["code"])))


class TimelineForm(forms.Form):
    SHOWS = [
        ("all", _("All")), ("notes", _("Notes")), ("decisions", _("Decisions")), ("sent", _("What was sent")),
    ]  # fmt: skip

    show = forms.ChoiceField(choices=SHOWS, required=False)
    page = forms.IntegerField(required=False, min_value=1, max_value=DEEPEST)


class SituationForm(forms.Form):
    situation = text_field(_("Situation"), rows=5)
    urgency = choice_field(Urgency, _("Urgency"), required=True)
    based_on = version_field()


class NoteForm(forms.Form):
    words = text_field(_("Note"), required=True, rows=2)
    kind = forms.ChoiceField(
        label=_("What it is"), choices=NoteKind.choices, initial=NoteKind.NOTE, required=False,
        widget=forms.RadioSelect,
    )  # fmt: skip

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or NoteKind.NOTE


class DocumentForm(forms.Form):
    title = line_field(_("What it is"), required=True)
    file = forms.FileField(
        label=_("PDF or picture"),
        allow_empty_file=True,
        error_messages={"required": _("Choose a file of at most 5 MB.")},
    )


class TaskForm(forms.Form):
    kind = choice_field(TaskKind, _("What is to be done"), required=True)
    words = line_field(_("In words"))
    due = moment_field(_("By when"))
    is_critical = forms.BooleanField(label=_("The case cannot be closed before it is done"), required=False)
    assignee = OneOfTeam(_("Who"), _("the shift"))

    def __init__(self, *args: Any, team: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_users(self.fields["assignee"], team)


def set_users(field: forms.Field, people: Iterable[User]) -> None:
    """Set the users that `field` offers."""
    assert isinstance(field, OneOfTeam)
    field.set_users(people)


class FinishTaskForm(forms.Form):
    """Outcome of a task, and optionally the next task with its date."""

    result = line_field(_("Outcome"))
    was_done = forms.TypedChoiceField(
        label=_("It was"), choices=[("yes", _("done")), ("no", _("not needed any more"))], coerce="yes".__eq__
    )
    then = choice_field(TaskKind, _("What comes next"))
    due = moment_field(_("By when"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(cleaned.get("then")) != bool(cleaned.get("due")):
            raise ValidationError(_("What comes next needs a date, and a date needs what comes next."))
        return cleaned


class MoveTaskForm(forms.Form):
    due = moment_field(_("By when"))
    why = line_field(_("Why"), required=True)


class ColleagueForm(forms.Form):
    user = forms.ModelChoiceField(User.objects.none(), label=_("Colleague"), empty_label="—")

    def __init__(self, *args: Any, colleagues: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["user"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = colleagues


class HandOverForm(forms.Form):
    to = OneOfTeam(_("To whom"), _("who of the team comes next"))
    where_it_stands = line_field(_("Where it stands"), required=True)
    what_next = line_field(_("What next"))
    what_not_to_ask = line_field(_("What not to ask"))

    def __init__(self, *args: Any, team: Iterable[User], by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_users(self.fields["to"], [it for it in team if it != by])


class FollowUpForm(forms.Form):
    only = forms.BooleanField(required=False)


class CloseForm(forms.Form):
    closing = choice_field(Closing, _("Why it is closed"), required=True, starts_blank=True)
    words = line_field(_("In words"))


class EraseForm(forms.Form):
    code = line_field(_("Code of the case"), required=True)


class ReopenForm(forms.Form):
    task = choice_field(TaskKind, _("What comes next"), required=True)
    due = moment_field(_("By when"))


_AUTHORITIES = [(it.value, it.label) for it in AUTHORITIES]


class BasisForm(forms.Form):
    """A ground for disclosing one person's data without consent. It opens the data of nobody else."""

    about = PersonField(Person.objects.none(), label=_("Whom it is about"), empty_label="—")
    kind = choice_field(OverrideGround, _("Basis for disclosing without consent"), required=True, starts_blank=True)
    facts = text_field(_("The facts: heard, said or seen; or which court, and when"), required=True)
    recipients = check_boxes_field(_AUTHORITIES, _("Of a court order: whom it names"), required=False)
    caller_is_in_danger = forms.BooleanField(label=_("Who calls is the one in danger"), required=False)

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        about = self.fields["about"]
        assert isinstance(about, forms.ModelChoiceField)
        about.queryset = people.filter(Q(part=Part.AT_RISK) | Q(part=Part.CALLER, same_human_as=None))
        at_risk = [it.pk for it in about.queryset if it.part == Part.AT_RISK]
        self.initial["about"] = at_risk[0] if len(at_risk) == 1 else None


class BasisReviewForm(forms.Form):
    stands = forms.TypedChoiceField(choices=[("yes", _("it stands")), ("no", _("it does not"))], coerce="yes".__eq__)


class PolicyForm(forms.Form):
    """The authorities that the hotline informs without consent, for each ground that the policy knows."""

    in_danger = check_boxes_field(_AUTHORITIES, _("If somebody may be killed or badly hurt soon"), required=False)
    for_a_child = check_boxes_field(_AUTHORITIES, _("If a person under 18 is at risk"), required=False)
    by_duty = check_boxes_field(
        _AUTHORITIES, _("If whoever learnt of it must report by law: the facts alone"), required=False
    )
    why = text_field(_("Why: which law or agreement"), required=True)
    is_confirmed = forms.BooleanField(label=_("A lawyer has confirmed it"), required=False)

    @classmethod
    def of(cls, policy: Policy) -> "PolicyForm":
        grounds = ("in_danger", "for_a_child", "by_duty")
        return cls(initial={ground: sorted(getattr(policy, ground)) for ground in grounds})


class RecognitionForm(forms.Form):
    """A competent body's decision whether a person is a victim."""

    status = choice_field(Status, _("It decided"), required=True, starts_blank=True)
    body = choice_field(Body, _("Who decided"), required=True, starts_blank=True)
    document = line_field(_("Which authority, and the number of its decision"), required=True)
    decided_on = bounded_day_field(_("Decided on"), required=True)


class SignAssessmentForm(forms.Form):
    remark = line_field(_("What to add in words"))


def initial_due(now: datetime, within: timedelta) -> dict[str, Any]:
    """Return the initial value for a `due` field: `now + within`, in local time, to the minute."""
    return {"due": timezone.localtime(now + within).replace(second=0, microsecond=0)}
