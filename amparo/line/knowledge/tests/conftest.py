from datetime import datetime, timedelta

from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.line.knowledge.models import Article
from amparo.line.knowledge.rules import ArticleText, add_article, publish_article

NOW = timezone.make_aware(datetime(2026, 11, 28, 3))
TODAY = NOW.date()
DEBT = ArticleText(
    language="es", title="Una deuda no obliga a quedarse", keywords="pasaje, adelanto, enganche",
    body="Nadie puede retenerla por una deuda.\n\n- El documento es suyo.\n- El pasaje no se paga con encierro.",
    read_aloud="Usted no está obligada a quedarse por una deuda.", sources="Convenio inventado 00", is_legal=True,
)  # fmt: skip


def written(by: User, text: ArticleText = DEBT, *, published: bool = True, days: int = 90) -> Article:
    """An article, published unless told otherwise, whose review is due `days` after it was written."""
    article = add_article(text, owner=by, review_on=TODAY + timedelta(days=days), by=by, now=NOW)
    return publish_article(article, by=by, now=NOW) if published else article
