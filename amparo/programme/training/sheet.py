"""The quality sheet by which a practice is scored, from its contact and from what the trainee wrote."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import SafeToTalk

from .courses import Course
from .tree import without_accents

PROMISES = ("le prometo", "te prometo", "le aseguro que", "todo va a estar bien", "no le va a pasar nada")


@dataclass(frozen=True)
class PracticeRecord:
    """A finished practice, as the quality sheet's items look at it."""

    course: Course
    contact: Contact
    lines: list[str] | None  # what the trainee wrote, in order. None: a call
    reached_end: bool


@dataclass(frozen=True)
class Item:
    name: str
    label: str | Promise
    points: int
    is_met: Callable[[PracticeRecord], bool]
    is_required: bool = False  # without it nobody passes, whatever the points
    of_writing: bool = False  # judges the trainee's writing; left out of a call


def _asks_one_thing(record: PracticeRecord) -> bool:
    lines = record.lines or ()
    return bool(lines) and all(line.count("?") <= 1 for line in lines)


def _promises_nothing(record: PracticeRecord) -> bool:
    plain = [without_accents(line) for line in record.lines or ()]
    return bool(plain) and not any(words in line for line in plain for words in PROMISES)


def _is_right(field: str) -> Callable[[PracticeRecord], bool]:
    """Return a check of the contact's field: whether it has the value that the course expects."""
    return lambda record: getattr(record.contact, field) == record.course.expected[field]


ITEMS = (
    Item("safety", _("Asked whether the person could speak or write safely, and noted the answer"), 20,
         lambda record: record.contact.safe_to_talk != SafeToTalk.NOT_ASKED, is_required=True),
    Item("limits", _("Explained the limits of confidentiality"), 20,
         lambda record: record.contact.limits_are_explained, is_required=True),
    Item("one_thing", _("Asked one thing at a time"), 10, _asks_one_thing, of_writing=True),
    Item("no_promise", _("Promised nothing that the line cannot keep"), 10, _promises_nothing,
         of_writing=True),
    Item("heard", _("Listened until the person had said what they want"), 15, lambda record: record.reached_end),
    Item("role", _("Noted who called or wrote"), 5, _is_right("caller_role")),
    Item("urgency", _("Noted how urgent it is"), 10, _is_right("urgency")),
    Item("type", _("Noted what the conversation was"), 10, _is_right("type")),
)  # fmt: skip


@dataclass(frozen=True)
class Score:
    met: dict[str, bool]  # by the name of the item
    points: int
    passed: bool


def score_practice(record: PracticeRecord) -> Score:
    """Score a practice, with at most 100 points. To pass, reach the course's pass mark and meet every required item.

    Items on writing are left out of a call; the other items are then worth 100 points together.
    """
    items = [item for item in ITEMS if record.lines is not None or not item.of_writing]
    met = {item.name: item.is_met(record) for item in items}
    points = round(100 * sum(item.points for item in items if met[item.name]) / sum(item.points for item in items))
    required = all(met[item.name] for item in items if item.is_required)
    return Score(met, points, required and points >= record.course.pass_mark)
