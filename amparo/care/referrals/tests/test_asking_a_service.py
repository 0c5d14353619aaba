"""A service is asked on a live basis; the referral is "requested" until the service answers; outcomes are counted."""

import re
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client

from amparo.care.cases import consents
from amparo.care.cases.picklists import EntryKind
from amparo.care.cases.rules import add_member, close_case, finish_task
from amparo.care.consent.picklists import Data, Recipient
from amparo.care.consent.picklists import LegalBasis as Because
from amparo.care.directory.models import Service
from amparo.care.directory.outcomes import Outcomes, outcomes_of
from amparo.care.people.rules import describe_person
from amparo.care.referrals.models import Referral, ReferralEvent, state_of
from amparo.care.referrals.picklists import DeclineReason, ReferralEventKind, State
from amparo.care.referrals.rules import cancel_referral, issue_link, record_referral_event, refer
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

FACTS, NAME = "invented facts of nobody", "Inventada Demo"


@pytest.fixture
def ask(person, service, ana, now):
    def ask(to=service, by=ana, at=now, **more) -> Referral:
        return refer(person, to, facts=FACTS, by=by, now=at, **more)

    return ask


@pytest.fixture
def report(ana, now):
    """Record what the service said by telephone."""

    def report(referral, kind, **more) -> ReferralEvent:
        return record_referral_event(referral, kind, words="Rosa, at the door", by=ana, now=now, **more)

    return report


def state(referral: Referral, at) -> State:
    return state_of(Referral.objects.with_state(at).get(pk=referral.pk))


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_without_a_basis_nobody_is_asked(ask, permits):
    with pytest.raises(Refused, match="no legal basis"):
        ask()
    permits(recipient=Recipient.POLICE)
    with pytest.raises(Refused, match="no legal basis"):
        ask()
    assert not Referral.objects.exists()


def test_with_her_consent_they_are_asked_and_the_case_asks_for_the_answer(ask, permits, case, now):
    consent = permits()
    referral = ask()
    assert (referral.basis, referral.because) == (consent.pk, Because.CONSENT)
    assert case.entries.get(kind=EntryKind.REFERRED).words == f"{referral.code}: Servicio de Ejemplo"
    task = case.tasks.get(kind="ask")
    assert (task.due, task.words) == (now + timedelta(hours=24), f"{referral.code}: Servicio de Ejemplo")
    assert task.is_late(now + timedelta(hours=25))


def test_a_name_goes_only_where_she_agreed_to_that_too(ask, permits):
    permits()
    with pytest.raises(Refused, match="did not agree to disclose: their name"):
        ask(details={Data.SUBJECT_IDENTITY: NAME})
    permits(Data.SUBJECT_IDENTITY)
    assert [it.words for it in ask(details={Data.SUBJECT_IDENTITY: NAME}).details] == [NAME]
    assert ask().details == []


def test_of_a_child_child_protection_is_told_by_law_and_nobody_else(ask, person, service, ana, now):
    describe_person(person, age_at_events=15, by=ana, now=now)
    with pytest.raises(Refused, match="no legal basis"):
        ask()
    service.organization.recipient_kind = Recipient.CHILD_PROTECTION
    service.organization.save()
    referral = ask()
    assert (referral.because, referral.basis) == (Because.CHILD_AT_RISK, referral.pk)
    assert issue_link(referral, by=ana, now=now)


@pytest.mark.parametrize("otherwise", [{"status": "inactive"}, {"organization__trust": "suspended"}])
def test_nobody_is_sent_where_nobody_is_to_be_sent(ask, permits, service, otherwise):
    permits()
    service.status = otherwise.get("status", "active")
    service.organization.trust = otherwise.get("organization__trust", "vetted")
    service.save(), service.organization.save()
    with pytest.raises(Refused, match="Nobody is sent"):
        ask()


def test_asked_until_they_say_something_else(ask, permits, report, now):
    permits()
    referral = ask()
    assert [state(referral, now + timedelta(hours=hours)) for hours in (1, 25)] == [State.REQUESTED, State.NO_ANSWER]
    assert "arrang" not in " ".join(str(it.label) for it in State)
    for kind in (ReferralEventKind.ARRIVED, ReferralEventKind.SERVED):
        with pytest.raises(Refused, match="have not confirmed yet"):
            report(referral, kind)
    for kind in (ReferralEventKind.ACCEPTED, ReferralEventKind.ARRIVED, ReferralEventKind.SERVED):
        report(referral, kind)
        assert state(referral, now + timedelta(hours=25)) == State(kind)
    report(referral, ReferralEventKind.INFORMED)
    assert state(referral, now) == State.SERVED


