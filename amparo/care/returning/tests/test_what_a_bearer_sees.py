"""In the database a bearer has the public role: few columns, of rows whose keys the code was given."""

import psycopg
import pytest

from amparo.care.cases.models import Case
from amparo.care.cases.team import add_member
from amparo.care.returning.case_status import case_status
from amparo.care.returning.rules import set_code_owner
from amparo.foundation.access.models import Role, User
from amparo.foundation.access.spoken_codes import new_code
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.models.return_codes import actor_of_code
from amparo.line.contacts.return_code_rules import add_code_message, end_code
from amparo.line.contacts.rights import answer_request, receive_request
from tests.test_promises.access import as_process

FORBIDDEN = [
    "select * from contacts_contact",
    "select * from access_user",
    "select * from people_identity",
    "select remarks from people_person",
    "select facts from police_reports_report",
    "select words from police_reports_reportdetail",
    "select traces from police_reports_report",
    "select words from police_reports_reportevent",
    "select situation from cases_case",
    "select * from cases_caseentry",
    "select purpose from consent_consent",
    "select institution_name from consent_consent",
    "select bearer from contacts_returncode",
    "update consent_consent set expires_at = now()",
    "update contacts_returncodemessage set text = ''",
    "delete from contacts_returncodemessage",
    "select vault_forget('00000000-0000-0000-0000-000000000000')",
    "select vault_give('00000000-0000-0000-0000-000000000000', 'u1', 1, '', null, now())",
    "insert into vault_grant (holder) values ('u1')",
    "select * from acting.secret",
    "select * from vault_token",
    "select because from referrals_discloseditem",
    "select words from referrals_referralevent",
    "update consent_policyversion set agreed_at = now()",
]
SEEN = [
    "contacts_returncode",
    "contacts_returncodemessage",
    "returning_returncodeowner",
    "people_person",
    "consent_consent",
]


def rows(link, table: str) -> int:
    return link.execute(f"select count(key_id) from {table}").fetchone()[0]


@pytest.fixture
def hers(code, given, person, agreed, ana, now, transactional_db):
    add_code_message(actor_of_code(code), "invented words", now=now)
    set_code_owner(given, person, by=ana, now=now)
    return actor_of_code(code)


@pytest.mark.django_db(transaction=True)
def test_hers_and_no_other_rows(hers, given, ana, now):
    with as_process("site", hers) as link:
        assert [rows(link, table) > 0 for table in SEEN] == [True] * len(SEEN)
    with as_process("site", actor_of_code(new_code())) as link:
        assert [rows(link, table) for table in SEEN] == [0] * len(SEEN)
    with as_process("site") as link:
        assert [rows(link, table) for table in SEEN] == [0] * len(SEEN)
    end_code(given, by=ana, now=now)
    with as_process("site", hers) as link:
        assert [rows(link, table) for table in SEEN] == [0] * len(SEEN)


@pytest.mark.django_db(transaction=True)
def test_who_ends_it_without_the_case_ends_it_for_the_case_too(hers, given, rufino, now):
    end_code(given, by=rufino, now=now)
    with as_process("site", hers) as link:
        assert [rows(link, table) for table in SEEN] == [0] * len(SEEN)


@pytest.mark.django_db(transaction=True)
def test_erased_it_holds_nothing_of_the_case(hers, contact, ana, now):
    marta = User.objects.create(username="marta", role=Role.SUPERVISOR)
    add_member(Case.objects.get(), marta, by=ana, now=now)
    data_request = receive_request(contact, "erase", by=ana, now=now)
    answer_request(data_request, "done", code=contact.code, by=marta, now=now)
    with as_process("site", hers) as link:
        assert [rows(link, table) for table in SEEN] == [0] * len(SEEN)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_said_in_our_name_and_what_is_taken_back_stays_so(hers, agreed, ana):
    says = "insert into contacts_returncodemessage"
    says += " (id, code_id, key_id, from_bearer, text, at, by_id, read_at, read_by_id)"
    says += " select gen_random_uuid(), id, key_id, %s, '', now(), %s, %s, %s from contacts_returncode"
    with as_process("site", hers) as link:
        link.execute(says, [True, None, None, None])  # the control
        link.execute("update consent_consent set withdrawn_at = now()")
        assert link.execute("update consent_consent set withdrawn_at = now()").rowcount == 0
    for other in ([False, ana.pk, None, None], [True, ana.pk, None, None], [True, None, agreed.given_at, ana.pk]):
        with as_process("site", hers) as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
            link.execute(says, other)
    with as_process("site", hers) as link:
        assert link.execute("update consent_consent set withdrawn_at = null").rowcount == 0


@pytest.mark.django_db(transaction=True)
def test_no_word_of_the_case(hers):
    for statement in FORBIDDEN:
        with as_process("site", hers) as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
            link.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_how_far_services_came_is_told_to_who_holds_the_key(hers, person, ask_for, given, ana, now):
    ask_for(person, "invented facts")
    query = "select kind from referrals_events_for_bearer(%s)"
    with as_process("site", hers) as link:
        assert link.execute(query, [[person.pk]]).fetchall() == [("requested",)]
        # the row's key is readable, the row is not
        assert link.execute("select facts from referrals_referral").fetchall() == []
    for nobody in (actor_of_code(new_code()), None):
        with as_process("site", *filter(None, [nobody])) as link:
            assert link.execute(query, [[person.pk]]).fetchall() == []
    end_code(given, by=ana, now=now)
    with as_process("site", hers) as link:
        assert link.execute(query, [[person.pk]]).fetchall() == []


@pytest.mark.django_db(transaction=True)
def test_the_web_steps_down_to_it(hers):
    with as_process("web") as link:
        link.execute(f"set local role {link.info.dbname}_site")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            link.execute("select * from contacts_contact")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["web", "worker", "switchboard", "sealer", "gatekeeper"])
def test_signed_in_as_the_public_side_no_statement_becomes_another(hers, other):
    become = "select set_config('role', current_database() || '_%s', true)"
    with as_process("site", hers) as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute(become % other)
    with as_process("site", hers) as link:
        link.execute(become % "site")  # the control: the same role


@pytest.mark.django_db(transaction=True)
def test_sql_that_steps_up_again_is_nobody(hers, given):
    """A statement may call `set_config` to change the actor; then every read, grant or deletion of a key is refused."""
    wanted = ["select age_at_events from people_person", "select * from cases_caseentry", "select * from vault_grant",
              f"select vault_forget('{given.key_id}')",
              f"select vault_give('{given.key_id}', 'u1', 1, '', null, now(), null, null)"]  # fmt: skip
    for statement in wanted:
        with as_process("web", hers) as link:
            link.execute("select set_config('role', current_database() || '_site', true)")
            assert link.execute("select key_id from contacts_returncode").fetchall() == [(given.key_id,)]  # the control
            link.execute("select set_config('role', current_database() || '_web', true)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="is outside"):
                link.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_each_look_is_in_the_ledger_without_the_code(hers, code, given, now):
    case_status(hers, now)
    entries = Entry.objects.raw("select * from audit_entry where key = %s order by id", [given.key_id])
    by_her = [entry.what for entry in entries if entry.role.startswith("bearer/code_")]
    assert {"open_return_code", "look", "add_code_message"} <= set(by_her)
    assert code.replace(" ", "") not in str([entry.__dict__ for entry in entries])


def test_who_acts_as_bearer_is_the_public_side(code, db):
    acting = actor_of_code(code)
    assert (acting.process, acting.is_bearer, acting.user) == ("site", True, 0)
    with acting_as(acting):
        pass
