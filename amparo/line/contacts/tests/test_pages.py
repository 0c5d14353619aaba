import json
import uuid

import pytest
from django.urls import reverse

WORDS = "the thread shop behind the market"


@pytest.fixture
def desk(client, ana):
    client.force_login(ana)
    return client


def post(client, contact, body, **headers):
    url = reverse("contact-draft", args=[contact.pk])
    return client.post(url, body if isinstance(body, (str, bytes)) else json.dumps(body), "application/json")


def batch(**changes):
    return {"key": str(uuid.uuid4()), "revision": 1, "based_on": 0, "changes": changes}


def test_the_page_shows_what_is_kept(desk, contact, write):
    write(notes=WORDS, place="Madre de Dios")
    page = desk.get(reverse("contact", args=[contact.pk])).content.decode()
    assert WORDS in page
    assert "Madre de Dios" in page


def test_a_save_answers_with_the_time_and_the_version(desk, contact, fresh):
    answer = post(desk, contact, batch(notes=WORDS))
    assert answer.status_code == 200
    assert answer.json()["version"] == 1
    assert answer.json()["saved_at"].count(":") == 2
    assert fresh().notes == WORDS
