"""Events and testimonies on the public pages, as files. A testimony is off every page once its file is removed."""

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
    """A testimony as a public page shows it. The text may be in another `language` than the page."""

    code: str
    text: str
    language: str
    signed_as: str  # blank: without a name


def quotation(code: str, language: str, today: date) -> Quotation | None:
    """Return a testimony for the page in this language. A page in Quechua shows what the Spanish page may show.

    None: never published, not allowed on this page, withdrawn, or its time is over.
    """
    document = documents.read_document(TESTIMONIES, code)
    page = language if language in SITE else "es"
    text = document and document["texts"].get(page)
    if not document or not text or date.fromisoformat(text["until"]) < today:
        return None
    return Quotation(code, text["text"], text.get("language", page), document["signed_as"])


def shown_codes(today: date) -> set[str]:
    """Return the codes of the testimonies that a public page shows today, in whatever language."""
    return {
        code for code in documents.document_names(TESTIMONIES) if any(quotation(code, each, today) for each in SITE)
    }


def event(pk: int) -> dict[str, Any] | None:
    """Return the document of a published event. None: it is not on the public pages."""
    return documents.read_document(EVENTS, str(pk))


def events() -> list[dict[str, Any]]:
    """Return the documents of all published events, newest first."""
    found = [
        document for name in documents.document_names(EVENTS) if (document := documents.read_document(EVENTS, name))
    ]
    return sorted(found, key=lambda each: str(each["starts_at"]), reverse=True)


def write_testimony(testimony: Testimony) -> None:
    """Write the public file of a testimony from its row, or remove the file if nothing may be shown.

    The actor needs the data key of the testimony.
    """
    _lock_file(testimony.code)
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
    _lock_file(testimony.code)
    _remove_file(TESTIMONIES, testimony.code)


def remove_event(event: Event) -> None:
    """Remove the event from the public pages at once. Raises `Unreachable` if that fails."""
    _remove_file(EVENTS, str(event.pk))


def _remove_file(folder: str, name: str) -> None:
    try:
        documents.remove_document(folder, name)
    except OSError:
        raise Unreachable(
            _("It could not be taken off the page. Try again at once; if it fails again, call the administrator.")
        ) from None


def remove_ended_words(today: date) -> None:
    """Delete from the disk the words of testimonies whose last day is over. The pages do not show them any more."""
    for code in documents.document_names(TESTIMONIES):
        with transaction.atomic():
            _lock_file(code)
            document = documents.read_document(TESTIMONIES, code)
            texts = document["texts"] if document else {}
            live = {language: text for language, text in texts.items() if date.fromisoformat(text["until"]) >= today}
            if document and not live:
                documents.remove_document(TESTIMONIES, code)
            elif document and len(live) < len(texts):
                documents.write_document(TESTIMONIES, code, {**document, "texts": live})


def _lock_file(code: str) -> None:
    """Lock the file of a testimony until the transaction ends. Without the lock, a withdrawn testimony could return."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock('events_testimony'::regclass::int, hashtext(%s))", [code])


def write_event(event: Event) -> None:
    """Write the public file of a published event. It names the codes of its testimonies, never their words."""
    documents.write_document(EVENTS, str(event.pk), event_document(event))


def rewrite() -> None:
    """Write the files of all published events again. Runs at each start.

    Files of testimonies are not written: a withdrawn one must never return from a backup, so a restored home shows no
    testimony until somebody publishes it again. Words whose last day is over are removed.
    """
    remove_ended_words(timezone.localdate())
    documents.replace_documents(EVENTS, {str(event.pk): event_document(event) for event in Event.objects.published()})


def event_document(event: Event) -> dict[str, Any]:
    """Return what the public pages show of an event, with its pledges and the codes of its testimonies."""
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
