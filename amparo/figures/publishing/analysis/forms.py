from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amparo.figures.snapshot.months import Month

from .breakdowns import (
    BREAKDOWNS,
    CROSSED,
    MEASURES,
    Breakdown,
    CrossedBreakdown,
    Measure,
    breakdowns_of,
    crossed_breakdowns_of,
)
from .periods import Period


class QuestionForm(forms.Form):
    """The form that chooses a measure with its breakdown, and a period. Only what is published can be chosen."""

    what = forms.ChoiceField(label=_("Measure and breakdown"))
    period = forms.ChoiceField(label=_("Period"))

    def __init__(self, data: Any, periods: list[Period]) -> None:
        super().__init__(data)
        self.periods = {it.code: it for it in periods}
        groups: dict[Any, list[tuple[str, str]]] = {}
        for it in periods:
            groups.setdefault(_period_group(it), []).append((it.code, str(it)))
        self.fields["period"].choices = list(groups.items())  # type: ignore[attr-defined]
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            (measure.label, [(it.code, f"{measure.label} {it.label}") for it in _breakdown_choices(measure)])
            for measure in MEASURES
        ]

    def clean_what(self) -> Breakdown | CrossedBreakdown:
        code = self.cleaned_data["what"]
        return CROSSED[code] if code in CROSSED else BREAKDOWNS[code]

    def clean_period(self) -> Period:
        return self.periods[self.cleaned_data["period"]]


class SavedViewForm(QuestionForm):
    """The form that saves a chosen measure, breakdown and period as a view with a name."""

    name = forms.CharField(label=_("Name of the view"), max_length=80)


def _period_group(period: Period) -> Any:
    if period.part:
        return _("Months") if isinstance(period.part, Month) else _("Quarters")
    return _("Years") if period.first == period.last else _("Spans")


def _breakdown_choices(measure: Measure) -> list[Breakdown | CrossedBreakdown]:
    return [*breakdowns_of(measure), *crossed_breakdowns_of(measure)]
