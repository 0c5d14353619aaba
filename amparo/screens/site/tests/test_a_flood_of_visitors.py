"""Visitors who call often from the page wait longer and are never refused. Nothing of their address is stored."""

import asyncio
import json
import logging
import threading
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from amparo.foundation.access.models import User
from amparo.foundation.access.spoken_codes import new_code
from amparo.foundation.audit.models import Entry
from amparo.foundation.core import proof_of_work
from amparo.foundation.core.live import conninfo
from amparo.line.chat.models import Chat
from amparo.line.chat.receipts import acting_with, page_mark
from amparo.line.chat.rules import begin_chat
from amparo.line.contacts.rules import take_chat
from amparo.line.switchboard import control
from amparo.line.switchboard.models import Language
from amparo.line.switchboard.visitors import ABSURD, Visitors

ADDRESS = "203.0.113.77"
OWN_PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}


@pytest.fixture
def visitors() -> Visitors:
    """The switchboard's memory of visitors."""
    return Visitors(None, None)


@pytest.fixture
def received_by_switchboard(settings, tmp_path, visitors):
    """What the web asks the switchboard over the real socket, each as it came, and whom it took the caller for."""
    (tmp_path / "run" / "switchboard").mkdir(parents=True)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)
    received, ready, loop = [], threading.Event(), asyncio.new_event_loop()

    async def call_from_page(network, **what):
        received.append({"who": visitors.recognise_network(network), "network": network, **what})
        return {"sdp": "v=0", "call": str(uuid4())}

    async def ping():
        return {"ok": True, "surge": "surge" in received}

    async def listen():
        await control.serve(settings.ENVIRONMENT.control_socket, {"call_from_page": call_from_page, "ping": ping})
        ready.set()

    def run():
        loop.run_until_complete(listen())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    yield received
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def offer(client, address=ADDRESS, **more):
    body = json.dumps({"offer": "v=0", "language": "es", **more})
    return client.post("/call/offer", body, content_type="application/json", headers=OWN_PAGE, REMOTE_ADDR=address)


@pytest.mark.django_db(transaction=True)
def test_a_chat_goes_on_by_a_call_from_its_own_page_alone(client, received_by_switchboard):
    ana = User.objects.create(username="ana")
    receipt = new_code()
    more = {"language": Language.SPANISH, "behind": 0, "work": None, "now": timezone.now()}
    chat = begin_chat(acting_with(receipt), "invented words", pk=uuid4(), **more)
    assert offer(client, receipt=receipt, mark=page_mark(receipt)).status_code == 200
    assert (received_by_switchboard[0]["chat"], received_by_switchboard[0]["operator"]) == (str(chat.pk), None)
    take_chat(chat, by=ana, now=timezone.now())
    assert offer(client, receipt=receipt, mark=page_mark(receipt)).status_code == 200
    assert received_by_switchboard[1]["operator"] == ana.pk
    for wrong in ({"mark": page_mark(receipt, 2)}, {"mark": ""}, {"mark": page_mark(new_code())}):
        assert offer(client, receipt=receipt, **wrong).status_code == 200  # a call, as from anybody else
        assert (received_by_switchboard[-1].get("chat"), received_by_switchboard[-1].get("operator")) == (None, None)
    assert receipt not in str(received_by_switchboard)


@pytest.fixture
def written(transactional_db) -> dict[str, str]:
    """What the page of an open chat sends with an offer."""
    receipt = new_code()
    more = {"language": Language.SPANISH, "behind": 0, "work": None, "now": timezone.now()}
    begin_chat(acting_with(receipt), "invented words", pk=uuid4(), **more)
    return {"receipt": receipt, "mark": page_mark(receipt)}


def test_a_call_that_is_offered_again_after_a_refusal_is_one_entry(client, received_by_switchboard, written):
    for _ in range(ABSURD):
        offer(client)
    assert offer(client, **written).status_code == 429
    assert not Entry.objects.filter(what="call_from_chat").exists()
    assert offer(client, "203.0.113.78", **written).status_code == 200
    assert Entry.objects.filter(what="call_from_chat").count() == 1


