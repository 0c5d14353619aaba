"""A program with the referrals of its institution's services: the same as with a link, by the same verbs."""

import uuid

import pytest

from amparo.care.cases import consents
from amparo.care.referrals.by_link import open_link
from amparo.care.referrals.models import ReferralEvent
from amparo.care.referrals.picklists import SERVICE_EVENTS, ReferralEventKind
from amparo.care.referrals.program_shares import notify_of_lost_access
from amparo.care.referrals.rules import issue_link, link_actor, record_referral_event, refer
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.integrations.models import Delivery, IdempotencyKey
from amparo.foundation.oversight.openings import STILL_CURRENT
from amparo.foundation.vault.models import DataKey
from amparo.screens.api.urls import api

ROOT = "/api/v1/referrals"


def answer(serving, kind: str, *, key=None, **more):
    return serving.ask(f"{serving.path}/answers", {"kind": kind, **more}, key=key)


def test_the_list_shows_only_own_records_and_decrypts_none(house, office):
    before = Entry.objects.count()
    [line] = house.ask(ROOT).json()["referrals"]
    assert (line["id"], line["code"], line["state"]) == (str(house.referral.pk), house.referral.code, "requested")
    assert house.word not in house.ask(ROOT).content.decode()
    assert Entry.objects.count() == before


def test_the_list_is_paged_by_number(house, ana, now, monkeypatch):
    monkeypatch.setattr("amparo.screens.api.referrals.SHOWN", 1)
    second = refer(house.referral.person, house.referral.service, facts="x", by=ana, now=now)
    first = house.ask(ROOT).json()
    assert [line["code"] for line in first["referrals"]] == [second.code]
    last = house.ask(f"{ROOT}?before={first['before']}").json()
    assert ([line["code"] for line in last["referrals"]], last["before"]) == ([house.referral.code], None)


def test_a_referral_shows_what_the_link_shows_and_the_service(house, ana, now):
    sheet = open_link(link_actor(issue_link(house.referral, by=ana, now=now)), now)
    answer = house.ask(house.path).json()
    assert (answer["facts"], answer["details"], answer["code"]) == (sheet.facts, sheet.details, sheet.code)
    assert answer["next"] == [kind for kind, _label in sheet.next] == ["accepted", "declined"]
    of_the_link = {"code", "facts", "details", "is_danger", "sent_at", "answer_by", "events", "next"}
    assert answer.keys() - of_the_link == {"id", "number", "service", "state"}
    assert str(house.referral.case_id) not in str(answer)


def test_each_read_is_in_the_ledger_under_the_program(house):
    house.ask(house.path)
    looks = Entry.objects.filter(user_id=house.program.user_id, what="look")
    assert {entry.about.split()[0] for entry in looks} == {"referral", "discloseditem"}


def test_a_referral_is_accepted_arrived_and_served(house):
    early = answer(house, "arrived")
    assert early.status_code == 422
    assert "not confirmed yet" in early.json()["sentence"]
    for kind in ("accepted", "arrived", "served"):
        assert answer(house, kind, words="come at ten").json()["kind"] == kind
    shown = house.ask(house.path).json()
    assert ([turn["kind"] for turn in shown["events"]], shown["next"]) == (["accepted", "arrived", "served"], [])
    assert house.ask(ROOT).json()["referrals"][0]["state"] == "served"
    assert set(house.referral.events.values_list("by", flat=True)) == {house.program.user_id}


def test_declining_needs_a_reason_and_ends_reading(house):
    without = answer(house, "declined")
    assert without.status_code == 422
    assert "choose the reason" in without.json()["sentence"]
    assert answer(house, "accepted", why_not="full").status_code == 422
    assert answer(house, "declined", why_not="full").json()["why_not"] == "full"
    response = house.ask(house.path)
    assert (response.json()["facts"], response.json()["details"], response.json()["next"]) == ("", {}, [])
    assert house.word not in response.content.decode()
    assert ReferralEvent.objects.count() == 1


