from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.line.chat.models import Chat
from amparo.line.roster.models import Certificate, OwnOrSupervisor

from .courses import END, Course, courses
from .sheet import ITEMS, Item


class PracticeQuerySet(models.QuerySet["Practice"]):
    def visible_to(self, user: User) -> Self:
        return self if permissions.supervise(user) else self.filter(user=user)


class Practice(models.Model):
    """One practice of a course: its chat or call, the step of the invented person, and the score."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    course_code = models.CharField(max_length=40)
    chat = models.OneToOneField(Chat, null=True, on_delete=models.PROTECT, related_name="practice")  # None: a call
    call = models.UUIDField(null=True, unique=True)  # id of its call, which the switchboard writes. None: a chat
    step = models.CharField(max_length=40)  # of a call: its start, or `END` once the person has said everything
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    met = models.JSONField(default=dict)  # item of the quality sheet -> whether it was met
    points = models.PositiveSmallIntegerField(null=True)  # of 100; None: not scored yet
    passed = models.BooleanField(default=False)
    certificate = models.ForeignKey(Certificate, null=True, on_delete=models.PROTECT, related_name="+")

    objects = PracticeQuerySet.as_manager()
    protected = OwnOrSupervisor(
        web="select, insert, update (step, finished_at, met, points, passed)",
        worker="select (id, user_id, course_code, call, step, finished_at), update (step)",
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

    @property
    def course(self) -> Course:
        return courses()[self.course_code]

    @property
    def said_everything(self) -> bool:
        """Whether the invented person came to the end of what they have to say."""
        return self.step == END if self.call else self.course.steps[self.step].is_end

    @property
    def is_open(self) -> bool:
        return self.finished_at is None

    @property
    def sheet(self) -> list[tuple[Item, bool]]:
        """The quality sheet, each item with whether it was met."""
        return [(item, self.met[item.name]) for item in ITEMS if item.name in self.met]
