from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amparo.foundation.core.actor import acting_as
from amparo.line.knowledge.models import Article
from amparo.line.knowledge.rules import ArticleText, add_article, publish_article, retire_article

from .conftest import DEBT, written

TYPED = {
    "based_on": "0", "title": "Título", "keywords": "", "read_aloud": "", "body": "Uno.\r\n\r\n- dos", "checked_by": "",
    "sources": "Una fuente https://example.org/x",
}  # fmt: skip


def browser_of(user, **headers: str) -> Client:
    client = Client(headers=headers)
    client.force_login(user)
    return client


def overdue(by) -> Article:
    now = timezone.now()
    review_on = timezone.localdate(now) - timedelta(days=3)
    article = add_article(DEBT, owner=by, review_on=review_on, by=by, now=now - timedelta(days=90))
    return publish_article(article, by=by, now=now)


def test_a_supervisor_writes_publishes_changes_and_retires_it(marta, ana):
    client = browser_of(marta)
    tomorrow = timezone.localdate() + timedelta(days=1)
    to_article = client.post("/knowledge/add", TYPED | {"owner": marta.pk, "review_on": tomorrow.isoformat()})
    address = to_article["Location"]
    writing = address.replace("articles", "knowledge")
    assert browser_of(ana).get(address).status_code == 404  # a draft
    client.post(f"{writing}/publish")
    shown = browser_of(ana).get(address).content.decode()
    assert "<li>dos</li>" in shown
    assert 'href="https://example.org/x" target="_blank" rel="noopener noreferrer"' in shown
    client.post(f"{writing}/es/change", TYPED | {"based_on": "1", "title": "Otro título"})
    client.post(f"{writing}/en/change", TYPED | {"title": "English title"})
    with acting_as(ana.acting()):
        numbers = Article.objects.get().versions.order_by("pk").values_list("language", "number")
        assert list(numbers) == [("es", 1), ("es", 2), ("en", 1)]
    client.post(f"{writing}/retire", {"why": "Hay otra norma."})
    assert "Hay otra norma." in browser_of(ana).get(address).content.decode()
    assert "Otro título" not in browser_of(ana).get("/articles").content.decode()


def test_a_draft_that_is_retired_stays_hidden_from_operators(marta, ana):
    client, tomorrow = browser_of(marta), timezone.localdate() + timedelta(days=1)
    to_article = client.post("/knowledge/add", TYPED | {"owner": marta.pk, "review_on": tomorrow.isoformat()})
    address = to_article["Location"]
    client.post(f"{address.replace('articles', 'knowledge')}/retire", {"why": "Nadie la necesita."})
    assert "Nadie la necesita." in client.get(address).content.decode()
    assert browser_of(ana).get(address).status_code == 404


@pytest.mark.parametrize("missing", ["title", "body", "sources"])
def test_what_is_typed_comes_back_when_something_is_missing(marta, missing):
    tomorrow = timezone.localdate() + timedelta(days=1)
    sent = TYPED | {"owner": marta.pk, "review_on": tomorrow.isoformat(), "keywords": "palabras raras", missing: ""}
    answer = browser_of(marta).post("/knowledge/add", sent)
    assert answer.status_code == 422
    assert "palabras raras" in answer.content.decode()


def test_a_change_of_an_older_version_comes_back_with_what_was_typed(marta):
    article = written(marta)
    client = browser_of(marta)
    client.post(f"/knowledge/{article.pk}/es/change", TYPED | {"based_on": "1", "body": "La primera."})
    answer = client.post(f"/knowledge/{article.pk}/es/change", TYPED | {"based_on": "1", "body": "La segunda."})
    assert answer.status_code == 422
    assert "La segunda." in answer.content.decode()


def test_the_search_is_posted_and_filters_what_is_shown(marta, ana):
    written(marta)
    script = browser_of(ana, **{"Sec-Fetch-Mode": "cors"})
    assert DEBT.title in script.post("/articles", {"q": "deud"}).content.decode()
    assert DEBT.title not in script.post("/articles", {"q": "zapato"}).content.decode()
    assert DEBT.title in script.get("/articles?q=zapato").content.decode()  # no address searches


def test_a_due_review_shows_on_the_article_and_at_the_supervisors(marta, ana):
    article = overdue(marta)
    assert "Debía revisarse el" in browser_of(ana).get(f"/articles/{article.pk}").content.decode()
    for address in ("/home", "/articles"):
        assert DEBT.title in browser_of(marta).get(address).content.decode()
    assert "(suyo)" in browser_of(marta).get("/articles").content.decode()
    browser_of(marta).post(
        f"/knowledge/{article.pk}/review",
        {"owner": marta.pk, "review_on": (timezone.localdate() + timedelta(days=30)).isoformat()},
    )
    assert "Debía revisarse el" not in browser_of(ana).get(f"/articles/{article.pk}").content.decode()
    assert DEBT.title not in browser_of(marta).get("/home").content.decode()


def test_what_no_lawyer_and_no_speaker_has_checked_says_so(marta, ana):
    article = written(marta)
    browser_of(marta).post(f"/knowledge/{article.pk}/qu/change", TYPED)
    shown = browser_of(ana).get(f"/articles/{article.pk}").content.decode()
    assert "Sin revisión legal" in shown
    assert "Nadie que hable quechua" not in shown  # the control
    assert (
        "Nadie que hable quechua lo ha revisado"
        in browser_of(ana).get(f"/articles/{article.pk}?text=qu").content.decode()
    )


def test_the_search_of_every_page_finds_it_while_it_is_published(marta, ana):
    article = written(marta)
    assert f"/articles/{article.pk}" in browser_of(ana).post("/search", {"q": "deuda"}).content.decode()
    retire_article(article, "x", by=marta, now=timezone.now())
    assert f"/articles/{article.pk}" not in browser_of(ana).post("/search", {"q": "deuda"}).content.decode()


def test_a_title_that_somebody_typed_is_no_html(marta, ana):
    article = written(marta, ArticleText(language="es", title="<b>x</b>", body="y", sources="<i>z</i>"))
    shown = browser_of(ana).get(f"/articles/{article.pk}").content.decode()
    assert "<b>x</b>" not in shown
    assert "&lt;b&gt;x&lt;/b&gt;" in shown
    assert "<i>z</i>" not in shown
