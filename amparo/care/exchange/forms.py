"""The forms to export and import cases."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from amparo.care.cases.fields import institution_choices
from amparo.care.consent.disclosure import RecipientScope
from amparo.care.consent.institutions import find_institution
from amparo.care.consent.picklists import CONSENT_RECIPIENTS, Recipient
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.form_fields import choice_field

JSON, CSV = "json", "csv"
AS = forms.ChoiceField(label=_("As"), choices=[(JSON, "JSON"), (CSV, _("CSV, for a spreadsheet"))])
TO = [(it.value, it.label) for it in CONSENT_RECIPIENTS]


class ExportForm(forms.Form):
    """Choose a kind of recipient, or one institution: a consent may name one alone."""

    recipient = forms.ChoiceField(label=_("For whom"))
    file = AS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        recipient = self.fields["recipient"]
        assert isinstance(recipient, forms.ChoiceField)
        recipient.choices = [*TO, *institution_choices()]

    def clean_recipient(self) -> RecipientScope:
        if (chosen := self.cleaned_data["recipient"]) in Recipient.values:
            return RecipientScope(Recipient(chosen))
        if (found := find_institution(chosen)) is None:
            raise ValidationError(_("This institution is not in the list any more. Choose again."))
        return found


class ExportAllForm(forms.Form):
    purpose = choice_field(Purpose, _("Why"), required=True)
    file = AS


class ImportForm(forms.Form):
    purpose = choice_field(Purpose, _("Why"), required=True)
    cases = forms.FileField(
        label=_("File, JSON or CSV"),
        allow_empty_file=True,
        error_messages={"required": _("Choose a file of at most 5 MB.")},
    )
