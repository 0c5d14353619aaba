import json
import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.foundation.access.models import Role, User
from amparo.line.contacts.fields import FIELDS
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Urgency
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call
from tests.keys import key_for
from tests.pages import body
from tests.repetitions import repeat

WORDS = "the thread shop behind the market"


@pytest.fixture
def desk(client, ana):
    client.force_login(ana)
    return client


def at(contact, page="contact"):
    return reverse(page, args=[contact.pk])


def post(client, contact, body):
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return client.post(at(contact, "contact-draft"), text, "application/json", headers={"Sec-Fetch-Mode": "cors"})


def batch(**changes):
    return {"key": str(uuid.uuid4()), "revision": 1, "based_on": 0, "changes": changes}


def form(contact, **fields):
    """The data that the form sends without a script."""
    return {"key": str(uuid.uuid4()), "based_on": contact.version, "safe_to_talk": "not_asked", **fields}


def test_the_page_shows_what_is_kept_but_not_in_its_title(desk, contact, write):
    write(notes=WORDS, place="Madre de Dios")
    page = desk.get(at(contact)).content.decode()
    assert WORDS in page
    assert "Madre de Dios" in page
    assert page.split("<title>")[1].split("</title>")[0] == f"{contact.code} · Amparo"


def test_the_code_words_are_read_once_a_page(desk, contact):
    with CaptureQueriesContext(connection) as queries:
        desk.get(at(contact))
    assert len([query for query in queries if "contacts_codeword" in query["sql"]]) == 1


def test_every_field_that_may_be_kept_stands_on_the_page(desk, contact):
    page = desk.get(at(contact)).content.decode()
    on_page = re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', page)
    assert set(FIELDS) <= set(on_page)
    assert on_page.count("urgency") == len(Urgency)  # each choice of a fact once


def test_a_save_answers_with_the_time_and_the_version(desk, contact, fresh):
    answer = post(desk, contact, batch(notes=WORDS))
    assert answer.status_code == 200
    assert answer.json()["version"] == 1
    assert answer.json()["saved_at"].count(":") == 2
    assert fresh().notes == WORDS


def test_a_conflict_answers_409_with_both_texts(desk, contact, write):
    write(notes="theirs")
    answer = post(desk, contact, batch(notes="mine"))
    assert answer.status_code == 409
    (conflict,) = answer.json()["conflicts"]
    assert (conflict["mine"], conflict["theirs"], conflict["by"]) == ("mine", "theirs", "Ana F.")


def test_a_refused_field_answers_422_with_its_name_and_a_sentence(desk, contact):
    answer = post(desk, contact, batch(urgency="x"))
    assert answer.status_code == 422
    assert answer.json()["field"] == "urgency"
    assert answer.json()["sentence"].endswith(".")


UNREADABLE = [
    " ", "{", "[]", "null", "7", '"x"', "{}", b"\xff", "[" * 100_000, '{"key": 1}', "1" * 5000,
    json.dumps(batch() | {"revision": "1"}), json.dumps(batch() | {"revision": True}),
    json.dumps(batch() | {"key": "x"}), json.dumps(batch() | {"key": None}), json.dumps(batch() | {"changes": []}),
    json.dumps(batch() | {"based_on": 1.5}),
]  # fmt: skip


@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_cannot_be_read_is_answered_with_one_sentence(desk, contact, body):
    answer = post(desk, contact, body)
    assert answer.status_code == 400
    assert answer.content.decode().endswith(".")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
changes = st.dictionaries(st.sampled_from(["notes", "place", "urgency", "safe_from", "limits", "nonsense"]), anything)