def test_a_link_is_offered_until_the_person_got_what_they_were_sent_for(ask, permits, report, ana, now):
    permits()
    referral, client = ask(), Client(headers={"Sec-Fetch-Mode": "navigate"})
    client.force_login(ana)
    page, action = f"/referrals/{referral.pk}", f"/referrals/{referral.pk}/link"
    for kind in (ReferralEventKind.ACCEPTED, ReferralEventKind.ARRIVED):
        report(referral, kind)
        assert f'action="{action}"' in client.get(page).content.decode()
    assert client.post(action).status_code == 200  # the control
    report(referral, ReferralEventKind.SERVED)
    shown = client.get(page).content.decode()
    assert ("El servicio tiene un enlace" in shown, f'action="{action}"' in shown) == (True, False)
    refused = client.post(action)
    assert (refused.status_code, "ya terminó: la persona" in refused.content.decode()) == (422, True)
    with pytest.raises(Refused, match="got what they were sent for"):
        issue_link(referral, by=ana, now=now)


def test_a_no_says_why_and_ends_it(ask, permits, report, ana, now):
    permits()
    referral = ask()
    with pytest.raises(Refused, match="choose the reason"):
        report(referral, ReferralEventKind.DECLINED)
    report(referral, ReferralEventKind.DECLINED, why_not=DeclineReason.FULL)
    for again in (
        lambda: report(referral, ReferralEventKind.ACCEPTED),
        lambda: issue_link(referral, by=ana, now=now),
    ):
        with pytest.raises(Refused, match="is over"):
            again()
    report(referral, ReferralEventKind.INFORMED)


def test_what_was_said_twice_is_said_so(ask, permits, report):
    permits()
    referral = ask()
    report(referral, ReferralEventKind.ACCEPTED)
    with pytest.raises(Refused, match="already"):
        report(referral, ReferralEventKind.ACCEPTED)
    with pytest.raises(Refused, match="already"):
        report(referral, ReferralEventKind.DECLINED, why_not=DeclineReason.OTHER)


def test_the_database_keeps_one_answer_too(ask, permits, report, now):
    permits()
    referral = ask()
    report(referral, ReferralEventKind.ACCEPTED)
    with pytest.raises(IntegrityError, match="answered_once"), transaction.atomic():
        ReferralEvent.objects.create(referral=referral, key=referral.key, kind="declined", why_not="full", at=now)


def test_nobody_changes_what_was_written(ask, permits, report, ana):
    permits()
    turn = report(ask(), ReferralEventKind.ACCEPTED)
    with pytest.raises(ProgrammingError, match="permission denied"), acting_as(ana.acting()):
        ReferralEvent.objects.filter(pk=turn.pk).update(kind="served")


def test_who_said_it_must_be_written(ask, permits, ana, now):
    permits()
    with pytest.raises(Refused, match="Write who said it"):
        record_referral_event(ask(), ReferralEventKind.ACCEPTED, words=" ", by=ana, now=now)


def test_strangers_see_nothing_and_who_joins_later_does(ask, permits, case, ana, ines, now):
    permits()
    referral = ask()
    stranger = User.objects.create(username="rufino")
    for who in (stranger, ines):
        with acting_as(who.acting()):
            assert not Referral.objects.exists()
        with pytest.raises(Refused):
            issue_link(referral, by=who, now=now)
    add_member(case, ines, by=ana, now=now)
    with acting_as(ines.acting()):
        assert Referral.objects.get().facts == FACTS


def test_why_a_service_declines_is_told_on_the_timeline_to_who_may_open_the_referral(ask, permits, report, case, ana):
    permits()
    report(ask(), ReferralEventKind.DECLINED, why_not=DeclineReason.FULL)
    entries = list(case.entries.filter(kind=EntryKind.DECLINED))
    assert len(entries) == 1
    with acting_as(User.objects.create(username="rufino").acting()):
        assert ReferralEvent.objects.details_by_entry(entries) == {}
    with acting_as(ana.acting()):  # the control
        assert ReferralEvent.objects.details_by_entry(entries) == {str(entries[0].pk): DeclineReason.FULL.label}


def test_a_closed_case_asks_nobody(ask, permits, case, ana, now):
    permits()
    for task in case.tasks.all()[1:]:
        finish_task(task, by=ana, now=now)
    close_case(case, "safe", by=ana, now=now)
    with pytest.raises(Refused, match="closed"):
        ask()


def test_the_last_ten_are_counted_for_everybody_who_searches(ask, permits, report, service, ana, now):
    permits()
    later = now + timedelta(days=3)
    turns = [None, ("accepted", None), ("accepted", None), ("declined", DeclineReason.FULL), None]
    for number, it in enumerate(turns):
        referral = ask(at=now + timedelta(minutes=number))
        if it:
            report(referral, ReferralEventKind(it[0]), why_not=it[1])
    cancel_referral(ask(at=later), why="she went elsewhere", by=ana, now=later)  # counts nowhere
    ask(at=later)
    with acting_as(User.objects.create(username="rufino").acting()):  # a user who sees none of them
        assert not Referral.objects.exists()
        assert outcomes_of([service.pk], later) == {service.pk: Outcomes(2, 1, 2, 1)}
    for number in range(10):
        ask(at=later + timedelta(minutes=number))
    with acting_as(ana.acting()):
        assert outcomes_of([service.pk], later)[service.pk] == Outcomes(0, 0, 0, 10)


