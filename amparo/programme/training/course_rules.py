"""What a supervisor may do with courses: copy one, change the copy, record lines. Scores of practices stay."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core import edit_conflicts
from amparo.foundation.core.refusal import Refused
from amparo.line.practice_phone.voices.callers import sound_of_wav

from .courses import Course, courses
from .models import LONGEST_NAME, LONGEST_SOUND, MOST_STEPS, OwnCourse, OwnRecording
from .quiz import MOST_QUESTIONS
from .tree import START


@action(permissions.supervise, label=gettext_lazy("took a course to change it"))
def take_course(course: Course, code: str, title: str, *, by: User, now: datetime) -> OwnCourse:
    """Copy a course under this code and title. A copy with the same code replaces the course at once.

    A copy with another code is not offered to trainees yet. Raises `Refused` if the code is taken.
    """
    if OwnCourse.objects.filter(code=code).exists() or (code in courses() and code != course.code):
        raise Refused(_("There is a course of this name already. Choose another name."))
    expected = {"role": course.expected["caller_role"], **{name: course.expected[name] for name in ("type", "urgency")}}
    return OwnCourse.objects.create(
        code=code, title=title, about=course.about, persona=course.persona, caller=course.caller,
        expected=expected, queue=course.queue or "", days=course.days or 365, pass_mark=course.pass_mark,
        step={
            name: {"says": step.says, "branches": [list(asdict(each).values()) for each in step.branches],
                   "end": step.end}
            for name, step in course.steps.items()
        },
        lesson=course.lesson, quiz_mark=course.quiz_mark,
        question={
            str(number): {
                "asks": each.asks, "choices": list(each.choices), "right": sorted(each.right), "why": each.why,
            }
            for number, each in enumerate(course.questions, start=1)
        },
        version=len(course.questions),  # a new question has the number of the version that adds it
        is_offered=code == course.code, changed_by=by, changed_at=now,
    )  # fmt: skip


@action(permissions.supervise, label=gettext_lazy("changed a course"))
def change_course(
    own: OwnCourse, values: dict[str, Any], *, based_on: int | None = None, by: User, now: datetime
) -> None:
    """Change the invented person, and what a practice needs to be passed. Raises `Refused` for an incoherent tree.

    Like all functions of this module that take `based_on`, it raises `EditConflict` if somebody else changed the same
    field, step or question since that version (`core/edit_conflicts.py`).
    """
    own, seen = _locked_course(own, based_on)
    values = dict(values)
    right = {"role": values.pop("caller_role"), "type": values.pop("type"), "urgency": values.pop("urgency")}
    changed = edit_conflicts.merge_edits(own, values, based_on=seen, by=by, now=now)
    for name, answer in right.items():
        changed += edit_conflicts.merge_entry(own, "expected", name, answer, based_on=seen, by=by, now=now)
    _save(own, changed, by, now)


@action(permissions.supervise, label=gettext_lazy("changed the lesson of a course"))
def change_lesson(
    own: OwnCourse, lesson: str, quiz_mark: int, *, based_on: int | None = None, by: User, now: datetime
) -> None:
    own, seen = _locked_course(own, based_on)
    values = {"lesson": lesson, "quiz_mark": quiz_mark}
    _save(own, edit_conflicts.merge_edits(own, values, based_on=seen, by=by, now=now), by, now)


@action(permissions.supervise, label=gettext_lazy("changed a question of a course"))
def change_question(
    own: OwnCourse,
    number: int | None,
    question: dict[str, Any],
    *,
    based_on: int | None = None,
    by: User,
    now: datetime,
) -> None:
    """Replace the question with this number. None: add one. Users who passed the quiz need not take it again."""
    own, seen = _locked_course(own, based_on)
    key = str(own.version + 1 if number is None else number)
    if key not in own.question and len(own.question) >= MOST_QUESTIONS:
        raise Refused(_("A quiz has at most %d questions.") % MOST_QUESTIONS)
    _save(own, edit_conflicts.merge_entry(own, "question", key, question, based_on=seen, by=by, now=now), by, now)


@action(permissions.supervise, label=gettext_lazy("removed a question of a course"))
def remove_question(own: OwnCourse, number: int, *, based_on: int | None = None, by: User, now: datetime) -> None:
    own, seen = _locked_course(own, based_on)
    _save(own, edit_conflicts.merge_entry(own, "question", str(number), None, based_on=seen, by=by, now=now), by, now)


@action(permissions.supervise, label=gettext_lazy("changed a step of a course"))
def change_step(
    own: OwnCourse, name: str, step: dict[str, Any], *, based_on: int | None = None, by: User, now: datetime
) -> None:
    """Replace the step of this name, or add it."""
    own, seen = _locked_course(own, based_on)
    if len(name) > LONGEST_NAME:
        raise Refused(_("The name of a step has at most %d letters.") % LONGEST_NAME)
    if name not in own.step and len(own.step) >= MOST_STEPS:
        raise Refused(_("A course has at most %d steps.") % MOST_STEPS)
    _save(own, edit_conflicts.merge_entry(own, "step", name, step, based_on=seen, by=by, now=now), by, now)


@action(permissions.supervise, label=gettext_lazy("removed a step of a course"))
def remove_step(own: OwnCourse, name: str, *, based_on: int | None = None, by: User, now: datetime) -> None:
    own, seen = _locked_course(own, based_on)
    if name == START or any(name == branch[2] for step in own.step.values() for branch in step["branches"]):
        raise Refused(_("Another step leads here, or it is the first. Change that step first."))
    _save(own, edit_conflicts.merge_entry(own, "step", name, None, based_on=seen, by=by, now=now), by, now)


@action(permissions.supervise, label=gettext_lazy("recorded a line of a course"))
def record_line(own: OwnCourse, line: str, wav: bytes, *, based_on: int | None = None, by: User, now: datetime) -> None:
    """Store the recording of a line. Raises `Refused` for a file that a telephone cannot play."""
    own, seen = _locked_course(own, based_on)  # before the file is read
    try:
        sound = sound_of_wav(wav)
    except ValueError as reason:
        raise Refused(_("Save the recording as WAV, one channel, 8,000 samples a second, 16 bits.")) from reason
    if not 0 < len(sound) <= LONGEST_SOUND:
        raise Refused(_("The recording is empty, or longer than 30 seconds."))
    changed = edit_conflicts.mark_edited(own, f"recording.{line}", line, based_on=seen, by=by, now=now)
    OwnRecording.objects.update_or_create(course=own, line=line, defaults={"sound": sound})
    own.changed_by, own.changed_at = by, now
    own.save(update_fields=[*changed, "changed_by", "changed_at"])


@action(permissions.supervise, label=gettext_lazy("went back to a shipped course"))
def restore_course(own: OwnCourse, *, based_on: int | None = None, by: User, now: datetime) -> None:
    """Remove the changed copy of a shipped course, with its recordings. Raises `Refused` for any other course."""
    own, seen = _locked_course(own, based_on)
    if own.version > seen:
        raise Refused(_("Somebody else changed this course meanwhile. Look at it, and decide again."))
    if own.code not in courses():
        raise Refused(_("Amparo ships no course of this name. Withdraw it from the trainees instead."))
    OwnCourse.objects.filter(pk=own.pk).delete()


def fault_of(own: OwnCourse) -> str:
    """Return a sentence on why no trainee can practise the course yet. Blank: trainees can.

    Raises `ValueError` for an incoherent tree.
    """
    silent = own.course(with_sound=True).silent_lines
    return _("Nobody has recorded: “%s”") % silent[0] if silent else ""


def _locked_course(own: OwnCourse, based_on: int | None) -> tuple[OwnCourse, int]:
    """Lock the course, and return it with the version that the supervisor saw. Raises `Refused` if it was removed."""
    seen = own.version if based_on is None else based_on
    found = OwnCourse.objects.select_for_update().filter(pk=own.pk).first()
    if not found:
        raise Refused(_("A colleague went back to the shipped course meanwhile."))
    return found, seen


def _save(own: OwnCourse, changed: list[str], by: User, now: datetime) -> None:
    """Save the changed columns. Raises `Refused` for an incoherent tree, or an offered course with a silent line."""
    if not changed:
        return
    own.changed_by, own.changed_at = by, now
    try:
        fault = fault_of(own)
    except ValueError as reason:
        raise Refused(str(reason)) from reason
    if own.is_offered and fault:
        raise Refused(_("First withdraw the course from the trainees. %s") % fault)
    own.save(update_fields=[*dict.fromkeys(changed), "changed_by", "changed_at"])