@pytest.mark.soak
@pytest.mark.timeout(repeat(300, 20_000))
@settings(max_examples=repeat(25, 600), deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(revision=anything, based_on=anything, changes=changes | anything)
def test_no_save_however_strange_breaks_the_server(desk, contact, revision, based_on, changes):
    body = {"key": str(uuid.uuid4()), "revision": revision, "based_on": based_on, "changes": changes}
    assert post(desk, contact, body).status_code < 500


def test_without_a_script_the_form_is_kept_by_a_plain_post(desk, contact, fresh):
    answer = desk.post(at(contact, "contact-draft"), form(contact, notes="a\r\nb", limits="yes", safe_number="999"))
    assert answer.status_code == 302
    assert fresh().notes == "a\nb"
    assert fresh().card.number == "999"


def test_without_a_script_a_refusal_gives_back_what_was_typed(desk, contact, fresh):
    answer = desk.post(at(contact, "contact-draft"), form(contact, notes=WORDS, place="nowhere"))
    assert answer.status_code == 422
    assert WORDS in answer.content.decode()
    assert fresh().notes is None


def test_without_a_script_a_conflict_shows_both_texts_and_the_next_save_wins(desk, contact, write, fresh):
    write(notes="theirs")
    answer = desk.post(at(contact, "contact-draft"), form(contact, notes="mine"))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "theirs" in page
    assert "mine" in page
    desk.post(at(contact, "contact-draft"), form(fresh(), notes="mine"))
    assert fresh().notes == "mine"


def test_a_contact_is_closed_opened_and_linked_by_plain_posts(desk, contact, ana, now, fresh):
    earlier = open_contact(
        Call.objects.create(arrived_at=now, operators=[ana.pk], pseudonym=b"p" * 16), by=ana, now=now
    )
    desk.post(at(contact, "contact-wrap-up"), {"type": "silent", "key": str(uuid.uuid4()), "hard_call": "later"})
    assert (fresh().type, fresh().hard_call, fresh().is_open) == ("silent", "later", False)
    desk.post(at(contact, "contact-reopen"))
    assert fresh().is_open
    desk.post(at(contact, "contact-link"), {"code": f" c-{earlier.number} "})
    assert fresh().follows == earlier
    assert desk.get(at(contact)).status_code == 200


@pytest.mark.parametrize("code", ["", "C-999999", "C-99999999999999", "x", "2031; drop"])
def test_a_code_that_is_nowhere_is_answered_in_words(desk, contact, code):
    assert desk.post(at(contact, "contact-link"), {"code": code}).status_code == 409


PAGES = ["contact", "contact-draft", "contact-wrap-up", "contact-reopen", "contact-link"]


@pytest.mark.parametrize("page", PAGES)
def test_a_forbidden_contact_answers_like_a_missing_one(client, contact, rufino, page):
    client.force_login(rufino)
    ask = client.get if page in PAGES[:2] else client.post
    not_yours, not_there = ask(at(contact, page)), ask(reverse(page, args=[uuid.uuid4()]))
    assert not_yours.status_code == not_there.status_code == 404
    assert body(not_yours) == body(not_there)


@pytest.mark.parametrize("page", PAGES)
def test_nobody_reads_or_writes_without_a_sign_in(client, contact, page):
    ask = client.get if page in PAGES[:2] else client.post
    assert ask(at(contact, page)).url.startswith("/sign-in")


def test_an_administrator_sees_no_contact(client, contact):
    client.force_login(User.objects.create(username="root", role=Role.ADMINISTRATOR))
    assert client.get(at(contact)).status_code == 404
    assert contact.code not in client.get("/contacts").content.decode()


def test_a_supervisor_sees_every_contact_after_saying_why(client, contact, write, marta):
    write(notes=WORDS)
    client.force_login(marta)
    client.post(at(contact, "contact-open"), {"purpose": "review"})
    assert WORDS in client.get(at(contact)).content.decode()


def test_no_browser_keeps_a_copy(desk, contact):
    assert "no-store" in desk.get(at(contact))["Cache-Control"]
    assert "no-store" in desk.get(at(contact, "contact-draft"))["Cache-Control"]


def test_the_list_shows_contacts_newest_first_without_a_word_of_them(desk, contact, ana, now, write):
    write(notes=WORDS, limits="yes", safe_number="999 555 111")
    later = now + timedelta(minutes=1)
    other = open_contact(
        Call.objects.create(arrived_at=later, answered_at=later, operators=[ana.pk]), by=ana, now=later
    )
    page = desk.get("/contacts").content.decode()
    assert page.index(other.code) < page.index(contact.code)
    assert WORDS not in page
    assert "999 555 111" not in page


def test_the_list_is_filtered_by_type_and_day_and_paged(desk, ana, now):
    key = key_for(ana)
    for n in range(30):
        Contact.objects.create(
            operator=ana, channel="call", key=key, type=["crisis", "test"][n % 2], started=now - timedelta(days=n)
        )
    day = timezone.localdate(now - timedelta(days=2))
    first = desk.get("/contacts").context["page"]
    assert (len(first), first.before, first.after) == (25, None, 2)
    second = desk.get("/contacts?page=2").context["page"]
    assert (len(second), second.before, second.after) == (5, 1, None)
    assert len(desk.get("/contacts?type=test").context["page"]) == 15
    Contact.objects.filter(pk__in=[it.pk for it in first][:2]).update(channel="chat", language="qu")
    for chosen in ("channel=chat", "language=qu", "channel=chat&language=qu"):
        assert len(desk.get(f"/contacts?{chosen}").context["page"]) == 2, chosen
    shown = desk.get("/contacts?channel=chat&language=qu").content.decode().split("<tbody>")[1]
    assert (shown.count("<td>Chat</td>"), shown.count("<td>Quechua</td>")) == (2, 2)
    assert len(desk.get(f"/contacts?day={day}").context["page"]) == 1
    for strange in ("page=x", "page=-1", "page=99999999999999", "day=x", "type=x", "day=0001-01-01", "day=9999-12-31"):
        assert desk.get(f"/contacts?{strange}").status_code == 200


@pytest.mark.parametrize("after", ["", "x", "-1", "²", "9" * 18, "9" * 5000])
def test_without_a_version_all_fields_count_as_changed(desk, contact, write, after):
    write(notes=WORDS)
    answer = desk.get(at(contact, "contact-draft"), {"after": after})
    assert answer.status_code == 200
    assert ("notes" in answer.json()["fields"]) == (after != "9" * 18)


def test_places_are_suggested(desk):
    page = desk.get("/places?q=puerto maldonado").content.decode()
    assert 'value="Tambopata, Madre de Dios"' in page
    assert desk.get("/places").content.strip() == b""


def test_the_suggested_sentences_depend_on_the_channel(contact, ana):
    client = Client()
    client.force_login(ana)
    page = client.get(f"/contacts/{contact.pk}?language=es").content.decode()
    assert ("¿Puede hablar sin que" in page, "¿Puede escribir sin que" in page) == (True, False)
