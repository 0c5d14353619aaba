"""Our functions write the same HTML as Django's widget templates, but for the line breaks between tags."""

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from amparo.foundation.core import widgets
from amparo.foundation.core.widgets import WRITTEN, WidgetRenderer

NASTY = """<b>&"quoted"' ñandú"""
CHOICES = [("", "—"), (NASTY, NASTY), ("Group & co", [("a", "A"), (7, "seven")])]


class Everything(forms.Form):
    """Every kind of widget that a function draws, and some others."""

    tick = forms.BooleanField(required=False)
    colour = forms.CharField(widget=forms.ColorInput)
    day = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    moment = forms.DateTimeField(widget=forms.DateTimeInput({"type": "datetime-local"}))
    mail = forms.EmailField()
    hidden = forms.CharField(widget=forms.HiddenInput)
    number = forms.IntegerField(min_value=0)
    seek = forms.CharField(widget=forms.SearchInput)
    phone = forms.CharField(widget=forms.TelInput)
    line = forms.CharField(widget=forms.TextInput({"data-x": NASTY, "autofocus": True, "disabled": False, "size": 3}))
    hour = forms.TimeField()
    address = forms.URLField(assume_scheme="https")
    words = forms.CharField(widget=forms.Textarea({"rows": 3}))
    one = forms.ChoiceField(choices=CHOICES)
    several = forms.MultipleChoiceField(choices=CHOICES)
    radio = forms.ChoiceField(choices=CHOICES, widget=forms.RadioSelect)
    ticks = forms.MultipleChoiceField(choices=CHOICES, widget=forms.CheckboxSelectMultiple)
    maybe = forms.NullBooleanField()
    secret = forms.CharField(widget=forms.PasswordInput)
    file = forms.FileField(required=False)


SAYINGS = [{}, dict.fromkeys(Everything.base_fields, NASTY), {"number": 10000, "several": [NASTY, "7"], "tick": True}]


def both(initial_values: dict[str, object], **how: object) -> list[list[str]]:
    """Each field, and each of its parts, by our renderer and by Django's."""
    written = []
    for renderer in (WidgetRenderer(), DjangoTemplates()):
        form = Everything(renderer=renderer, initial=initial_values, **how)
        written.append([_in_one_line(each) for field in form for each in (field, *field.subwidgets)])
    return written


def _in_one_line(widget: object) -> str:
    return re.sub(r"\s+", " ", str(widget)).replace("> <", "><")


@pytest.mark.parametrize("initial_values", SAYINGS)
@pytest.mark.parametrize("how", [{}, {"auto_id": False}, {"data": {"line": NASTY}}])
def test_a_widget_is_written_as_django_writes_it(initial_values, how):
    ours, theirs = both(initial_values, **how)
    assert ours == theirs


def test_the_comparison_sees_a_word_that_is_not_escaped(monkeypatch):
    monkeypatch.setattr(widgets, "escaped", str)
    ours, theirs = both(SAYINGS[1])
    assert ours != theirs


def test_every_function_is_compared():
    assert {field.widget.template_name for field in Everything.base_fields.values()} >= {
        name for name in WRITTEN if not name.endswith("_option.html")
    }
