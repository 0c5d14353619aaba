"""What a program does with what services of its institution are asked: the same as whoever has a link, by the same
verbs."""

import uuid

import pytest

from amparo.care.cases import consents
from amparo.care.referrals.asking import ReferralEvent
from amparo.care.referrals.by_link import opened
from amparo.care.referrals.handing import tell_what_is_gone
from amparo.care.referrals.picklists import ALSO_BY_LINK, ReferralEventKind
from amparo.care.referrals.referring import acting_with, give_link, refer, write_turn
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.integrations.models import Delivery, IdempotencyKey
from amparo.foundation.oversight.openings import STILL_CURRENT
from amparo.foundation.vault.models import DataKey
from amparo.screens.api.urls import api

ROOT = "/api/v1/referrals"


def answer(serving, kind: str, *, key=None, **more):
    return serving.ask(f"{serving.path}/answers", {"kind": kind, **more}, key=key)


def test_the_list_shows_their_own_and_opens_none(house, office):
    before = Entry.objects.count()
    [line] = house.ask(ROOT).json()["referrals"]
    assert (line["id"], line["code"], line["state"]) == (str(house.referral.pk), house.referral.code, "asked")
    assert house.word not in house.ask(ROOT).content.decode()
    assert Entry.objects.count() == before


def test_the_list_goes_on_before_a_number(house, ana, now, monkeypatch):
    monkeypatch.setattr("amparo.screens.api.referrals.SHOWN", 1)
    second = refer(house.referral.person, house.referral.service, facts="x", by=ana, now=now)
    first = house.ask(ROOT).json()
    assert [line["code"] for line in first["referrals"]] == [second.code]
    last = house.ask(f"{ROOT}?before={first['before']}").json()
    assert ([line["code"] for line in last["referrals"]], last["before"]) == ([house.referral.code], None)


def test_one_shows_what_the_page_of_the_link_shows_and_which_service(house, ana, now):
    sheet = opened(acting_with(give_link(house.referral, by=ana, now=now)), now)
    told = house.ask(house.path).json()
    assert (told["facts"], told["details"], told["code"]) == (sheet.facts, sheet.details, sheet.code)
    assert told["next"] == [kind for kind, _label in sheet.next] == ["accepted", "declined"]
    of_the_link = {"code", "facts", "details", "is_danger", "sent_at", "answer_by", "turns", "next"}
    assert told.keys() - of_the_link == {"id", "number", "service", "state"}
    assert str(house.referral.case_id) not in str(told)


def test_each_look_is_written_down_as_of_the_program(house):
    house.ask(house.path)
    looks = Entry.objects.filter(user_id=house.program.user_id, what="look")
    assert {entry.about.split()[0] for entry in looks} == {"referral", "discloseditem"}


def test_they_take_her_she_arrives_and_is_served(house):
    early = answer(house, "arrived")
    assert early.status_code == 422
    assert "not said yet" in early.json()["sentence"]
    for kind in ("accepted", "arrived", "served"):
        assert answer(house, kind, words="come at ten").json()["kind"] == kind
    told = house.ask(house.path).json()
    assert ([turn["kind"] for turn in told["turns"]], told["next"]) == (["accepted", "arrived", "served"], [])
    assert house.ask(ROOT).json()["referrals"][0]["state"] == "served"
    assert set(house.referral.turns.values_list("by", flat=True)) == {house.program.user_id}


def test_who_declines_says_why_and_reads_no_more_of_her(house):
    without = answer(house, "declined")
    assert without.status_code == 422
    assert "says why" in without.json()["sentence"]
    assert answer(house, "accepted", why_not="full").status_code == 422
    assert answer(house, "declined", why_not="full").json()["why_not"] == "full"
    told = house.ask(house.path)
    assert (told.json()["facts"], told.json()["details"], told.json()["next"]) == ("", {}, [])
    assert house.word not in told.content.decode()
    assert ReferralEvent.objects.count() == 1


