"""A talk and a rest are offered after a hard contact. One's load is seen by oneself and supervisors alone."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import Contact, Debrief
from amparo.line.contacts.picklists import DebriefState, HardCall, Type
from amparo.line.contacts.rules import (
    acknowledge_hard_call,
    decline_debrief,
    load_charts,
    open_contact,
    reopen,
    take_debrief,
    wrap_up,
)
from amparo.line.roster.models import Rest
from amparo.line.switchboard.models import Call, State
from amparo.screens.desk.other_work import hard_calls


def close(contact, by, now, hard_call=HardCall.TALK) -> None:
    wrap_up(contact, type=Type.CRISIS, hard_call=hard_call, key=uuid.uuid4(), by=by, now=now)


def another(by, now) -> Contact:
    call = Call.objects.create(arrived_at=now, answered_at=now, state=State.ENDED, operators=[by.pk], ended_at=now)
    return open_contact(call, by=by, now=now)


@pytest.fixture
def debrief(contact, ana, now) -> Debrief:
    close(contact, ana, now)
    with acting_as(ana.acting()):
        return Debrief.objects.get()


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("hard_call", "offered", "rests"),
    [(HardCall.TALK, True, True), (HardCall.LATER, True, False), (HardCall.NO, False, False), ("", False, False)],
)
def test_a_hard_contact_offers_a_talk_and_asking_for_one_a_rest(contact, ana, now, hard_call, offered, rests):
    close(contact, ana, now, hard_call)
    with acting_as(ana.acting()):
        assert (Debrief.objects.exists(), Rest.objects.exists()) == (offered, rests)


def test_the_second_hard_contact_of_a_shift_brings_a_rest(contact, ana, now):
    close(contact, ana, now, HardCall.LATER)
    close(another(ana, now), ana, now, HardCall.LATER)
    with acting_as(ana.acting()):
        assert Debrief.objects.count() == 2
        assert Rest.objects.get().until == now + timedelta(minutes=15)


def test_hard_contacts_of_an_earlier_shift_do_not_count(contact, ana, now):
    close(contact, ana, now, HardCall.LATER)
    later = now + timedelta(hours=13)
    close(another(ana, later), ana, later, HardCall.LATER)
    with acting_as(ana.acting()):
        assert not Rest.objects.exists()


def test_what_a_supervisor_marks_in_the_contact_of_another_brings_her_no_rest(contact, marta, now):
    close(contact, marta, now)
    with acting_as(marta.acting()):
        assert not Rest.objects.exists()
        assert not Debrief.objects.exists()


def test_a_contact_corrected_to_not_hard_withdraws_the_talk(debrief, contact, ana, marta, now):
    client = browser_of(marta)
    assert ">ofrecida<" in client.get(f"/wellbeing/{ana.pk}").content.decode(), "control"
    reopen(contact, by=ana, now=now)
    close(contact, ana, now, HardCall.NO)
    with acting_as(ana.acting()):
        assert not Debrief.objects.exists()
    assert ">ofrecida<" not in client.get(f"/wellbeing/{ana.pk}").content.decode()
    close(contact, ana, now, HardCall.LATER)  # hard after all
    with acting_as(ana.acting()):
        assert Debrief.objects.get().state == DebriefState.OFFERED


def test_a_supervisor_who_corrects_a_contact_withdraws_nobody_s_talk(debrief, contact, ana, marta, now):
    reopen(contact, by=marta, now=now)
    close(contact, marta, now, HardCall.NO)
    with acting_as(ana.acting()):
        assert Debrief.objects.get().state == DebriefState.OFFERED


@pytest.mark.parametrize("answer", [DebriefState.TAKEN, DebriefState.DECLINED])
def test_a_talk_that_was_answered_stays_whatever_is_corrected(debrief, contact, ana, marta, now, answer):
    if answer == DebriefState.TAKEN:
        take_debrief(debrief, marta, now, by=ana, now=now)
    else:
        decline_debrief(debrief, by=ana, now=now)
    close(contact, ana, now, HardCall.NO)
    with acting_as(ana.acting()):
        assert Debrief.objects.get().state == answer


def test_a_talk_says_with_whom_and_when(debrief, ana, marta, now):
    take_debrief(debrief, marta, now - timedelta(hours=1), by=ana, now=now)
    with acting_as(ana.acting()):
        kept = Debrief.objects.get()
    assert (kept.state, kept.with_whom, kept.talked_at) == (DebriefState.TAKEN, marta, now - timedelta(hours=1))
    assert Entry.objects.filter(what="take_debrief", user_id=ana.pk).exists()


def test_nobody_is_reminded_of_an_offer_after_a_week(debrief, ana, now):
    with acting_as(ana.acting()):
        assert Debrief.objects.offered(now + timedelta(days=6)).exists()
        assert not Debrief.objects.offered(now + timedelta(days=8)).exists()


def test_an_offer_that_nobody_answered_for_a_week_is_offered_no_more_on_any_page(debrief, ana, marta, now):
    pages = (browser_of(ana), "/wellbeing"), (browser_of(marta), f"/wellbeing/{ana.pk}")
    for client, address in pages:
        assert ">ofrecida<" in client.get(address).content.decode(), "control"
    Debrief.objects.update(offered_at=now - timedelta(days=8))
    for client, address in pages:
        page = client.get(address).content.decode()
        assert ">ofrecida<" not in page
        assert ">sin responder<" in page


def test_a_talk_that_was_declined_can_still_be_taken(debrief, ana, marta, now):
    for _twice in range(2):
        decline_debrief(debrief, by=ana, now=now)
    with acting_as(ana.acting()):
        assert Debrief.objects.get().state == DebriefState.DECLINED
        assert not Debrief.objects.offered(now).exists()
    take_debrief(debrief, marta, now, by=ana, now=now)
    decline_debrief(debrief, by=ana, now=now)
    with acting_as(ana.acting()):
        assert Debrief.objects.get().state == DebriefState.TAKEN


def test_the_supervisor_who_says_we_talked_records_the_talk(debrief, contact, ana, marta, now):
    acknowledge_hard_call(contact, by=marta, now=now)
    with acting_as(ana.acting()):
        assert Debrief.objects.get().with_whom == marta


def test_a_talk_is_recorded_once(debrief, ana, marta, now):
    nelly = User.objects.create(username="nelly", first_name="Nelly C.", role=Role.SUPERVISOR)
    take_debrief(debrief, marta, now - timedelta(hours=2), by=ana, now=now)
    with pytest.raises(Refused, match="Marta"):
        take_debrief(debrief, nelly, now, by=nelly, now=now)
    with acting_as(ana.acting()):
        assert Debrief.objects.get().with_whom == marta


def test_who_declined_is_not_asked_again_by_the_list_of_hard_calls(debrief, contact, ana, marta, now):
    def listed() -> bool:
        with acting_as(marta.acting()):
            return Contact.objects.visible_to(marta).hard_calls_waiting().exists()

    assert listed()  # control: before they declined
    decline_debrief(debrief, by=ana, now=now)
    assert not listed()
    acknowledge_hard_call(contact, by=marta, now=now)  # a page that was loaded before
    with acting_as(ana.acting()):
        assert Debrief.objects.get().state == DebriefState.DECLINED


def test_a_supervisor_does_not_clear_her_own_hard_call(marta, now):
    own = another(marta, now)
    close(own, marta, now)
    with acting_as(marta.acting()):
        assert not hard_calls(marta)
    with pytest.raises(Refused):
        acknowledge_hard_call(own, by=marta, now=now)


def test_what_was_long_ago_brings_no_rest_now(contact, ana, now):
    close(contact, ana, now + timedelta(days=30))
    with acting_as(ana.acting()):
        assert Debrief.objects.exists()
        assert not Rest.objects.exists()


def test_nobody_answers_for_another(debrief, ana, rufino, marta, now):
    for refused in (
        lambda: decline_debrief(debrief, by=marta, now=now),
        lambda: decline_debrief(debrief, by=rufino, now=now),
        lambda: take_debrief(debrief, rufino, now, by=marta, now=now),
        lambda: take_debrief(debrief, ana, now, by=ana, now=now),
        lambda: take_debrief(debrief, marta, now + timedelta(hours=1), by=ana, now=now),
    ):
        with pytest.raises(Refused):
            refused()
    with acting_as(ana.acting()):
        assert Debrief.objects.get().state == DebriefState.OFFERED
    with acting_as(ana.acting()), pytest.raises(IntegrityError), transaction.atomic():
        Debrief.objects.update(state=DebriefState.TAKEN, with_whom=ana, talked_at=now, answered_at=now)


def test_the_database_shows_it_to_her_and_supervisors_alone(debrief, ana, rufino, marta):
    for reader, sees in ((rufino, False), (ana, True), (marta, True)):
        with acting_as(reader.acting()):
            assert Debrief.objects.exists() == sees, reader
    assert browser_of(rufino).post(f"/wellbeing/talks/{debrief.pk}/decline").status_code == 404


def test_load_is_counted_by_week_and_seen_by_her_and_supervisors(contact, debrief, ana, rufino, marta, now):
    close(another(ana, now), ana, now, HardCall.NO)
    for reader in (ana, marta):
        with acting_as(reader.acting()):
            contacts, hard, hours = load_charts(ana, by=reader, now=now)
            counted = Contact.objects.filter(operator=ana).count()
        assert (contacts.bars[-1].count, hard.bars[-1].count, hours.bars[-1].count) == (2, 1, 0)
        assert sum(bar.count for bar in contacts.bars) == counted == 2
    with acting_as(rufino.acting()), pytest.raises(Refused):
        load_charts(ana, by=rufino, now=now)
    with acting_as(rufino.acting()):
        assert not Contact.objects.filter(operator=ana).exists()  # the database says so too


def test_pages_of_others_are_for_supervisors_in_the_order_of_names(debrief, ana, rufino, marta):
    assert browser_of(ana).get("/wellbeing").status_code == 200
    assert browser_of(rufino).get(f"/wellbeing/{ana.pk}").status_code == 404
    assert browser_of(marta).get(f"/wellbeing/{ana.pk}").status_code == 200
    team = browser_of(marta).get("/wellbeing").content.decode().split('id="people"')[1]
    assert team.index("Ana F.") < team.index("Marta Q.") < team.index("Rufino E.")
    assert 'id="people"' not in browser_of(ana).get("/wellbeing").content.decode()


def test_a_page_records_a_talk_and_says_what_is_missing(debrief, ana, marta):
    client = browser_of(ana)
    at = timezone.localtime().strftime("%d/%m/%Y %H:%M")
    assert client.post(f"/wellbeing/talks/{debrief.pk}/take", {"with_whom": "", "talked_at": at}).status_code == 409
    assert (
        client.post(f"/wellbeing/talks/{debrief.pk}/take", {"with_whom": marta.pk, "talked_at": at}).status_code == 302
    )
    assert "Marta Q." in client.get("/wellbeing").content.decode()
