"""A link shows what was agreed while its basis is live; its bearer answers, and has the public role in the database."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from amparo.care.cases import consents
from amparo.care.consent.picklists import Data, InformedItem, OverrideGround, Recipient
from amparo.care.consent.rules import review_basis
from amparo.care.people.rules import describe_person
from amparo.care.referrals.by_link import answer_by_link, handle_link_request, open_link
from amparo.care.referrals.models import Link, Referral
from amparo.care.referrals.picklists import DeclineReason, ReferralEventKind
from amparo.care.referrals.rules import cancel_referral, issue_link, link_actor, record_referral_event, refer
from amparo.care.returning.rules import set_code_owner, withdraw_with_code
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.picklists import Changes, OwnWord
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import Grant
from amparo.foundation.words import rules as words
from amparo.line.contacts.models import ReturnCode
from amparo.line.contacts.models.return_codes import actor_of_code as with_code
from amparo.line.contacts.return_code_rules import give_code
from tests.test_promises.access import as_process

FACTS, NAME, SITUATION = "invented facts of nobody", "Inventada Demo", "invented situation of nobody"
TABLES = ("referrals_referral", "referrals_discloseditem", "referrals_referralevent")


@pytest.fixture
def sent(person, service, permits, ana, now) -> Referral:
    """With the person's name, which has a consent of its own."""
    permits()
    permits(Data.SUBJECT_IDENTITY)
    return refer(person, service, facts=FACTS, details={Data.SUBJECT_IDENTITY: NAME}, by=ana, now=now)


@pytest.fixture
def link(sent, ana, now) -> str:
    return issue_link(sent, by=ana, now=now)


def consent_to(person, data: str):
    return next(it for it in person.consents.all() if it.data == [data] and it.withdrawn_at is None)


def test_it_opens_what_was_agreed_and_answers_for_the_service(sent, link, now):
    sheet = open_link(link_actor(link), now)
    assert (sheet.facts, sheet.details, sheet.code) == (FACTS, {Data.SUBJECT_IDENTITY: NAME}, sent.code)
    answer_by_link(link_actor(link), ReferralEventKind.ACCEPTED, why_not=None, words="come at ten", now=now)
    assert [kind for kind, _label in open_link(link_actor(link), now).next] == ["arrived", "served"]
    turn = sent.events.get()
    assert (turn.kind, turn.words, turn.by) == ("accepted", "come at ten", None)


def test_its_secret_is_long_and_kept_nowhere(link, sent):
    secret = link.replace("-", "")
    assert len(secret) * 5 >= 128  # bits: each letter is one of 32
    rows = str([Link.objects.get().__dict__, sent.__dict__])
    assert secret not in rows
    assert open_link(link_actor(secret.upper()), sent.sent_at).facts == FACTS


def test_taken_back_it_is_gone_from_the_very_next_request_on(sent, link, person, ana, now):
    consents.withdraw_consent_in_case(consent_to(person, Data.INCIDENT_FACTS), by=ana, now=now)
    with pytest.raises(Refused, match="opens nothing"):
        open_link(link_actor(link), now)
    with pytest.raises(Refused, match="opens nothing"):
        answer_by_link(link_actor(link), ReferralEventKind.ACCEPTED, why_not=None, words="", now=now)


def test_her_name_alone_taken_back_the_facts_stay(sent, link, person, ana, now):
    consents.withdraw_consent_in_case(consent_to(person, Data.SUBJECT_IDENTITY), by=ana, now=now)
    sheet = open_link(link_actor(link), now)
    assert (sheet.facts, sheet.details) == (FACTS, {})
    assert open_link(link_actor(issue_link(sent, by=ana, now=now)), now).details == {}


