"""The forms of a police report: those of the hotline and those of the unit."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from amparo.care.disclosures.forms import DetailsForm
from amparo.foundation.access.models import Agency
from amparo.foundation.core.form_fields import choice_field, line_field, once_field, telephone_field, text_field
from amparo.foundation.core.refusal import Refused
from amparo.foundation.places import places
from amparo.foundation.places.fields import PlaceField

from .areas import nearest_unit, units, units_near
from .picklists import OF_A_REPORT, Decision, KnownHow, Source


class ReportForm(DetailsForm):
    """What is sent to the unit. The unit does not see the case, so everything that it needs must be here."""

    page = once_field()
    source = choice_field(Source, _("Who tells it"), required=True)
    known_how = choice_field(KnownHow, _("Whether it was seen or heard"))
    facts = text_field(_("The facts that are sent, without names"), required=True, rows=6)
    ubigeo = PlaceField(_("Where it happens"))
    unit = forms.ModelChoiceField(
        Agency.objects.none(), label=_("To which unit; left open, the one whose place it is"), empty_label="—",
        required=False,
    )  # fmt: skip
    traces = line_field(_("Telephones, plates and nicknames that are known, with commas"))

    item_kinds = OF_A_REPORT

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = places.place_meant(self.data.get("ubigeo", ""))
        _offer_units(self.fields["unit"], place.ubigeo if place else "")
        self.fields["facts"].widget.attrs |= {"data-first": "", "autofocus": True}  # beside a call, and on its page

    def clean(self) -> None:
        """Choose the unit by the place if nobody chose one."""
        typed = super().clean() or self.cleaned_data
        if "unit" not in typed or "ubigeo" not in typed or typed["unit"]:
            return
        if not typed["ubigeo"]:
            raise ValidationError(_("Say where it happens, or choose the unit."))
        try:
            typed["unit"] = nearest_unit(typed["ubigeo"])
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


class UnitTelephoneForm(forms.Form):
    """The telephone number of one unit. The page of the units has one such form for each."""

    number = telephone_field(_("Telephone; blank: none is known"))


class FolioForm(forms.Form):
    folio = line_field(_("Unit's number"), required=True)


class DecisionForm(forms.Form):
    decision = choice_field(Decision, _("What was decided"), required=True, starts_blank=True)
    words = line_field(_("In words"))
    may_tell = line_field(_("What the person may be told of it, in words for them"))


def speaker_field() -> forms.CharField:
    return line_field(_("Who of the unit said it"), required=True)


class FolioByTelephoneForm(FolioForm):
    speaker = speaker_field()


class DecisionByTelephoneForm(DecisionForm):
    speaker = speaker_field()


class OutcomeForm(forms.Form):
    words = text_field(_("Outcome"), required=True)
    may_tell = line_field(_("What the person may be told of it, in words for them"))


class MessageForm(forms.Form):
    words = text_field(_("In words"), required=True)


class RecallForm(forms.Form):
    why = line_field(_("Why; the unit does not read it"), required=True)
