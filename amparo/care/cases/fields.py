"""Form fields that the rooms of `care` share."""

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


def one_institution() -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices of institutions that a consent can name, grouped by kind of recipient."""
    return [(str(kind.label).capitalize(), institutions) for kind, institutions in offered().items()]


def years(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=OLDEST)


def moment(label: Any, *, required: bool = True) -> forms.DateTimeField:
    return moment_field(label, required=required)


def day(label: Any, *, required: bool = False) -> forms.DateField:
    between = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2100, 1, 1))]
    return day_field(label, required=required, validators=between)


class OneOfTeam(forms.TypedChoiceField):
    """A select of users; its value is the `User`. None: nobody was chosen. `nobody` labels the empty choice."""

    def __init__(self, label: Any, nobody: Any) -> None:
        super().__init__(label=label, required=False, empty_value=None)
        self.nobody = nobody

    def are(self, people: Iterable[User]) -> None:
        """Set the users to choose from."""
        by_pk = {str(it.pk): it for it in people}
        self.choices = [("", self.nobody), *((pk, str(it)) for pk, it in by_pk.items())]
        self.coerce = by_pk.__getitem__


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """A select of people of a case, labelled by code name and part."""

    def label_from_instance(self, obj: Person) -> str:
        return f"«{obj.code_name}», {obj.get_part_display()}"


class PlaceField(forms.CharField):
    """A place in Peru, typed as text; its value is the ubigeo (official 6-digit code). Blank: nothing was typed."""

    def __init__(self, label: Any) -> None:
        widget = forms.TextInput({"autocomplete": "off", "list": "places"})
        super().__init__(label=label, required=False, max_length=LINE, widget=widget)

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        place = places.meant(typed)
        if place is None and typed.strip():
            raise ValidationError(_("Choose a place of the list: a department, a province or a district."))
        return place.ubigeo if place else ""