def test_it_ends_with_its_time_with_a_new_one_and_when_it_is_cancelled(sent, link, ana, now):
    second = issue_link(sent, by=ana, now=now)
    assert second != link
    with pytest.raises(Refused, match="opens nothing"):
        open_link(link_actor(link), now)
    assert Link.objects.get(ended_at=None).until == now + timedelta(days=30)
    Grant.objects.filter(holder=link_actor(second).holders[1]).update(expires_at=now - timedelta(seconds=1))
    with pytest.raises(Refused, match="opens nothing"):
        open_link(link_actor(second), now)
    third = issue_link(sent, by=ana, now=now)
    cancel_referral(sent, why="invented", by=ana, now=now)
    with pytest.raises(Refused, match="opens nothing"):
        open_link(link_actor(third), now)


def test_who_said_no_reads_no_more_of_her(sent, link, now):
    answer_by_link(link_actor(link), ReferralEventKind.DECLINED, why_not=DeclineReason.FULL, words="", now=now)
    sheet = open_link(link_actor(link), now)
    assert (sheet.facts, sheet.details, len(sheet.events), sheet.next) == ("", {}, 1, [])


def test_they_choose_a_reason_that_the_line_added_and_none_that_it_has_not(sent, link, now):
    words.keep({"declines": Changes(words=(("own-01", OwnWord("sin cuna, dato inventado", "no cot, invented")),))})
    for unknown in ("own-02", ""):
        refused = handle_link_request({"secret": link, "kind": "declined", "why_not": unknown, "words": ""}, now)
        assert (refused.done, bool(refused.refusal)) == (False, True)
    with pytest.raises(Refused, match="choose the reason"):
        answer_by_link(link_actor(link), ReferralEventKind.DECLINED, why_not="own-02", words="", now=now)
    done = handle_link_request({"secret": link, "kind": "declined", "why_not": "own-01", "words": ""}, now)
    assert done.done
    assert done.reasons[-1] == ("own-01", "no cot, invented")
    assert sent.events.get().get_why_not_display() == "no cot, invented"


def test_who_said_no_at_the_telephone_opens_nothing_any_more(sent, link, ana, now):
    record_referral_event(sent, ReferralEventKind.DECLINED, words="Rosa", why_not=DeclineReason.FULL, by=ana, now=now)
    with pytest.raises(Refused, match="opens nothing"):
        open_link(link_actor(link), now)


def test_a_basis_that_a_review_undoes_closes_it_too(person, service, ana, marta, now):
    service.organization.recipient_kind = Recipient.CHILD_PROTECTION
    service.organization.save()
    basis = consents.record_basis_in_case(person, OverrideGround.IMMINENT_DANGER, "invented danger", by=ana, now=now)
    referral = refer(person, service, facts=FACTS, by=ana, now=now)
    link = issue_link(referral, by=ana, now=now)
    assert open_link(link_actor(link), now).facts == FACTS
    review_basis(basis, stands=False, by=marta, now=now)
    with pytest.raises(Refused, match="opens nothing"):
        open_link(link_actor(link), now)


def test_each_opening_and_answer_is_in_the_ledger_without_the_secret(sent, link, now):
    open_link(link_actor(link), now)
    answer_by_link(link_actor(link), ReferralEventKind.DECLINED, why_not=DeclineReason.FULL, words="", now=now)
    entries = list(Entry.objects.raw("select * from audit_entry where key = %s order by id", [sent.key_id]))
    theirs = [entry.what for entry in entries if entry.role.startswith("bearer/link_")]
    assert theirs.count("open_link") == 1
    assert {"open_link", "look", "answer_by_link"} == set(theirs)
    assert link.replace("-", "") not in str([entry.__dict__ for entry in entries])


@pytest.mark.parametrize("kind", [ReferralEventKind.INFORMED, ReferralEventKind.CANCELLED])
def test_what_is_the_lines_to_say_is_not_theirs(link, now, kind):
    with pytest.raises(Refused, match="other side"):
        answer_by_link(link_actor(link), kind, why_not=None, words="x", now=now)


