"""How every public page is rendered."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from amparo.foundation.line_settings.hours import is_always_open, is_open, week_in_words
from amparo.foundation.line_settings.rules import current

GROWING = "qu"  # a language that is not complete: Spanish stands for the rest
# The pages that have all their words in it. On the others the page is Spanish, and its words in Quechua are marked.
COMPLETE = ("site/chat.html", "site/again.html", "site/sentence.html")
NUMBER = re.compile(r"\+?[\d ]{3,20}")


def line_number() -> str:
    """The number that people dial; blank if the setting holds none, such as the name of the demonstration's line."""
    number = current().line_number
    return number if NUMBER.fullmatch(number) else ""


@dataclass(frozen=True)
class PublicHours:
    """What public pages say of the opening hours."""

    language: str  # of the words below
    is_open: bool
    week: list[str]


def public_hours(language: str, now: datetime) -> PublicHours | None:
    """The opening hours; None: the line is always open. There are no words in Quechua yet: they are Spanish."""
    values = current()
    if is_always_open(values):
        return None
    language = "es" if language == GROWING else language
    with translation.override(language):
        return PublicHours(language, is_open(values, now), week_in_words(values))


def language_query(request: HttpRequest) -> str:
    """The query string that keeps the chosen language in links within the site; blank for the default language."""
    chosen = request.LANGUAGE_CODE != settings.LANGUAGE_CODE
    return f"?language={request.LANGUAGE_CODE}" if chosen else ""


def page_language(request: HttpRequest, template: str) -> str:
    """The language of all words of the page that have no mark of their own: Spanish where Quechua is not complete."""
    falls_back = request.LANGUAGE_CODE == GROWING and template not in COMPLETE
    return "es" if falls_back else request.LANGUAGE_CODE


def render_page(request: HttpRequest, template: str, status: int = 200, **more: Any) -> HttpResponse:
    """Render a public page with what all of them need: the numbers to call, and the chosen language for links."""
    number, police_number, name = line_number(), current().police_number, current().name
    return render(
        request,
        template,
        {
            "line_name": name,
            "hours": public_hours(request.LANGUAGE_CODE, timezone.now()),
            "number": number,
            "number_to_dial": number.replace(" ", ""),
            "police_number": police_number,
            "police_number_to_dial": police_number.replace(" ", ""),
            "in_language": language_query(request),
            "page_language": page_language(request, template),
            **more,
        },
        status=status,
    )
