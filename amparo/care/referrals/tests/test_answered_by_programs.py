"""An institution whose programs answer for its services gets their referrals: as by a link, and for as long."""

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.test import Client

from amparo.care.cases import consents
from amparo.care.consent.picklists import Data
from amparo.care.directory.models import Organization
from amparo.care.referrals.by_link import sheet_of
from amparo.care.referrals.models import DisclosedItem, ProgramShare, ProviderLink, Referral, ReferralEvent
from amparo.care.referrals.picklists import DeclineReason, ReferralEventKind
from amparo.care.referrals.program_shares import link_provider, notify_of_lost_access, unlink_provider
from amparo.care.referrals.rules import answer_referral, cancel_referral, issue_link, record_referral_event, refer
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.integrations.models import Delivery
from amparo.foundation.vault.models import Grant
from tests.test_promises.access import as_process

FACTS, NAME = "invented facts of nobody", "Inventada Demo"


def program_of(name: str, kind: Kind = Kind.NGO) -> User:
    agency = Agency.objects.create(name=f"{name} inventada", kind=kind)
    return User.objects.create(username=name, role=Role.SERVICE_LIAISON, agency=agency, is_machine=True, password="!")


@pytest.fixture
def program(db) -> User:
    return program_of("refugio")


@pytest.fixture
def stranger(db) -> User:
    """A program of another institution."""
    return program_of("ajena")


@pytest.fixture
def joined(service, program, marta, now) -> ProviderLink:
    return link_provider(service.organization, program.agency, by=marta, now=now)


@pytest.fixture
def sent(joined, person, service, permits, ana, now) -> Referral:
    """With the person's name, which has a consent of its own."""
    permits()
    permits(Data.SUBJECT_IDENTITY)
    return refer(person, service, facts=FACTS, details={Data.SUBJECT_IDENTITY: NAME}, by=ana, now=now)


def read(user: User) -> list[tuple[str, str | None]]:
    """Return the facts and the name that this program can open now."""
    with acting_as(user.acting()):
        sheets = [sheet_of(it, user.acting()) for it in Referral.objects.visible_to(user).select_related("key")]
        return [(sheet.facts, sheet.details.get(Data.SUBJECT_IDENTITY)) for sheet in sheets]


def consent_to(person, data: str):
    return next(it for it in person.consents.all() if it.data == [data] and it.withdrawn_at is None)


def kinds_delivered(now) -> list[str]:
    """Return the notifications to its institution after the next run of the worker."""
    Delivery.objects.all().delete()
    with acting_as(WORKER):
        notify_of_lost_access(now)
    return sorted(Delivery.objects.values_list("kind", flat=True))


def test_its_programs_read_what_a_link_would_show_and_no_other_does(sent, program, stranger):
    assert read(program) == [(FACTS, NAME)]
    assert read(stranger) == []
    assert set(Entry.objects.filter(user_id=program.pk).values_list("what", flat=True)) == {"look"}


def test_what_was_asked_before_stays_with_its_link(person, service, permits, program, marta, ana, now):
    permits()
    refer(person, service, facts=FACTS, by=ana, now=now)
    link_provider(service.organization, program.agency, by=marta, now=now)
    assert read(program) == []


def test_what_another_institution_is_asked_is_not_theirs(joined, person, permits, program, ana, now):
    other = Organization.objects.create(name="Otra de Ejemplo", description="inventada", trust="vetted")
    permits()
    refer(person, other.services.create(name="Otro de Ejemplo"), facts=FACTS, by=ana, now=now)
    assert read(program) == []


def test_taken_back_it_is_gone_on_the_very_next_query_and_they_are_told(sent, program, person, ana, now):
    assert kinds_delivered(now) == []
    consents.withdraw_consent_in_case(consent_to(person, Data.INCIDENT_FACTS), by=ana, now=now)
    assert read(program) == []
    assert kinds_delivered(now) == ["referral.gone"]
    assert kinds_delivered(now) == []


def test_her_name_alone_taken_back_the_facts_stay(sent, program, person, ana, now):
    consents.withdraw_consent_in_case(consent_to(person, Data.SUBJECT_IDENTITY), by=ana, now=now)
    assert read(program) == [(FACTS, None)]
    assert kinds_delivered(now) == ["referral.narrowed"]


def test_it_is_gone_when_it_is_cancelled(sent, program, ana, now):
    cancel_referral(sent, why="invented", by=ana, now=now)
    assert read(program) == []
    assert kinds_delivered(now) == ["referral.gone", "referral.narrowed"]


def test_who_said_no_at_the_telephone_reads_no_more(sent, program, ana, now):
    record_referral_event(sent, ReferralEventKind.DECLINED, words="Rosa", why_not=DeclineReason.FULL, by=ana, now=now)
    assert read(program) == []


def test_a_new_link_takes_nothing_from_them(sent, program, ana, now):
    issue_link(sent, by=ana, now=now)
    assert read(program) == [(FACTS, NAME)]


def test_it_ends_as_a_link_does(sent, program, now):
    ends = Grant.objects.filter(holder=ProgramShare.objects.for_referral(sent).holder)
    assert set(ends.values_list("expires_at", flat=True)) == {now + timedelta(days=30)}
    ends.update(expires_at=now - timedelta(seconds=1))
    assert read(program) == []


