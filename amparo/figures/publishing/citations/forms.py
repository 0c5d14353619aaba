from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .cited_figures import Figure


class ComparisonForm(forms.Form):
    one = forms.ChoiceField(label=gettext_lazy("One number"))
    other = forms.ChoiceField(label=gettext_lazy("Another number"))

    def __init__(self, *args: Any, ours: Iterable[Figure], others: Iterable[Figure], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(_("Others"), [*map(_choice, others)]), (_("Ours"), [*map(_choice, ours)])]
        for field in self.fields.values():
            field.choices = choices  # type: ignore[attr-defined]


def _choice(figure: Figure) -> tuple[str, str]:
    value = number_format(figure.value, 0, force_grouping=True)
    return figure.code, f"{value} · {figure.subject}, {figure.period}"
