"""Form fields that every room uses, and the sentence for a form that is not valid."""

import re
import uuid
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .dates import day_field
from .edit_conflicts import EditConflict
from .picklists import LINE_LISTS
from .refusal import Refused

WORDS = 20_000  # maximum characters of a note or a situation
LINE = 400  # maximum characters of a single-line field
VERSION = re.compile("[0-9]{1,9}")  # of a row (edit_conflicts.py)
LAST_VERSION = 2**31 - 1  # what PostgreSQL's integer holds


def text_field(label: Any, *, required: bool = False, rows: int = 3, most: int = WORDS) -> forms.CharField:
    """A text area of at most `most` characters."""
    return forms.CharField(
        label=label, required=required, max_length=most, strip=True,
        widget=forms.Textarea({"rows": rows, "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip


def version_field(**more: Any) -> forms.IntegerField:
    """The hidden field `based_on`: the version of the row that the page showed (`edit_conflicts.py`)."""
    return forms.IntegerField(min_value=0, max_value=LAST_VERSION, widget=forms.HiddenInput, **more)


def line_field(label: Any, *, required: bool = False, **attrs: str) -> forms.CharField:
    """A single line of text. `attrs` are HTML attributes."""
    widget = forms.TextInput({"autocomplete": "off", **attrs})
    return forms.CharField(label=label, required=required, max_length=LINE, widget=widget)


def telephone_field(label: Any) -> forms.RegexField:
    """A telephone number as people write it, or blank."""
    return forms.RegexField(
        r"^[+*# ()-]*[0-9][0-9+*# ()-]*$", label=label, max_length=40, required=False,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "tel"}),
        error_messages={"invalid": _("Write a telephone number.")},
    )  # fmt: skip


def choice_field(words: Any, label: Any, *, required: bool = False, starts_blank: bool = False) -> forms.ChoiceField:
    """A select with the values of the picklist `words`, and an empty choice unless it is required.

    `starts_blank`: required, and nothing is chosen beforehand, because a tired person would send it as it stands.
    """
    blank = [] if required and not starts_blank else [("", "—")]
    if words not in LINE_LISTS:
        return forms.ChoiceField(label=label, choices=[*blank, *words.choices], required=required)
    widget = OfferedSelect()
    widget.words = words
    return forms.ChoiceField(label=label, choices=lambda: [*blank, *words.options()], required=required, widget=widget)


def offered_boxes_field(words: Any, label: Any) -> forms.MultipleChoiceField:
    """Check boxes for a list of the line, of which none need be ticked."""
    widget = OfferedCheckBoxes()
    widget.words = words
    return forms.MultipleChoiceField(label=label, choices=words.options, required=False, widget=widget)


class OfferedSelect(forms.Select):
    """A select for a list of the line. A retired word stands in it only where it was chosen before."""

    words: Any

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> list[Any]:
        return _without_retired(super().optgroups(name, value, attrs), self.words)


class OfferedCheckBoxes(forms.CheckboxSelectMultiple):
    """Check boxes for a list of the line. A retired word stands among them only where it was ticked before."""

    words: Any

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> list[Any]:
        return _without_retired(super().optgroups(name, value, attrs), self.words)


def _without_retired(groups: list[Any], words: Any) -> list[Any]:
    offered = {"", *(code for code, _label in words.offered())}
    return [group for group in groups if any(it["selected"] or it["value"] in offered for it in group[1])]


def check_boxes_field(words: Any, label: Any, *, required: bool = True) -> forms.MultipleChoiceField:
    """Check boxes for the choices `words`, pairs of value and label."""
    return forms.MultipleChoiceField(
        label=label, choices=words, required=required, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip


def bounded_day_field(label: Any, *, required: bool = False) -> forms.DateField:
    """A day from 1900 to 2100."""
    between = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2100, 1, 1))]
    return day_field(label, required=required, validators=between)


def once_field() -> forms.UUIDField:
    """Return a hidden field with a random id of the page, so that sending it twice makes one row.

    See `make_once_from_page` (integrations/idempotency.py).
    """
    return forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)


def first_error(form: forms.Form) -> str:
    """Return the first error of the form, as a sentence that names the field. Blank: the form is valid."""
    if form.is_valid():
        return ""
    name, errors = next(iter(form.errors.items()))
    return f"{form[name].label}: {errors[0]}" if name in form.fields else str(errors[0])


def run_if_valid(form: forms.Form, act: Callable[[], object]) -> str:
    """Run `act` if the form is valid. Returns why not, as a sentence: the form's first error, or the refusal of `act`.

    Blank: it was done.
    """
    return first_error(form) or refusal_of(act)


def refusal_of(act: Callable[[], object]) -> str:
    """Run `act`. Returns the sentence of the `Refused` that it raised; blank: it was done."""
    try:
        act()
    except Refused as refused:
        return str(refused)
    return ""


def version_in(data: Mapping[str, Any]) -> int:
    """Return the version of the row that the page showed, from the form's field `based_on`; 0 if there is none."""
    sent = data.get("based_on", "")
    return int(sent) if VERSION.fullmatch(sent) else 0


def change_if_valid(
    row: Any, form: forms.Form, of: Callable[[Any], forms.Form], act: Callable[[int], object]
) -> dict[str, Any]:
    """If the form is valid, run `act` with the version of `row` that the form was based on.

    Returns an empty dict if `act` ran; otherwise what the page shows: `refusal`, `based_on` and, after a conflict,
    `theirs`, the other person's value. The user has seen that value then, so a second save may overwrite it.
    `of` makes a form from a row.
    """
    based_on = version_in(form.data)
    refusal = first_error(form)
    try:
        if not refusal:
            act(based_on)
            return {}
    except EditConflict as meanwhile:
        row.refresh_from_db()
        theirs = _differing_values(of(row), form, meanwhile.field)
        return {"refusal": str(meanwhile), "theirs": theirs, "based_on": row.version}
    except Refused as refused:
        refusal = str(refused)
    return {"refusal": refusal, "based_on": based_on}


def change_by_form(
    request: HttpRequest, row: Any, form_class: Any, change: Callable[..., object]
) -> dict[str, Any] | None:
    """Handle a page on which `row` is changed. Returns its context: the form, and why a POST was refused.

    None: the row was changed. `change` gets the fields of the form, and `based_on`.
    """
    if request.method != "POST":
        return {"form": form_class.of(row), "based_on": row.version}
    form = form_class(request.POST)
    refused = change_if_valid(row, form, form_class.of, lambda seen: change(**form.cleaned_data, based_on=seen))
    return {"form": form, **refused} if refused else None


def _differing_values(theirs: forms.Form, mine: forms.Form, name: str) -> str:
    """Return the colleague's value of the field `name`, with its label. If it has several inputs: those that differ."""
    names = [name]
    if name not in theirs.fields:
        names = [each.name for each in theirs if _display(each) != _display(mine[each.name])]
    return "\n".join(f"{theirs[each].label}: {_display(theirs[each])}" for each in names)


def _display(field: forms.BoundField) -> str:
    """The value of a field as a person reads it."""
    value, choices = field.value(), dict(getattr(field.field, "choices", ()))
    if value in (None, "", []):
        return "—"
    if isinstance(value, list):
        return ", ".join(str(choices.get(each, each)) for each in value)
    return str(choices[value] if value in choices else field.field.widget.format_value(value))
