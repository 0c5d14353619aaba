"""What was read aloud is cited in the contact, and a retired article cannot be cited any more."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import CitedArticle, Contact
from amparo.line.contacts.rules import cite_article, take_back_citation
from amparo.line.knowledge.models import Article, ArticleVersion
from amparo.line.knowledge.rules import ArticleText, add_article, publish_article, retire_article

TEXT = ArticleText(language="es", title="Una deuda no obliga", body="Nadie puede retenerla.", sources="Norma inventada")


@pytest.fixture
def version(marta) -> ArticleVersion:
    now = timezone.now()
    review_on = timezone.localdate(now) + timedelta(days=9)
    article = add_article(TEXT, owner=marta, review_on=review_on, by=marta, now=now)
    publish_article(article, by=marta, now=now)
    with acting_as(marta.acting()):
        return article.versions.select_related("article").get()


def test_it_is_cited_once_and_shown_on_the_page_of_the_contact(contact: Contact, ana: User, version):
    for _twice in range(2):
        cite_article(contact, version, by=ana, now=timezone.now())
    with acting_as(ana.acting()):
        assert CitedArticle.objects.get().cited_by == ana
    client = Client()
    client.force_login(ana)
    assert TEXT.title in client.get(f"/contacts/{contact.pk}").content.decode()
    assert Entry.objects.filter(what="cite_article", user_id=ana.pk, key=contact.key_id).exists()


def test_who_may_not_see_the_contact_sees_and_cites_nothing(contact: Contact, ana: User, rufino: User, version):
    cite_article(contact, version, by=ana, now=timezone.now())
    with pytest.raises(Refused):
        cite_article(contact, version, by=rufino, now=timezone.now())
    with acting_as(rufino.acting()):
        assert not CitedArticle.objects.exists()
    with acting_as(ana.acting()):
        assert CitedArticle.objects.exists()  # control: who cited it reads it


def test_a_retired_article_is_cited_no_more_and_its_citation_stays(contact: Contact, ana: User, marta: User, version):
    cite_article(contact, version, by=ana, now=timezone.now())
    retire_article(version.article, "Hay otra norma.", by=marta, now=timezone.now())
    cite_article(contact, version, by=ana, now=timezone.now())  # again: it is there, and nothing changes
    client = Client()
    client.force_login(ana)
    assert TEXT.title in client.get(f"/contacts/{contact.pk}").content.decode()
    assert "Hay otra norma." in client.get(f"/articles/{version.article_id}/versions/{version.pk}").content.decode()
    take_back_citation(contact, version, by=ana)
    with pytest.raises(Refused, match=r"no se puede citar|cannot be cited"):
        cite_article(contact, version, by=ana, now=timezone.now())


def test_the_database_refuses_it_too(contact: Contact, ana: User, marta: User, version):
    """The same holds when the article is retired after the page was read and before the row is written."""
    new = CitedArticle(contact=contact, version=version, cited_at=timezone.now(), cited_by=ana)
    retire_article(version.article, "Hay otra norma.", by=marta, now=timezone.now())
    refused = pytest.raises(IntegrityError, match="only a published article")
    with acting_as(ana.acting()), refused, transaction.atomic():
        new.save()
    Article.objects.update(state="published", retired_at=None, retired_why="")
    with acting_as(ana.acting()):
        new.save()  # control: a published article


def test_only_who_cited_it_takes_it_back(contact: Contact, ana: User, marta: User, version):
    cite_article(contact, version, by=ana, now=timezone.now())
    with pytest.raises(Refused):
        take_back_citation(contact, version, by=marta)
    with acting_as(ana.acting()):
        assert CitedArticle.objects.exists()
    take_back_citation(contact, version, by=ana)
    with acting_as(ana.acting()):
        assert not CitedArticle.objects.exists()
