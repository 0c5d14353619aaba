from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amparo.foundation.audit.labels import Purpose

from .models import Alert


class OpeningForm(forms.Form):
    """The reason for opening a file outside one's current work."""

    purpose = forms.TypedChoiceField(choices=Purpose.choices, coerce=Purpose)


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(choices=Alert.Answer.choices)


class DayForm(forms.Form):
    """Chooses which openings of files on one day the auditor sees, and how they are grouped."""

    GROUPS = [("person", _("Person")), ("case", pgettext_lazy("a file", "Case")), ("hour", _("Hour"))]
    WORK = "work"  # the value of `why` for looks that needed no reason

    day = forms.DateField(required=False)
    by = forms.ChoiceField(choices=GROUPS, required=False)
    why = forms.RegexField(r"^[a-z_]{1,40}$", required=False)
    hour = forms.IntegerField(required=False, min_value=0, max_value=23)
    person = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    group = forms.CharField(required=False, max_length=120)  # the key of one group alone
    q = forms.CharField(label=_("Code or person"), required=False, max_length=60)


class EntriesForm(forms.Form):
    """Lists entries before the one with the id `before`; with `opened_by`, those in which this user opened files."""

    before = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    opened_by = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
