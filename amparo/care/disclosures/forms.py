"""The base of the forms for reports and referrals."""

from typing import Any

from django import forms
from django.utils.text import capfirst

from amparo.care.consent.picklists import Data
from amparo.foundation.core.form_fields import line_field


class DetailsForm(forms.Form):
    """A form with a field for each item that may be disclosed about the person or the caller."""

    item_kinds: tuple[Data, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for data in self.item_kinds:
            self.fields[data.value] = line_field(capfirst(data.label))

    def keep_allowed_fields(self, allowed: frozenset[Data]) -> None:
        """Remove the fields of items that nothing allows to disclose.

        A field that somebody filled in stays, so that the refusal is in words and nothing is lost.
        """
        for data in self.item_kinds:
            if data not in allowed and not self.data.get(data.value):
                del self.fields[data.value]

    @property
    def details(self) -> dict[Data, str]:
        return {data: words for data in self.item_kinds if (words := self.cleaned_data.get(data.value))}
