"""Forms of the roster's pages."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access.models import User
from amparo.foundation.core.dates import hour_field
from amparo.foundation.core.form_fields import bounded_day_field as bounded_day
from amparo.foundation.core.form_fields import offered_boxes_field

from .cover import local_hour, operators, operators_and_case_workers
from .models import (
    REST_AFTER,
    REST_MINUTES,
    Employer,
    Exceeding,
    Queue,
    Shift,
    ShiftKind,
    Skill,
    StaffingRules,
    WishKind,
)


class WeekForm(forms.Form):
    """The week to show: any of its days in this century, as ISO 8601; and the shift whose hours change."""

    day = forms.DateField(
        required=False, validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 1, 1))]
    )
    shift = forms.IntegerField(required=False, min_value=1, max_value=2**31)


class OperatorForm(forms.Form):
    """Chooses somebody who takes calls."""

    user = forms.TypedChoiceField(label=_("Who"))

    def __init__(self, *args: Any, people: Iterable[User] | None = None, **kwargs: Any) -> None:
        """`people`: those who take calls, if the page has read them already."""
        super().__init__(*args, **kwargs)
        self.people = {str(user.pk): user for user in (operators() if people is None else people)}
        self.offer_people("user")

    def offer_people(self, name: str) -> None:
        """Offer the people in the field of this name."""
        field = self.fields[name]
        assert isinstance(field, forms.TypedChoiceField)
        names = [(pk, str(user)) for pk, user in self.people.items()]
        field.choices, field.coerce = [("", "—"), *names], self.people.__getitem__


class SpanForm(forms.Form):
    """The hours of a shift. If it ends at or before its start, it ends on the next day."""

    day = bounded_day(_("Day"), required=True)
    start = hour_field(_("From"))
    end = hour_field(_("To"))
    exceeding = forms.TypedChoiceField(
        label=_("If it exceeds the hours or the rest: why"), choices=[("", "—"), *Exceeding.choices], coerce=Exceeding,
        required=False, empty_value=None,
    )  # fmt: skip

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when and until when. Only for a valid form."""
        day, start, end = (self.cleaned_data[name] for name in ("day", "start", "end"))
        begins = local_hour(day) + timedelta(hours=start.hour, minutes=start.minute)
        ends = local_hour(day) + timedelta(hours=end.hour, minutes=end.minute)
        return begins, ends if ends > begins else ends + timedelta(days=1)


class ShiftForm(OperatorForm, SpanForm):
    """A shift to plan."""

    kind = forms.TypedChoiceField(
        label=_("What"), choices=ShiftKind.choices, coerce=ShiftKind, required=False, empty_value=ShiftKind.LINE
    )
    field_order = ("user", "kind", "day", "start", "end", "exceeding")


class ChangeHoursForm(SpanForm):
    """Other hours for this shift. Its fields have ids of their own, because the page has other fields for a day."""

    def __init__(self, shift: Shift, data: Any = None) -> None:
        self.shift = shift
        start, end = timezone.localtime(shift.starts_at), timezone.localtime(shift.ends_at)
        shown = {"day": start.date(), "start": start, "end": end, "exceeding": shift.exceeding}
        super().__init__(data, auto_id="id_hours_%s", initial=shown)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The typed start and end; an unchanged start keeps its seconds."""
        begins, ends = super().span
        start = self.shift.starts_at
        return start if begins == start.replace(second=0, microsecond=0) else begins, ends


class CertificateForm(OperatorForm):
    """A certificate. Its fields have ids of their own, because the page has two forms with a person."""

    queue = forms.TypedChoiceField(label=_("May answer"), choices=Queue.choices, coerce=Queue)
    last_day = bounded_day(_("Last day"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id_certificate_%s", **kwargs)

    @property
    def expires_at(self) -> datetime:
        """The end of the last day. Only for a valid form."""
        last: date = self.cleaned_data["last_day"]
        return local_hour(last + timedelta(days=1))


class EmploymentForm(OperatorForm):
    """Who employs somebody of the line, who answers or follows cases, and what they are trained in."""

    employer = forms.TypedChoiceField(label=_("Works for"), choices=Employer.choices, coerce=Employer)
    skills = offered_boxes_field(Skill, _("Trained in"))

    def __init__(self, data: Any = None, people: Iterable[User] | None = None) -> None:
        everybody = operators_and_case_workers() if people is None else people
        super().__init__(data, auto_id="id_employment_%s", people=everybody)


class MentorForm(OperatorForm):
    """A trainee and their mentor. A blank mentor: the trainee has none."""

    mentor = forms.TypedChoiceField(label=_("Sits beside"), required=False, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id_mentor_%s", **kwargs)
        self.fields["user"].label = _("Trainee")
        self.offer_people("mentor")


class RingingRulesForm(forms.Form):
    by_shift = forms.BooleanField(label=_("Ring only for people on a planned shift"), required=False)
    by_certificate = forms.BooleanField(label=_("Ring only for people with a valid certificate"), required=False)


class RestRulesForm(forms.Form):
    rests = forms.BooleanField(label=_("After hard contacts, calls ring for others first"), required=False)
    rest_after = forms.IntegerField(
        label=_("Hard contacts in a shift"), min_value=REST_AFTER[0], max_value=REST_AFTER[1]
    )
    rest_minutes = forms.IntegerField(label=_("Minutes of rest"), min_value=REST_MINUTES[0], max_value=REST_MINUTES[1])


class WishForm(forms.Form):
    """A day on which the user cannot work, or would rather not. Own ids: the page has other day fields."""

    day = bounded_day(_("Day"), required=True)
    kind = forms.TypedChoiceField(label=_("On this day I"), choices=WishKind.choices, coerce=WishKind)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="id_wish_%s")


def _number_field(name: str, label: Any) -> forms.IntegerField:
    least, most = StaffingRules.BOUNDS[name]
    return forms.IntegerField(label=label, min_value=least, max_value=most)


class StaffingForm(forms.Form):
    percent = _number_field("percent", _("Calls answered in time, of 100"))
    seconds = _number_field("seconds", _("In time: within so many seconds"))
    most_abandoned = _number_field("most_abandoned", _("Calls that give up, at most, of 100"))
    least_seats = _number_field("least_seats", _("People at every hour, at least"))
    wrap_up_minutes = _number_field("wrap_up_minutes", _("Minutes for the notes after a call"))
    hours_a_day = _number_field("hours_a_day", _("Hours a day, at most"))
    hours_a_week = _number_field("hours_a_week", _("Hours a week, at most"))
    rest_hours = _number_field("rest_hours", _("Hours of rest between two shifts, at least"))
    days_in_a_row = _number_field("days_in_a_row", _("Days of work in a row, at most"))
    weekly_rest_hours = _number_field("weekly_rest_hours", _("Hours of rest at a stretch in each week, at least"))

    @classmethod
    def of(cls, rules: StaffingRules) -> "StaffingForm":
        return cls(initial={name: getattr(rules, name) for name in StaffingRules.BOUNDS})
