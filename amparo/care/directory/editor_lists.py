"""The lists of services on the page of the directory's editors."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.pagination import DEEPEST

from .models import Service


class EntriesForm(forms.Form):
    SHOWN = [("due", _("to verify")), ("all", _("all"))]

    show = forms.ChoiceField(choices=SHOWN, required=False)
    page = forms.IntegerField(required=False, min_value=1, max_value=DEEPEST)


def listed_services(shown: str, now: datetime) -> Any:
    """Return the services of a list: "due" has those to verify next, any other list has all, by name."""
    found = Service.objects.falling_due(now) if shown == "due" else Service.objects.order_by("name", "pk")
    return found.select_related("organization")
