"""The forms of the pages of a contact and a case, with the same fields as Amparo's."""

from typing import Any

from django import forms
from django.contrib.auth.models import User

from .models import Contact
from .words import CLOSINGS, KINDS, PARTS, ROLES, URGENCIES

CHOSEN = ("safe_to_talk", "language", "urgency", "privacy_choice", "safe_language", "type", "hard_call")


class Moment(forms.DateTimeInput):
    input_type = "datetime-local"


class ContactForm(forms.ModelForm):
    class Meta:
        model = Contact
        fields = [
            "safe_to_talk", "limits", "notes", "caller_role", "place", "language", "urgency", "privacy_choice",
            "safe_number", "safe_any_hour", "safe_from", "safe_to", "safe_who", "safe_voicemail", "safe_story",
            "safe_word", "safe_language", "safe_wanted", "heard_of_us", "type", "hard_call",
        ]  # fmt: skip
        widgets = dict.fromkeys(CHOSEN, forms.RadioSelect)


class SituationForm(forms.Form):
    situation = forms.CharField(widget=forms.Textarea({"rows": 5}), required=False)
    urgency = forms.ChoiceField(choices=URGENCIES)
    based_on = forms.IntegerField(widget=forms.HiddenInput)


class NoteForm(forms.Form):
    words = forms.CharField(widget=forms.Textarea({"rows": 3}))


class DocumentForm(forms.Form):
    title = forms.CharField(max_length=400)
    file = forms.FileField()


class TaskForm(forms.Form):
    kind = forms.ChoiceField(choices=KINDS)
    words = forms.CharField(required=False)
    due = forms.DateTimeField(widget=Moment)
    is_critical = forms.BooleanField(required=False)
    assignee = forms.ModelChoiceField(User.objects.none(), required=False)


class FinishForm(forms.Form):
    result = forms.CharField(required=False)
    was_done = forms.ChoiceField(choices=[("yes", "done"), ("no", "not needed any more")])
    then = forms.ChoiceField(choices=[("", "-"), *KINDS], required=False)
    due = forms.DateTimeField(widget=Moment, required=False)


class MoveForm(forms.Form):
    due = forms.DateTimeField(widget=Moment)
    why = forms.CharField()


class ColleagueForm(forms.Form):
    user = forms.ModelChoiceField(User.objects.none())


class HandOverForm(forms.Form):
    where_it_stands = forms.CharField()
    what_next = forms.CharField(required=False)
    what_not_to_ask = forms.CharField(required=False)


class CloseForm(forms.Form):
    closing = forms.ChoiceField(choices=CLOSINGS)
    words = forms.CharField(required=False)


class SomebodyForm(forms.Form):
    part = forms.ChoiceField(choices=PARTS)
    age_at_events = forms.IntegerField(required=False)
    age_certainty = forms.ChoiceField(choices=URGENCIES, required=False)
    gender = forms.ChoiceField(choices=ROLES, required=False)
    languages = forms.MultipleChoiceField(choices=URGENCIES, required=False, widget=forms.CheckboxSelectMultiple)
    ubigeo_origin = forms.CharField(required=False)
    ubigeo_now = forms.CharField(required=False)
    remarks = forms.CharField(widget=forms.Textarea({"rows": 3}), required=False)


def forms_of_a_case(case: Any, team: Any) -> dict[str, forms.Form]:
    task, colleague = TaskForm(), ColleagueForm()
    task.fields["assignee"].queryset = team
    colleague.fields["user"].queryset = User.objects.filter(is_active=True).exclude(pk__in=team).order_by("first_name")
    return {
        "situation": SituationForm(
            initial={"situation": case.situation, "urgency": case.urgency, "based_on": case.version}
        ),
        "note": NoteForm(), "document": DocumentForm(), "task": task, "finish": FinishForm(auto_id=False),
        "move": MoveForm(auto_id=False), "colleague": colleague, "leaving": HandOverForm(), "closing": CloseForm(),
        "somebody": SomebodyForm(),
    }  # fmt: skip
