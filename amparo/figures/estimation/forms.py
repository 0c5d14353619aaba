"""The form in which a publisher gives lists: a CSV file, or one of the public data sets."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .rules import LARGEST_FILE, public_data_sets

RESAMPLES = ((1000, "1 000"), (5000, "5 000"))


class ListsForm(forms.Form):
    title = forms.CharField(label=_("Title; name nobody"), max_length=80)
    file = forms.FileField(
        label=_("CSV file: a column of 0 and 1 for each list, the number of people last"), required=False
    )
    public = forms.ChoiceField(label=_("Or a public data set, to try it"), required=False)
    resamples = forms.TypedChoiceField(label=_("Resamples"), coerce=int, choices=RESAMPLES, initial=5000)
    seed = forms.IntegerField(label=_("Seed"), min_value=0, max_value=2**31 - 1, initial=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["public"].choices = [("", "—"), *((name, name) for name in public_data_sets())]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if bool(given.get("file")) == bool(given.get("public")):
            raise ValidationError(_("Choose one file, or one public data set."))
        return given

    def csv_text(self) -> str:
        """Return the text of the chosen file or data set. Raises `ValidationError` if it is too large or not UTF-8."""
        file = self.cleaned_data["file"]
        if not file:
            from amparo_estimation.lists import HISTORIES

            return (HISTORIES / f"{self.cleaned_data['public']}.csv").read_text(encoding="utf-8")
        if file.size > LARGEST_FILE:
            raise ValidationError(_("Choose a file of at most 1 MB: one row for each history, with its count."))
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ValidationError(_("The file is not text in UTF-8: save it as CSV in UTF-8.")) from error
