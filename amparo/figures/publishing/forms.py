"""Forms of the publisher's pages: which quarter to draft, and what was wrong in an edition."""

from datetime import date, datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.figures.snapshot.quarters import Quarter
from amparo.figures.snapshot.rules import newest_countable

from .models import Edition

OFFERED = 8  # quarters to choose from: two years


class QuarterForm(forms.Form):
    quarter = forms.ChoiceField(label=_("Of which months"))

    def __init__(self, *args: object, now: datetime, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        taken = set(Edition.objects.values_list("first_day", flat=True))
        free = [quarter for quarter in _back_from(newest_countable(now)) if quarter.first not in taken]
        self.fields["quarter"].choices = [(quarter.first.isoformat(), str(quarter)) for quarter in free]  # type: ignore[attr-defined]

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
