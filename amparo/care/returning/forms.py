"""What is typed with a return code, by its bearer or by an operator for them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.care.cases.fields import PersonField
from amparo.care.people.models import Person
from amparo.foundation.core.form_fields import text_field
from amparo.line.contacts.return_code_rules import LONGEST


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=60,
        widget=forms.TextInput(
            {"inputmode": "numeric", "autocomplete": "off", "placeholder": "123 456 789 012 345", "autofocus": True}
        ),
    )


class CodeRequestForm(forms.Form):
    """A request that carries a return code. No URL and no cookie stores the code, so every request sends it again."""

    code = forms.CharField(max_length=60)
    # blank: show the status
    do = forms.ChoiceField(choices=[("tell", ""), ("add", ""), ("take_back", "")], required=False)
    text = forms.CharField(required=False, max_length=LONGEST, strip=True)
    consent = forms.UUIDField(required=False)


class AnswerToBearerForm(forms.Form):
    words = text_field(_("What the person sees when they come back"), required=True)


class CodeOwnerForm(forms.Form):
    person = PersonField(Person.objects.none(), label=_("Whose code it is"), empty_label=None)
    reads_words = forms.BooleanField(
        label=_("They want to read on the page what the police disclose to them"), required=False
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people
