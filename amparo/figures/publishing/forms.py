"""Forms of the publisher's pages: which months to draft, and what was wrong in an edition."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.figures.snapshot.months import Months, period_from_code
from amparo.figures.snapshot.rules import newest_countable_month, newest_countable_quarter

from .models import Edition

OFFERED = 8  # quarters to choose from, and months


class PeriodForm(forms.Form):
    period = forms.ChoiceField(label=_("Of which months"))

    def __init__(self, *args: object, now: datetime, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        taken = Edition.objects.periods()
        groups = []
        for name, newest in (
            (_("Quarters"), newest_countable_quarter(now)),
            (_("Months"), newest_countable_month(now)),
        ):
            free = [it for it in _back_from(newest) if not any(it.overlaps(other) for other in taken)]
            groups += [(name, [(it.code, str(it)) for it in free])] if free else []
        self.fields["period"].choices = groups  # type: ignore[attr-defined]

    def clean_period(self) -> Months:
        return period_from_code(self.cleaned_data["period"])


class CorrectionForm(forms.Form):
    why = forms.CharField(
        label=_("What was wrong, and why. Everybody reads it; name nobody."),
        max_length=600, widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


def _back_from(newest: Months) -> list[Months]:
    found = [newest]
    while len(found) < OFFERED:
        found.append(found[-1].previous)
    return found
