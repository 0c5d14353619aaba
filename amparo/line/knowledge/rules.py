"""What is done with articles: write, publish, review, retire. Nothing is deleted."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused

from .models import Article, ArticleVersion
from .picklists import Language, State


@dataclass(frozen=True)
class ArticleText:
    """The text of an article in one language, as somebody wrote it."""

    language: str
    title: str
    body: str
    sources: str
    keywords: str = ""
    read_aloud: str = ""
    is_legal: bool = False
    checked_by: str = ""


@action(permissions.supervise, label=gettext_lazy("wrote an article"))
def add_article(text: ArticleText, *, owner: User, review_on: date, by: User, now: datetime) -> Article:
    """Write a new article. It is a draft until somebody publishes it."""
    _refuse_owner(owner)
    _refuse_review_day(review_on, now)
    article = Article.objects.create(owner=owner, review_on=review_on, added_at=now)
    _add_version(article, text, 1, by, now)
    return article


@action(permissions.supervise, label=gettext_lazy("changed an article"))
def revise_article(article: Article, text: ArticleText, *, based_on: int, by: User, now: datetime) -> ArticleVersion:
    """Write the next version in the text's language. `based_on`: the number of the version that was changed; 0: none.

    Raises `Refused` if somebody wrote another version meanwhile. The same words again add no version.
    """
    article = _lock_article(article)
    if article.state == State.RETIRED:
        raise Refused(_("It is retired, and stays as it is."))
    newest = article.versions.filter(language=text.language).order_by("-number").first()
    if (newest.number if newest else 0) != based_on:
        raise Refused(_("Somebody else changed this article meanwhile. Load the page again, and write yours into it."))
    if newest and all(getattr(newest, name) == value for name, value in asdict(text).items()):
        return newest
    version = _add_version(article, text, based_on + 1, by, now)
    notify("articles")
    return version


@action(permissions.supervise, label=gettext_lazy("published an article"))
def publish_article(article: Article, *, by: User, now: datetime) -> Article:
    """Show a draft to everybody who reads articles. It needs a text in Spanish, which every operator reads."""
    article = _lock_article(article)
    if article.state == State.RETIRED:
        raise Refused(_("It is retired. Write another article."))
    if article.state == State.DRAFT:
        if not article.versions.filter(language=Language.SPANISH).exists():
            raise Refused(_("Write it in Spanish first."))
        article.state, article.published_at = State.PUBLISHED, now
        article.save(update_fields=["state", "published_at"])
        notify("articles")
    return article


@action(permissions.supervise, label=gettext_lazy("retired an article"))
def retire_article(article: Article, why: str, *, by: User, now: datetime) -> Article:
    """Take an article out of every search. Contacts that cite it still show it; it cannot be cited any more."""
    if not why.strip():
        raise Refused(_("Say why it is retired, and what holds instead."))
    article = _lock_article(article)
    if article.state != State.RETIRED:
        article.state, article.retired_at, article.retired_why = State.RETIRED, now, why.strip()
        article.save(update_fields=["state", "retired_at", "retired_why"])
        notify("articles")
    return article


@action(permissions.supervise, label=gettext_lazy("reviewed an article"))
def review_article(article: Article, *, owner: User, review_on: date, by: User, now: datetime) -> Article:
    """Record that an article is still right, who owns it from now on, and when it is reviewed next."""
    _refuse_owner(owner)
    _refuse_review_day(review_on, now)
    article = _lock_article(article)
    article.owner, article.review_on = owner, review_on
    article.save(update_fields=["owner", "review_on"])
    notify("articles")
    return article


def _lock_article(article: Article) -> Article:
    return Article.objects.select_for_update(of=("self",)).get(pk=article.pk)


def _add_version(article: Article, text: ArticleText, number: int, by: User, now: datetime) -> ArticleVersion:
    if not text.sources.strip():
        raise Refused(_("Name at least one source."))
    if text.checked_by and not text.is_legal:
        raise Refused(_("Only an article about the law is checked by a lawyer: tick that it is one."))
    return ArticleVersion.objects.create(article=article, number=number, written_at=now, written_by=by, **asdict(text))


def _refuse_owner(owner: User) -> None:
    if not permissions.supervise(owner):
        raise Refused(_("The owner of an article is a supervisor, who can change it."))


def _refuse_review_day(review_on: date, now: datetime) -> None:
    if review_on <= timezone.localdate(now):
        raise Refused(_("Choose a day after today for the next review."))
