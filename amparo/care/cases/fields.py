"""The kinds of fields that the forms of this wing are made of."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _

from amparo.care.consent.institutions import offered
from amparo.care.people.models import Person
from amparo.care.people.picklists import OLDEST
from amparo.foundation.access.models import User
from amparo.foundation.core.dates import day_field, moment_field
from amparo.foundation.places import places

WORDS = 20_000  # letters of a note or a situation
LINE = 400  # letters


def text(label: Any, *, required: bool = False, rows: int = 3, most: int = WORDS) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=most, strip=True,
        widget=forms.Textarea({"rows": rows, "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip


def line(label: Any, *, required: bool = False, **attrs: str) -> forms.CharField:
    widget = forms.TextInput({"autocomplete": "off", **attrs})
    return forms.CharField(label=label, required=required, max_length=LINE, widget=widget)


def one_of(words: Any, label: Any, *, required: bool = False) -> forms.ChoiceField:
    choices = words.choices if required else [("", "—"), *words.choices]
    return forms.ChoiceField(label=label, choices=choices, required=required)


def several(words: Any, label: Any, *, required: bool = True) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=words, required=required, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip


def one_institution() -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices: each institution to which somebody may agree alone, under its kind."""
    return [(str(who.label).capitalize(), of_it) for who, of_it in offered().items()]


def years(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=OLDEST)


def moment(label: Any, *, required: bool = True) -> forms.DateTimeField:
    return moment_field(label, required=required)


def day(label: Any, *, required: bool = False) -> forms.DateField:
    between = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2100, 1, 1))]
    return day_field(label, required=required, validators=between)


class OneOfTeam(forms.TypedChoiceField):
    """One of these people; its value is the person, None: nobody was chosen."""

    def __init__(self, label: Any, nobody: Any) -> None:
        super().__init__(label=label, required=False, empty_value=None)
        self.nobody = nobody

    def are(self, people: Iterable[User]) -> None:
        by_pk = {str(it.pk): it for it in people}
        self.choices = [("", self.nobody), *((pk, str(it)) for pk, it in by_pk.items())]
        self.coerce = by_pk.__getitem__


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """Somebody of a case, by code name and part."""

    def label_from_instance(self, obj: Person) -> str:
        return f"«{obj.code_name}», {obj.get_part_display()}"


class PlaceField(forms.CharField):
    """A place of Peru as somebody types it; its value is the ubigeo, blank where nothing was typed."""

    def __init__(self, label: Any) -> None:
        widget = forms.TextInput({"autocomplete": "off", "list": "places"})
        super().__init__(label=label, required=False, max_length=LINE, widget=widget)

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        place = places.meant(typed)
        if place is None and typed.strip():
            raise ValidationError(_("Choose a place of the list: a department, a province or a district."))
        return place.ubigeo if place else ""
