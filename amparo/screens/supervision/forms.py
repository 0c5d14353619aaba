"""Forms of the supervisor's pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access.models import User
from amparo.foundation.core import form_fields as fields
from amparo.line.switchboard.rules import LONGEST_WHISPER

MOST_DAYS = 366


class PassOnForm(forms.Form):
    """The operator to whom a waiting call or chat is passed on, and one sentence for them.

    `instead_of`: the id of the operator to whom it was passed on before, as the list showed; blank: nobody.
    """

    colleague = forms.ModelChoiceField(queryset=User.objects.none())
    words = forms.CharField(max_length=LONGEST_WHISPER, required=False)
    instead_of = forms.IntegerField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["colleague"].queryset = User.objects.filter(is_active=True)  # type: ignore[attr-defined]


class SpanForm(forms.Form):
    """The first and the last day to count, both included: at most a year."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from"] = fields.bounded_day_field(gettext_lazy("From"), required=True)
        self.fields["to"] = fields.bounded_day_field(gettext_lazy("To"), required=True)

    def clean(self) -> None:
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if first and last and not 0 <= (last - first).days < MOST_DAYS:
            raise forms.ValidationError(_("The last day comes after the first, and at most a year later."))
