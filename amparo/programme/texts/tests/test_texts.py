"""The texts of the public pages: one person writes, another publishes; nothing is lost, and all can be restored."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.programme.texts import public, rules
from amparo.programme.texts.models import LONGEST_BODY, Version
from amparo.programme.texts.picklists import PublicPage, State
from amparo.programme.texts.shipped import shipped_text
from amparo.screens.site.tests.test_public_pages import SMALL, weigh

WORDS = ("Know the signs", "## If it happens to you\n\n- They keep your **quetzal**.\n\n[Your rights](/rights)")


@pytest.fixture
def draft(carla, now) -> Version:
    return rules.write_text("signs", "en", *WORDS, based_on=0, by=carla, now=now)


@pytest.fixture
def publish(carla, paula, now, django_capture_on_commit_callbacks):
    def publish(version: Version) -> Version:
        with django_capture_on_commit_callbacks(execute=True):
            return rules.publish_text(rules.send_text(version, by=carla), by=paula, now=now)

    return publish


def read(page: str, language: str) -> str:
    return Client().get(f"/{page}?language={language}").content.decode()


@pytest.mark.parametrize("page", [each for each in PublicPage if each != PublicPage.START])
def test_what_nobody_edited_is_as_it_is_shipped(page):
    for language in ("es", "en"):
        assert f"<h1>{shipped_text(page, language).title}</h1>" in read(page, language)
    quechua = read(page, "qu")
    assert f"<h1>{shipped_text(page, 'es').title}</h1>" in quechua
    assert re.search(r'class="plain words[^"]*" lang="es"', quechua)
    assert "Este texto todavía no está traducido" in quechua


def test_a_draft_is_read_by_nobody_and_a_published_text_by_everybody(draft, publish):
    assert "quetzal" not in read("signs", "en")
    publish(draft)
    page = read("signs", "en")
    assert "<h2>If it happens to you</h2>" in page
    assert "<strong>quetzal</strong>" in page
    assert '<a href="/rights?language=en">Your rights</a>' in page
    assert shipped_text("signs", "es").title in read("signs", "es")  # the other language stays


def test_the_start_page_shows_its_text(carla, now, publish):
    assert "You decide how much to tell and when to stop." in read("", "en")
    publish(rules.write_text("start", "en", "What then", "Call, quetzal.", based_on=0, by=carla, now=now))
    assert "Call, quetzal." in read("", "en")


def test_another_person_publishes(paula, now):
    own = rules.send_text(rules.write_text("signs", "en", *WORDS, based_on=0, by=paula, now=now), by=paula)
    with pytest.raises(Refused, match="Another person"):
        rules.publish_text(own, by=paula, now=now)
    with (
        acting_as(paula.acting()),
        pytest.raises(IntegrityError, match="two_people_publish_a_text"),
        transaction.atomic(),
    ):
        Version.objects.filter(pk=own.pk).update(state=State.PUBLISHED, decided_by=paula, decided_at=now)


def test_a_draft_is_not_published_before_it_was_sent_to_review(draft, paula, now):
    with pytest.raises(Refused, match="not in review"):
        rules.publish_text(draft, by=paula, now=now)


def test_an_officer_publishes_nothing_and_a_stranger_writes_nothing(draft, carla, ana, now):
    with pytest.raises(Refused):
        rules.publish_text(rules.send_text(draft, by=carla), by=carla, now=now)
    with pytest.raises(Refused):
        rules.write_text("signs", "en", *WORDS, based_on=1, by=ana, now=now)
    with acting_as(ana.acting()):
        assert not Version.objects.exists()


def test_who_returns_a_text_says_why(draft, carla, paula, now):
    rules.send_text(draft, by=carla)
    with pytest.raises(Refused, match="what should change"):
        rules.return_text(draft, " ", by=paula, now=now)
    returned = rules.return_text(draft, "Name no animal.", by=paula, now=now)
    assert (returned.state, returned.remark) == (State.RETURNED, "Name no animal.")
    with pytest.raises(Refused, match="Only a draft"):
        rules.send_text(returned, by=carla)


def test_an_older_version_comes_back_as_a_draft(draft, publish, carla, now):
    publish(draft)
    second = rules.write_text("signs", "en", "Signs", "Second.", based_on=1, by=carla, now=now)
    publish(second)
    assert "quetzal" not in read("signs", "en")
    restored = rules.restore_text("signs", "en", 1, by=carla, now=now + timedelta(hours=1))
    assert (restored.number, restored.state, restored.body) == (3, State.DRAFT, WORDS[1])
    assert "Second." in read("signs", "en")  # until somebody else publishes it
    publish(restored)
    assert "quetzal" in read("signs", "en")
    shipped = rules.restore_text("signs", "en", 0, by=carla, now=now)
    assert (shipped.title, shipped.body) == shipped_text("signs", "en")
    assert Version.objects.of_text("signs", "en").count() == 4  # nothing was lost


def test_two_editors_do_not_overwrite_each_other(draft, paula, now):
    with pytest.raises(Refused, match="meanwhile"):
        rules.write_text("signs", "en", "Signs", "Mine.", based_on=0, by=paula, now=now)
    assert rules.write_text("signs", "en", *WORDS, based_on=1, by=paula, now=now) == draft  # the same words again


def test_only_the_newest_version_is_decided(draft, carla, paula, now):
    rules.send_text(draft, by=carla)
    rules.write_text("signs", "en", "Signs", "Newer.", based_on=1, by=carla, now=now)
    with pytest.raises(Refused, match="newer version"):
        rules.publish_text(draft, by=paula, now=now)


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example", "//elsewhere.example", "javascript:alert(1)", "/\\elsewhere.example"]
)
def test_a_link_elsewhere_is_refused(carla, now, address):
    with pytest.raises(Refused, match="A link leads"):
        rules.write_text("signs", "en", "Signs", f"[words]({address})", based_on=0, by=carla, now=now)


def test_html_is_shown_as_it_was_typed_and_a_reference_is_no_link(carla, publish, now):
    body = "<script>alert(1)</script> <b onclick=x>b</b>\n\n[a]\n\n[a]: https://elsewhere.example"
    publish(rules.write_text("signs", "en", "<i>Signs</i>", body, based_on=0, by=carla, now=now))
    page = read("signs", "en")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &lt;b onclick=x&gt;" in page
    assert "<h1>&lt;i&gt;Signs&lt;/i&gt;</h1>" in page
    assert 'href="https://elsewhere' not in page


def test_published_texts_come_back_from_the_database(draft, publish):
    publish(draft)
    public.documents.replace_documents(public.FOLDER, {})
    assert "quetzal" not in read("signs", "en")
    public.rewrite()
    assert "quetzal" in read("signs", "en")


def test_the_pages_from_draft_to_publication(carla, paula, at, django_capture_on_commit_callbacks):
    editor, reviewer = at(carla), at(paula)
    form = editor.get("/texts/signs/en/change?language=en").content.decode()
    assert "They took your identity card or your phone" not in form  # that is the start page
    assert "No sign alone proves it." in form  # it begins from what is shipped
    answer = editor.post("/texts/signs/en/change", {"based_on": 0, "title": WORDS[0], "body": WORDS[1]})
    assert answer.headers["Location"] == "/texts/signs/en"
    version = Version.objects.get()
    assert editor.post(f"/texts/{version.pk}/send").status_code == 302
    assert "Publish it for everybody" not in editor.get("/texts/signs/en?language=en").content.decode()
    assert editor.post(f"/texts/{version.pk}/publish").status_code == 404
    page = reviewer.get("/texts/signs/en?language=en").content.decode()
    assert "Publish it for everybody" in page
    assert "<ins>- They keep your **quetzal**.</ins>" in page
    preview = reviewer.get("/texts/signs/en/1/preview").content.decode()
    assert "<strong>quetzal</strong>" in preview
    assert "Preview: nobody outside reads this yet." in preview
    with django_capture_on_commit_callbacks(execute=True):
        assert reviewer.post(f"/texts/{version.pk}/publish").status_code == 302
    assert "quetzal" in read("signs", "en")
    history = editor.get("/texts/signs/en?language=en").content.decode()
    assert "written by Carla D." in history
    assert "published by Paula N." in history


def test_the_longest_text_stays_a_small_page(carla, now, publish):
    """Words that differ compress worst: a real text weighs less."""
    words = " ".join(f"{number * 7919 % 100_000:05d}" for number in range(LONGEST_BODY // 6))
    publish(rules.write_text("signs", "en", "Signs", words, based_on=0, by=carla, now=now))
    assert weigh(read("signs", "en").encode())[1] <= SMALL


def test_bad_input_gets_a_sentence(carla, at):
    page = at(carla)
    long = {"based_on": 0, "title": "x", "body": "x" * (LONGEST_BODY + 1)}
    assert page.post("/texts/signs/en/change", long).status_code == 422
    for address in ("/texts/nothing/en", "/texts/signs/fr", "/texts/signs/fr/0/preview", "/texts/signs/en/7/preview"):
        assert page.get(address).status_code == 404
    assert page.post("/texts/signs/en/7/restore").status_code == 404
