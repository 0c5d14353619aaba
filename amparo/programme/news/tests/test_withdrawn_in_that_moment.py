"""A note is withdrawn while it is being published: whoever comes first, its words are on no page."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from amparo.programme.news import rules
from amparo.programme.news.models import Note

pytestmark = pytest.mark.django_db(transaction=True)
A_WHILE, LONGEST = 1.0, 20.0  # seconds: long enough that the other certainly waits; the most that anybody may wait


@pytest.fixture
def note(carla, now) -> Note:
    columns = [f"{part}_{language}" for part in ("title", "lead", "text") for language in ("es", "en")]
    words = dict.fromkeys(columns, "Palabras de prueba")
    return rules.draft_note(**words, place="Lima", contact="Prensa de Ejemplo", by=carla, now=now)


@pytest.fixture
def publish(note, paula, now) -> Callable[[], Note]:
    return lambda: rules.publish_note(note, citations={}, by=paula, now=now)


@pytest.fixture
def withdrawing(note, paula, now) -> threading.Thread:
    def withdraw() -> None:
        rules.withdraw_note(note, by=paula, now=now + timedelta(minutes=1))
        connection.close()

    return threading.Thread(target=withdraw)


def shown(note: Note) -> int:
    return Client().get(f"/news/{note.slug}").status_code


def test_a_note_that_nobody_withdraws_is_shown(note, publish):
    publish()
    assert shown(note) == 200


def test_withdrawn_after_the_commit_and_before_the_file_it_stays_away(note, publish, withdrawing):
    def withdraw() -> None:
        withdrawing.start()
        withdrawing.join(LONGEST)

    with transaction.atomic():
        transaction.on_commit(withdraw)  # what is registered first runs first
        publish()
    assert not withdrawing.is_alive()
    assert shown(note) == 410


def test_a_withdrawal_waits_for_the_file_that_is_being_written(note, publish, withdrawing):
    committed: list[bool] = []
    waited: list[bool] = []

    def beside(execute: Any, sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if committed and "FOR UPDATE" in sql and withdrawing.ident is None:
            withdrawing.start()
            withdrawing.join(A_WHILE)
            waited.append(withdrawing.is_alive())
        return result

    with connection.execute_wrapper(beside), transaction.atomic():
        transaction.on_commit(lambda: committed.append(True))
        publish()
    withdrawing.join(LONGEST)
    assert (waited, shown(note)) == ([True], 410)
