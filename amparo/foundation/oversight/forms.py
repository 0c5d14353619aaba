from django import forms

from amparo.foundation.audit.labels import Purpose

from .models import Alert


class OpeningForm(forms.Form):
    """The reason for opening a file outside one's current work."""

    purpose = forms.TypedChoiceField(choices=Purpose.choices, coerce=Purpose)


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(choices=Alert.Answer.choices)


class LedgerForm(forms.Form):
    """From which entry backwards; with a person, only files that they opened."""

    before = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    opened_by = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
