"""P20: What is not one's current work is read by nobody who has not said why: not a sealed word, by no page."""

import pytest
from django.test import Client
from django.utils import timezone

from amparo.ground.access.models import Role, User
from amparo.ground.audit.models import Entry
from amparo.ground.oversight import openings, pages
from amparo.ground.vault.models import DataKey
from amparo.line.contacts import views
from amparo.line.contacts.models import Contact
from amparo.line.switchboard.models import Call, State
from amparo.urls import staff_urls

from .access import colleague, contact_of
from .test_p13_nobody_by_password_alone import routes

WORDS = "the thread shop by the river"

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact() -> Contact:
    return contact_of(colleague("ana"), notes=WORDS)


@pytest.fixture
def marta() -> User:
    """Holds the keys of her role, and works on none of it."""
    return colleague("marta", Role.SUPERVISOR)


def crawl(user: User, contact: Contact) -> list[str]:
    """Where a word of this contact comes out, by any address that can be asked for, as a person and as a script."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    found = []
    for route in routes(staff_urls):
        if route.startswith("live/") or route in ("sign-out", "me/sessions/end"):  # these would end the crawl
            continue
        for mode in ("navigate", "cors"):
            address = "/" + route.replace("<uuid:pk>", str(contact.pk)).replace("<int:pk>", "1")
            answer = client.get(address, headers={"Sec-Fetch-Mode": mode})
            if WORDS in answer.content.decode(errors="replace"):
                found.append(f"{mode} {address}")
    return found


def looks(user: User, contact: Contact) -> int:
    return Entry.objects.filter(user_id=user.pk, what="look", key=contact.key_id).count()


def test_no_page_reads_a_word_before_the_reason_is_said(marta, contact):
    assert crawl(marta, contact) == []
    assert looks(marta, contact) == 0


def test_nor_of_what_one_closed_long_ago(contact):
    ana = User.objects.get(pk=contact.operator_id)
    long_ago = timezone.now() - openings.STILL_CURRENT
    Call.objects.update(state=State.ENDED)
    Contact.objects.update(state="wrapped", type="test")
    DataKey.objects.filter(pk=contact.key_id).update(closed_at=long_ago)
    assert crawl(ana, contact) == []
    assert looks(ana, contact) == 0


def test_once_it_is_said_the_same_crawl_finds_them(marta, contact):
    """The control."""
    openings.open_file(contact, purpose=openings.Purpose.REVIEW, by=marta, now=timezone.now())
    assert f"navigate /contacts/{contact.pk}" in crawl(marta, contact)
    assert looks(marta, contact) > 0


def test_a_page_that_forgets_to_ask_is_found(marta, contact, monkeypatch):
    """The control: as if whoever holds the key had said why."""
    monkeypatch.setattr(
        pages, "_ask_why", lambda request, it, *_: views._page(request, it, views.ConversationForm.of(it))
    )
    assert f"cors /contacts/{contact.pk}" in crawl(marta, contact)
    assert looks(marta, contact) > 0


def test_every_look_carries_its_reason(marta, contact):
    openings.open_file(contact, purpose=openings.Purpose.DANGER, by=marta, now=timezone.now())
    crawl(marta, contact)
    mine = Entry.objects.filter(user_id=marta.pk, key=contact.key_id)
    assert set(mine.values_list("what", "purpose")) == {("open_file", "danger"), ("look", "danger")}
