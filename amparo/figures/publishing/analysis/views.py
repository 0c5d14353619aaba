"""The analyst's desk: one page, and the same answer as a file."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.spreadsheets import as_csv, as_xlsx

from .answers import Answer, Published, answer, wider
from .breakdowns import MEASURES
from .forms import QuestionForm


@staff(permissions.analyse)
@require_GET
def analysis(request: StaffRequest) -> HttpResponse:
    """Show what was chosen, or the newest year by department, with what a wider period shows."""
    published = Published.read()
    if not published.quarters:
        return render(request, "publishing/analysis.html", {"room": "analysis"})
    form = _form(request, published)
    if not form.is_valid():
        return render(request, "publishing/analysis.html", {"form": form, "room": "analysis"}, status=422)
    found = answer(published, form.cleaned_data["what"], form.cleaned_data["period"])
    context = {
        "form": form, "answer": found, "wider": wider(published, found), "room": "analysis",
        "query": f"what={found.breakdown.code}&period={found.period.code}",
    }  # fmt: skip
    return render(request, "publishing/analysis.html", context)


@staff(permissions.analyse)
@require_GET
def analysis_csv(request: StaffRequest) -> HttpResponse:
    found = _chosen(request)
    return as_csv(found.lines(), _name(found))


@staff(permissions.analyse)
@require_GET
def analysis_xlsx(request: StaffRequest) -> HttpResponse:
    found = _chosen(request)
    return as_xlsx(found.lines(), _name(found), title=found.period.code)


def _form(request: StaffRequest, published: Published) -> QuestionForm:
    newest = next((it for it in published.periods if not it.quarter), published.periods[0])
    first = f"{MEASURES[0].code}.{MEASURES[0].any_table.value}"
    chosen = request.GET if request.GET.keys() & {"what", "period"} else {"what": first, "period": newest.code}
    return QuestionForm(chosen, published.periods)


def _chosen(request: StaffRequest) -> Answer:
    published = Published.read()
    form = _form(request, published) if published.quarters else None
    if not form or not form.is_valid():
        raise Refused(_("Choose a measure and a period of the list: no other is published."))
    return answer(published, form.cleaned_data["what"], form.cleaned_data["period"])


def _name(found: Answer) -> str:
    return f"amparo-{found.breakdown.code.replace('.', '-')}-{found.period.code}"
