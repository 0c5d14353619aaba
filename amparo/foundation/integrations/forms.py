"""Forms for an administrator who sets up a program of their institution."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import LONGEST_ADDRESS


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=60, label=_("Which program it is for"), widget=forms.TextInput({"autocomplete": "off"})
    )


class HookForm(forms.Form):
    address = forms.CharField(
        max_length=LONGEST_ADDRESS, label=_("Address, which begins with https://"),
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "url", "spellcheck": "false"}),
    )  # fmt: skip
