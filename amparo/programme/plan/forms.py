"""Forms of plan coordinators and respondents."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access.models import Agency
from amparo.foundation.core.dates import day_field
from amparo.programme.campaigns.picklists import Currency

from .columns import read_names
from .models import Indicator, Law, Node, Plan
from .picklists import Frequency, LawKind, NodeKind, PublishedMeasure
from .quarters import quarter_name

CORRECTED, LINE = "id_corrected_%s", "id_line_%s"  # ids of the forms that correct a plan, and that change a line


class LawForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=LawKind.choices)
    number = forms.CharField(label=_("Number, as it is quoted"), max_length=60)
    title = forms.CharField(label=_("Title"), max_length=300)
    enacted_on = day_field(_("Enacted on"), required=False)
    published_on = day_field(_("Published on"), required=False)
    in_effect_from = day_field(_("In effect from"), required=False)
    regulated_on = day_field(_("Its regulation in effect from"), required=False)
    repealed_on = day_field(_("Repealed from"), required=False)
    note = forms.CharField(label=_("Remark"), max_length=300, required=False)

    @classmethod
    def of(cls, law: Law) -> "LawForm":
        return cls(initial={name: getattr(law, name) for name in cls.base_fields})


class PlanForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=200)
    starts_on = day_field(_("First day"))
    ends_on = day_field(_("Last day"))
    law = forms.ModelChoiceField(
        label=_("The law that it waits for"), queryset=Law.objects.none(), required=False, empty_label="—"
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["law"].queryset = Law.objects.newest_first()  # type: ignore[attr-defined]


class CorrectionForm(PlanForm):
    reason = forms.CharField(label=_("Why it is corrected"), max_length=300)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, plan: Plan) -> "CorrectionForm":
        written = {name: getattr(plan, name) for name in PlanForm.base_fields}
        return cls(initial={**written, "seen": plan.corrections.count()}, auto_id=CORRECTED)


class ApprovalForm(forms.Form):
    approved_by = forms.CharField(label=_("Approved by"), max_length=200)
    approved_through = forms.CharField(label=_("Through which instrument"), max_length=200)
    on = day_field(_("Day of the approval"))


class NodeForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=NodeKind.choices)
    parent = forms.ModelChoiceField(
        label=_("Below; none: at the top"), queryset=Node.objects.none(), required=False, empty_label="—"
    )
    number = forms.CharField(label=_("Number"), max_length=20)
    text = forms.CharField(label=_("Text"), max_length=500)

    def __init__(self, *args: object, plan: Plan, is_new: bool = True, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["parent"].queryset = plan.nodes.order_by("pk")  # type: ignore[attr-defined]
        if not is_new:
            del self.fields["parent"]

    @classmethod
    def of(cls, node: Node) -> "NodeForm":
        written = {name: getattr(node, name) for name in ("kind", "number", "text")}
        return cls(plan=node.plan, is_new=False, initial=written, auto_id=LINE)


class IndicatorForm(forms.Form):
    number = forms.CharField(label=_("Number"), max_length=24)
    text = forms.CharField(label=_("What is measured"), max_length=500)
    unit = forms.CharField(label=_("Unit of measurement"), max_length=60)
    baseline = forms.FloatField(label=_("Baseline, if known"), required=False)
    baseline_on = day_field(_("Day of the baseline"))
    target = forms.FloatField(label=_("Target"))
    due_on = day_field(_("Due on"))
    verification = forms.CharField(label=_("Means of verification"), max_length=200, required=False)
    frequency = forms.ChoiceField(label=_("How often"), choices=Frequency.choices)
    responsible = forms.ModelChoiceField(
        label=_("The one responsible body"), queryset=Agency.objects.none(), empty_label="—"
    )
    co_responsible = forms.CharField(label=_("Co-responsible, separated by ;"), max_length=4000, required=False)
    budget = forms.CharField(label=_("Budget and its source"), max_length=200, required=False)
    budget_amount = forms.DecimalField(
        label=_("Amount of the budget"), required=False, min_value=0, max_digits=14, decimal_places=2
    )
    budget_currency = forms.ChoiceField(
        label=_("Currency of the budget"), choices=Currency.choices, required=False
    )  # unused without an amount
    measure = forms.ChoiceField(
        label=_("It fills itself from this published figure; none: the institution reports it"),
        choices=[("", "—"), *PublishedMeasure.choices], required=False,
    )  # fmt: skip

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["responsible"].queryset = Agency.objects.order_by("name")  # type: ignore[attr-defined]

    @classmethod
    def of(cls, indicator: Indicator) -> "IndicatorForm":
        written = {name: getattr(indicator, name) for name in cls.base_fields}
        written["co_responsible"] = "; ".join(indicator.co_responsible)
        written["budget_currency"] = indicator.budget_currency or Currency.PEN
        return cls(initial=written, auto_id=f"id_{indicator.pk}_%s")

    def clean(self) -> dict[str, Any]:
        """Drop a currency without an amount, and refuse an amount without a currency."""
        if self.cleaned_data.get("budget_amount") is None:
            self.cleaned_data["budget_currency"] = ""
        elif not self.cleaned_data.get("budget_currency"):
            self.add_error("budget_currency", _("An amount needs its currency, and a currency its amount."))
        return self.cleaned_data

    def clean_co_responsible(self) -> list[str]:
        try:
            return read_names(self.cleaned_data["co_responsible"])
        except ValueError as error:
            raise ValidationError(str(error)) from None


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("Spreadsheet (.xlsx), or the lines as CSV"), widget=forms.FileInput({"accept": ".xlsx,.csv"})
    )
    indicators = forms.FileField(
        label=_("With CSV: the indicators"), required=False, widget=forms.FileInput({"accept": ".csv"})
    )


class DataCallForm(forms.Form):
    quarter = forms.ChoiceField(label=_("Of which months"))
    due_on = day_field(_("To report until"))

    def __init__(self, *args: object, quarters: list[date], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["quarter"].choices = [(day.isoformat(), quarter_name(day)) for day in quarters]  # type: ignore[attr-defined]

    def clean_quarter(self) -> date:
        return date.fromisoformat(self.cleaned_data["quarter"])


class ReviewForm(forms.Form):
    year = forms.TypedChoiceField(label=_("Year"), coerce=int)

    def __init__(self, *args: object, years: list[int], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["year"].choices = [(year, str(year)) for year in years]  # type: ignore[attr-defined]


class MeasurementForm(forms.Form):
    value = forms.FloatField(
        label=_("Value"), widget=forms.TextInput({"inputmode": "decimal"}),
        error_messages={"invalid": _("Write the number with a point for decimals, and no other sign: 1250.5")},
    )  # fmt: skip
    as_of = day_field(_("As of"))
    evidence = forms.CharField(label=_("What shows it"), max_length=300)

    def __init__(self, *args: Any, is_first: bool = False, **kwargs: Any) -> None:
        """`is_first`: the page was opened to report this value, so the cursor goes there."""
        super().__init__(*args, **kwargs)
        if is_first:
            self.fields["value"].widget.attrs["autofocus"] = True


class CommentForm(forms.Form):
    text = forms.CharField(label=_("Comment"), max_length=4000, widget=forms.Textarea({"rows": 3}))