def test_the_same_key_does_nothing_twice_and_answers_the_same(house):
    key = uuid.uuid4()
    first, second = (answer(house, "accepted", words="come", key=key) for _ in range(2))
    assert (first.status_code, first.content) == (200, second.content)
    assert ReferralEvent.objects.count() == 1
    assert "come" not in str(IdempotencyKey.objects.get().answer)
    another = answer(house, "arrived", key=key)
    assert another.status_code == 422
    assert "something else" in another.json()["sentence"]
    again = answer(house, "accepted")
    assert "already" in again.json()["sentence"]


def test_what_was_said_at_the_telephone_is_there_too(house, ana, now):
    write_turn(house.referral, ReferralEventKind.ACCEPTED, words="Rosa said it", by=ana, now=now)
    told = house.ask(house.path)
    assert told.json()["next"] == ["arrived", "served"]
    assert "Rosa" not in told.content.decode()


def test_what_is_not_theirs_answers_as_what_is_not_there(house, office, unit):
    nothing = house.ask(f"{ROOT}/{uuid.uuid4()}")
    assert nothing.status_code == 404
    answers = [
        house.ask(office.path), house.ask(f"{office.path}/answers", {"kind": "accepted"}), house.ask(unit.path),
        unit.ask(house.path), unit.ask(ROOT), house.ask("/api/v1/reports"), house.ask("/api/v1/x"),
    ]  # fmt: skip
    assert [it.content for it in answers] == [nothing.content] * len(answers)
    assert not ReferralEvent.objects.exists()
    assert office.word in office.ask(office.path).content.decode()  # the control


def test_taken_back_it_is_gone_from_the_next_request_on(house, ana, now):
    key = uuid.uuid4()
    assert answer(house, "accepted", key=key).status_code == 200
    consents.withdraw_consent_in_case(house.consent, by=ana, now=now)
    assert house.ask(house.path).status_code == 404
    assert answer(house, "accepted", key=key).status_code == 404
    assert house.ask(ROOT).json()["referrals"] == []


def test_her_name_alone_taken_back_the_facts_stay(house, ana, now):
    consents.withdraw_consent_in_case(house.about_name, by=ana, now=now)
    told = house.ask(house.path).json()
    assert (told["facts"], told["details"]) == (f"facts of {house.word}", {})


def test_what_was_closed_long_ago_is_not_opened_by_a_program(house, now):
    """As on the pages (P20): a program cannot say why."""
    DataKey.objects.filter(pk=house.referral.key_id).update(closed_at=now - 2 * STILL_CURRENT)
    told = house.ask(house.path)
    assert told.status_code == 422
    assert "closed long ago" in told.json()["sentence"]


def test_it_is_news_when_it_is_asked_and_when_it_is_gone_without_a_word_of_it(house, ana, now):
    asked = Delivery.objects.get(kind="referral.sent")
    assert (asked.agency, asked.path) == (house.program.agency, house.path)
    consents.withdraw_consent_in_case(house.consent, by=ana, now=now)
    with acting_as(WORKER):
        tell_what_is_gone(now)
    gone = Delivery.objects.get(kind="referral.gone")
    assert (gone.agency, gone.path) == (asked.agency, asked.path)
    assert house.word not in str([it.__dict__ for it in Delivery.objects.all()])


@pytest.mark.parametrize(
    "sent",
    [{}, [], {"kind": "told"}, {"kind": "called_off"}, {"kind": "declined", "why_not": "z"}, {"kind": None},
     {"kind": "accepted", "words": "x" * 2001}, {"kind": "accepted", "words": "\x00"}],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_a_sentence_that_does_not_repeat_it(house, sent):
    told = house.ask(f"{house.path}/answers", sent)
    assert (told.status_code, told.json().keys()) == (422, {"sentence"})
    assert "xxxx" not in told.content.decode()
    assert not ReferralEvent.objects.exists()


def test_the_description_lists_what_a_link_lets_say():
    schemas = api.get_openapi_schema(path_prefix="/api/v1/")["components"]["schemas"]
    kind = schemas["AnswerIn"]["properties"]["kind"]
    kind = schemas[kind["$ref"].split("/")[-1]] if "$ref" in kind else kind
    assert kind["enum"] == list(ALSO_BY_LINK)
