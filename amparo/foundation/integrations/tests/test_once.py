"""Requests with one key are executed once, also when two arrive at the same time: a constraint ensures it."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Refused

from ..idempotency import execute_once
from ..models import IdempotencyKey
from ..rules import give_token
from ..tasks import forget

KEY = uuid.UUID(int=7)


@pytest.fixture
def machine(rita, now):
    return give_token("Denuncias", by=rita, now=now).user


@pytest.fixture
def other(rita, now):
    return give_token("Otro programa", by=rita, now=now).user


def counting():
    """An action that counts its executions."""
    done = []

    def do() -> dict:
        done.append(1)
        return {"number": len(done)}

    return do, done


def test_a_repeated_request_gets_the_first_answer_and_is_not_executed(machine, now):
    do, done = counting()
    assert [execute_once(KEY, "the same", do, by=machine, now=now) for _ in range(3)] == [{"number": 1}] * 3
    assert len(done) == 1


def test_another_request_under_the_same_key_is_refused(machine, now):
    do, done = counting()
    execute_once(KEY, "one thing", do, by=machine, now=now)
    with pytest.raises(Refused, match="something else"):
        execute_once(KEY, "another thing", do, by=machine, now=now)
    assert len(done) == 1


def test_a_refused_request_may_be_repeated(machine, now):
    def refuse() -> dict:
        raise Refused("Not yet.")

    do, _done = counting()
    with pytest.raises(Refused, match="Not yet"):
        execute_once(KEY, "the same", refuse, by=machine, now=now)
    assert execute_once(KEY, "the same", do, by=machine, now=now) == {"number": 1}


def test_two_programs_may_make_up_the_same_key(machine, other, now):
    do, done = counting()
    for who in (machine, other):
        execute_once(KEY, "the same", do, by=who, now=now)
    assert len(done) == 2
    with acting_as(other.acting()):
        assert IdempotencyKey.objects.count() == 1


def test_keys_are_forgotten_after_a_day(machine, now):
    do, _done = counting()
    execute_once(KEY, "the same", do, by=machine, now=now - timedelta(hours=25))
    execute_once(uuid.uuid4(), "the same", do, by=machine, now=now - timedelta(hours=23))
    forget.func(timestamp=int(now.timestamp()))
    assert [attempt.key == KEY for attempt in IdempotencyKey.objects.all()] == [False]


def test_only_a_keyed_digest_of_a_request_is_stored_and_hidden_from_the_worker(machine, now):
    do, _done = counting()
    execute_once(KEY, "folio 7", do, by=machine, now=now)
    assert len(bytes(IdempotencyKey.objects.get().request_digest)) == 32
    with pytest.raises(Exception, match="permission denied"), acting_as(WORKER):
        IdempotencyKey.objects.values_list("answer").first()


def at_once(machine, now, how_many: int = 6) -> tuple[list, list]:
    start, done, answers = threading.Barrier(how_many), [], []

    def do() -> dict:
        done.append(1)
        return {"number": len(done)}

    def ask() -> None:
        start.wait()
        try:
            answers.append(execute_once(KEY, "the same", do, by=machine, now=now))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(how_many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done, answers


@pytest.mark.django_db(transaction=True)
def test_of_many_simultaneous_requests_one_is_executed(machine, now):
    done, answers = at_once(machine, now)
    assert len(done) == 1
    assert answers == [{"number": 1}] * 6


@pytest.mark.django_db(transaction=True)
def test_control_without_the_constraint_a_request_is_executed_twice(machine, now):
    with connection.cursor() as cursor:
        cursor.execute("alter table integrations_idempotencykey drop constraint a_key_is_used_once")
    try:
        done, _answers = at_once(machine, now)
        assert len(done) > 1
    finally:
        IdempotencyKey.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "alter table integrations_idempotencykey add constraint a_key_is_used_once unique (user_id, key)"
            )
