"""The public pages of the plan, of events, of testimonies and of the news. They read files, never the database."""

from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from amparo.figures.snapshot.months import Months, period_of
from amparo.figures.snapshot.tables import OF, Definition, Table
from amparo.foundation.places import places
from amparo.programme.events import public as events
from amparo.programme.events.models import Pledge
from amparo.programme.events.picklists import EventKind
from amparo.programme.news import public as notes
from amparo.programme.news.figures import Citation
from amparo.programme.plan import public as plans
from amparo.programme.plan.public_page import page_context

from .rendering import render_page

IN_FEED = 20  # notes
IN_LIST = 20  # notes or events on one page, which stays small
MOST_WORDS = 4000  # characters of testimonies on the page of an event; links lead to the others


@require_GET
def plan(request: HttpRequest) -> HttpResponse:
    document = plans.published_plan()
    if document is None:
        return render_page(request, "site/plan.html")
    return render_page(request, "site/plan.html", **page_context(document))


@require_GET
def performances(request: HttpRequest) -> HttpResponse:
    part = Paginator(events.events(), IN_LIST).get_page(request.GET.get("page"))
    return render_page(request, "site/performances.html", events=[_event_in_words(each) for each in part], part=part)


@require_GET
def performance(request: HttpRequest, pk: int) -> HttpResponse:
    document = events.event(pk)
    if document is None:
        raise Http404
    today, language = timezone.localdate(), _language()
    found = [each for code in document["testimonies"] if (each := events.quotation(code, language, today))]
    lengths = accumulate(len(each.text) for each in found)
    shown = sum(length <= MOST_WORDS for length in lengths)
    about = document["about"].get(language)
    context: dict[str, Any] = {
        "event": _event_in_words(document), "about": about or document["about"]["es"],
        "about_language": language if about else "es",
        "pledges": [_pledge_with_state(each, today) for each in document["pledges"]],
        "quotations": found[:shown], "more_quotations": found[shown:],
    }  # fmt: skip
    return render_page(request, "site/performance.html", **context)


@require_GET
def testimony(request: HttpRequest, code: str) -> HttpResponse:
    found = events.quotation(code, _language(), timezone.localdate())
    if found is None:
        raise Http404
    return render_page(request, "site/testimony.html", quotation=found)


@require_GET
def news(request: HttpRequest) -> HttpResponse:
    part = Paginator(notes.notes(_language(), timezone.now()), IN_LIST).get_page(request.GET.get("page"))
    return render_page(request, "site/news.html", notes=part, part=part)


@require_GET
def note(request: HttpRequest, slug: str) -> HttpResponse:
    found = notes.note(slug, _language(), timezone.now())
    if found is None:
        if withdrawn_at := notes.withdrawn_at(slug, timezone.now()):
            return render_page(request, "site/withdrawn.html", status=410, withdrawn_at=withdrawn_at)
        raise Http404
    quoted = found.document["testimony"]
    context: dict[str, Any] = {
        "note": found, "sources": [_number_source(each) for each in found.cited_figures],
        "quotation": events.quotation(quoted, _language(), timezone.localdate()) if quoted else None,
    }  # fmt: skip
    return render_page(request, "site/note.html", **context)


@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """The newest notes as an Atom feed (RFC 4287): titles and leads. Testimonies are never in it."""
    language = _language()

    def address(name: str, *args: str) -> str:
        return request.build_absolute_uri(f"{reverse(name, request.urlconf, args=args)}?language={language}")

    atom = Atom1Feed(
        title=str(_("News")), link=address("public-news"), description="", language=language,
        feed_url=address("public-feed"),
    )  # fmt: skip
    for each in notes.notes(language, timezone.now())[:IN_FEED]:
        atom.add_item(
            title=each.title, link=address("public-note", each.slug), description=each.lead,
            unique_id=address("public-note", each.slug), pubdate=each.published_at, updateddate=each.published_at,
        )  # fmt: skip
    return HttpResponse(atom.writeString("utf-8"), content_type=atom.content_type)


@dataclass(frozen=True)
class NumberSource:
    """Where a number in a note comes from."""

    citation: Citation
    label: str
    definition: Definition
    period: Months


def _number_source(citation: Citation) -> NumberSource:
    definition = OF[Table(citation.table)]
    label = _("in all") if citation.cell == "total" else str(definition.cells[citation.cell])
    return NumberSource(citation, label, definition, period_of(date.fromisoformat(citation.first_day), citation.months))


def _event_in_words(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document of an event with its start as a datetime, and its place and kind in words."""
    return {
        **document, "starts_at": parse_datetime(document["starts_at"]), "place": places.place_label(document["ubigeo"]),
        "kind": EventKind(document["kind"]).label,
    }  # fmt: skip


def _pledge_with_state(written: dict[str, Any], today: date) -> dict[str, Any]:
    due = parse_date(written["due"] or "")
    return {**written, "due": due, "state": Pledge(due=due, was_kept=written["was_kept"]).state(today)}


def _language() -> str:
    return get_language() or "es"
