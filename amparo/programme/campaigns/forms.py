"""Forms of campaigns, of their spots, and of the expected wave of calls."""

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.dates import day_field, moment_field
from amparo.foundation.core.form_fields import choice_field
from amparo.foundation.places import places
from amparo.line.contacts.models.code_word import LONGEST_CODE
from amparo.line.contacts.picklists import Language
from amparo.line.roster.rules import MOST_LIFT

from .models import Campaign, Spot
from .picklists import Currency, Medium


def list_field(label: object) -> forms.CharField:
    """Return a field for names, one per line: names of institutions and places may contain commas."""
    widget = forms.Textarea({"rows": 3})
    return forms.CharField(label=label, max_length=2000, required=False, widget=widget)  # type: ignore[arg-type]


def names_by_line(text: str) -> list[str]:
    return [name.strip() for name in text.splitlines() if name.strip()]


def cost_field() -> forms.DecimalField:
    return forms.DecimalField(label=_("Cost, if known"), required=False, min_value=0, max_digits=12, decimal_places=2)


class CampaignForm(forms.Form):
    name = forms.CharField(label=_("Name of the campaign"), max_length=120)
    goal = forms.CharField(label=_("Goal"), max_length=300)
    partners = list_field(_("Partners, one a line"))
    starts = day_field(_("First day"))
    ends = day_field(_("Last day"))
    cost = cost_field()
    currency = forms.ChoiceField(label=_("Currency"), choices=Currency.choices)
    ubigeos = list_field(_("Places, one a line; none: the whole country"))
    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=Language.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    @classmethod
    def of(cls, campaign: Campaign) -> "CampaignForm":
        lists = {"partners": "\n".join(campaign.partners), "ubigeos": "\n".join(campaign.places)}
        return cls(initial={**{name: getattr(campaign, name) for name in cls.base_fields}, **lists})

    def clean_partners(self) -> list[str]:
        return [name[:120] for name in names_by_line(self.cleaned_data["partners"])]

    def clean_ubigeos(self) -> list[str]:
        found = [(name, places.place_meant(name)) for name in names_by_line(self.cleaned_data["ubigeos"])]
        if unknown := [name for name, place in found if place is None]:
            raise forms.ValidationError(_("This place is not known: %(name)s."), params={"name": unknown[0]})
        return [place.ubigeo for _name, place in found if place]


class LiftForm(forms.Form):
    percent = forms.IntegerField(
        label=_("More calls than usual, in percent"), min_value=0, max_value=MOST_LIFT,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )  # fmt: skip


class SpotForm(forms.Form):
    name = forms.CharField(label=_("Name of the spot"), max_length=120)
    medium = choice_field(Medium, _("Medium"), required=True)
    where = forms.CharField(label=_("Where: station, channel, terminal"), max_length=120, required=False)
    aired_at = moment_field(_("When it was first heard or seen"))
    line = forms.CharField(label=_("Number that it gives, if it has its own"), max_length=40, required=False)
    code = forms.CharField(label=_("Code word, if any"), max_length=LONGEST_CODE, required=False)
    cost = cost_field()

    @classmethod
    def of(cls, spot: Spot) -> "SpotForm":
        return cls(initial={name: getattr(spot, name) for name in cls.base_fields})
