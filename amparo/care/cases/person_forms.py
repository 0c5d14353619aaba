"""Forms about a person in a case: description, identity, events."""

from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from amparo.care.people.models import Identity, Person
from amparo.care.people.picklists import Age, Certainty, Gender, Part
from amparo.care.screening.picklists import Answer
from amparo.foundation.core.form_fields import bounded_day_field, choice_field, line_field, text_field, version_field
from amparo.foundation.places import countries
from amparo.foundation.places.fields import PlaceField
from amparo.line.contacts.picklists import Language

from .fields import PersonField, age_field
from .picklists import EventKind

AGE_GROUPS = [
    ("", "—"),
    (Age.CHILD, Age.CHILD.label),
    (Age.ADULT, Age.ADULT.label),
    (Age.UNKNOWN, Answer.UNKNOWN.label),
]


class PersonForm(forms.Form):
    """Description of a person, without their identity."""

    age_at_events = age_field(_("Age when it happened"))
    age_certainty = choice_field(Certainty, _("How sure"))
    age_group = forms.ChoiceField(label=_("Or, without a number"), choices=AGE_GROUPS, required=False)
    age_now = age_field(_("Age now"))
    gender = choice_field(Gender, _("Gender"))
    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=Language.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    ubigeo_origin = PlaceField(_("From where"))
    ubigeo_now = PlaceField(_("Where now"))
    remarks = text_field(_("What to know of the person"))

    def clean(self) -> dict[str, Any]:
        return number_or_age_group(super().clean() or self.cleaned_data)


class NewPersonForm(PersonForm):
    """A new person in the case."""

    part = choice_field(Part, _("Who it is in this case"), required=True)

    field_order = ["part"]


class ChangePersonForm(PersonForm):
    """Description of an existing person. `based_on` prevents overwriting a colleague's newer changes."""

    citizenship = forms.ChoiceField(label=_("Citizen of"), choices=countries.country_choices, required=False)
    same_human_as = PersonField(Person.objects.none(), label=_("Same person as"), required=False, empty_label="—")
    based_on = version_field()

    field_order = ["age_at_events", "age_certainty", "age_group", "age_now", "gender", "citizenship", "same_human_as"]

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["same_human_as"]
        assert isinstance(field, forms.ModelChoiceField)
        before = Part.values[: Part.values.index(person.part)]  # a record points only to one whose part comes earlier
        field.queryset = Person.objects.filter(key=person.key_id, part__in=before).without_duplicates_in_file()
        if not before:
            del self.fields["same_human_as"]

    @classmethod
    def of(cls, person: Person) -> Self:
        shown = {name: getattr(person, name) for name in cls.base_fields if name != "based_on"}
        places = {"ubigeo_origin": person.origin, "ubigeo_now": person.whereabouts}
        return cls(initial=shown | places | {"based_on": person.version}, person=person)


class AgeForm(forms.Form):
    """Age at the time of the events: a number, or an age group if the person does not know the number."""

    age_at_events = age_field(_("Age when it happened"))
    age_group = forms.ChoiceField(label=_("Or, without a number"), choices=AGE_GROUPS, required=False)
    based_on = version_field()

    def clean(self) -> dict[str, Any]:
        return number_or_age_group(super().clean() or self.cleaned_data)


def number_or_age_group(cleaned: dict[str, Any]) -> dict[str, Any]:
    """Keep either a number with its certainty, or an age group. A number without certainty is an estimate."""
    if cleaned.get("age_at_events") is None:
        cleaned["age_certainty"] = ""
    else:
        cleaned["age_group"] = ""
        cleaned["age_certainty"] = cleaned.get("age_certainty") or Certainty.ESTIMATED
    return cleaned


class EventForm(forms.Form):
    kind = choice_field(EventKind, _("What happened"), required=True)
    ubigeo = PlaceField(_("Where in Peru"))
    country = forms.ChoiceField(label=_("Or in which other country"), choices=countries.country_choices, required=False)
    since = bounded_day_field(_("From"))
    until = bounded_day_field(_("To"))
    words = text_field(_("In words"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("since") and cleaned.get("until") and cleaned["until"] < cleaned["since"]:
            raise ValidationError(_("It ends before it begins: look at the two dates."))
        if cleaned.get("ubigeo"):
            if cleaned.get("country") not in ("", "PE", None):
                raise ValidationError(_("A place of Peru is in Peru: choose the place, or the other country."))
            cleaned["country"] = "PE"
        return cleaned


class IdentityForm(forms.Form):
    names = line_field(_("Names"))
    document = line_field(_("Number of a document"))
    born = bounded_day_field(_("Born"))
    phone = line_field(_("Telephone"), inputmode="tel")
    address = line_field(_("Address"))
    based_on = version_field(initial=0)

    @classmethod
    def of(cls, identity: Identity | None) -> Self:
        if identity is None:
            return cls()
        shown = {name: getattr(identity, name) for name in cls.base_fields if name != "based_on"}
        return cls(initial=shown | {"based_on": identity.version})
