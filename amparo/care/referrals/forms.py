"""The forms of a police report, for both sides."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from amparo.care.cases.fields import PlaceField, line, one_of, text
from amparo.care.consent.disclosure import Data
from amparo.care.directory.models import Organization
from amparo.foundation.access import permissions
from amparo.foundation.access.models import Agency
from amparo.foundation.core.refusal import Refused
from amparo.foundation.places import places

from .areas import unit_of, units, units_near
from .details import OF_A_REFERRAL, OF_A_REPORT
from .picklists import SERVICE_EVENTS, Decision, DeclineReason, KnownHow, ReferralEventKind, Source


def once_field() -> forms.UUIDField:
    """Return a hidden field that identifies this page: sending it twice has one effect."""
    return forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)


class DetailsForm(forms.Form):
    """The facts, and a field for each item that may be disclosed about the person or the caller."""

    of_whom: tuple[Data, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for data in self.of_whom:
            self.fields[data.value] = line(capfirst(data.label))

    def offer(self, allowed: frozenset[Data]) -> None:
        """Remove the fields of items that nothing allows to disclose.

        A field that somebody filled in stays: it is refused in words, and nothing is lost.
        """
        for data in self.of_whom:
            if data not in allowed and not self.data.get(data.value):
                del self.fields[data.value]

    @property
    def details(self) -> dict[Data, str]:
        return {data: words for data in self.of_whom if (words := self.cleaned_data.get(data.value))}


class ReportForm(DetailsForm):
    """The unit reads this without the case: so everything that is sent is here, and nothing else."""

    page = once_field()
    source = one_of(Source, _("Who tells it"), required=True)
    known_how = one_of(KnownHow, _("Whether it was seen or heard"))
    facts = text(_("The facts that are sent, without names"), required=True, rows=6)
    ubigeo = PlaceField(_("Where it happens"))
    unit = forms.ModelChoiceField(
        Agency.objects.none(), label=_("To which unit; left open, the one whose place it is"), empty_label="—",
        required=False,
    )  # fmt: skip
    traces = line(_("Telephones, plates and nicknames that are known, with commas"))

    of_whom = OF_A_REPORT

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = places.meant(self.data.get("ubigeo", ""))
        _offer_units(self.fields["unit"], place.ubigeo if place else "")

    def clean(self) -> None:
        """Choose the unit by the place if nobody chose one."""
        typed = super().clean() or self.cleaned_data
        if "unit" not in typed or "ubigeo" not in typed or typed["unit"]:
            return
        if not typed["ubigeo"]:
            raise ValidationError(_("Say where it happens, or choose the unit."))
        try:
            typed["unit"] = unit_of(typed["ubigeo"])
        except Refused as reason:
            raise ValidationError(str(reason)) from reason


def _offer_units(field: forms.Field, ubigeo: str) -> None:
    """List the units that cover the place first, the nearest at the top."""
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = all_of_them = units()
    own = [unit for unit, _digits in units_near(ubigeo)] if ubigeo else []
    groups = [(_("It is their place"), own), (_("Others"), [unit for unit in all_of_them if unit not in own])]
    if own:
        field.choices = [("", "—"), *((name, [(it.pk, str(it)) for it in of_it]) for name, of_it in groups if of_it)]


class AreaForm(forms.Form):
    """Add a place to a unit."""

    unit = forms.ModelChoiceField(Agency.objects.none(), label=_("The unit"), empty_label="—")
    ubigeo = PlaceField(_("Its place: a department, a province or a district"))
    is_everywhere = forms.BooleanField(label=_("The whole country"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_units(self.fields["unit"], "")

    def clean(self) -> None:
        typed = super().clean() or self.cleaned_data
        if "ubigeo" in typed and bool(typed["ubigeo"]) == typed["is_everywhere"]:
            raise ValidationError(_("Write a place, or mark the whole country."))


class FolioForm(forms.Form):
    folio = line(_("Unit's number"), required=True)


class DecisionForm(forms.Form):
    decision = one_of(Decision, _("What was decided"), required=True)
    words = line(_("In words"))
    may_tell = line(_("What she may be told of it, in words for her"))


def told_by_field() -> forms.CharField:
    return line(_("Who of the unit said it"), required=True)


class FolioByTelephoneForm(FolioForm):
    told_by = told_by_field()


class DecisionByTelephoneForm(DecisionForm):
    told_by = told_by_field()


class OutcomeForm(forms.Form):
    words = text(_("Outcome"), required=True)
    may_tell = line(_("What she may be told of it, in words for her"))


class WordsForm(forms.Form):
    words = text(_("In words"), required=True)


class ReferralForm(DetailsForm):
    """What a service reads, without the case."""

    page = once_field()
    service = forms.UUIDField(widget=forms.HiddenInput)
    facts = text(_("What they need to know of her, without names"), required=True, rows=6)

    of_whom = OF_A_REFERRAL


class TurnForm(forms.Form):
    """What the service said to us by telephone."""

    kind = one_of(ReferralEventKind, _("What they said"), required=True)
    why_not = one_of(DeclineReason, _("If they do not take her: why"))
    words = line(_("Who said it, and what"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [(it.value, it.label) for it in ReferralEventKind if it != ReferralEventKind.CALLED_OFF]


class JoinForm(forms.Form):
    """Choose the agency whose programs answer for an institution of the directory."""

    organization = forms.ModelChoiceField(
        Organization.objects.none(), label=_("The institution in the directory"), empty_label="—"
    )
    agency = forms.ModelChoiceField(Agency.objects.none(), label=_("Whose programs answer for it"), empty_label="—")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organization, agency = self.fields["organization"], self.fields["agency"]
        assert isinstance(organization, forms.ModelChoiceField)
        assert isinstance(agency, forms.ModelChoiceField)
        organization.queryset = Organization.objects.order_by("name", "pk")
        agency.queryset = Agency.objects.filter(kind__in=permissions.SERVING).order_by("name", "pk")


class CallOffForm(forms.Form):
    why = line(_("Why"), required=True)


class CallBackForm(forms.Form):
    why = line(_("Why; the unit does not read it"), required=True)


class ByLinkForm(forms.Form):
    """What the service answers, by its link."""

    kind = forms.ChoiceField(choices=[(kind.value, words) for kind, words in SERVICE_EVENTS.items()])
    why_not = one_of(DeclineReason, _("Why"))
    words = text("", most=2000)