@pytest.mark.django_db(transaction=True)
def test_in_the_database_it_is_the_public_side_and_sees_one_referral(sent, link, person, service, ana, now):
    refer(person, service, facts="another", by=ana, now=now)

    def rows(acting) -> list[int]:
        with as_process("site", acting) as it:
            return [it.execute(f"select count(key_id) from {table}").fetchone()[0] for table in TABLES[:2]]

    assert rows(link_actor(link)) == [1, 1]
    assert rows(link_actor("a" * 32)) == [0, 0]
    assert rows(None) == [0, 0]
    for statement in (
        *(f"select {column} from referrals_referral" for column in ("person_id", "case_id", "service_id")),
        "select * from cases_case",
        "select * from people_identity",
        "select words from referrals_referralevent",
        "select * from directory_service",
        "select * from referrals_link",
        "update referrals_referralevent set kind = 'served'",
        "delete from referrals_referralevent",
        "select * from directory_outcomes('{}', now())",
        "insert into vault_grant (holder) values ('u1')",
    ):
        with as_process("site", link_actor(link)) as it, pytest.raises(psycopg.errors.InsufficientPrivilege):
            it.execute(statement)


def test_were_the_gate_open_each_link_would_still_open_its_own_alone(sent, link, person, service, ana, now):
    """The query filters by bearer, and row-level security does it again: this test runs without the latter."""
    another = issue_link(refer(person, service, facts="another", by=ana, now=now), by=ana, now=now)
    consents.withdraw_consent_in_case(consent_to(person, Data.SUBJECT_IDENTITY), by=ana, now=now)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        for table in TABLES:
            cursor.execute(f"alter table {table} disable row level security")
    assert [open_link(link_actor(each), now).facts for each in (link, another)] == [FACTS, "another"]
    assert open_link(link_actor(link), now).details == {}
    with pytest.raises(Refused, match="opens nothing"):
        open_link(link_actor("a" * 32), now)


@pytest.mark.django_db(transaction=True)
def test_who_has_a_return_code_does_not_see_what_was_told_by_link(sent, link, case, person, ana, now):
    code = give_code(case.inclusions.get().contact, by=ana, now=now)
    set_code_owner(ReturnCode.objects.get(), person, by=ana, now=now)
    with as_process("site", with_code(code)) as it:
        assert it.execute("select count(key_id) from vault_grant").fetchone()[0] > 2  # the actor holds the keys
        assert [it.execute(f"select count(key_id) from {table}").fetchone()[0] for table in TABLES] == [0, 0, 0]


@pytest.mark.parametrize("is_hers_before", [True, False])
def test_she_closes_it_herself_with_her_return_code(case, person, service, permits, ana, now, is_hers_before):
    code, consent = give_code(case.inclusions.get().contact, by=ana, now=now), permits()
    given = ReturnCode.objects.get()
    if is_hers_before:
        set_code_owner(given, person, by=ana, now=now)
    link = issue_link(refer(person, service, facts=FACTS, by=ana, now=now), by=ana, now=now)
    if not is_hers_before:
        set_code_owner(given, person, by=ana, now=now)
    assert open_link(link_actor(link), now).facts == FACTS
    withdraw_with_code(with_code(code), consent.pk, now=now)
    with pytest.raises(Refused, match="opens nothing"):
        open_link(link_actor(link), now)


def test_no_new_link_on_a_consent_of_who_is_somebody_else_after_all(case, person, service, ana, now):
    """A caller was recorded as the person at risk, agreed as such, and turned out to be somebody else."""
    known = {"age_at_events": 40, "age_certainty": "sure"}
    caller = describe_person(case.persons.get(part="caller"), same_human_as=person, **known, by=ana, now=now)
    consents.record_consent_in_case(
        caller, data=[Data.INCIDENT_FACTS], recipients=[Recipient.SERVICE_PROVIDER], purpose="invented",
        informed=list(InformedItem.values), given_how="voice", expires_at=now + timedelta(days=60), by=ana, now=now,
    )  # fmt: skip
    sent = refer(person, service, facts="invented", by=ana, now=now)
    issue_link(sent, by=ana, now=now)  # the control
    describe_person(caller, same_human_as=None, based_on=9, by=ana, now=now)
    with pytest.raises(Refused, match="has ended"):
        issue_link(sent, by=ana, now=now)
