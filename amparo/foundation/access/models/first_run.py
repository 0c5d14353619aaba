"""The first run: the first administrator enters by a link that the installation prints, and takes four steps."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core import row_security

from .people import User

THE_RUN = 1  # there is one in an installation
TOKEN_BYTES = 24  # 192 bits: nobody guesses them


class Step(models.IntegerChoices):
    WHO = 1, _("Who you are")
    LINE = 2, _("The line's name")
    WAYS = 3, _("Two ways in")
    SHEET = 4, _("The printed sheet")


class FirstRunQuerySet(models.QuerySet["FirstRun"]):
    def unfinished(self) -> Self:
        return self.filter(finished_at=None)

    def by_link(self, token: str, now: datetime) -> "FirstRun | None":
        """Return the run whose link has this token. None: it was used, is too old, or never was."""
        found = self.unfinished().filter(digest=digest_of_token(token), opened_at=None, expires_at__gt=now)
        return found.select_related("user__agency").first()

    def begun_by(self, user: User) -> "FirstRun | None":
        """Return the run that this person has begun by the link, and not finished."""
        return self.unfinished().filter(user=user, opened_at__isnull=False).first()


class FirstRun(models.Model):
    """The first administrator's way in. The link is kept as a digest; the form of the first step uses it up."""

    GOOD_FOR = timedelta(days=7)

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)  # None: nobody has used this link
    step = models.PositiveSmallIntegerField(default=Step.WHO)  # the next one to take
    finished_at = models.DateTimeField(null=True)  # None: not yet

    objects = FirstRunQuerySet.as_manager()
    protected = row_security.OpenTable(
        "a digest that opens nothing, and how far somebody came", by="false",
        web="select, update (opened_at, step, finished_at)", worker="select",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=THE_RUN), name="there_is_one_first_run"),
            models.CheckConstraint(
                condition=Q(step=Step.WHO) | Q(opened_at__isnull=False), name="a_first_run_begins_by_its_link"
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(step=Step.SHEET), name="a_first_run_ends_with_the_sheet"
            ),
        ]

    def __str__(self) -> str:
        return "the first run"

    @property
    def is_begun(self) -> bool:
        return self.opened_at is not None

    def renew_link(self, now: datetime) -> str:
        """Give the run a new link, from its first step on, and return the link's token. The earlier link ends."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self.digest, self.made_at, self.expires_at = digest_of_token(token), now, now + self.GOOD_FOR
        self.opened_at, self.step = None, Step.WHO
        self.save()
        return token


def digest_of_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
