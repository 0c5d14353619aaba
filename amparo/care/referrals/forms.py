"""What is typed into a police report, by either side."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.care.cases.fields import PlaceField, line, one_of, text
from amparo.care.directory.models import Organization
from amparo.ground.access import may
from amparo.ground.access.models import Agency, Kind

from .picklists import ALSO_BY_LINK, Decision, Source, TurnKind, WhyNot


def once_field() -> forms.UUIDField:
    """Of this one page: what is sent from it twice is done once."""
    return forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)


class ReportForm(forms.Form):
    """Read without the case: so everything that is sent stands here, and nothing else."""

    page = once_field()
    unit = forms.ModelChoiceField(Agency.objects.none(), label=_("To which unit"), empty_label="—")
    source = one_of(Source, _("Who tells it"), required=True)
    facts = text(_("The facts that are sent, without names"), required=True, rows=6)
    ubigeo = PlaceField(_("Where it happens"))
    traces = line(_("Telephones, plates and nicknames that are known, with commas"))
    names = line(_("Her name: only if she agreed to that too"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ModelChoiceField)
        unit.queryset = Agency.objects.filter(kind__in=(Kind.POLICE, Kind.PROSECUTOR)).order_by("name")


class FolioForm(forms.Form):
    folio = line(_("Folio"), required=True)


class DecisionForm(forms.Form):
    decision = one_of(Decision, _("What was decided"), required=True)
    words = line(_("In words"))


class WordsForm(forms.Form):
    words = text(_("In words"), required=True)


class ReferralForm(forms.Form):
    """What a service reads without the case."""

    page = once_field()
    service = forms.UUIDField(widget=forms.HiddenInput)
    facts = text(_("What they need to know of her, without names"), required=True, rows=6)
    names = line(_("Her name: only if she agreed to that too"))


class TurnForm(forms.Form):
    """What somebody of the service said to us."""

    kind = one_of(TurnKind, _("What they said"), required=True)
    why_not = one_of(WhyNot, _("If they do not take her: why"))
    words = line(_("Who said it, and what"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [(it.value, it.label) for it in TurnKind if it != TurnKind.CALLED_OFF]


class JoinForm(forms.Form):
    """Whose programs answer for an institution of the directory."""

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
        agency.queryset = Agency.objects.filter(kind__in=may.SERVING).order_by("name", "pk")


class CallOffForm(forms.Form):
    why = line(_("Why"), required=True)


class ByLinkForm(forms.Form):
    """What the service says itself, by its link."""

    kind = forms.ChoiceField(choices=[(kind.value, words) for kind, words in ALSO_BY_LINK.items()])
    why_not = one_of(WhyNot, _("Why"))
    words = text("", most=2000)
