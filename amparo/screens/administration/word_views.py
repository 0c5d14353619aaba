"""The pages of the lists of words: which words a form offers, and how the line changes its own."""

import functools
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import refusal_of
from amparo.foundation.core.picklists import LINE_LISTS, Picklist
from amparo.foundation.core.spreadsheets import as_csv
from amparo.foundation.words import rules
from amparo.foundation.words.models import WordChange

from . import word_lists

LONGEST_ID = 18  # digits of a bigint
PLACES = {"up": -1, "down": 1}


@staff(permissions.keep_installation)
@require_GET
def lists(request: StaffRequest) -> HttpResponse:
    rules.refresh()
    found, key = word_lists.word_lists(), request.GET.get("list", "")
    context = {
        "own": word_lists.own_lists(), "lists": found, "chosen": next((it for it in found if it.key == key), None),
        "room": "administration-lists",
    }  # fmt: skip
    return render(request, "administration/lists.html", context)


@staff(permissions.keep_installation)
@require_GET
def lists_csv(request: StaffRequest) -> HttpResponse:
    rules.refresh()
    return as_csv(word_lists.csv_rows(), "words")


@staff(permissions.keep_installation)
@require_GET
def word_list(request: StaffRequest, name: str) -> HttpResponse:
    return _page(request, _words_or_404(name))


@staff(permissions.keep_installation)
@require_POST
def rename_word(request: StaffRequest, name: str) -> HttpResponse:
    words, code = _words_or_404(name), request.POST.get("code", "")
    return _act(request, words, lambda: rules.rename_word(words, code, _typed(request), by=request.user), code)


@staff(permissions.keep_installation)
@require_POST
def add_word(request: StaffRequest, name: str) -> HttpResponse:
    words = _words_or_404(name)
    typed, counts_as = _typed(request), request.POST.get("counts_as", "")
    add = functools.partial(rules.add_word, words, typed, counts_as=counts_as, by=request.user)
    return _act(request, words, add, word_lists.NEW)


@staff(permissions.keep_installation)
@require_POST
def retire_word(request: StaffRequest, name: str) -> HttpResponse:
    words, code = _words_or_404(name), request.POST.get("code", "")
    return _act(request, words, lambda: rules.retire_word(words, code, by=request.user))


@staff(permissions.keep_installation)
@require_POST
def bring_word_back(request: StaffRequest, name: str) -> HttpResponse:
    words, code = _words_or_404(name), request.POST.get("code", "")
    return _act(request, words, lambda: rules.bring_word_back(words, code, by=request.user))


@staff(permissions.keep_installation)
@require_POST
def move_word(request: StaffRequest, name: str) -> HttpResponse:
    words, code = _words_or_404(name), request.POST.get("code", "")
    places = PLACES.get(request.POST.get("to", ""), 0)
    return _act(request, words, lambda: rules.move_word(words, code, places, by=request.user))


@staff(permissions.keep_installation)
@require_POST
def undo_word_change(request: StaffRequest, name: str) -> HttpResponse:
    words, number = _words_or_404(name), request.POST.get("change", "")
    is_number = number.isdecimal() and len(number) <= LONGEST_ID
    rows = WordChange.objects.filter(list=LINE_LISTS[words].id)
    change = rows.filter(pk=number).first() if is_number else None
    if change is None:
        return _page(request, words, _("There is no such change. Load the page anew."))
    return _act(request, words, lambda: rules.undo_word_change(change, by=request.user))


def _words_or_404(name: str) -> type[Picklist]:
    for words, of_line in LINE_LISTS.items():
        if of_line.id == name:
            return words
    raise Http404


def _typed(request: StaffRequest) -> dict[str, str]:
    return {language: request.POST.get(language, "") for language in rules.LANGUAGES}


def _act(request: StaffRequest, words: type[Picklist], act: Callable[[], object], code: str = "") -> HttpResponse:
    """Do it, and show the list anew, with the word open; if it is refused, keep what was typed for the word `code`."""
    if refusal := refusal_of(act):
        return _page(request, words, refusal, {code: _typed(request)} if code else {})
    opened = urlencode({"open": code or request.POST.get("code", "")})
    return redirect(f"{reverse('word-list', args=[LINE_LISTS[words].id])}?{opened}")


def _page(
    request: StaffRequest,
    words: type[Picklist],
    refusal: str = "",
    typed: Mapping[str, Mapping[str, str]] | None = None,
) -> HttpResponse:
    rules.refresh()
    changes = word_lists.newest_changes(words)
    context: dict[str, Any] = {
        "of_line": LINE_LISTS[words], "rows": word_lists.rows(words, typed or {}), "changes": changes,
        "newest": changes[:1], "in_figures": word_lists.in_figures(words),
        "counted": request.POST.get("counts_as", ""), "fresh": word_lists.fresh_row(typed or {}), "refusal": refusal,
        "opened": request.GET.get("open", ""),
        "room": "administration-lists",
    }  # fmt: skip
    answer = HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK
    return render(request, "administration/word_list.html", context, status=answer)