def test_no_more_joined_they_read_nothing_of_before_nor_of_later(
    sent, joined, program, person, service, ana, marta, now
):
    for _ in range(2):
        unlink_provider(joined, by=marta, now=now)
    assert read(program) == []
    refer(person, service, facts=FACTS, by=ana, now=now)
    assert read(program) == []
    assert {"link_provider", "unlink_provider"} <= set(
        Entry.objects.filter(user_id=marta.pk).values_list("what", flat=True)
    )


def test_it_answers_by_the_same_rules_as_a_link(sent, program, now):
    def say(kind, **more) -> ReferralEvent:
        return answer_referral(sent, kind, by=program, now=now, **more)

    with pytest.raises(Refused, match="not confirmed yet"):
        say(ReferralEventKind.ARRIVED)
    with pytest.raises(Refused, match="choose the reason"):
        say(ReferralEventKind.DECLINED)
    for kind in (ReferralEventKind.INFORMED, ReferralEventKind.CANCELLED):
        with pytest.raises(Refused, match="other side"):
            say(kind)
    turn = say(ReferralEventKind.ACCEPTED, words="come at ten")
    assert (turn.words, turn.by) == ("come at ten", program)
    with pytest.raises(Refused, match="already"):
        say(ReferralEventKind.ACCEPTED)
    assert Entry.objects.filter(user_id=program.pk, what="answer_referral", key=sent.key_id).count() == 1


def test_who_said_no_reads_no_more_of_her(sent, program, now):
    answer_referral(sent, ReferralEventKind.DECLINED, why_not=DeclineReason.FULL, by=program, now=now)
    assert read(program) == [("", None)]


def test_a_stranger_cannot_answer(sent, stranger, ana, now):
    with pytest.raises(Refused, match="no access"):
        answer_referral(sent, ReferralEventKind.ACCEPTED, by=stranger, now=now)
    with pytest.raises(Refused, match="role"):
        answer_referral(sent, ReferralEventKind.ACCEPTED, by=ana, now=now)
    assert not sent.events.exists()


def test_a_supervisor_joins_nobody_else_and_one_at_a_time(service, program, stranger, ana, marta, now):
    with pytest.raises(Refused, match="role"):
        link_provider(service.organization, program.agency, by=ana, now=now)
    police = Agency.objects.create(name="Comisaría inventada", kind=Kind.POLICE)
    for agency in (police, ana.agency):
        with pytest.raises(Refused, match="answer for no service"):
            link_provider(service.organization, agency, by=marta, now=now)
    link_provider(service.organization, program.agency, by=marta, now=now)
    with pytest.raises(Refused, match="already"):
        link_provider(service.organization, stranger.agency, by=marta, now=now)


@pytest.mark.django_db(transaction=True)
def test_in_the_database_a_program_sees_its_own_and_adds_turns_alone(
    sent, program, stranger, person, service, ana, now
):
    def seen(who: User, table: str) -> int:
        with as_process("web", who.acting()) as it:
            return it.execute(f"select count(*) from {table}").fetchone()[0]

    tables = ("referrals_referral", "referrals_discloseditem", "referrals_programshare")
    assert [seen(program, table) for table in tables] == [1, 1, 2]
    assert [seen(stranger, table) for table in tables] == [0, 0, 0]
    hidden = ("cases_case", "people_person", "people_identity", "directory_service", "referrals_providerlink")
    assert [seen(program, table) for table in hidden] == [0] * len(hidden)
    assert [seen(ana, table) > 0 for table in hidden[:2]] == [True, True]  # the control
    columns = "id, referral_id, key_id, data, words, because, basis, until"
    add = f"insert into referrals_discloseditem ({columns}) values (%s, %s, %s, '', '', '', %s, now())"
    with as_process("web", program.acting()) as it, pytest.raises(psycopg.Error, match="row-level security"):
        it.execute(add, [uuid4(), sent.pk, sent.key_id, sent.basis])


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_page_joins_and_parts_and_refuses_in_a_sentence(service, program, marta):
    page, wish = at(marta), {"organization": service.organization_id, "agency": program.agency_id}
    assert page.post("/joined", wish).status_code == 302
    again = page.post("/joined", wish)
    assert again.status_code == 422
    assert "Primero retíreles esa función" in again.content.decode()
    assert page.post("/joined", {"organization": "x"}).status_code == 422
    shown = page.get("/joined").content.decode()
    assert str(program.agency) in shown
    assert page.post(f"/joined/{ProviderLink.objects.get().pk}/part").status_code == 302
    assert ProviderLink.objects.get().ended_at is not None


def test_the_team_sees_who_reads_it(sent, program, case, person, service, ana):
    assert str(program.agency) in at(ana).get(f"/referrals/{sent.pk}").content.decode()
    response = at(ana).post(f"/cases/{case.pk}/people/{person.pk}/refer", {"service": service.pk})
    assert str(program.agency) in response.content.decode()


def test_the_control_without_a_basis_of_its_own_a_name_would_stay(sent, program, person, ana, now, monkeypatch):
    monkeypatch.setattr("amparo.foundation.vault.models.revoke_grants", lambda basis: 0)
    consents.withdraw_consent_in_case(consent_to(person, Data.SUBJECT_IDENTITY), by=ana, now=now)
    assert read(program) == [(FACTS, NAME)]
    assert DisclosedItem.objects.get().basis == person.consents.get(data=[Data.SUBJECT_IDENTITY]).pk
