from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from amparo.foundation.core.form_fields import LINE

from . import places


class PlaceField(forms.CharField):
    """A place in Peru, typed as text; its value is the ubigeo (official 6-digit code). Blank: nothing was typed.

    Text that names no place, or several, is an error.
    """

    def __init__(self, label: Any) -> None:
        widget = forms.TextInput({"autocomplete": "off", "list": "places"})
        super().__init__(label=label, required=False, max_length=LINE, widget=widget)

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        place = places.place_meant(typed)
        if place is None and typed.strip():
            raise ValidationError(_("Choose a place of the list: a department, a province or a district."))
        return place.ubigeo if place else ""
