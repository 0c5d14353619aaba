"""Draw Django's form widgets with functions instead of templates: half the time of a page of forms was spent there.

The HTML is the same but for line breaks (tests/test_widgets.py compares it). Django's template draws every other
widget.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape as escaped

type Widget = Mapping[str, Any]

INPUTS = ("checkbox", "color", "date", "datetime", "email", "hidden", "number", "search", "tel", "text", "time", "url")


class WidgetRenderer(DjangoTemplates):
    """The renderer of forms (setting FORM_RENDERER)."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if (write := WRITTEN.get(template_name)) is None:
            return str(super().render(template_name, context, request))
        return write(context["widget"])


def _attrs(widget: Widget) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{escaped(str(value))}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{escaped(str(widget["value"]))}"'
    return f'<input type="{widget["type"]}" name="{widget["name"]}"{value}{_attrs(widget)}>'


def _textarea(widget: Widget) -> str:
    return f'<textarea name="{widget["name"]}"{_attrs(widget)}>\n{escaped(widget["value"] or "")}</textarea>'


def _select(widget: Widget) -> str:
    groups = "".join(_options(name, options) for name, options, _index in widget["optgroups"])
    return f'<select name="{widget["name"]}"{_attrs(widget)}>{groups}\n</select>'


def _options(group: str | None, options: list[Widget]) -> str:
    html = "".join(f"\n  {_option(option)}" for option in options)
    return f'\n  <optgroup label="{escaped(group)}">{html}\n  </optgroup>' if group else html


def _option(option: Widget) -> str:
    return f'<option value="{escaped(str(option["value"]))}"{_attrs(option)}>{escaped(option["label"])}</option>'


def _radio_or_check_box(option: Widget) -> str:
    """One of several choices: a radio button or a check box, within its label."""
    if not option["wrap_label"]:
        return _input(option)
    for_id = f' for="{escaped(option["attrs"]["id"])}"' if option["attrs"].get("id") else ""
    return f"<label{for_id}>{_input(option)} {escaped(option['label'])}</label>"


WRITTEN: dict[str, Callable[[Widget], str]] = {
    **{f"django/forms/widgets/{name}.html": _input for name in INPUTS},
    "django/forms/widgets/textarea.html": _textarea, "django/forms/widgets/select.html": _select,
    "django/forms/widgets/radio_option.html": _radio_or_check_box,
    "django/forms/widgets/checkbox_option.html": _radio_or_check_box,
}  # fmt: skip
