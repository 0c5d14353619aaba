from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.text import slugify

from amparo.foundation.access.models import User
from amparo.foundation.core import row_security
from amparo.programme.campaigns.models import OFFICER
from amparo.programme.events.models import Testimony

from .figures import MARKER, citations_of, split_at_markers

PUBLISHER = "hotline/publisher"
LONGEST_SLUG = 80


class NotePolicy(row_security.ByRole):
    """Row policy: authors and publishers of news read all notes, everybody else the published ones."""

    def reads(self, model: type[models.Model]) -> str:
        return f"{super().reads(model)} or published_at is not null"

    def writes(self, model: type[models.Model]) -> str:
        return super().reads(model)


class NoteQuerySet(models.QuerySet["Note"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def drafts_of_others(self, user: User) -> Self:
        """Drafts by others: a publisher may publish these, and never their own."""
        return self.filter(published_at=None).exclude(drafted_by=user)

    def newest_first(self) -> Self:
        return self.order_by(F("published_at").desc(nulls_first=True), "-pk")


class Note(models.Model):
    """A note for the press, in Spanish and English, published by another person than its author.

    A count of the hotline is written as a marker, `{contacts_by_channel/total}`. Publishing replaces the marker by the
    published figure, and records the figure's edition: so a number always leads to its definition.
    """

    slug = models.SlugField(max_length=LONGEST_SLUG, unique=True)
    place = models.CharField(max_length=80)  # "Lima"
    title_es = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    lead_es = models.CharField(max_length=400)
    lead_en = models.CharField(max_length=400)
    text_es = models.TextField()  # paragraphs, with a blank line between
    text_en = models.TextField()
    contact = models.CharField(max_length=300)  # the press office: its name, telephone and e-mail
    testimony = models.ForeignKey(Testimony, null=True, on_delete=models.PROTECT, related_name="+")  # quoted in it
    embargo_until = models.DateTimeField(null=True)  # None: public when published
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)  # None: a draft
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)  # None: a draft, or public
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.JSONField(null=True)  # the published text, kept after withdrawal; None: a draft
    version = models.PositiveIntegerField(db_default=0, editable=False)  # core/edit_conflicts.py
    edits = models.JSONField(db_default={}, editable=False)

    objects = NoteQuerySet.as_manager()
    protected = NotePolicy(OFFICER, PUBLISHER, web="select, insert, update")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(published_at=None, published_by=None, document__isnull=True)
                | Q(published_at__isnull=False, published_by__isnull=False, document__isnull=False)
                & ~Q(published_by=F("drafted_by")),
                name="two_people_publish_a_note",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__gte=F("published_at"), withdrawn_by__isnull=False),
                name="only_a_published_note_is_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        """The Spanish title, with its numbers once they are published."""
        return "".join(map(str, split_at_markers(self.title_es, citations_of(self.document or {}))))

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    def texts(self) -> dict[str, dict[str, Any]]:
        """Return title, lead and text, by language."""
        return {
            language: {part: getattr(self, f"{part}_{language}") for part in ("title", "lead", "text")}
            for language in ("es", "en")
        }

    def texts_with_markers(self) -> list[str]:
        """Return the title, lead and text in each language: all that may have markers."""
        return [part for text in self.texts().values() for part in text.values()]


def free_slug(title: str) -> str:
    """Return a slug from the title that no other note has."""
    base = slugify(MARKER.sub("", title).replace("_", "-"))[: LONGEST_SLUG - 4].strip("-") or "nota"
    slug, number = base, 2
    while Note.objects.filter(slug=slug).exists():
        slug, number = f"{base}-{number}", number + 1
    return slug
