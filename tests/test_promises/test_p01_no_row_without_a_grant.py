"""P1: no request ever returns a row that the person was not granted, even when the view forgets to filter."""

import threading
import uuid
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from amparo.foundation.access.models import Kind, Role
from amparo.foundation.core.actor import acting_as, role_holder
from amparo.foundation.vault.models import DataKey, Grant, revoke_grants
from amparo.line.contacts.models import Contact

from .access import agency, as_process, colleague, contact_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(db):
    return colleague("ana")


@pytest.fixture
def rufino(db):
    return colleague("rufino")


@pytest.fixture
def marta(db):
    return colleague("marta", Role.SUPERVISOR)


@pytest.fixture
def police(db):
    return colleague("sargento", Role.POLICE_LIAISON, agency(Kind.POLICE))


def seen_by(user) -> set:
    """Every contact that a view which forgot its filter would show."""
    with acting_as(user.acting()):
        return set(Contact.objects.values_list("pk", flat=True))


def test_a_forgotten_filter_shows_what_was_granted(ana, rufino, marta, police):
    hers, his = contact_of(ana), contact_of(rufino)
    assert seen_by(ana) == {hers.pk}
    assert seen_by(rufino) == {his.pk}
    assert seen_by(marta) == {hers.pk, his.pk}
    assert seen_by(police) == set()


def test_the_filter_and_the_database_say_the_same(ana, rufino, marta, police):
    for user in (ana, rufino, ana):
        contact_of(user)
    for user in (ana, rufino, marta, police):
        assert set(Contact.objects.visible_to(user).values_list("pk", flat=True)) == seen_by(user)


def test_the_control_without_the_gate_everything_is_there(ana, rufino):
    """The owner of the embedded server looks past every policy: so would a view, if it were not for the gate."""
    contact_of(ana), contact_of(rufino)
    assert Contact.objects.count() == 2


def test_nobody_acting_sees_nothing(ana):
    contact_of(ana)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config('role', current_database() || '_web', true)")
        cursor.execute("select count(*) from contacts_contact")
        assert cursor.fetchone() == (0,)


def test_a_mass_update_without_a_filter_changes_only_ones_own(ana, rufino):
    contact_of(ana), contact_of(rufino)
    with acting_as(ana.acting()):
        assert Contact.objects.update(urgency="urgent") == 1


def test_nothing_is_deleted_by_a_person(ana):
    contact_of(ana)
    with pytest.raises(Exception, match="permission denied"), acting_as(ana.acting()):
        Contact.objects.all()._raw_delete("default")


def test_400_random_ids_find_nothing(ana):
    contact_of(ana)
    with acting_as(ana.acting()):
        assert not any(Contact.objects.filter(pk=uuid.uuid4()).exists() for _ in range(400))


def test_another_agency_sees_it_from_the_grant_to_its_end(ana, police):
    contact, basis = contact_of(ana, notes="seen by who was granted"), uuid.uuid4()
    with acting_as(ana.acting()):
        contact.key.give(
            role_holder(police.agency_id, police.role), agency=police.agency_id, purpose="police_report", basis=basis,
            until=timezone.now() + timedelta(days=1),
        )  # fmt: skip
    assert seen_by(police) == {contact.pk}
    with acting_as(police.acting()):
        assert Contact.objects.get().notes == "seen by who was granted"
        assert Contact.objects.update(urgency="urgent") == 0  # only its own agency writes
    with acting_as(ana.acting()):
        assert revoke_grants(basis) == 1
    assert seen_by(police) == set()


def test_a_grant_that_has_expired_is_none(ana, police):
    contact = contact_of(ana)
    with acting_as(ana.acting()):
        contact.key.give(
            role_holder(police.agency_id, police.role), agency=police.agency_id, basis=uuid.uuid4(),
            until=timezone.now() - timedelta(seconds=1),
        )  # fmt: skip
    assert seen_by(police) == set()


def test_another_agency_without_a_basis_is_refused(ana, police):
    contact = contact_of(ana)
    with pytest.raises(Exception, match="another_agency_needs_a_basis"), acting_as(ana.acting()):
        contact.key.give(role_holder(police.agency_id, police.role), agency=police.agency_id)


def test_another_agency_without_an_end_is_refused(ana, police):
    contact = contact_of(ana)
    with pytest.raises(Exception, match="another_agency_needs_an_end"), acting_as(ana.acting()):
        contact.key.give(role_holder(police.agency_id, police.role), agency=police.agency_id, basis=uuid.uuid4())


def test_nobody_of_another_agency_is_passed_off_as_one_of_ours(ana, police):
    """Without `agency` a copy is for one's own, needs no basis, and may be written with."""
    contact = contact_of(ana)
    for holder in police.acting().holders:
        with pytest.raises(Exception, match="is of another agency"), acting_as(ana.acting()):
            contact.key.give(holder)
        with pytest.raises(Exception, match="is of another agency"), acting_as(ana.acting()):
            DataKey.objects.make(holder, agency=ana.agency_id, kind="contact")
    assert seen_by(police) == set()


def test_who_does_not_hold_a_key_cannot_give_it(ana, rufino):
    contact = contact_of(ana)
    with pytest.raises(Exception, match="only who holds a key"), acting_as(rufino.acting()):
        contact.key.give(rufino.acting().holders[0])
    assert not Grant.objects.filter(holder=rufino.acting().holders[0]).exists()


@pytest.mark.django_db(transaction=True)
def test_16_threads_on_shared_connections_never_see_anothers_rows():
    """Each with its own person, over the same pool; every seventh request breaks in the middle."""
    people = [colleague(f"p{n}") for n in range(16)]
    own = {user.pk: contact_of(user).pk for user in people}
    wrong: list[str] = []

    def work(user) -> None:
        for n in range(60):
            try:
                with acting_as(user.acting()):
                    seen = set(Contact.objects.values_list("pk", flat=True))
                    if seen != {own[user.pk]}:
                        wrong.append(f"{user.pk} saw {len(seen)}")
                    if n % 7 == 0:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                pass
            finally:
                connection.close()

    threads = [threading.Thread(target=work, args=[user]) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.django_db(transaction=True)
def test_each_process_can_do_only_its_own_work():
    contact_of(colleague("ana"))
    forbidden = {
        "web": ["select * from acting.secret", "delete from contacts_contact", "truncate contacts_contact",
                "insert into vault_grant (holder) values ('u1')", "update switchboard_call set state = 'ended'"],
        "worker": ["select notes from contacts_contact", "select number from contacts_safecontact",
                   "select sound from switchboard_message", "update contacts_contact set type = 'test'"],
        "switchboard": ["select * from contacts_contact", "select sound from switchboard_message",
                        "select session_key from access_session", "select data from mfa_authenticator"],
        "site": ["select * from access_user", "select * from contacts_contact", "select * from switchboard_call"],
    }  # fmt: skip
    for process, statements in forbidden.items():
        for statement in statements:
            with as_process(process) as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
                link.execute(statement)
