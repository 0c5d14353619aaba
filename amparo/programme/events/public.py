"""Events and testimonies on the public pages, as files. A withdrawn testimony is gone when its file is."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.core import published_documents as documents
from amparo.foundation.core.refusal import Unreachable

from .models import Event, Testimony
from .picklists import SITE

EVENTS, TESTIMONIES = "events", "testimonies"


@dataclass(frozen=True)
class Quotation:
    """A testimony as a public page shows it. `language` is that of the text, which may be another than the page's."""

    code: str
    text: str
    language: str
    signed_as: str  # blank: without a name


def quotation(code: str, language: str, today: date) -> Quotation | None:
    """The testimony for the page in this language. A page without an outlet of its own shows what the Spanish one may.

    None: never published, not allowed on this page, withdrawn, or its time is over.
    """
    document = documents.read_document(TESTIMONIES, code)
    page = language if language in SITE else "es"
    text = document and document["texts"].get(page)
    if not document or not text or date.fromisoformat(text["until"]) < today:
        return None
    return Quotation(code, text["text"], text.get("language", page), document["signed_as"])


def shown(today: date) -> set[str]:
    """The codes of the testimonies that a public page shows today, in some language."""
    return {
        code for code in documents.document_names(TESTIMONIES) if any(quotation(code, each, today) for each in SITE)
    }


def event(pk: int) -> dict[str, Any] | None:
    return documents.read_document(EVENTS, str(pk))


def events() -> list[dict[str, Any]]:
    """All published events, newest first."""
    found = [
        document for name in documents.document_names(EVENTS) if (document := documents.read_document(EVENTS, name))
    ]
    return sorted(found, key=lambda each: str(each["starts_at"]), reverse=True)


def write_testimony(testimony: Testimony) -> None:
    """Write the public file as the row says it now, or remove it. The actor must hold the testimony's key."""
    _lock(testimony.code)
    today = timezone.localdate()
    texts = {}
    for language, outlet in SITE.items():
        allowed = testimony.permissions.live(today).filter(outlet=outlet).first()
        if allowed:
            own = getattr(testimony, f"text_{language}")
            texts[language] = {
                "text": own or testimony.text_es, "language": language if own else "es",
                "until": allowed.until.isoformat(),
            }  # fmt: skip
    if testimony.is_withdrawn or testimony.published_at is None or not texts:
        remove_testimony(testimony)
    else:
        documents.write_document(TESTIMONIES, testimony.code, {"texts": texts, "signed_as": testimony.signed_as or ""})


def remove_testimony(testimony: Testimony) -> None:
    """Remove the testimony from all public pages at once. Raises `Unreachable` if that fails."""
    _lock(testimony.code)
    _remove(TESTIMONIES, testimony.code)


def remove_event(event: Event) -> None:
    """Remove the event from the public pages at once. Raises `Unreachable` if that fails."""
    _remove(EVENTS, str(event.pk))


def _remove(folder: str, name: str) -> None:
    try:
        documents.remove_document(folder, name)
    except OSError:
        raise Unreachable(
            _("It could not be taken off the page. Try again at once; if it fails again, call the administrator.")
        ) from None


def remove_ended(today: date) -> None:
    """Remove from the disk the words whose last day is over. The pages do not show them any more."""
    for code in documents.document_names(TESTIMONIES):
        with transaction.atomic():
            _lock(code)
            document = documents.read_document(TESTIMONIES, code)
            texts = document["texts"] if document else {}
            live = {language: text for language, text in texts.items() if date.fromisoformat(text["until"]) >= today}
            if document and not live:
                documents.remove_document(TESTIMONIES, code)
            elif document and len(live) < len(texts):
                documents.write_document(TESTIMONIES, code, {**document, "texts": live})


def _lock(code: str) -> None:
    """Until the transaction ends, nobody else changes this testimony's file: a withdrawn one would return."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock('events_testimony'::regclass::int, hashtext(%s))", [code])


def write_event(event: Event) -> None:
    """Write the public file of a published event. It names the codes of its testimonies, never their words."""
    documents.write_document(EVENTS, str(event.pk), document_of(event))


def rewrite() -> None:
    """Write the events again, at each start. Testimonies are not: what was withdrawn must never return from a backup,
    so a restored home shows none until somebody publishes it again. What ended while nothing ran is removed.
    """
    remove_ended(timezone.localdate())
    documents.replace_documents(EVENTS, {str(event.pk): document_of(event) for event in Event.objects.published()})


def document_of(event: Event) -> dict[str, Any]:
    numbers = ("invited", "attendance", "attendance_qualifier", "decision_makers", "media_pieces")
    return {
        "pk": event.pk, "kind": event.kind, "title": event.title, "venue": event.venue, "ubigeo": event.ubigeo,
        "starts_at": event.starts_at.isoformat(), "about": {"es": event.about_es, "en": event.about_en},
        **{name: getattr(event, name) for name in numbers},
        "pledges": [
            {
                "text": pledge.text, "made_by": pledge.made_by, "due": pledge.due and pledge.due.isoformat(),
                "was_kept": pledge.was_kept, "closed_on": pledge.closed_on and pledge.closed_on.isoformat(),
            }
            for pledge in event.pledges.in_order()
        ],
        "testimonies": list(event.testimonies.order_by("pk").values_list("code", flat=True)),
    }  # fmt: skip
