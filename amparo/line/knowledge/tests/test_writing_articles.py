from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.knowledge.models import Article, ArticleVersion
from amparo.line.knowledge.picklists import State
from amparo.line.knowledge.rules import add_article, publish_article, retire_article, review_article, revise_article

from .conftest import DEBT, NOW, TODAY, written


def test_an_article_is_a_draft_until_somebody_publishes_it(marta, ana):
    draft = written(marta, published=False)
    with acting_as(ana.acting()):
        assert not Article.objects.visible_to(ana).exists()
    publish_article(draft, by=marta, now=NOW)
    publish_article(draft, by=marta, now=NOW + timedelta(days=1))  # twice changes nothing
    with acting_as(ana.acting()):
        assert Article.objects.visible_to(ana).get().published_at == NOW


def test_every_change_is_kept_as_a_version(marta):
    article = written(marta)
    changed = replace(DEBT, body="Otra cosa.")
    for based_on in (1, 2):  # the same words again add no version
        revise_article(article, changed, based_on=based_on, by=marta, now=NOW)
    with acting_as(marta.acting()):
        assert [it.body for it in article.versions.order_by("number")] == [DEBT.body, "Otra cosa."]
        assert ArticleVersion.objects.current().get().number == 2


def test_nobody_overwrites_a_version_unseen(marta):
    article = written(marta)
    revise_article(article, replace(DEBT, body="La de Marta."), based_on=1, by=marta, now=NOW)
    with pytest.raises(Refused, match=r"otra persona|Somebody else"):
        revise_article(article, replace(DEBT, body="La otra."), based_on=1, by=marta, now=NOW)
    with acting_as(marta.acting()):
        assert article.versions.count() == 2


def test_an_operator_reads_and_cannot_write(marta, ana):
    article = written(marta)
    with pytest.raises(Refused):
        add_article(DEBT, owner=marta, review_on=TODAY + timedelta(days=9), by=ana, now=NOW)
    with pytest.raises(Refused):
        retire_article(article, "porque sí", by=ana, now=NOW)
    with acting_as(ana.acting()):
        assert ArticleVersion.objects.count() == 1  # the control: they read
        assert Article.objects.update(state=State.RETIRED, retired_at=NOW, retired_why="x") == 0
    with acting_as(marta.acting()):
        assert Article.objects.get().is_published


def test_a_version_never_changes(marta):
    written(marta)
    with acting_as(marta.acting()):
        assert ArticleVersion.objects.count() == 1
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            ArticleVersion.objects.update(body="x")
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            ArticleVersion.objects.all().delete()


@pytest.mark.parametrize(
    "text", [replace(DEBT, sources=" "), replace(DEBT, is_legal=False, checked_by="Una abogada inventada")]
)
def test_what_names_no_source_or_is_checked_for_nothing_is_refused(marta, text):
    with pytest.raises(Refused):
        add_article(text, owner=marta, review_on=TODAY + timedelta(days=9), by=marta, now=NOW)
    with acting_as(marta.acting()):
        assert not Article.objects.exists()


def test_its_owner_can_change_it_and_its_review_is_ahead(marta, ana):
    article = written(marta)
    for owner, days in ((ana, 9), (marta, 0)):
        with pytest.raises(Refused):
            review_article(article, owner=owner, review_on=TODAY + timedelta(days=days), by=marta, now=NOW)
    review_article(article, owner=marta, review_on=TODAY + timedelta(days=1), by=marta, now=NOW)
    with acting_as(marta.acting()):
        assert list(Article.objects.to_review(TODAY)) == []
        assert list(Article.objects.to_review(TODAY + timedelta(days=1))) == [article]


def test_a_retired_article_is_found_no_more_and_stays_as_it_is(marta, ana):
    article = written(marta)
    with pytest.raises(Refused):
        retire_article(article, " ", by=marta, now=NOW)
    retire_article(article, "Hay una ley nueva.", by=marta, now=NOW)
    for act in (
        lambda: revise_article(article, replace(DEBT, body="x"), based_on=1, by=marta, now=NOW),
        lambda: publish_article(article, by=marta, now=NOW),
    ):
        with pytest.raises(Refused):
            act()
    with acting_as(ana.acting()):
        assert not ArticleVersion.objects.current().published().exists()
        assert Article.objects.visible_to(ana).get().retired_why == "Hay una ley nueva."  # what cites it shows it


def test_each_verb_is_written_down(marta):
    article = written(marta)
    retire_article(article, "x", by=marta, now=NOW)
    assert {"add_article", "publish_article", "retire_article"} <= set(Entry.objects.values_list("what", flat=True))


def test_html_that_somebody_typed_is_text(marta):
    article = written(marta, replace(DEBT, body="<script>x</script> [x](javascript:1)\n\n- uno\n- dos"))
    with acting_as(marta.acting()):
        html = article.versions.get().html
    assert "&lt;script&gt;" in html
    assert "<ul>" in html  # the control
    assert "<script" not in html
    assert "href" not in html
