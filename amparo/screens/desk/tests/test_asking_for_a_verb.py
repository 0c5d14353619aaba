"""The view of each action: for operators only, by POST only, and a sentence if it cannot be done."""

import uuid

import pytest
from django.test import Client

from amparo.foundation.audit.models import Entry
from amparo.line.roster.models import Seat
from amparo.line.switchboard.models import CallEvent, DangerAlert

from . import scenes

CALL_VERBS = ("answer", "join", "pass-on", "hold", "resume", "mute", "invite", "leave", "end", "danger", "silent",
              "dial-in", "drop")  # fmt: skip
TYPED = {"on": "1", "number": "987 000 222", "role": "interpret"}
VERBS = (
    *(f"/calls/{{call}}/{verb}" for verb in CALL_VERBS),
    "/seat/ready", "/seat/device", "/seat/phone", "/messages/{message}/take", "/messages/{message}/done",
    "/messages/{message}/call", "/return-call/{contact}", "/demo/call",
)  # fmt: skip


@pytest.fixture
def ids(ana) -> dict[str, object]:
    from amparo.line.contacts.models import Contact

    pk = scenes.talking()
    message = scenes.message(number="987000222")
    return {"call": pk, "message": message.pk, "contact": Contact.objects.get(call=pk).pk}


@pytest.mark.parametrize("verb", VERBS)
def test_a_stranger_finds_nothing(ids, stranger, verb):
    client = Client()
    assert client.post(verb.format(**ids)).headers["Location"].startswith("/sign-in")
    client.force_login(stranger)
    assert client.post(verb.format(**ids)).status_code == 404


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_a_post(ids, console, verb):
    assert console.get(verb.format(**ids)).status_code == 405


@pytest.mark.parametrize("verb", VERBS)
def test_another_site_cannot_ask(ids, ana, verb):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    assert client.post(verb.format(**ids)).status_code == 403


@pytest.mark.parametrize("verb", CALL_VERBS)
def test_an_unknown_call_is_not_here(console, verb):
    assert console.post(f"/calls/{uuid.uuid4()}/{verb}", TYPED | {"colleague": "1"}).status_code == 404


@pytest.mark.parametrize("verb", sorted({*CALL_VERBS} - {"danger"}))
def test_without_the_switchboard_one_sentence(ids, ana, console, verb):
    answer = console.post(f"/calls/{ids['call']}/{verb}", TYPED | {"colleague": ana.pk})
    assert answer.status_code == 503
    assert answer.content.decode().endswith(".")


@pytest.mark.parametrize("number", ["", "anna", "12", "987000222 987000333", "1" * 16, "sip:@example.org"])
def test_what_is_no_number_is_not_dialled(ids, console, switchboard, number):
    answer = console.post(f"/calls/{ids['call']}/dial-in", TYPED | {"number": number})
    assert answer.status_code == 409
    assert not number or number not in answer.content.decode()
    assert switchboard == []
    assert not Entry.objects.filter(what="dial_in").exists()


def test_who_calls_somebody_in_is_in_the_ledger_and_the_number_is_not(ids, ana, console, switchboard, caplog):
    caplog.set_level("DEBUG")
    assert console.post(f"/calls/{ids['call']}/dial-in", TYPED).status_code == 204
    assert console.post(f"/calls/{ids['call']}/drop").status_code == 204
    dialled, dropped = ({name: each[name] for name in each if name != "words_in"} for each in switchboard)
    where = {"call": str(ids["call"]), "user": ana.pk}
    assert dialled == {"verb": "dial_in", "number": "987000222", "role": "interpret", **where}
    assert dropped == {"verb": "hang_up_third_party", **where}
    entry = Entry.objects.get(what="dial_in")
    assert entry.user_id == ana.pk
    assert str(ids["call"]) in entry.about
    written = str(list(Entry.objects.values())) + caplog.text
    assert "987000222" not in written
    assert "987 000 222" not in written


def test_danger_is_raised_without_the_switchboard(ids, console):
    """By whoever was in the call: a colleague gets a sentence."""
    answers = [console.post(f"/calls/{ids['call']}/danger")]
    CallEvent.objects.all().delete()
    DangerAlert.objects.all().delete()
    answers.append(console.post(f"/calls/{ids['call']}/danger"))
    assert [(each.status_code, each.content.decode()[-1:]) for each in answers] == [(204, ""), (409, ".")]


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/seat/busy", {}),  # a call sets busy, nobody chooses it
        ("/seat/asleep", {}),
        ("/seat/device", {"device": "horn"}),
        ("/seat/device", {}),
        ("/calls/{call}/mute", {"on": "perhaps"}),
        ("/calls/{call}/invite", {"colleague": "everybody"}),
        ("/calls/{call}/invite", {"colleague": "9" * 5000}),
        ("/calls/{call}/invite", {"colleague": "²"}),
        ("/calls/{call}/invite", {}),
    ],
)
def test_what_cannot_be_used_gets_a_sentence(ids, console, path, what):
    answer = console.post(path.format(**ids), what)
    assert answer.status_code == 400
    assert answer.content.decode().endswith(".")


@pytest.mark.parametrize(
    "body", ["{", "[" * 50_000, "\xff", "[]", "{}", '{"offer": 1}', "null", '{"offer": "' + "x" * 70_000 + '"}']
)
def test_what_is_no_offer_gets_a_sentence(ids, console, body):
    answer = console.post(f"/calls/{ids['call']}/answer", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.content.decode().endswith(".")


@pytest.mark.parametrize("body", ["a=" + "x" * 3_000_000, "&".join(f"a{number}=1" for number in range(1500))])
def test_what_is_no_form_gets_a_sentence(console, body):
    answer = console.post("/seat/device", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert answer.content.decode().endswith(".")


def test_an_unknown_colleague_is_not_here(ids, console):
    assert console.post(f"/calls/{ids['call']}/invite", {"colleague": "999999"}).status_code == 404


def test_ready_break_and_off(ana, console):
    for state in ("break", "off", "ready"):
        assert console.post(f"/seat/{state}").status_code == 204
        assert Seat.objects.get(user=ana).state == state


def test_without_a_script_a_verb_leads_back_to_the_console(ana):
    client = Client()
    client.force_login(ana)
    assert client.post("/seat/break").headers["Location"] == "/console"


def test_the_desk_phone(ana, console):
    assert console.post("/seat/device", {"device": "phone"}).status_code == 204
    assert Seat.objects.get(user=ana).device == "phone"
    answer = console.post("/seat/phone")
    secret = Seat.objects.get(user=ana).phone_secret
    assert secret in answer.content.decode()
    assert secret not in console.get("/console").content.decode()  # shown once


def test_without_a_script_the_secret_of_a_desk_phone_has_a_page_of_its_own(ana):
    client = Client()
    client.force_login(ana)
    page = client.post("/seat/phone").content.decode()
    assert Seat.objects.get(user=ana).phone_secret in page
    assert '<form id="desk"' in page
