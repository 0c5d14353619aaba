"""A trainee practises with an invented person, is scored by the quality sheet, and is certified."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import SWITCHBOARD, acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.chat.models import Chat
from amparo.line.roster.models import Certificate, Queue
from amparo.line.roster.shift_rules import issue_certificate, revoke_certificate, set_ringing_rules
from amparo.line.switchboard.models import Call, CallEvent
from amparo.programme.training.courses import courses
from amparo.programme.training.models import Practice
from amparo.programme.training.rules import begin_practice, finish_practice, scoring
from amparo.programme.training.sheet import ITEMS
from amparo.programme.training.tree import Moment, steps_of

from .conftest import COURSE, GOOD, NOTED, pass_quiz, practise


def test_the_sheet_is_worth_a_hundred_points():
    assert sum(item.points for item in ITEMS) == 100


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_several_times_at_once_begins_one_practice(ana, now):
    start = threading.Barrier(4)

    def begin(_number: int) -> Practice:
        try:
            start.wait()
            return begin_practice(COURSE, by=ana, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(begin, range(4)))) == 1


def test_a_revoked_certificate_comes_back_only_by_a_supervisor(ana, marta, now):
    first = finish_practice(practise(ana, now)[0], by=ana, now=now).certificate
    assert first is not None
    later = now + timedelta(minutes=10)
    revoke_certificate(first, by=marta, now=later)
    again = later + timedelta(minutes=10)
    practice = finish_practice(practise(ana, again)[0], by=ana, now=again)
    assert (practice.passed, practice.certificate) == (True, None)
    issue_certificate(ana, Queue.CHATS, again + timedelta(days=30), by=marta, now=again)
    last = again + timedelta(minutes=10)
    assert finish_practice(practise(ana, last)[0], by=ana, now=last).certificate is not None


@pytest.mark.parametrize("course", courses().values(), ids=list(courses()))
def test_every_step_is_reached_and_a_good_end_too(course):
    reached, todo = set(), ["start"]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += [branch.step for branch in course.steps[name].branches]
    assert reached == set(course.steps)
    assert [step.end for step in course.steps.values()].count("finished") == 1
    stuck = [each for each in course.steps.values() if each.branches and each.branches[-1].signal != "else"]
    assert stuck == []


def test_one_tree_reacts_to_words_notes_voice_and_silence():
    """Of what happens at one moment, the first signal decides; what nobody asked for leads nowhere."""
    step = steps_of({"step": {
        "start": {"says": ["a"], "hears": {"b": "segur|sola"}, "noted": {"c": "limits"}, "long": {"d": 20},
                  "silent": {"e": 10}, "else": "f"},
        **{name: {"says": [name], "end": "finished"} for name in "bcdef"},
    }})["start"]  # fmt: skip
    taken = {
        "b": Moment(words="¿Está SÉGURA?", noted=frozenset({"limits"}), turn_is_over=True),
        "c": Moment(noted=frozenset({"limits"}), silent=10), "d": Moment(speaks=20), "e": Moment(silent=10),
        "f": Moment(words="hola", turn_is_over=True),
    }  # fmt: skip
    assert {name: step.branch_at(moment).step for name, moment in taken.items()} == {name: name for name in "bcdef"}
    assert step.branch_at(Moment(noted=frozenset({"urgency"}), speaks=19.9, silent=9.9)) is None


def test_danger_that_the_trainee_marks_is_noted_for_the_invented_person(ana, now):
    """The switchboard writes the event; of a call with a person no practice learns."""
    pass_quiz(ana, now)
    practice = begin_practice(courses()["first-call"], by=ana, now=now)
    for pk, whose in ((practice.call, ana), (uuid.uuid4(), None)):
        call = Call.objects.create(pk=pk, arrived_at=now, practice_of=whose, operators=[ana.pk])
        with acting_as(SWITCHBOARD):
            CallEvent.objects.create(call=call, kind=CallEvent.Kind.SILENT, user=ana, at=now)
        practice.refresh_from_db()
        assert practice.noted == (["danger"] if whose is None else [])
        with acting_as(SWITCHBOARD):
            CallEvent.objects.create(call=call, kind=CallEvent.Kind.DANGER, user=ana, at=now)
        practice.refresh_from_db()
        assert practice.noted == ["danger"]


@pytest.mark.parametrize("tree", [
    {"step": {}}, {"step": {"start": {"says": ["a"]}}}, {"step": {"start": {"says": [], "end": "finished"}}},
    {"step": {"start": {"says": ["a"], "else": "b"}}},
])  # fmt: skip
def test_a_tree_that_does_not_hold_together_is_refused_with_a_sentence(tree):
    with pytest.raises(ValueError, match=r"\.$"):
        steps_of(tree)


def test_the_person_reacts_to_what_is_written(ana, now):
    practice, _contact = practise(ana, now)
    with acting_as(ana.acting()):
        chat = Chat.objects.get(pk=practice.chat_id)
        texts = [each.text for each in chat.read() if each.from_bearer]
    assert texts[0] == "hola"
    assert "no me deja salir. tiene mi dni" in texts
    assert texts[-1] == "gracias"


def test_whoever_passes_is_certified_by_the_course(ana, marta, now):
    practice, _contact = practise(ana, now)
    done = finish_practice(practice, by=ana, now=now)
    assert (done.points, done.passed) == (100, True)
    made = Certificate.objects.get()
    assert (made.user, made.queue, made.issued_by, made.course) == (ana, Queue.CHATS, None, COURSE.code)
    assert made.expires_at - now == timedelta(days=COURSE.days)
    set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
    assert Certificate.objects.valid(Queue.CHATS, now).filter(user=ana).exists()
    assert finish_practice(practice, by=ana, now=now).certificate == done.certificate
    assert Certificate.objects.count() == 1
    assert Entry.objects.filter(what="finish_practice", user_id=ana.pk).exists()


@pytest.mark.parametrize(
    ("lines", "noted", "type", "lost"),
    [
        (GOOD, {**NOTED, "safe_to_talk": "not_asked"}, "crisis", {"safety"}),
        (GOOD, {name: value for name, value in NOTED.items() if name != "limits"}, "crisis", {"limits"}),
        (("¿Está segura? ¿Quién es? ¿Dónde está?", *GOOD[1:]), NOTED, "crisis", {"one_thing"}),
        ((*GOOD[:2], "Le prometo ayuda. ¿Qué quiere?"), NOTED, "crisis", {"no_promise"}),
        (GOOD[:1], NOTED, "crisis", {"heard"}),
        (GOOD, NOTED, "information", {"type"}),
        (GOOD, {**NOTED, "urgency": "routine"}, "crisis", {"urgency"}),
    ],
)
def test_each_item_of_the_sheet_is_looked_at(ana, now, lines, noted, type, lost):
    practice, _contact = practise(ana, now, lines=lines, noted=noted, type=type)
    done = finish_practice(practice, by=ana, now=now)
    assert {name for name, met in done.met.items() if not met} == lost
    assert done.points == 100 - sum(item.points for item in ITEMS if item.name in lost)
    assert done.passed == (lost.isdisjoint({"safety", "limits"}) and done.points >= COURSE.pass_mark)
    assert Certificate.objects.exists() == done.passed


def test_it_is_scored_only_after_the_contact_is_wrapped_up(ana, now):
    practice = begin_practice(COURSE, by=ana, now=now)
    assert begin_practice(COURSE, by=ana, now=now) == practice
    with pytest.raises(Refused, match="First answer"):
        finish_practice(practice, by=ana, now=now)


def test_nobody_scores_or_certifies_the_practice_of_another(ana, rufino, marta, now):
    practice, _contact = practise(ana, now)
    for other in (rufino, marta):
        with pytest.raises(Practice.DoesNotExist):
            finish_practice(practice, by=other, now=now)
    finish_practice(practice, by=ana, now=now)
    with scoring(rufino), connection.cursor() as cursor:
        cursor.execute("select training_certify(%s, 'calls', now(), now() + interval '1 day', false)", [practice.pk])
    assert not Certificate.objects.exclude(user=ana).exists()


def test_the_database_certifies_nobody_who_did_not_pass(ana, now):
    practice, _contact = practise(ana, now, noted={})
    finish_practice(practice, by=ana, now=now)
    with scoring(ana), connection.cursor() as cursor:
        cursor.execute("select training_certify(%s, 'calls', now(), now() + interval '1 day', false)", [practice.pk])
    assert not Certificate.objects.exists()


def test_on_the_pages(ana, marta, rufino, now):
    client = Client()
    client.force_login(ana)
    assert client.post(f"/practice/courses/{COURSE.code}/begin").headers["Location"] == "/console"
    assert client.post("/practice/courses/nonsense/begin").status_code == 404
    practice = Practice.objects.get()
    finish = f'action="/practice/{practice.pk}/finish"'
    assert finish in client.get("/practice").content.decode(), "it is scored where it was begun"
    supervisor = Client()
    supervisor.force_login(marta)
    assert finish not in supervisor.get("/practice").content.decode()
    assert client.post(f"/practice/{practice.pk}/finish").status_code == 409
    other = Client()
    other.force_login(rufino)
    assert other.get(f"/practice/{practice.pk}").status_code == 404
    assert other.post(f"/practice/{practice.pk}/finish").status_code == 404
    boss = Client()
    boss.force_login(marta)
    assert boss.get(f"/practice/{practice.pk}").status_code == 200