def test_a_repeated_idempotency_key_acts_once_and_repeats_the_answer(house):
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


def test_answers_given_by_telephone_are_shown(house, ana, now):
    record_referral_event(house.referral, ReferralEventKind.ACCEPTED, words="Rosa said it", by=ana, now=now)
    response = house.ask(house.path)
    assert response.json()["next"] == ["arrived", "served"]
    assert "Rosa" not in response.content.decode()


def test_foreign_records_answer_like_missing_ones(house, office, unit):
    nothing = house.ask(f"{ROOT}/{uuid.uuid4()}")
    assert nothing.status_code == 404
    answers = [
        house.ask(office.path), house.ask(f"{office.path}/answers", {"kind": "accepted"}), house.ask(unit.path),
        unit.ask(house.path), unit.ask(ROOT), house.ask("/api/v1/reports"), house.ask("/api/v1/x"),
    ]  # fmt: skip
    assert [it.content for it in answers] == [nothing.content] * len(answers)
    assert not ReferralEvent.objects.exists()
    assert office.word in office.ask(office.path).content.decode()  # the control


def test_after_withdrawal_the_next_request_finds_nothing(house, ana, now):
    key = uuid.uuid4()
    assert answer(house, "accepted", key=key).status_code == 200
    consents.withdraw_consent_in_case(house.consent, by=ana, now=now)
    assert house.ask(house.path).status_code == 404
    assert answer(house, "accepted", key=key).status_code == 404
    assert house.ask(ROOT).json()["referrals"] == []


def test_withdrawing_the_name_leaves_the_facts(house, ana, now):
    consents.withdraw_consent_in_case(house.about_name, by=ana, now=now)
    answer = house.ask(house.path).json()
    assert (answer["facts"], answer["details"]) == (f"facts of {house.word}", {})


def test_a_program_cannot_open_a_referral_closed_long_ago(house, now):
    """As on the pages (P20): a program cannot give a reason."""
    DataKey.objects.filter(pk=house.referral.key_id).update(closed_at=now - 2 * STILL_CURRENT)
    response = house.ask(house.path)
    assert response.status_code == 422
    assert "closed long ago" in response.json()["sentence"]


def test_webhooks_announce_new_and_withdrawn_referrals_without_content(house, ana, now):
    delivery = Delivery.objects.get(kind="referral.sent")
    assert (delivery.agency, delivery.path) == (house.program.agency, house.path)
    consents.withdraw_consent_in_case(house.consent, by=ana, now=now)
    with acting_as(WORKER):
        notify_of_lost_access(now)
    gone = Delivery.objects.get(kind="referral.gone")
    assert (gone.agency, gone.path) == (delivery.agency, delivery.path)
    assert house.word not in str([it.__dict__ for it in Delivery.objects.all()])


@pytest.mark.parametrize(
    "sent",
    [{}, [], {"kind": "informed"}, {"kind": "cancelled"}, {"kind": "declined", "why_not": "z"}, {"kind": None},
     {"kind": "accepted", "words": "x" * 2001}, {"kind": "accepted", "words": "\x00"}],
)  # fmt: skip
def test_invalid_input_is_refused_without_repeating_it(house, sent):
    response = house.ask(f"{house.path}/answers", sent)
    assert (response.status_code, response.json().keys()) == (422, {"sentence"})
    assert "xxxx" not in response.content.decode()
    assert not ReferralEvent.objects.exists()


def test_the_openapi_description_lists_the_answers_of_a_link():
    schemas = api.get_openapi_schema(path_prefix="/api/v1/")["components"]["schemas"]
    kind = schemas["AnswerIn"]["properties"]["kind"]
    kind = schemas[kind["$ref"].split("/")[-1]] if "$ref" in kind else kind
    assert kind["enum"] == list(SERVICE_EVENTS)
