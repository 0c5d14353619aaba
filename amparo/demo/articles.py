"""Write the demonstration's articles (`articles.toml`) as an invented supervisor, with the actions behind the pages."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.line.knowledge.models import Article
from amparo.line.knowledge.picklists import Language, State
from amparo.line.knowledge.rules import ArticleText, add_article, publish_article, retire_article, revise_article

FILE = Path(__file__).parent / "articles.toml"
WRITTEN = timedelta(days=200)  # before the start of the demonstration


def invent_articles(by: User, now: datetime) -> None:
    """Write all articles once, unless somebody has written one."""
    with acting_as(by.acting()):
        if Article.objects.exists():
            return
    for written in tomllib.loads(FILE.read_text(encoding="utf-8"))["article"]:
        _write(written, by, now)


def _write(written: dict[str, Any], by: User, now: datetime) -> None:
    then, review_on = now - WRITTEN, timezone.localdate(now) + timedelta(days=written["due"])
    texts = [_text(written, language) for language in Language if language in written]
    article = add_article(texts[0], owner=by, review_on=review_on, by=by, now=then)
    for text in texts[1:]:
        revise_article(article, text, based_on=0, by=by, now=then)
    if written.get("state") != State.DRAFT:
        publish_article(article, by=by, now=then)
    if written.get("state") == State.RETIRED:
        retire_article(article, written["retired_why"], by=by, now=now - timedelta(days=30))


def _text(written: dict[str, Any], language: str) -> ArticleText:
    words = {name: words.strip() for name, words in written[language].items()}
    return ArticleText(language=language, is_legal=written.get("is_legal", False), **words)
