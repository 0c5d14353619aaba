"""A trainee who knows how the line is built tries to answer without a certificate: by requests of a browser and of a
program, and by SQL in a page of theirs. Each attempt has a control: who may do it does it in the same way.
"""

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.chat.models import Chat
from amparo.line.contacts.rules import take_chat
from amparo.line.roster.models import Certificate, Mentor, Queue, RingingRules, Seat, State
from amparo.line.roster.rules import take_seat
from amparo.line.roster.shift_rules import issue_certificate, name_mentor, revoke_certificate, set_ringing_rules
from amparo.programme.training.models import Practice, QuizResult
from amparo.programme.training.rules import SCORES, begin_practice, finish_practice
from tests.test_promises.access import as_process
from tests.test_promises.planting import plant_chat

from .conftest import COURSE, practise

pytestmark = pytest.mark.django_db(transaction=True)

A_YEAR = timedelta(days=365)

# What the trainee `me` tries by SQL in a page of theirs.
MAKING = {
    "make one": "insert into roster_certificate (user_id, queue, issued_at, expires_at, issued_by_id)"
    " values (%(me)s, 'calls', now(), now() + interval '1 year', %(marta)s)",
    "copy a colleague's": "insert into roster_certificate (user_id, queue, issued_at, expires_at, issued_by_id)"
    " select %(me)s, queue, issued_at, expires_at, issued_by_id from roster_certificate where user_id = %(rufino)s",
    "pretend a course": "insert into roster_certificate (user_id, queue, issued_at, expires_at, course)"
    " values (%(me)s, 'calls', now(), now() + interval '1 year', 'first-call')",
    "extend one's own": "update roster_certificate set expires_at = now() + interval '1 year' where user_id = %(me)s",
    "backdate one's own": "update roster_certificate set issued_at = now() - interval '9 years' where user_id = %(me)s",
    "take a colleague's": "update roster_certificate set user_id = %(me)s where user_id = %(rufino)s",
    "undo a revocation": "update roster_certificate set revoked_at = null where user_id = %(me)s",
    "forget who revoked it": "delete from roster_certificate where user_id = %(me)s",
    "score one's own practice": "update training_practice set passed = true, points = 100, finished_at = now()"
    " where user_id = %(me)s and not passed",
    "go to the end of a practice": "update training_practice set step = 'thanks' where user_id = %(me)s",
    "be certified for another queue": "select training_certify(%(passed)s, 'calls', now(), now() + interval '3 years',"
    " false)",
    "write a practice that one passed": "insert into training_practice (user_id, course_code, call, step, path, noted,"
    " started_at, finished_at, met, points, passed)"
    " values (%(me)s, 'first-call', gen_random_uuid(), 'start', '[]', '{}', now(), now(), '{}', 100, true)",
    "pass a quiz": "insert into training_quizresult (user_id, course_code, at, \"right\", questions, passed)"
    " values (%(me)s, 'first-call', now(), 1, 1, true)",
    "ask for no certificates": "update roster_ringingrules set by_certificate = false",
    "become a mentor": "insert into roster_mentor (trainee_id, mentor_id) values (%(rufino)s, %(me)s)",
    "take a chat": "update chat_chat set state = 'talking', operator_id = %(me)s, taken_at = now()"
    " where practice_of_id is null",
}  # fmt: skip


@pytest.fixture
def insider(ana, rufino, marta, now) -> dict[str, int]:
    """Ana, whose certificates are over; Rufino, certified and at his console; a chat waits. The values of `MAKING`."""
    take_seat(by=rufino, now=now)
    Seat.objects.filter(pk=rufino.pk).update(state=State.READY, seen_at=now + timedelta(minutes=5))
    set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
    for queue in Queue:
        issue_certificate(rufino, queue, now + A_YEAR, by=marta, now=now)
    revoke_certificate(issue_certificate(ana, Queue.CALLS, now + A_YEAR, by=marta, now=now), by=marta, now=now)
    practice, _contact = practise(ana, now)
    passed = finish_practice(practice, by=ana, now=now)
    begin_practice(COURSE, by=ana, now=now)
    Practice.objects.filter(pk=passed.pk).update(certificate=None)  # passed, and about to be certified
    Certificate.objects.filter(course=COURSE.code).delete()
    plant_chat("invented words", by=rufino)
    with acting_as(rufino.acting()):
        Chat.objects.filter(practice_of=None).update(state="waiting", operator=None)
    return {"me": ana.pk, "rufino": rufino.pk, "marta": marta.pk, "passed": passed.pk}


