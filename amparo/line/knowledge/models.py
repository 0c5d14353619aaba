import re
from datetime import date
from typing import NamedTuple, Self

from django.conf import settings
from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector, SearchVectorField
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.db.models.expressions import Combinable
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.core import row_security
from amparo.foundation.core.markup import as_html
from amparo.foundation.core.plain_text import Plain, plain

from .picklists import Language, State

READERS = ("hotline/operator", "hotline/supervisor", "hotline/case_worker")
SUPERVISOR = "hotline/supervisor"
LONGEST_SEARCH = 80  # characters
URL = re.compile(r"^(?P<title>.*?)\s*(?P<url>https?://\S+)$")


class ArticleQuerySet(models.QuerySet["Article"]):
    def visible_to(self, user: User) -> Self:
        """Articles that this user may read: supervisors, who write them, all; others those that were ever published."""
        return self if permissions.supervise(user) else self.exclude(published_at=None)

    def to_review(self, today: date) -> Self:
        """Published articles whose review is due, the longest due first."""
        return self.filter(state=State.PUBLISHED, review_on__lte=today).order_by("review_on", "pk")


class Article(models.Model):
    """Something that operators look up. Its words are in its versions, a row for each change in each language."""

    state = models.CharField(max_length=9, choices=State.options, default=State.DRAFT)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    review_on = models.DateField()  # the day on which its owner looks whether it is still right
    added_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)  # None: it was never published
    retired_at = models.DateTimeField(null=True)  # None: it is not retired
    retired_why = models.CharField(max_length=400, blank=True, default="")

    objects = ArticleQuerySet.as_manager()
    protected = row_security.ByRole(*READERS, by=SUPERVISOR, web="select, insert, update")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=State.RETIRED, retired_at__isnull=False) & ~Q(retired_why="")
                | ~Q(state=State.RETIRED) & Q(retired_at=None, retired_why=""),
                name="a_retired_article_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.PUBLISHED) | Q(published_at__isnull=False),
                name="a_published_article_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"article {self.pk}"

    @property
    def is_published(self) -> bool:
        return self.state == State.PUBLISHED

    def is_due(self, today: date) -> bool:
        """Whether its review is due."""
        return self.is_published and self.review_on <= today


class Source(NamedTuple):
    title: str
    url: str  # blank: a text alone


class ArticleVersionQuerySet(models.QuerySet["ArticleVersion"]):
    def current(self) -> Self:
        """The newest version of each article in each language."""
        newer = ArticleVersion.objects.filter(
            article=OuterRef("article"), language=OuterRef("language"), number__gt=OuterRef("number")
        )
        return self.filter(~Exists(newer)).select_related("article")

    def published(self) -> Self:
        return self.filter(article__state=State.PUBLISHED)

    def matching(self, typed: str) -> Self:
        """Versions that contain each typed word, or a word that begins with it, best match first. Blank: all."""
        words = re.findall(r"\w+", typed[:LONGEST_SEARCH])
        if not words:
            return self
        english, spanish = (_search_query(words, config) for config in ("english", "spanish"))
        is_english = Q(language=Language.ENGLISH)
        found = self.filter(is_english & Q(search=english) | ~is_english & Q(search=spanish))
        ranked = found.annotate(
            rank=Case(When(is_english, then=SearchRank(F("search"), english)), default=SearchRank(F("search"), spanish))
        )
        return ranked.order_by("-rank", "title", "pk")


def _search_query(words: list[str], config: str) -> SearchQuery:
    """Build the query: each typed word must occur, in any inflection, or as the beginning of a word."""
    queries = [
        SearchQuery(word, config=config) | SearchQuery(f"{plain(word)}:*", config="simple", search_type="raw")
        for word in words
    ]
    query = queries[0]
    for other in queries[1:]:
        query = query & other
    return query


def _search_vector(config: str) -> Combinable:
    """Build the search vector of a version: its words inflected as in this language, and as written without accents."""
    return (
        SearchVector("title", "keywords", config=config, weight="A")
        + SearchVector(Plain("title"), Plain("keywords"), config="simple", weight="A")
        + SearchVector("read_aloud", "body", config=config, weight="C")
        + SearchVector(Plain("read_aloud"), Plain("body"), config="simple", weight="C")
    )


class ArticleVersion(models.Model):
    """The words of an article in one language, as somebody wrote them. A change adds a version."""

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="versions")
    language = models.CharField(max_length=2, choices=Language.options)
    number = models.PositiveIntegerField()  # from 1, in each language
    title = models.CharField(max_length=120)
    keywords = models.CharField(max_length=400, blank=True)  # other words that people use for it, separated by commas
    body = models.TextField()  # paragraphs and lists (foundation/core/markup.py)
    read_aloud = models.TextField(blank=True)  # the words for the caller; blank: nothing in it is read aloud
    sources = models.TextField()  # one a line: a text, an address of the web, or both
    is_legal = models.BooleanField(default=False)  # it says what the law says
    checked_by = models.CharField(max_length=120, blank=True)  # the lawyer; blank: no lawyer has checked it
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    search = models.GeneratedField(
        expression=Case(
            When(language=Language.ENGLISH, then=_search_vector("english")), default=_search_vector("spanish")
        ),
        output_field=SearchVectorField(), db_persist=True,
    )  # fmt: skip

    objects = ArticleVersionQuerySet.as_manager()
    protected = row_security.ByRole(*READERS, by=SUPERVISOR, web="select, insert")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["article", "language", "number"], name="an_article_has_one_version_of_a_number"
            ),
            models.CheckConstraint(condition=~Q(sources=""), name="an_article_names_its_sources"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def html(self) -> SafeString:
        return as_html(self.body)

    @property
    def html_read_aloud(self) -> SafeString:
        return as_html(self.read_aloud)

    @property
    def source_list(self) -> list[Source]:
        lines = [line.strip() for line in self.sources.splitlines() if line.strip()]
        return [Source(**match.groupdict()) if (match := URL.match(line)) else Source(line, "") for line in lines]

    @property
    def needs_a_lawyer(self) -> bool:
        return self.is_legal and not self.checked_by

    @property
    def needs_a_speaker(self) -> bool:
        """Whether it is in Quechua: nobody who speaks it has checked these texts."""
        return self.language == Language.QUECHUA


def find_articles(typed: str) -> list[ArticleVersion]:
    """Published articles, a version of each: best first, or all by title if nothing was typed."""
    found = preferred_versions(list(ArticleVersion.objects.current().published().matching(typed)))
    return found if re.search(r"\w", typed) else sorted(found, key=lambda version: plain(version.title))


def preferred_versions(versions: list[ArticleVersion]) -> list[ArticleVersion]:
    """One version of each article, in the order given: in the screen's language, else in Spanish, else any."""
    best: dict[int, ArticleVersion] = {}
    wanted = (get_language() or Language.SPANISH, Language.SPANISH)
    for version in versions:
        known = best.get(version.article_id)
        if known is None or _preference_rank(version, wanted) < _preference_rank(known, wanted):
            best[version.article_id] = version  # it keeps the place of the first
    return list(best.values())


def _preference_rank(version: ArticleVersion, wanted: tuple[str, ...]) -> int:
    return wanted.index(version.language) if version.language in wanted else len(wanted)
