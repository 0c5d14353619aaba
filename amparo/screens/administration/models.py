"""How each part of the hotline was, day by day; what people answered for, and who opened the line."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core import row_security
from amparo.foundation.core.picklists import Picklist

LONGEST_KEY = 300  # a certificate's has the name of its host, of at most 253 letters


class PartState(models.Model):
    """The worst state in which one part of the hotline was seen on one day."""

    part = models.CharField(max_length=LONGEST_KEY)  # `Part.key`, and what it is of
    day = models.DateField()
    severity = models.PositiveSmallIntegerField()  # the place of its light in `part.LIGHTS`

    protected = row_security.OpenTable(
        "states of our own programs and of the machine, of nobody",
        web="select",
        worker="select, insert, update, delete",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["part", "day"], name="a_part_has_one_state_each_day")]

    def __str__(self) -> str:
        return f"{self.part} on {self.day:%Y-%m-%d}"


TOGETHER = timedelta(minutes=10)  # within which two people open or close the line
OPENS = "(select acting.role()) in ('hotline/administrator', 'hotline/supervisor')"


class Question(Picklist):
    """What Amparo cannot check before a line opens, and a person answers for."""

    LAWYER = "lawyer", _("A lawyer has answered the questions of the manual")
    PRIVACY = "privacy", _("The privacy page names the responsible body, and its periods are right")
    POLICE = "police", _("The police and the services know that the line opens")
    ELSEWHERE = "elsewhere", _("Backups are copied to another machine each day")
    SAFE = "safe", _("The identity that opens backups lies in a safe, not on this machine")
    WORDS = "words", _("The opening words were heard in each language that the menu offers")


class StatementQuerySet(models.QuerySet["Statement"]):
    def newest(self) -> Self:
        """Only the newest statement on each question, which is the one that counts."""
        return self.order_by("question", "-pk").distinct("question").select_related("by")


class Statement(models.Model):
    """Somebody says that a question is settled, or takes that back. Nobody changes or deletes it."""

    question = models.CharField(max_length=12, choices=Question.options)
    is_settled = models.BooleanField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = StatementQuerySet.as_manager()
    protected = row_security.OpenTable("says nothing about anybody", by=OPENS, web="select, insert")

    def __str__(self) -> str:
        return f"{self.question} {self.pk}"


class OpeningQuerySet(models.QuerySet["Opening"]):
    def latest_done(self) -> "Opening | None":
        """The last time that two people opened or closed the line."""
        return self.filter(second__isnull=False).select_related("first", "second").order_by("pk").last()

    def waiting(self, now: datetime) -> "Opening | None":
        """The first half of an opening or closing, while the second may still follow."""
        newest = self.select_related("first").order_by("pk").last()
        return newest if newest and newest.second_id is None and now - newest.first_at <= TOGETHER else None


class Opening(models.Model):
    """The line is opened for people who call, or closed, by two people within ten minutes."""

    opens = models.BooleanField()  # False: it is closed
    first = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField()
    second = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    second_at = models.DateTimeField(null=True)

    objects = OpeningQuerySet.as_manager()
    protected = row_security.OpenTable(
        "who opened the line, and when", by=OPENS, web="select, insert, update (second_id, second_at)"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(second=None, second_at=None)
                | models.Q(second__isnull=False, second_at__isnull=False) & ~models.Q(second=models.F("first")),
                name="two_people_open_the_line",
            )
        ]

    def __str__(self) -> str:
        return f"opening {self.pk}"
