"""The texts of the public pages: for campaign officers, who write, and for publishers."""

import difflib
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.refusal import Refused
from amparo.line.knowledge.picklists import Language

from . import rules
from .forms import ReturnForm, TextForm
from .models import Version
from .picklists import PublicPage, State
from .shipped import Words, shipped_text


@staff(permissions.write_news)
@require_GET
def texts(request: StaffRequest) -> HttpResponse:
    """List every page in every language: what the public reads there, and the newest version."""
    people = ("written_by", "decided_by")
    newest = {(it.page, it.language): it for it in Version.objects.newest().select_related(*people)}
    public = {(it.page, it.language): it for it in Version.objects.published().select_related(*people)}
    rows = [
        (page, [
            (language, public.get((page, language)), newest.get((page, language)), shipped_text(page, language))
            for language in Language
        ])
        for page in PublicPage
    ]  # fmt: skip
    return render(request, "texts/texts.html", {"rows": rows, "languages_of_texts": list(Language), "room": "texts"})


@staff(permissions.write_news)
@require_GET
def text(request: StaffRequest, page: str, language: str) -> HttpResponse:
    return _show(request, *_page_and_language(page, language))


@staff(permissions.write_news)
@require_http_methods(["GET", "POST"])
def change(request: StaffRequest, page: str, language: str) -> HttpResponse:
    """Write the next version. The form begins with the newest version, else the shipped text, else the Spanish one."""
    named = _page_and_language(page, language)
    newest = Version.objects.of_text(page, language).first()
    words = Words(newest.title, newest.body) if newest else shipped_text(page, language)
    form = TextForm.of(words or shipped_text(page, Language.SPANISH), newest.number if newest else 0)
    refusal = ""
    if request.method == "POST":
        form = TextForm(request.POST)
        refusal = first_error(form)
        try:
            if not refusal:
                rules.write_text(
                    page, language, *form.words(), based_on=form.cleaned_data["based_on"], by=request.user,
                    now=timezone.now(),
                )  # fmt: skip
                return redirect("text", page, language)
        except Refused as refused:
            refusal = str(refused)
    context = {"page": named[0], "language": named[1], "form": form, "refusal": refusal, "room": "texts"}
    return render(request, "texts/change.html", context, status=422 if refusal else 200)


@staff(permissions.write_news)
@require_POST
def send(request: StaffRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(Version, pk=pk)
    return _decide_and_redirect(request, version, lambda: rules.send_text(version, by=request.user))


@staff(permissions.publish)
@require_POST
def publish(request: StaffRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(Version, pk=pk)
    return _decide_and_redirect(
        request, version, lambda: rules.publish_text(version, by=request.user, now=timezone.now())
    )


@staff(permissions.publish)
@require_POST
def give_back(request: StaffRequest, pk: int) -> HttpResponse:
    version, why = get_object_or_404(Version, pk=pk), request.POST.get("why", "")[:400]
    return _decide_and_redirect(
        request, version, lambda: rules.return_text(version, why, by=request.user, now=timezone.now())
    )


@staff(permissions.write_news)
@require_POST
def restore(request: StaffRequest, page: str, language: str, number: int) -> HttpResponse:
    _page_and_language(page, language)
    if number and not Version.objects.of_text(page, language).filter(number=number).exists():
        raise Http404
    rules.restore_text(page, language, number, by=request.user, now=timezone.now())
    return redirect("text", page, language)


def _page_and_language(page: str, language: str) -> tuple[PublicPage, Language]:
    if page not in PublicPage.values or language not in Language.values:
        raise Http404
    return PublicPage(page), Language(language)


def _decide_and_redirect(request: StaffRequest, version: Version, verb: Any) -> HttpResponse:
    try:
        verb()
    except Refused as refused:
        return _show(request, *_page_and_language(version.page, version.language), str(refused))
    return redirect("text", version.page, version.language)


def _show(request: StaffRequest, page: PublicPage, language: Language, refusal: str = "") -> HttpResponse:
    history = list(Version.objects.of_text(page, language).select_related("written_by", "decided_by"))
    newest = history[0] if history else None
    public = next((it for it in history if it.state == State.PUBLISHED), None)
    shipped = shipped_text(page, language)
    read = Words(public.title, public.body) if public else shipped
    context = {
        "page": page, "language": language, "history": history, "newest": newest,
        "public": public, "shipped": shipped, "changes": _changed_lines(read, newest) if read and newest else [],
        "address": "" if page == PublicPage.START else page.value,
        "is_own": newest is not None and newest.written_by == request.user,
        "may_publish": permissions.publish(request.user), "give_back": ReturnForm(), "refusal": refusal,
        "needs_a_speaker": language == Language.QUECHUA, "room": "texts",
    }  # fmt: skip
    return render(request, "texts/text.html", context, status=409 if refusal else 200)


def _changed_lines(before: Words, after: Version) -> list[tuple[bool, str]]:
    """Return the lines that a version adds to what the public reads (True), and those that it removes (False)."""
    old, new = ([title, *body.splitlines()] for title, body in (before, (after.title, after.body)))
    lines = [line for line in difflib.ndiff(old, new) if line[0] in "+-" and line[2:].strip()]
    return [(line[0] == "+", line[2:]) for line in lines]
