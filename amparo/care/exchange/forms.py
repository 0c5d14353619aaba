"""What is asked before cases leave or come in as a file."""

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.care.cases.fields import one_of
from amparo.care.consent.disclosure import Recipient
from amparo.ground.audit.words import Purpose

JSON, CSV = "json", "csv"
AS = forms.ChoiceField(label=_("As"), choices=[(JSON, "JSON"), (CSV, _("CSV, for a spreadsheet"))])
TO = [(it.value, it.label) for it in Recipient if it not in (Recipient.PLACEMENT_ESCORT, Recipient.MEDIA)]


class ExportForm(forms.Form):
    recipient = forms.ChoiceField(label=_("For whom"), choices=TO)
    file = AS


class ExportAllForm(forms.Form):
    purpose = one_of(Purpose, _("Why"), required=True)
    file = AS


class ImportForm(forms.Form):
    purpose = one_of(Purpose, _("Why"), required=True)
    cases = forms.FileField(
        label=_("File, JSON or CSV"),
        allow_empty_file=True,
        error_messages={"required": _("Choose a file of at most 5 MB.")},
    )
