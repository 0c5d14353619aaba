"""The list of published numbers, of others and of the hotline, for publishers and analysts."""

from itertools import groupby
from operator import attrgetter

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff

from .cited_figures import ATTRIBUTES, Figure, cited_figures, differences
from .forms import ComparisonForm
from .our_figures import our_figures

CLASH = {"one": "reta-2019", "other": "dirctptim-2019"}  # the same police, the same year


@staff(permissions.analyse)
@require_GET
def cited(request: StaffRequest) -> HttpResponse:
    """List every number with its source, and compare two of them."""
    ours, others = our_figures(), cited_figures()
    known: dict[str, Figure] = {**others, **ours}
    form = ComparisonForm(request.GET if "one" in request.GET else CLASH, ours=ours.values(), others=others.values())
    chosen = form.cleaned_data if form.is_valid() else CLASH
    one, other = (known[chosen[name]] for name in ("one", "other"))
    different = differences(one, other)
    context = {
        "ours": [(measure, [*found]) for measure, found in groupby(ours.values(), attrgetter("measure"))],
        "figures": others.values(), "form": form, "one": one, "other": other, "different": different,
        "rows": [(it.label, it.of(one), it.of(other), it in different) for it in ATTRIBUTES], "room": "cited-figures",
    }  # fmt: skip
    return render(request, "publishing/cited.html", context, status=200 if form.is_valid() else 422)
