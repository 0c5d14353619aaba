from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from amparo.foundation.core import row_security
from amparo.line.knowledge.picklists import Language
from amparo.programme.campaigns.models import OFFICER
from amparo.programme.news.models import PUBLISHER

from .picklists import PublicPage, State

LONGEST_TITLE, LONGEST_BODY = 80, 8_000  # characters: the page stays below 14 kB compressed


class VersionPolicy(row_security.ByRole):
    """Row policy: editors and publishers read all versions, and everybody else the published ones."""

    def reads(self, model: type[models.Model]) -> str:
        return f"{super().reads(model)} or state = '{State.PUBLISHED}'"

    def writes(self, model: type[models.Model]) -> str:
        return super().reads(model)


class VersionQuerySet(models.QuerySet["Version"]):
    def of_text(self, page: str, language: str) -> Self:
        """The versions of one page in one language, newest first."""
        return self.filter(page=page, language=language).order_by("-number")

    def published(self) -> Self:
        """The newest published version of each page in each language, which the public reads."""
        later = Version.objects.filter(
            page=OuterRef("page"), language=OuterRef("language"), state=State.PUBLISHED, number__gt=OuterRef("number")
        )
        return self.filter(~Exists(later), state=State.PUBLISHED)

    def newest(self) -> Self:
        """The newest version of each page in each language, whatever its state."""
        later = Version.objects.filter(
            page=OuterRef("page"), language=OuterRef("language"), number__gt=OuterRef("number")
        )
        return self.filter(~Exists(later))

    def to_review(self) -> Self:
        return self.newest().filter(state=State.IN_REVIEW)


class Version(models.Model):
    """The text of a public page in one language, as somebody wrote it. A change adds a version."""

    page = models.CharField(max_length=8, choices=PublicPage.options)
    language = models.CharField(max_length=2, choices=Language.options)
    number = models.PositiveIntegerField()  # from 1, for each page and language
    title = models.CharField(max_length=LONGEST_TITLE)
    body = models.TextField()  # Markdown (foundation/core/markup.py)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State.options, default=State.DRAFT)
    decided_at = models.DateTimeField(null=True)  # when it was published or returned
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    remark = models.CharField(max_length=400, blank=True, default="")  # why it was returned

    objects = VersionQuerySet.as_manager()
    protected = VersionPolicy(OFFICER, PUBLISHER, web="select, insert, update")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "language", "number"], name="a_text_has_one_version_of_a_number"),
            models.CheckConstraint(
                condition=Q(state__in=(State.DRAFT, State.IN_REVIEW), decided_at=None, decided_by=None)
                | Q(state__in=(State.PUBLISHED, State.RETURNED), decided_at__isnull=False)
                & ~Q(decided_by=F("written_by")),
                name="two_people_publish_a_text",
            ),
            models.CheckConstraint(
                condition=Q(state=State.RETURNED) & ~Q(remark="") | ~Q(state=State.RETURNED) & Q(remark=""),
                name="a_returned_text_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page} {self.language} {self.number}"
