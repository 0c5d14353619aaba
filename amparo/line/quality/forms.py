from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.form_fields import text_field
from amparo.line.contacts.models import Contact

from .picklists import Mark
from .rubric import ITEMS

MOST = 4000  # characters of feedback, or of an answer
NOT_APPLICABLE = "none"  # in the form, where blank means: not marked yet
MARKS = [(value or NOT_APPLICABLE, label) for value, label in Mark.choices]


def _mark_field(label: Any, question: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, help_text=question, choices=MARKS, widget=forms.RadioSelect)


class ReviewForm(forms.Form):
    """The marks of the sheet, in its order, and a sentence for the operator who answered the conversation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in ITEMS:
            self.fields[item.name] = _mark_field(item.label, item.question)
        self.fields["feedback"] = text_field(_("What you say to the person who answered"), required=True, most=MOST)

    @property
    def marks(self) -> dict[str, str]:
        return {item.name: _stored_mark(self.cleaned_data[item.name]) for item in ITEMS}


class AnswerForm(forms.Form):
    words = text_field(_("Your answer"), most=MOST)


class _ConversationField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, contact: Any) -> str:
        began = date_format(timezone.localtime(contact.started), "DATETIME_FORMAT")
        return f"{contact.code} · {contact.get_channel_display()}, {began}"


class AskForReviewForm(forms.Form):
    """A choice of one conversation among the user's own, to be reviewed."""

    contact = _ConversationField(label=_("Conversation"), queryset=Contact.objects.none(), empty_label=None)

    def __init__(self, own: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["contact"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = own


def _stored_mark(value: str) -> str:
    return Mark.NOT_APPLICABLE if value == NOT_APPLICABLE else Mark(value)