def test_whoever_has_no_business_there_counts_nothing(ask, permits, service, now):
    permits(), ask()
    with acting_as(User.objects.create(username="vera", role=Role.AUDITOR).acting()):
        assert outcomes_of([service.pk], now) == {}


def test_the_pages_from_the_search_to_the_answer(permits, person, case, service, ana):
    permits()
    where = f"/cases/{case.pk}/people/{person.pk}/refer"
    response = at(ana).post(where, {"service": service.pk})
    assert (response.status_code, "Servicio de Ejemplo" in response.content.decode()) == (200, True)
    refused = at(ana).post(where, {"service": service.pk, "facts": FACTS, "subject_identity": NAME})
    assert (refused.status_code, FACTS in refused.content.decode()) == (422, True)
    referral = at(ana).post(where, {"service": service.pk, "facts": FACTS})["Location"]
    assert FACTS in at(ana).get(referral).content.decode()
    waiting = at(ana).get("/referrals?language=en").content.decode().partition("<article")[2]
    assert "<b>Accepted</b><span>until" in waiting
    assert "icons.svg#ask" in waiting
    unsaid = at(ana).post(f"{referral}/turn", {"kind": "accepted", "words": ""})
    assert unsaid.status_code == 422
    report = at(ana).post(f"{referral}/turn", {"kind": "declined", "why_not": "full", "words": "Rosa said so"})
    assert report["Location"] == referral
    assert "Rosa said so" in at(ana).get(referral).content.decode()
    assert "Servicio de Ejemplo" in at(ana).get("/referrals").content.decode()
    assert at(ana).post(f"{referral}/cancel", {"why": "x"}).status_code == 422  # it is over already
    shown = at(ana).get(f"/directory/services/{service.pk}?language=en").content.decode()
    assert "0 accepted, 1 declined, 0 without an answer" in shown


@pytest.mark.parametrize("sent", [{}, {"service": "x"}, {"service": "00000000-0000-0000-0000-000000000000"}])
def test_without_a_service_there_is_nobody_to_ask(person, case, ana, sent):
    assert at(ana).post(f"/cases/{case.pk}/people/{person.pk}/refer", sent).status_code in (404, 409)


def test_cancelled_the_link_is_closed(ask, permits, ana, now):
    permits()
    referral = ask()
    issue_link(referral, by=ana, now=now)
    cancel_referral(referral, why="she went elsewhere", by=ana, now=now)
    assert not referral.links.filter(ended_at=None).exists()
    assert state(referral, now) == State.CANCELLED


@pytest.mark.parametrize(
    ("public", "address"),
    [
        (None, "http://127.0.0.1:8000/reply#"),
        ("help.example", "https://help.example/reply#"),
        ("x.onion", "http://x.onion/reply#"),
    ],
)
def test_the_link_leads_to_us_whatever_host_was_asked(ask, permits, ana, settings, public, address):
    staff = public and "staff.example"
    settings.ENVIRONMENT = replace(
        settings.ENVIRONMENT, public_host=public, staff_host=staff, web_hosts=("127.0.0.1",), http_port=8000
    )
    permits()
    host = {"Host": staff or "evil.example", "X-Forwarded-Host": "evil.example"}
    shown = at(ana).post(f"/referrals/{ask().pk}/link", headers=host).content.decode()
    assert (address in shown, "evil.example" in shown) == (True, False)


def test_a_consent_given_back_opens_no_new_link(ask, permits, ana, now):
    consent = permits()
    referral = ask()
    consents.withdraw_consent_in_case(consent, by=ana, now=now)
    permits()  # another consent is another referral
    with pytest.raises(Refused, match="has ended"):
        issue_link(referral, by=ana, now=now)


def test_services_that_were_asked_stay_in_the_directory(ask, permits, service):
    permits(), ask()
    assert Service.objects.filter(pk=service.pk).exists()


def test_a_page_that_is_sent_twice_asks_once_and_changed_it_asks_again(permits, case, person, service, ana):
    permits()
    where, page = f"/cases/{case.pk}/people/{person.pk}/refer", str(uuid.uuid4())
    typed = {"service": service.pk, "facts": FACTS, "page": page}
    went = [at(ana).post(where, it)["Location"] for it in (typed, typed, typed | {"facts": "more of it"})]
    assert (went[0] == went[1], went[0] == went[2], Referral.objects.count()) == (True, False, 2)
    shown = [at(ana).post(where, {"service": service.pk}).content.decode() for _ in range(2)]
    assert len({re.search(r'name="page" value="([^"]+)"', it)[1] for it in shown}) == 2


def test_its_code_opens_it_for_who_may_and_for_nobody_else(ask, permits, ana, ines):
    permits()
    referral = ask()
    assert at(ana).get(f"/find/{referral.code}")["Location"] == f"/referrals/{referral.pk}"
    assert at(ines).get(f"/find/{referral.code}").status_code == 404
