"""The fields of a contact: how each is parsed, stored and shown.

Questions that the model declares (models/questions.py) are among them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.picklists import Picklist
from amparo.foundation.core.refusal import Refused
from amparo.foundation.places import places

from . import picklists
from .models import CodeWord, Contact, SafeContact
from .models.questions import Question, questions_of

NOTES_BYTES = 100_000
LINE_BYTES = 400


class FieldRefused(Refused):
    """One field cannot be stored as it is. The page may send the other fields again without it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{FIELDS[field].label}: {sentence}" if field in FIELDS else sentence)
        self.field = field


@dataclass(frozen=True)
class Field:
    """A field on the page. `parse` reads its text, and raises ValueError with a sentence for the user."""

    column: str
    label: str | Promise
    parse: Callable[[str], Any]
    show: Callable[[Any], str] = str  # the text in the page; parse(show(x)) == x
    say: Callable[[str], str] = str  # turns the text of the page into words for a person
    on_card: bool = False
    question: Question | None = None  # None: the form and the page have a place of their own for it

    def stored_text(self, row: Contact | SafeContact | None) -> str:
        """Return the stored value as the page writes it. Blank if there is no row (a contact without a card)."""
        return self.show(getattr(row, self.column)) if row else ""


def parse_fields(changes: dict[str, Any]) -> dict[str, Any]:
    """Parse the texts of the page into values, by field. Raises `FieldRefused` for an unknown field or value."""
    return {name: _parse_field(name, text) for name, text in changes.items()}


def _parse_field(name: str, text: Any) -> Any:
    if name not in FIELDS:
        raise FieldRefused("", str(_("The page sent a field that is not known. Load it again.")))
    if not isinstance(text, str):
        raise FieldRefused(name, str(_("It must be text.")))
    try:
        return FIELDS[name].parse(text)
    except UnicodeEncodeError as error:
        raise FieldRefused(name, str(_("It holds a sign that cannot be kept."))) from error
    except ValueError as error:
        raise FieldRefused(name, str(error)) from error


def _text_parser(limit: int) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        text = text.replace("\r\n", "\n")  # a form sends \r\n, a script \n
        if len(text.encode()) > limit:
            raise ValueError(_("It is too long: at most %d letters.") % limit)
        return text or None

    return read


def _choice_parser(words: type[Picklist], blank: bool = True) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not words.has(text) and not (blank and text == ""):
            raise ValueError(_("Choose one of the list."))
        return text

    return read


def _parse_place(text: str) -> str:
    place = places.place_meant(text)
    if place is None and text.strip():
        raise ValueError(_("Choose a place of the list: a department, a province or a district."))
    return place.ubigeo if place else ""


def _parse_code_word(text: str) -> str:
    if text and not CodeWord.objects.filter(pk=text).exists():
        raise ValueError(_("Choose one of the list."))
    return text


def _parse_hour(text: str) -> time | None:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None) if text else None
    except ValueError:
        raise ValueError(_("Write an hour, such as 18:30.")) from None


def _parse_checkbox(text: str) -> bool:
    if text not in ("yes", ""):
        raise ValueError(_("Choose yes or nothing."))
    return text == "yes"


def _show_text(value: str | None) -> str:
    return value or ""


def _show_hour(value: time | None) -> str:
    return f"{value:%H:%M}" if value else ""


def _show_checkbox(value: bool | datetime | None) -> str:
    return "yes" if value else ""


def _yes_or_no(text: str) -> str:
    return str(_("yes") if text else _("no"))


def _card_text_field(column: str, label: Promise) -> Field:
    return Field(column, label, _text_parser(LINE_BYTES), _show_text, on_card=True)


def _checkbox_field(column: str, label: Promise, on_card: bool = True) -> Field:
    return Field(column, label, _parse_checkbox, _show_checkbox, _yes_or_no, on_card)


def _choice_field(
    column: str, label: str | Promise, words: type[Picklist], blank: bool = True, on_card: bool = False
) -> Field:
    def say(text: str) -> str:
        return str(words.label_of(text) if text else _("nothing"))

    return Field(column, label, _choice_parser(words, blank), str, say, on_card)


def _field_of_question(column: str, question: Question) -> Field:
    if question.words:
        return replace(_choice_field(column, question.label, question.words), question=question)
    return Field(column, question.label, _text_parser(LINE_BYTES), _show_text, question=question)


FIELDS: dict[str, Field] = {
    "safe_to_talk": _choice_field("safe_to_talk", _("Safe to talk"), picklists.SafeToTalk, blank=False),
    "limits": _checkbox_field("confidentiality_explained_at", _("Limits explained"), on_card=False),
    "notes": Field("notes", _("Notes of the conversation"), _text_parser(NOTES_BYTES), _show_text),
    **{column: _field_of_question(column, question) for column, question in questions_of(Contact).items()},
    "place": Field("ubigeo", _("Where"), _parse_place, places.place_label),
    "privacy_choice": _choice_field("privacy_choice", _("What may be shared"), picklists.PrivacyChoice),
    "heard_of_us": _choice_field("heard_of_us", _("How the caller heard of us"), picklists.HeardOfUs),
    "heard_code": Field("heard_code", _("Code word of a campaign"), _parse_code_word),
    "type": _choice_field("type", _("What it was"), picklists.Type),
    "hard_call": _choice_field("hard_call", _("Difficult call"), picklists.HardCall),
    "safe_number": _card_text_field("number", _("Safe number")),
    "safe_any_hour": _checkbox_field("any_hour", _("At any hour")),
    "safe_from": Field("hours_from", _("From"), _parse_hour, _show_hour, on_card=True),
    "safe_to": Field("hours_to", _("To"), _parse_hour, _show_hour, on_card=True),
    "safe_who": _card_text_field("who_may_answer", _("Who may answer")),
    "safe_voicemail": _checkbox_field("voicemail_allowed", _("A message may be left")),
    "safe_story": _card_text_field("cover_story", _("Cover story")),
    "safe_word": _card_text_field("code_word", _("Code word")),
    "safe_language": _choice_field("language", _("Language to call in"), picklists.Language, on_card=True),
    "safe_wanted": _checkbox_field("call_wanted", _("Asked to be called back")),
}


def questions_in(part: str) -> tuple[str, ...]:
    """Return the names of the fields in this part of the page that the model declares as questions."""
    return tuple(name for name, field in FIELDS.items() if field.question and field.question.part == part)
