"""The forms of a referral: those of the hotline and those of the service."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.care.directory.models import Organization
from amparo.care.disclosures.forms import DetailsForm
from amparo.foundation.access import permissions
from amparo.foundation.access.models import Agency
from amparo.foundation.core.form_fields import choice_field, line_field, once_field, text_field

from .picklists import OF_A_REFERRAL, SERVICE_EVENTS, DeclineReason, ReferralEventKind

EVENT_CHOICES = [(it.value, it.label) for it in ReferralEventKind if it != ReferralEventKind.CANCELLED]


class ReferralForm(DetailsForm):
    """What the service reads. It does not see the case."""

    page = once_field()
    service = forms.UUIDField(widget=forms.HiddenInput)
    facts = text_field(_("What the service needs to know, without names"), required=True, rows=6)

    item_kinds = OF_A_REFERRAL

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["facts"].widget.attrs |= {"data-first": "", "autofocus": True}  # beside a call, and on its page


class ReferralEventForm(forms.Form):
    """What the service said to us by telephone, or that we informed the person."""

    kind = forms.ChoiceField(label=_("What they said"), choices=[("", "—"), *EVENT_CHOICES])
    why_not = choice_field(DeclineReason, _("If they do not take the person: why"))
    words = line_field(_("Who said it, and what"))


class LinkProviderForm(forms.Form):
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


class CancelReferralForm(forms.Form):
    why = line_field(_("Why"), required=True)


class LinkAnswerForm(forms.Form):
    """The answer that the service gives by its link."""

    kind = forms.ChoiceField(choices=[(kind.value, words) for kind, words in SERVICE_EVENTS.items()])
    why_not = choice_field(DeclineReason, _("Why"))
    words = text_field("", most=2000)
