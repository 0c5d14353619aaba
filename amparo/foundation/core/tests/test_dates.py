"""Dates are typed and shown in the Peruvian order, whatever the language of browser and page."""

from datetime import date, datetime, time, timedelta

import pytest
from django import forms
from django.utils import timezone, translation

from amparo.foundation.core.dates import day_field, hour_field, midnight, moment_field, monday_of, typed_month

DAY = date(2026, 12, 5)


class Form(forms.Form):
    day = day_field("Day")
    at = moment_field("At")
    opens = hour_field("Opens")


@pytest.mark.parametrize("language", ["es", "en", "qu"])
def test_the_day_comes_first(language):
    with translation.override(language):
        typed = Form({"day": "05/12/2026", "at": "05/12/2026 18:30", "opens": "20:30"})
        assert typed.is_valid()
        assert typed.cleaned_data["day"] == DAY
        assert typed.cleaned_data["at"] == timezone.make_aware(datetime(2026, 12, 5, 18, 30))
        assert typed.cleaned_data["opens"] == time(20, 30)
        assert 'value="20:30"' in str(Form(initial={"opens": time(20, 30)})["opens"])
        shown = Form(initial={"day": DAY, "at": typed.cleaned_data["at"]})
        assert ('value="05/12/2026"' in str(shown["day"]), 'value="05/12/2026 18:30"' in str(shown["at"])) == (
            True,
            True,
        )


def test_no_field_leaves_the_order_to_the_browser():
    assert not any(f'type="{kind}' in str(Form()) for kind in ("date", "datetime-local", "time"))


@pytest.mark.parametrize("typed", ["", "2027-01", "2026-13", "1999-12", "0000-01", "9999-12", "2026-11-01", "nonsense"])
def test_no_month_or_one_to_come_means_this_month(typed):
    assert typed_month(typed, DAY) == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("typed", "year", "month"), [("2026-12", 2026, 12), ("2024-02", 2024, 2), ("2000-01", 2000, 1)]
)
def test_a_month_of_the_address_begins_on_its_first_day(typed, year, month):
    assert typed_month(typed, DAY) == date(year, month, 1)


def test_a_week_begins_on_monday_and_a_day_at_midnight_in_peru():
    monday = date(2026, 11, 30)
    assert {monday_of(monday + timedelta(days=day)) for day in range(7)} == {monday}
    assert monday_of(monday - timedelta(days=1)) == monday - timedelta(days=7)
    assert midnight(monday).isoformat() == "2026-11-30T00:00:00-05:00"
