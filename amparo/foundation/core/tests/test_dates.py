"""Dates are typed and shown in the Peruvian order, whatever the language of browser and page."""

from datetime import date, datetime

import pytest
from django import forms
from django.utils import timezone, translation

from amparo.foundation.core.dates import day_field, moment_field

DAY = date(2026, 12, 5)


class Form(forms.Form):
    day = day_field("Day")
    at = moment_field("At")


@pytest.mark.parametrize("language", ["es", "en", "qu"])
def test_the_day_comes_first(language):
    with translation.override(language):
        typed = Form({"day": "05/12/2026", "at": "05/12/2026 18:30"})
        assert typed.is_valid()
        assert typed.cleaned_data["day"] == DAY
        assert typed.cleaned_data["at"] == timezone.make_aware(datetime(2026, 12, 5, 18, 30))
        shown = Form(initial={"day": DAY, "at": typed.cleaned_data["at"]})
        assert ('value="05/12/2026"' in str(shown["day"]), 'value="05/12/2026 18:30"' in str(shown["at"])) == (
            True,
            True,
        )


def test_no_field_leaves_the_order_to_the_browser():
    assert not any(f'type="{kind}' in str(Form()) for kind in ("date", "datetime-local"))