def test_while_the_database_is_away_a_call_from_a_chat_comes_as_any_other(client, received_by_switchboard, written):
    with database_away():
        assert offer(client, **written).status_code == 200
    assert received_by_switchboard[0].get("chat") is None
    assert offer(client, **written).status_code == 200  # the control: with the database it brings its chat
    assert received_by_switchboard[1]["chat"] == str(Chat.objects.get().pk)


@contextmanager
def database_away():
    """PostgreSQL accepts no connection to the database of this test."""
    name, server = connection.settings_dict["NAME"], make_conninfo(conninfo(), dbname="template1")
    connection.close()
    connection.close_pool()
    with psycopg.connect(server, autocommit=True) as elsewhere:
        elsewhere.execute(f'alter database "{name}" allow_connections false')
        try:
            yield
        finally:
            elsewhere.execute(f'alter database "{name}" allow_connections true')
            connection.close()
            connection.close_pool()


def test_the_network_goes_to_the_switchboard_and_no_more_of_an_address(client, received_by_switchboard):
    for address in ("2001:db8:0:1::7", "2001:db8:0:1:aaaa::8"):
        assert offer(client, address).status_code == 200
    first, second = received_by_switchboard
    assert first["network"] == "2001:db8::/56"
    assert first["who"] == second["who"]
    assert len(first["who"]) == 16


def test_another_network_is_somebody_else_and_this_machine_nobody(client, received_by_switchboard):
    for address in (ADDRESS, "203.0.113.78", "127.0.0.1"):
        offer(client, address)
    one, other, nobody = (what["who"] for what in received_by_switchboard)
    assert one != other
    assert nobody is None


def test_the_address_stays_in_no_log_and_in_nothing_we_hold(client, received_by_switchboard, visitors, caplog):
    caplog.set_level(logging.DEBUG)
    offer(client)
    assert received_by_switchboard[0]["network"].startswith(ADDRESS)  # the control: the address was sent
    contents = [repr(vars(part)) for part in (visitors, visitors._calls, visitors._pseudonyms)]
    assert ADDRESS not in "".join(contents) + caplog.text


def test_who_calls_often_is_heard_all_the_same(client, received_by_switchboard):
    assert {offer(client).status_code for _ in range(ABSURD)} == {200}


def test_an_absurd_rate_gets_a_sentence_and_everybody_else_an_answer(client, received_by_switchboard):
    answers = [offer(client) for _ in range(ABSURD + 5)]
    assert [answer.status_code for answer in answers[ABSURD:]] == [429] * 5
    assert "demasiadas llamadas o chats" in answers[-1].content.decode()
    assert len(received_by_switchboard) == ABSURD
    assert offer(client, "203.0.113.78").status_code == 200
    assert offer(client, "127.0.0.1").status_code == 200


def test_work_that_was_done_reaches_the_switchboard_by_its_name(client, received_by_switchboard):
    riddle = client.get("/call/riddle").json()
    assert riddle["bits"] == proof_of_work.BITS
    easy = proof_of_work.make_challenge(4)
    found = next(str(n) for n in range(10_000) if proof_of_work.has_leading_zeros(f"{easy}.{n}", 4))
    offer(client, challenge=easy, found=found)
    assert received_by_switchboard[0]["work"] == proof_of_work.solved_challenge(easy, found)


@pytest.mark.parametrize("more", [{}, {"challenge": "x", "found": "1"}, {"challenge": 7, "found": None}])
def test_without_work_the_call_goes_through(client, received_by_switchboard, more):
    assert offer(client, **more).status_code == 200
    assert received_by_switchboard[0]["work"] is None


def test_in_a_surge_the_work_is_harder(client, received_by_switchboard):
    received_by_switchboard.append("surge")
    assert client.get("/call/riddle").json()["bits"] == proof_of_work.SURGE_BITS


def test_while_the_switchboard_is_away_there_is_still_a_riddle(client, settings, tmp_path):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)
    answer = client.get("/call/riddle")
    assert answer.json()["bits"] == proof_of_work.BITS
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies
