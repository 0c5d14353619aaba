"""Form fields that every room uses, and the sentence for a form that is not valid."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from .dates import day_field
from .refusal import Refused

WORDS = 20_000  # maximum characters of a note or a situation
LINE = 400  # maximum characters of a single-line field


def text(label: Any, *, required: bool = False, rows: int = 3, most: int = WORDS) -> forms.CharField:
    """A text area of at most `most` characters."""
    return forms.CharField(
        label=label, required=required, max_length=most, strip=True,
        widget=forms.Textarea({"rows": rows, "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip


def line(label: Any, *, required: bool = False, **attrs: str) -> forms.CharField:
    """A single line of text. `attrs` are HTML attributes."""
    widget = forms.TextInput({"autocomplete": "off", **attrs})
    return forms.CharField(label=label, required=required, max_length=LINE, widget=widget)


def one_of(words: Any, label: Any, *, required: bool = False) -> forms.ChoiceField:
    """A select with the values of the picklist `words`, and an empty choice unless it is required."""
    choices = words.choices if required else [("", "—"), *words.choices]
    return forms.ChoiceField(label=label, choices=choices, required=required)


def several(words: Any, label: Any, *, required: bool = True) -> forms.MultipleChoiceField:
    """Check boxes for the choices `words`, pairs of value and label."""
    return forms.MultipleChoiceField(
        label=label, choices=words, required=required, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip


def day(label: Any, *, required: bool = False) -> forms.DateField:
    between = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2100, 1, 1))]
    return day_field(label, required=required, validators=between)


def first_error(form: forms.Form) -> str:
    """Return the first error of the form, as a sentence that names the field. Blank: the form is valid."""
    if form.is_valid():
        return ""
    name, errors = next(iter(form.errors.items()))
    return f"{form[name].label}: {errors[0]}" if name in form.fields else str(errors[0])


def tried(form: forms.Form, act: Callable[[], object]) -> str:
    """Run `act` if the form is valid. Returns the sentence of the refusal; blank: it was done."""
    return first_error(form) or refusal_of(act)


def refusal_of(act: Callable[[], object]) -> str:
    """Run `act`. Returns the sentence of its refusal; blank: it was done."""
    try:
        act()
    except Refused as refused:
        return str(refused)
    return ""