def state() -> list[list[tuple]]:
    """Everything that says who may answer what, as the owner of the tables sees it."""
    models = (Certificate, Practice, QuizResult, RingingRules, Mentor, Chat)
    return [sorted(map(repr, model.objects.order_by("pk").values_list())) for model in models]


@pytest.mark.parametrize("attempt", MAKING)
def test_sql_in_a_page_of_the_trainee_makes_extends_copies_and_scores_nothing(insider, ana, attempt):
    before = state()
    with as_process("web", ana.acting()) as link:
        try:
            link.execute(MAKING[attempt], insider)
            link.commit()
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.CheckViolation):
            link.rollback()
    assert state() == before


@pytest.mark.parametrize("attempt", MAKING)
def test_the_control_the_same_statement_works_where_nothing_forbids_it(insider, ana, attempt):
    """As the owner of the tables; and the certificate of a course while its practice is scored."""
    before = state()
    if "certify" in MAKING[attempt]:
        with as_process("web", replace(ana.acting(), purpose=SCORES)) as link:
            Certificate.objects.filter(user=ana).update(revoked_at=None)
            before = state()
            link.execute(MAKING[attempt], insider)
    else:
        with connection.cursor() as cursor:
            cursor.execute("alter table chat_chat disable trigger who_takes_a_chat_is_certified")
            cursor.execute(MAKING[attempt], insider)
            cursor.execute("alter table chat_chat enable trigger who_takes_a_chat_is_certified")
    assert state() != before


def test_a_chat_is_taken_by_sql_with_a_certificate_that_has_not_expired(insider, ana, marta, now):
    """And not from the second of its expiry on."""
    for expires, taken in ((now - timedelta(seconds=1), 0), (now + timedelta(hours=1), 1)):
        issued = now - timedelta(days=1)
        Certificate.objects.create(user=ana, queue="chats", issued_at=issued, expires_at=expires, issued_by=marta)
        with as_process("web", ana.acting()) as link:
            try:
                assert link.execute(MAKING["take a chat"], insider).rowcount == taken
            except psycopg.errors.InsufficientPrivilege:
                assert not taken
                link.rollback()


