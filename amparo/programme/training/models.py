from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise, cached_property

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.core import row_security
from amparo.line.chat.models import Chat
from amparo.line.roster.models import STAFF, SUPERVISOR, Certificate, OwnOrSupervisor, Queue

from .courses import Course, course_of, courses, sound_of
from .sheet import ITEMS, Item
from .tree import End, Signal

MOST_STEPS = 60
LONGEST_NAME = 40  # letters of a step
LONGEST_LINE = 300  # characters
LONGEST_SOUND = 8000 * 30  # bytes: 30 seconds


class OwnCourse(models.Model):
    """A course that this hotline wrote. With the code of a shipped course it replaces that one."""

    code = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    about = models.CharField(max_length=400)
    persona = models.CharField(max_length=80)
    caller = models.CharField(max_length=20, blank=True)  # as in `Course`
    expected = models.JSONField()  # role, type, urgency
    queue = models.CharField(max_length=10, choices=Queue.options, blank=True)  # blank: it gives no certificate
    days = models.PositiveSmallIntegerField(default=365)
    pass_mark = models.PositiveSmallIntegerField(default=80)
    step = models.JSONField()  # name -> {says, branches, end}: see `tree.steps_of`
    version = models.PositiveIntegerField(default=0, editable=False)  # core/edit_conflicts.py
    edits = models.JSONField(default=dict, editable=False)
    lesson = models.TextField(blank=True, default="")  # paragraphs and lists, as in articles
    question = models.JSONField(default=dict)  # of the quiz: number -> {asks, choices, right, why}; never used again
    quiz_mark = models.PositiveSmallIntegerField(default=80)  # right answers of a hundred that pass it
    is_offered = models.BooleanField(default=False)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    protected = row_security.ByRole(*STAFF, by=SUPERVISOR, web="select, insert, update, delete", worker="select")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pass_mark__range=(1, 100), days__range=(1, 1095), quiz_mark__range=(1, 100)),
                name="an_own_course_is_bounded",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def course(self, *, with_sound: bool = False) -> Course:
        """Return the course as trainees practise it. Raises `ValueError`, with a sentence, for an incoherent tree."""
        found = self.recordings.values_list("line", "sound") if with_sound else ()
        return course_of({
            "code": self.code, "title": {"es": self.title, "en": self.title},
            "about": {"es": self.about, "en": self.about}, "persona": self.persona, "caller": self.caller,
            "language": "es", **self.expected, "queue": self.queue, "days": self.days, "pass_mark": self.pass_mark,
            "step": self.step, "recorded": {line: bytes(sound) for line, sound in found},
            "is_offered": self.is_offered, "lesson": {"es": self.lesson, "en": self.lesson} if self.lesson else {},
            "question": [{"right": each["right"], "es": each, "en": each} for _number, each in self.questions],
            "quiz_mark": self.quiz_mark,
        })  # fmt: skip

    @property
    def questions(self) -> list[tuple[int, dict[str, Any]]]:
        """The questions of the quiz in their order, each with its number."""
        return sorted((int(number), each) for number, each in self.question.items())

    def lines_and_whether_recorded(self, lines: Iterable[str]) -> list[tuple[str, bool]]:
        """Return each line, and whether it has a sound: an own recording, or one of the shipped voice."""
        own = set(self.recordings.values_list("line", flat=True))
        return [(line, line in own or sound_of(self.caller, line) is not None) for line in lines]


class OwnRecording(models.Model):
    """The sound of a line of an own course, recorded by the hotline: 8 kHz µ-law."""

    course = models.ForeignKey(OwnCourse, on_delete=models.CASCADE, related_name="recordings")
    line = models.CharField(max_length=LONGEST_LINE)
    sound = models.BinaryField(max_length=LONGEST_SOUND)

    protected = row_security.ByRole(*STAFF, by=SUPERVISOR, web="select, insert, update, delete", worker="select")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "line"], name="a_line_is_recorded_once")]

    def __str__(self) -> str:
        return f"recording {self.pk}"


def all_courses() -> dict[str, Course]:
    """Return every course by its code. A course that this hotline changed takes the place of the shipped one."""
    return courses() | {own.code: own.course() for own in OwnCourse.objects.order_by("code")}


