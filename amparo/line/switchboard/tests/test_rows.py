from uuid import uuid4

import pytest
from django.db import DataError
from django.utils import timezone

from amparo.line.switchboard.bulk_upsert import insert_new_rows, row_of, upsert_rows
from amparo.line.switchboard.models import Call, CallEvent, Direction, State

pytestmark = pytest.mark.django_db


def a_call(**what):
    return Call(arrived_at=timezone.now(), pseudonym=b"\x00\xff'\\ 16 bytes....", line='"100 ño" \\x00', **what)


def columns(model, call):
    return model.objects.filter(pk=call.pk).values().get()


def test_every_column_is_read_as_it_was_written():
    call = a_call(operators=[3, 1], ringing_for_id=7, waiting_since=timezone.now(), danger=True)
    upsert_rows(Call, [row_of(call)])
    read = columns(Call, call)
    assert {**read, "pseudonym": bytes(read["pseudonym"])} == row_of(call)


def test_a_row_is_replaced_whole():
    call = a_call(operators=[1], ringing_for_id=7)
    upsert_rows(Call, [row_of(call)])
    call.direction, call.state, call.operators, call.ringing_for_id = Direction.OUTGOING, State.TALKING, [], None
    upsert_rows(Call, [row_of(call)])
    read = columns(Call, call)
    assert {**read, "pseudonym": bytes(read["pseudonym"])} == row_of(call)


def test_many_rows_are_written_at_once(django_assert_num_queries):
    with django_assert_num_queries(1):
        upsert_rows(Call, [row_of(a_call()) for _ in range(300)])
    assert Call.objects.count() == 300


def test_what_happened_is_written_once_and_in_order():
    now, call = timezone.now(), uuid4()
    events = [{"call_id": call, "at": now, "kind": kind, "user_id": None} for kind in ("waiting", "arrived", "danger")]
    insert_new_rows(CallEvent, events[:2])
    insert_new_rows(CallEvent, events)
    assert [event.kind for event in CallEvent.objects.order_by("pk")] == ["waiting", "arrived", "danger"]


@pytest.mark.parametrize("line", ["x" * 41, "a\x00b", "\ud800"])
def test_what_a_column_cannot_hold_is_refused(line):
    with pytest.raises(DataError):
        upsert_rows(Call, [{**row_of(a_call()), "line": line}])


def test_what_is_no_value_of_a_column_is_refused():
    with pytest.raises(ValueError, match="object has no place"):
        upsert_rows(Call, [{**row_of(a_call()), "line": object()}])


def test_nothing_is_written_for_no_rows(django_assert_num_queries):
    with django_assert_num_queries(0):
        upsert_rows(Call, [])
