"""The editor's forms: an institution, its services, for whom, where and when."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from amparo.care.people.picklists import OLDEST
from amparo.foundation.core.dates import hour_field
from amparo.foundation.core.form_fields import bounded_day_field, first_error, line_field, telephone_field, text_field
from amparo.foundation.places import languages, places
from amparo.foundation.places.fields import PlaceField

from .forms import checkbox_field, radio_field
from .models import LONGEST, RECIPIENTS, Organization, Service
from .picklists import Accepts, Day, Status, Trust
from .rules import Hours

WORDS = 4000  # characters
NAME = 200
EVERYWHERE = ("peru", "perú", "todo el país", "todo el pais", "the whole country")
ROWS = 4  # of opening hours on one form: morning and afternoon, weekdays and weekend
NUMBERS = 3


class PlacesField(forms.CharField):
    """Places of Peru, one per line. The value is a list of their codes; a blank code is the whole country."""

    widget = forms.Textarea({"rows": 3, "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        typed = [typed.strip() for typed in super().clean(value).splitlines() if typed.strip()]
        found = [("" if one.casefold() in EVERYWHERE else _ubigeo_meant(one)) for one in typed]
        return sorted(set(found))


def _ubigeo_meant(typed: str) -> str:
    if (place := places.place_meant(typed)) is None:
        raise ValidationError(
            _("«%(typed)s» is no place, or could be several: write it with its province and department.")
            % {"typed": typed[:80]}
        )
    return place.ubigeo


class OrganizationForm(forms.Form):
    name = line_field(_("Name"), required=True, maxlength=str(NAME))
    alternate_name = line_field(_("Other name"), maxlength=str(NAME))
    description = text_field(_("What it is"), required=True, most=WORDS)
    website = forms.URLField(label=_("Website"), required=False, max_length=NAME, assume_scheme="https")
    email = forms.EmailField(label=_("E-mail"), required=False)
    trust = radio_field(Trust, _("How far we know it"))
    recipient_kind = forms.ChoiceField(
        label=_("As what a consent names it"), choices=RECIPIENTS, widget=forms.RadioSelect
    )

    @classmethod
    def of(cls, organization: Organization) -> "OrganizationForm":
        return cls(initial={name: getattr(organization, name) for name in cls.base_fields})


class ServiceForm(forms.Form):
    name = line_field(_("What it does, in few words"), required=True, maxlength=str(NAME))
    description = text_field(_("More of it"), most=WORDS)
    status = radio_field(Status, _("It is"))
    accepts = checkbox_field(Accepts.choices, _("Whom it takes"))
    minimum_age = forms.IntegerField(label=_("Youngest age"), required=False, min_value=0, max_value=OLDEST)
    maximum_age = forms.IntegerField(label=_("Oldest age"), required=False, min_value=0, max_value=OLDEST)
    languages = forms.MultipleChoiceField(
        label=_("Languages spoken there"), required=False, widget=forms.CheckboxSelectMultiple
    )
    areas = PlacesField(label=_("Which places it serves: one on each line, or Perú"))
    application_process = text_field(_("How to refer"), most=WORDS)
    answer_hours = forms.IntegerField(label=_("Hours within which it answers"), min_value=1, max_value=720, initial=24)
    wait_time = line_field(_("How long one waits"), maxlength=str(NAME))
    fees_description = line_field(_("What it costs"))
    alert = line_field(_("To know at once"))
    verify_every_days = forms.IntegerField(
        label=_("Verify again after days"), min_value=1, max_value=LONGEST, initial=90
    )
    agreement_until = bounded_day_field(_("Agreement until"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spoken = self.fields["languages"]
        assert isinstance(spoken, forms.MultipleChoiceField)
        spoken.choices = languages.language_choices()

    @property
    def spoken_most(self) -> list[forms.boundfield.BoundWidget]:
        """The boxes of the languages that are spoken most."""
        return self["languages"][: len(languages.SPOKEN_MOST)]

    @property
    def spoken_less(self) -> list[forms.boundfield.BoundWidget]:
        return self["languages"][len(languages.SPOKEN_MOST) :]

    @property
    def speaks_others(self) -> bool:
        return any(box.data["selected"] for box in self.spoken_less)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        youngest, oldest = cleaned.get("minimum_age"), cleaned.get("maximum_age")
        if youngest is not None and oldest is not None and youngest > oldest:
            raise ValidationError(_("The youngest age is above the oldest: look at the two."))
        return cleaned

    @classmethod
    def of(cls, service: Service) -> "ServiceForm":
        known = {name: getattr(service, name) for name in cls.base_fields if name != "areas"}
        return cls(initial=known | {"areas": "\n".join(place or "Perú" for place in service.served)})


class NamePubliclyForm(forms.Form):
    """The decision that a service may be named on the public pages."""

    phone = telephone_field(_("Telephone that everybody may have; blank: none"))
    agreed = forms.BooleanField(
        label=_("The institution agreed, and nobody lives there"),
        error_messages={
            "required": _("Ask the institution first, and tick that it agreed and that nobody lives there.")
        },
    )


class HoursForm(forms.Form):
    """One row of opening hours. Closing before opening means closing on the next day."""

    byday = checkbox_field(Day.choices, _("On"))
    opens_at = hour_field(_("From"), required=False)
    closes_at = hour_field(_("To"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        given = [bool(cleaned.get("byday")), *(cleaned.get(name) is not None for name in ("opens_at", "closes_at"))]
        if any(given) and not all(given):
            raise ValidationError(_("Hours need days, an opening and a closing; 00:00 to 00:00 is day and night."))
        return cleaned


class PhoneForm(forms.Form):
    number = forms.RegexField(  # as switchboard.rules dials it
        r"^[ (]*\+?(?:[ ().-]*[0-9]){3,15}[ ().-]*$", label=_("Number"), max_length=40, required=False,
        widget=forms.TextInput({"type": "tel"}),
        error_messages={"invalid": _("Write one number, in digits. An extension belongs beside who answers.")},
    )  # fmt: skip
    description = forms.CharField(label=_("Who answers"), required=False, max_length=NAME)


class LocationForm(forms.Form):
    """Where the service is, if that may be recorded at all."""

    prefix = "door"
    KINDS = [
        ("public", _("everybody may know where")), ("confidential", _("it is confidential: nothing is kept here")),
        ("none", _("by telephone alone")),
    ]  # fmt: skip

    kind = forms.ChoiceField(label=_("May it be known?"), choices=KINDS, widget=forms.RadioSelect)
    address_1 = forms.CharField(label=_("Address"), required=False, max_length=NAME)
    ubigeo = PlaceField(_("Place"))
    transportation = line_field(_("How to get there"))
    latitude = forms.FloatField(
        label=_("Latitude"), required=False, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = forms.FloatField(
        label=_("Longitude"), required=False, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if (cleaned.get("latitude") is None) != (cleaned.get("longitude") is None):
            raise ValidationError(_("A point has a latitude and a longitude: write both, or none."))
        written = [cleaned.get(name) for name in ("address_1", "ubigeo", "transportation", "latitude", "longitude")]
        if cleaned.get("kind") != "public" and any(it not in ("", None) for it in written):
            raise ValidationError(_("Of a place that not everybody may know, nothing is kept here: empty its fields."))
        return cleaned

    @property
    def where(self) -> list[forms.BoundField]:
        """All fields but those of the exact point, which few know."""
        return [field for field in self if field not in self.point]

    @property
    def point(self) -> list[forms.BoundField]:
        return [self["latitude"], self["longitude"]]

    @property
    def has_point(self) -> bool:
        """True if the page sent coordinates, valid or not. Stored ones do not count: most are those of the place."""
        return self.is_bound and any(field.errors or field.data for field in self.point)

    @property
    def location(self) -> dict[str, Any]:
        """The location as the argument `door` of `rules.add_service`. Missing coordinates become those of its place."""
        typed = {name: value for name, value in self.cleaned_data.items() if name != "kind"}
        if typed["latitude"] is None and (point := places.place_position(typed["ubigeo"])):
            typed["latitude"], typed["longitude"] = point
        return typed | {"is_confidential": self.cleaned_data["kind"] == "confidential"}

    @classmethod
    def of(cls, service: Service) -> "LocationForm":
        door = next(iter(service.public_places), None)
        if door is None:
            return cls(initial={"kind": "confidential" if service.is_confidential else "none"})
        known = {name: getattr(door, name) for name in ("address_1", "transportation", "latitude", "longitude")}
        return cls(initial={"kind": "public", "ubigeo": door.place, **known})


HoursFormSet = forms.formset_factory(HoursForm, extra=0, max_num=ROWS)
PhoneFormSet = forms.formset_factory(PhoneForm, extra=0, max_num=NUMBERS)


class ServiceSheet:
    """All forms of one service: description, location, hours and telephones. They are valid together or not at all."""

    def __init__(self, typed: Any = None, service: Service | None = None) -> None:
        if typed is None:
            self.service, self.door = _unbound_forms(service)
        else:
            self.service, self.door = ServiceForm(typed), LocationForm(typed)
        hours, phones = _stored_hours_and_phones(service)
        self.hours = HoursFormSet(typed, prefix="hours", initial=hours + [{}] * (ROWS - len(hours)))
        self.phones = PhoneFormSet(typed, prefix="phones", initial=phones + [{}] * (NUMBERS - len(phones)))

    @property
    def parts(self) -> list[forms.Form]:
        """The forms, in the order of the page."""
        return [self.service, *self.hours.forms, *self.phones.forms, self.door]

    @property
    def refusal(self) -> str:
        """The first error; blank: there is none."""
        if not (self.hours.management_form.is_valid() and self.phones.management_form.is_valid()):
            return str(_("The page sent something unreadable. Load it again."))
        return next(filter(None, map(first_error, self.parts)), "")

    @property
    def typed(self) -> dict[str, Any]:
        """The values of all forms but the location, as arguments of `rules.add_service` and `change_service`."""
        rows = [form.cleaned_data for form in self.hours.forms]
        hours: list[Hours] = [(it["byday"], it["opens_at"], it["closes_at"]) for it in rows if it["byday"]]
        numbers = [form.cleaned_data for form in self.phones.forms]
        phones = [(it["number"], it["description"]) for it in numbers if it["number"]]
        return {**self.service.cleaned_data, "hours": hours, "phones": phones}


def _unbound_forms(service: Service | None) -> tuple[ServiceForm, LocationForm]:
    if service:
        return ServiceForm.of(service), LocationForm.of(service)
    return ServiceForm(initial={"status": Status.ACTIVE}), LocationForm(initial={"kind": "public"})


def _stored_hours_and_phones(service: Service | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if service is None:
        return [], []
    hours = [{name: getattr(it, name) for name in HoursForm.base_fields} for it in service.schedules.all()]
    return hours, [{name: getattr(it, name) for name in PhoneForm.base_fields} for it in service.phones.all()]
