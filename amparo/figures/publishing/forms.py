"""What a publisher types: which quarter, and what was wrong."""

from datetime import date, datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.figures.snapshot.quarters import Quarter
from amparo.figures.snapshot.rules import newest_countable

from .models import Edition

OFFERED = 8  # quarters: two years


class QuarterForm(forms.Form):
    quarter = forms.ChoiceField(label=_("Of which months"))

    def __init__(self, *args: object, now: datetime, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        told = set(Edition.objects.values_list("first_day", flat=True))
        free = [it for it in _back_from(newest_countable(now)) if it.first not in told]
        self.fields["quarter"].choices = [(it.first.isoformat(), str(it)) for it in free]  # type: ignore[attr-defined]

    def clean_quarter(self) -> Quarter:
        return Quarter(date.fromisoformat(self.cleaned_data["quarter"]))


class CorrectionForm(forms.Form):
    why = forms.CharField(
        label=_("What was wrong, and why. Everybody reads it; name nobody."),
        max_length=600, widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


def _back_from(newest: Quarter) -> list[Quarter]:
    found = [newest]
    while len(found) < OFFERED:
        found.append(found[-1].before)
    return found