def test_a_purpose_is_not_added_to_who_is_acting(insider, ana):
    before = state()
    claims = "replace(current_setting('amparo.acting'), '::', ':scores_practice:')"
    with as_process("web", ana.acting()) as link:
        link.execute(f"select set_config('amparo.acting', {claims}, true)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="not signed"):
            link.execute(MAKING["score one's own practice"], insider)
    assert state() == before


def test_a_supervisor_certifies_others_in_their_own_name_and_changes_no_certificate(insider, marta):
    mine = MAKING["pretend a course"].replace("%(me)s", "%(marta)s")
    later = "update roster_certificate set revoked_at = now() + interval '9 years' where user_id = %(rufino)s"
    others = (MAKING[it] for it in ("extend one's own", "take a colleague's", "undo a revocation"))
    for attempt in (mine, later, *others):
        before = state()
        with as_process("web", marta.acting()) as link:
            try:
                link.execute(attempt, insider)
                link.commit()
            except psycopg.errors.InsufficientPrivilege:
                link.rollback()
        assert state() == before, attempt
    with as_process("web", marta.acting()) as link:  # the control
        assert link.execute(MAKING["make one"], insider).rowcount == 1
        assert link.execute(later.replace(" + interval '9 years'", ""), insider).rowcount == len(Queue)


# By requests.


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_requests_of_the_trainee_certify_nobody(insider, ana, rufino, marta, now):
    own = Certificate.objects.get(user=ana)
    day = {"last_day": f"{now + timedelta(days=90):%d/%m/%Y}"}
    attempts = [
        ("/certificates/issue", {"user": ana.pk, "queue": "calls", **day}),
        (f"/certificates/{own.pk}/revoke", {}),
        ("/ringing-rules", {}),
        ("/shifts/mentor", {"user": rufino.pk, "mentor": ana.pk}),
        ("/courses/first-call/take", {}),
    ]
    before, trainee, supervisor = state(), client_of(ana), client_of(marta)
    assert [trainee.post(address, sent).status_code for address, sent in attempts] == [404] * len(attempts)
    assert state() == before
    assert supervisor.post("/certificates/issue", {"user": ana.pk, "queue": "calls", **day}).status_code == 302
    assert state() != before
    assert supervisor.post("/certificates/issue", {"user": marta.pk, "queue": "calls", **day}).status_code == 422


def test_a_practice_is_scored_by_what_was_done_whatever_is_sent(ana, rufino, now):
    practice = begin_practice(COURSE, by=ana, now=now)
    address = reverse("practice-finish", args=[practice.pk])
    sent = {"points": "100", "passed": "on", "met": '{"safety": true}', "certificate": "1"}
    assert client_of(rufino).post(address, sent).status_code == 404
    assert client_of(ana).post(address, sent).status_code == 409
    practice.refresh_from_db()
    assert (practice.passed, practice.points, Certificate.objects.count()) == (False, None, 0)
    done, _contact = practise(ana, now)  # the control: the same page, after the conversation
    assert client_of(ana).post(reverse("practice-finish", args=[done.pk]), sent).status_code == 302
    assert Certificate.objects.get().user == ana


def test_programs_of_other_institutions_have_no_address_for_certificates():
    """The control: that of reports is there, and asks for a token."""
    rooms = ("certificates", "practice", "shifts", "ringing-rules", "reports")
    assert [Client().get(f"/api/v1/{room}").status_code for room in rooms] == [404] * 4 + [401]


def test_a_chat_is_offered_until_the_moment_at_which_the_certificate_expires(insider, ana, marta, now):
    expires = now + timedelta(minutes=4)  # Rufino's console is seen until then
    issue_certificate(ana, Queue.CHATS, expires, by=marta, now=now)
    with acting_as(ana.acting()):
        chat = Chat.objects.filter(practice_of=None).get()
    with pytest.raises(Refused):
        take_chat(chat, by=ana, now=expires)
    assert take_chat(chat, by=ana, now=expires - timedelta(seconds=1)).chat_id == chat.pk


def test_a_chat_is_refused_in_a_sentence_when_the_certificate_ends_while_it_is_taken(insider, ana, marta, now):
    """PostgreSQL asks again, at its own time."""
    ended = now - timedelta(minutes=1)
    issue_certificate(ana, Queue.CHATS, now + timedelta(hours=1), by=marta, now=now - timedelta(hours=1))
    Certificate.objects.filter(user=ana, queue=Queue.CHATS, revoked_at=None).update(expires_at=ended)
    with acting_as(ana.acting()):
        chat = Chat.objects.filter(practice_of=None).get()
    with pytest.raises(Refused, match="certificate for chats"):
        take_chat(chat, by=ana, now=ended - timedelta(minutes=1))


def test_a_police_liaison_learns_nothing_of_who_is_certified(insider, ana, rufino, teo):
    question = "select roster_may_take('chats', %s, now(), now())"
    for user, answers in ((teo, [False, False]), (ana, [False, True])):
        with as_process("web", user.acting()) as link:
            assert [link.execute(question, [of.pk]).fetchone()[0] for of in (ana, rufino)] == answers


def test_a_trainee_makes_nobody_their_mentor_nor_themselves_one(insider, ana, rufino, marta, now):
    with pytest.raises(Refused):
        name_mentor(rufino, ana, by=ana, now=now)
    with pytest.raises(Refused):
        name_mentor(rufino, ana, by=marta, now=now)  # she is not certified
    assert not Mentor.objects.exists()
    name_mentor(ana, rufino, by=marta, now=now)
    assert Mentor.objects.get().mentor == rufino
