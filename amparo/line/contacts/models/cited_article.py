"""What was read aloud to somebody: a version of an article, cited in the contact."""

from typing import Self

from django.conf import settings
from django.db import models

from amparo.foundation.core import row_security
from amparo.line.knowledge.models import ArticleVersion

from .contact import Contact


class CitedArticleQuerySet(models.QuerySet["CitedArticle"]):
    def in_order(self) -> Self:
        return self.select_related("version__article", "cited_by").order_by("cited_at", "pk")


class CitedArticle(models.Model):
    """A version of an article that was read aloud in a contact. It stays readable when the article is retired."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="cited_articles")
    version = models.ForeignKey(ArticleVersion, on_delete=models.PROTECT, related_name="+")
    cited_at = models.DateTimeField()
    cited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = CitedArticleQuerySet.as_manager()
    protected = row_security.ThroughParent("contact_id", "contacts.Contact", web="select, insert, delete")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "version"], name="a_version_is_cited_once_in_a_contact")
        ]

    def __str__(self) -> str:
        return f"cited article {self.pk}"
