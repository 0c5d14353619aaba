"""Practice: begin it, let the invented person answer, and score it."""

import uuid
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.line.chat.models import Chat
from amparo.line.chat.practice import begin_practice_chat, say_in_practice
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import SafeToTalk

from .courses import Course
from .models import Practice, QuizResult, course_by_code
from .quiz import answered_right, percent_right
from .sheet import PracticeRecord, score_practice
from .tasks import call_trainee
from .tree import START, Mark, Moment

SCORES = "scores_practice"  # also in sql/functions.sql


@action(permissions.take_calls, label=gettext_lazy("began a practice"))
def begin_practice(course: Course, *, by: User, now: datetime) -> Practice:
    """Begin a practice: its invented person writes or calls, and waits in the queue of `by`.

    If a practice of this course is open, return that one; if its call was not answered, the person calls again.
    Raises `Refused` if `by` has not passed the quiz of the course, or if a line of a call has no recording.
    """
    _lock_practices(by)
    if running := Practice.objects.filter(user=by, course_code=course.code, finished_at=None).first():
        if running.call and not Contact.objects.visible_to(by).filter(call=running.call).exists():
            call_trainee.defer(practice=running.pk)
        return running
    if course.questions and course.code not in QuizResult.objects.passed_by(by):
        raise Refused(_("First read the lesson of this course and pass its quiz."))
    if course.caller:
        if course_by_code(course.code, with_sound=True).silent_lines:
            raise Refused(_("Nobody has recorded all lines of this course yet."))
        begun = Practice.objects.create(user=by, course_code=course.code, call=uuid.uuid4(), step=START, started_at=now)
        call_trainee.defer(practice=begun.pk)
        return begun
    first, *others = course.steps[START].says
    chat = begin_practice_chat(first, language=course.language, by=by, now=now)
    _say_lines(chat, others, by=by, now=now)
    return Practice.objects.create(user=by, course_code=course.code, chat=chat, step=START, started_at=now)


def _lock_practices(user: User) -> None:
    """Lock the practices of this user until the transaction ends: a form that is sent twice begins one."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock('training_practice'::regclass::int, %s)", [user.pk])


@action(permissions.take_calls, label=gettext_lazy("took the quiz of a course"))
def take_quiz(course: Course, answers: Sequence[frozenset[int]], *, by: User, now: datetime) -> QuizResult:
    """Score a quiz. Raises `Refused` if a question has no answer.

    `answers`: for each question, the numbers of the chosen choices, from 0.
    """
    if not answers or len(answers) != len(course.questions) or not all(answers):
        raise Refused(_("Answer every question."))
    right = answered_right(course.questions, answers)
    with scoring(by):
        return QuizResult.objects.create(
            user=by, course_code=course.code, at=now, right=sum(right), questions=len(right),
            passed=percent_right(right) >= course.quiz_mark,
        )  # fmt: skip


def react_in_chat(chat: Chat, text: str, *, by: User, now: datetime) -> None:
    """Let the invented person answer what the trainee wrote. Does nothing if the chat is no practice."""
    with scoring(by):
        practice = Practice.objects.filter(chat=chat, user=by, finished_at=None).select_for_update().first()
    if practice is None:
        return
    steps = practice.course.steps
    if practice.step not in steps:  # a supervisor has removed it meanwhile
        return
    branch = steps[practice.step].branch_at(Moment(words=text, noted=_marks_noted(chat, by), turn_is_over=True))
    if branch is None:
        return
    if not steps[branch.step].is_in_passing:
        practice.step = branch.step
        with scoring(by):
            practice.save(update_fields=["step"])
    _say_lines(chat, steps[branch.step].says, by=by, now=now)


@action(permissions.take_calls, label=gettext_lazy("had a practice scored"))
def finish_practice(practice: Practice, *, by: User, now: datetime) -> Practice:
    """Score a practice by the quality sheet. Passing gives the certificate. A second call changes nothing.

    Raises `Refused` until the chat or call has ended and its contact is wrapped up.
    """
    with scoring(by):
        locked = Practice.objects.select_for_update(of=("self",)).select_related("chat__key")
        practice = locked.get(pk=practice.pk, user=by)
    if not practice.is_open:
        return practice
    contact, chat = _contact_of(practice, by), practice.chat
    if contact is None or contact.is_open or (chat is not None and chat.is_open):
        raise Refused(_("First answer, end the conversation, and wrap its contact up."))
    lines = None if chat is None else [each.text for each in chat.read() if not each.from_bearer]
    found = score_practice(PracticeRecord(practice.course, contact, lines, practice.said_everything))
    practice.met, practice.points, practice.passed, practice.finished_at = found.met, found.points, found.passed, now
    with scoring(by):
        practice.save(update_fields=["met", "points", "passed", "finished_at"])
        if found.passed and practice.course.queue:
            _certify(practice, now)
    return practice


def scoring(by: User) -> AbstractContextManager[None]:
    """Return a context in which `by` acts for the purpose of scoring.

    PostgreSQL accepts a score for no other purpose, not even from SQL in a page.
    """
    return acting_as(replace(by.acting(), purpose=SCORES), savepoint=False)


def _contact_of(practice: Practice, by: User) -> Contact | None:
    own = Contact.objects.visible_to(by).filter(practice_of=by)
    return own.filter(call=practice.call).first() if practice.call else own.filter(chat=practice.chat).first()


def _marks_noted(chat: Chat, by: User) -> frozenset[str]:
    """Return what the trainee has noted on the contact of a practice chat, as values of `Mark`."""
    contact = Contact.objects.visible_to(by).filter(practice_of=by, chat=chat).first()
    if contact is None:
        return frozenset()
    noted = {
        Mark.SAFE_TO_TALK: contact.safe_to_talk != SafeToTalk.NOT_ASKED, Mark.LIMITS: contact.limits_are_explained,
        Mark.URGENCY: bool(contact.urgency),
    }  # fmt: skip
    return frozenset(mark for mark, is_noted in noted.items() if is_noted)


def _say_lines(chat: Chat, lines: Iterable[str], *, by: User, now: datetime) -> None:
    """Add these lines of the invented person to a chat, a millisecond apart after `now`, so that they stay in order."""
    for at, line in enumerate(lines, start=1):
        say_in_practice(chat, line, by=by, now=now + timedelta(milliseconds=at))


def _certify(practice: Practice, now: datetime) -> None:
    """Give the trainee the certificate. Call it within `scoring`. The database checks the score itself."""
    course = practice.course
    with connection.cursor() as cursor:
        expires = now + timedelta(days=course.days)
        cursor.execute(
            "select training_certify(%s, %s, %s, %s, %s)",
            [practice.pk, course.queue, now, expires, bool(course.questions)],
        )
    practice.refresh_from_db(fields=["certificate"])
    notify("seats")
