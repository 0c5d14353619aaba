from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from .cited_figures import cited_figures


class ComparisonForm(forms.Form):
    one = forms.ChoiceField(label=_("One number"))
    other = forms.ChoiceField(label=_("Another number"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (it.code, f"{number_format(it.value, 0, force_grouping=True)} · {it.subject}, {it.period}")
            for it in cited_figures().values()
        ]
        for field in self.fields.values():
            field.choices = choices  # type: ignore[attr-defined]