def course_by_code(code: str, *, with_sound: bool = False) -> Course:
    """Return the course of this code. Raises KeyError if there is none."""
    own = OwnCourse.objects.filter(code=code).first()
    return own.course(with_sound=with_sound) if own else courses()[code]


class QuizResultQuerySet(models.QuerySet["QuizResult"]):
    def passed_by(self, user: User) -> set[str]:
        """Codes of the courses whose quiz this user has passed."""
        return set(self.filter(user=user, passed=True).values_list("course_code", flat=True))


class QuizResult(models.Model):
    """The result of a quiz that somebody took: how many answers were right, and not which."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    course_code = models.CharField(max_length=40)
    at = models.DateTimeField()
    right = models.PositiveSmallIntegerField()
    questions = models.PositiveSmallIntegerField()
    passed = models.BooleanField()

    objects = QuizResultQuerySet.as_manager()
    protected = OwnOrSupervisor(web="select, insert")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(right__lte=F("questions")), name="no_more_answers_than_questions")
        ]

    def __str__(self) -> str:
        return f"quiz result {self.pk}"


class PracticeQuerySet(models.QuerySet["Practice"]):
    def visible_to(self, user: User) -> Self:
        return self if permissions.supervise(user) else self.filter(user=user)


class Practice(models.Model):
    """One practice of a course: its chat or call, the step of the invented person, and the score."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    course_code = models.CharField(max_length=40)
    chat = models.OneToOneField(Chat, null=True, on_delete=models.PROTECT, related_name="practice")  # None: a call
    call = models.UUIDField(null=True, unique=True)  # id of its call, which the switchboard writes. None: a chat
    step = models.CharField(max_length=LONGEST_NAME)  # where the person is in the tree; blank: they hung up
    path = models.JSONField(default=list)  # of a call: [step, the signal that led to it], in order
    noted = ArrayField(models.CharField(max_length=20), default=list)  # of `Mark`, in a call; a trigger sets it
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    met = models.JSONField(default=dict)  # item of the quality sheet -> whether it was met
    points = models.PositiveSmallIntegerField(null=True)  # of 100; None: not scored yet
    passed = models.BooleanField(default=False)
    certificate = models.ForeignKey(Certificate, null=True, on_delete=models.PROTECT, related_name="+")

    objects = PracticeQuerySet.as_manager()
    protected = OwnOrSupervisor(
        web="select, insert, update (step, finished_at, met, points, passed)",
        switchboard="select (call, noted), update (noted)",
        worker="select (id, user_id, course_code, call, step, path, noted, finished_at), update (step, path)",
    )

    class Meta:
        indexes = [models.Index(fields=["user", "-started_at"], name="practices_of_somebody")]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None, points=None, passed=False)
                | Q(finished_at__isnull=False, points__isnull=False),
                name="a_finished_practice_has_a_score",
            ),
            models.CheckConstraint(
                condition=Q(chat=None, call__isnull=False) | Q(chat__isnull=False, call=None),
                name="a_practice_is_a_chat_or_a_call",
            ),
            models.CheckConstraint(condition=Q(certificate=None) | Q(passed=True), name="who_passes_is_certified"),
        ]

    def __str__(self) -> str:
        return f"practice {self.pk}"

    @cached_property
    def course(self) -> Course:
        """The course of the practice, with its recordings."""
        return course_by_code(self.course_code, with_sound=True)

    @property
    def said_everything(self) -> bool:
        """Whether the invented person has said everything that they want to say."""
        step = self.course.steps.get(self.step)
        return step is not None and step.end == End.FINISHED

    @property
    def reactions(self) -> list[tuple[str, str | Promise]]:
        """The lines that the person said in a call, step by step, and the signal that led to each step."""
        steps, signals = self.course.steps, dict(Signal.choices)
        return [(" ".join(steps[step].says) if step in steps else "", signals.get(by, "")) for step, by in self.path]

    @property
    def is_open(self) -> bool:
        return self.finished_at is None

    @property
    def sheet(self) -> list[tuple[Item, bool]]:
        """The items of the quality sheet that were scored, each with whether it was met."""
        return [(item, self.met[item.name]) for item in ITEMS if item.name in self.met]
