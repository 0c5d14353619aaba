"""The analyst's desk: a page with an answer, the same answer as a file, and saved views."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from amparo.figures.publishing.models import SavedView
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.spreadsheets import as_csv, as_xlsx

from .answers import Answer, Published, answer
from .breakdowns import MEASURES, CrossedBreakdown
from .crossed_answers import CrossedAnswer, crossed_answer
from .forms import QuestionForm, SavedViewForm
from .pictures import as_png, as_svg
from .related import other_breakdowns, wider_answers
from .saved_views import remove_view, save_view, views_saved_by


@staff(permissions.analyse)
@require_GET
def analysis(request: StaffRequest) -> HttpResponse:
    """Show the chosen measure, breakdown and period, or else the newest year by department.

    If cells are hidden, say which longer period would show more.
    """
    published = Published.read()
    if not published.parts:
        return render(request, "publishing/analysis.html", {"room": "analysis"})
    form = _question_form(request, published)
    if not form.is_valid():
        return render(request, "publishing/analysis.html", {"form": form, "room": "analysis"}, status=422)
    found = _answer_to(published, form)
    context = {
        "form": form, "room": "analysis", "query": found.query,
        "saved": views_saved_by(request.user, published.periods), "found": found,
    }  # fmt: skip
    if isinstance(found, CrossedAnswer):
        return render(request, "publishing/analysis.html", {**context, "crossed": found})
    others = other_breakdowns(published, found.breakdown, found.period)
    return render(
        request, "publishing/analysis.html",
        {**context, "answer": found, "wider": wider_answers(published, found), "others": others},
    )  # fmt: skip


@staff(permissions.analyse)
@require_GET
def analysis_csv(request: StaffRequest) -> HttpResponse:
    found = _answer_or_refuse(request)
    return as_csv(found.spreadsheet_rows(), _file_name(found))


@staff(permissions.analyse)
@require_GET
def analysis_xlsx(request: StaffRequest) -> HttpResponse:
    found = _answer_or_refuse(request)
    return as_xlsx(found.spreadsheet_rows(), _file_name(found), title=found.period.code)


@staff(permissions.analyse)
@require_GET
def analysis_svg(request: StaffRequest) -> HttpResponse:
    found = _answer_or_refuse(request)
    return _download(as_svg(found).encode(), "image/svg+xml", f"{_file_name(found)}.svg")


@staff(permissions.analyse)
@require_GET
def analysis_png(request: StaffRequest) -> HttpResponse:
    found = _answer_or_refuse(request)
    return _download(as_png(found), "image/png", f"{_file_name(found)}.png")


@staff(permissions.analyse)
@require_POST
def save(request: StaffRequest) -> HttpResponse:
    """Save the shown measure, breakdown and period under a name, and show them again."""
    form = SavedViewForm(request.POST, Published.read().periods)
    if not form.is_valid():
        raise Refused(_("Give the view a name, and choose a measure and a period of the list."))
    saved = save_view(
        form.cleaned_data["name"], request.POST["what"], request.POST["period"], by=request.user, now=timezone.now()
    )
    return redirect(f"{reverse('analysis')}?what={saved.what}&period={saved.period}")


@staff(permissions.analyse)
@require_POST
def remove(request: StaffRequest, pk: int) -> HttpResponse:
    remove_view(get_object_or_404(SavedView, pk=pk, owner=request.user), by=request.user, now=timezone.now())
    return redirect("analysis")


def _download(content: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


def _question_form(request: StaffRequest, published: Published) -> QuestionForm:
    newest = next((it for it in published.periods if not it.part), published.periods[0])
    first = f"{MEASURES[0].code}.{MEASURES[0].any_table.value}"
    chosen = request.GET if request.GET.keys() & {"what", "period"} else {"what": first, "period": newest.code}
    return QuestionForm(chosen, published.periods)


def _answer_to(published: Published, form: QuestionForm) -> Answer | CrossedAnswer:
    what, period = form.cleaned_data["what"], form.cleaned_data["period"]
    if isinstance(what, CrossedBreakdown):
        return crossed_answer(what, period, published.periods)
    return answer(published, what, period)


def _answer_or_refuse(request: StaffRequest) -> Answer | CrossedAnswer:
    published = Published.read()
    form = _question_form(request, published) if published.parts else None
    if not form or not form.is_valid():
        raise Refused(_("Choose a measure and a period of the list: no other is published."))
    return _answer_to(published, form)


def _file_name(found: Answer | CrossedAnswer) -> str:
    return f"amparo-{found.breakdown.code.replace('.', '-')}-{found.period.code}"
