"""What the work on a case costs, counted in statements, unwrapped keys and blocks: no clock, so that it never wavers.

Each count is a ceiling. Who goes over it has made every case page dearer, and says so here or finds another way.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from amparo.care.cases.models import Case
from amparo.care.cases.rules import add_member, include_contact, open_case, plan_task, write_note
from amparo.care.people.models import Person
from amparo.care.people.rules import identify
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.actor import acting_as
from amparo.foundation.vault import tokens
from amparo.foundation.vault.models import Token
from amparo.foundation.vault.wrapping import LocalKey
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State

PAGE_OF_A_CASE = 19
LIST_OF_CASES = 4
NOTE = 7
TAKE = 7
OPEN = 15
ALIKE = 11


class Counted(list[str]):
    """The statements that reached PostgreSQL, but for the nested transactions of a test."""

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "SAVEPOINT" not in sql:
            self.append(sql)
        return execute(sql, params, many, context)


@contextmanager
def counted() -> Iterator[Counted]:
    statements = Counted()
    with connection.execute_wrapper(statements):
        yield statements


@pytest.fixture
def unwrapped(monkeypatch) -> list[bytes]:
    """What key-encryption keys have opened; the keys themselves still do it."""
    contexts: list[bytes] = []
    by_itself = LocalKey.unwrap

    def unwrap(key: LocalKey, wrapped: bytes, context: bytes) -> bytes:
        contexts.append(context)
        return by_itself(key, wrapped, context)

    monkeypatch.setattr(LocalKey, "unwrap", unwrap)
    return contexts


@pytest.fixture
def browser(db, ana) -> Client:
    client = Client()
    client.force_login(ana)
    return client


@pytest.fixture
def long_case(team, ana, now, tomorrow) -> Case:
    """Full of what a page shows."""
    for turn in range(20):
        write_note(team, f"invented words {turn}", by=ana, now=now + timedelta(minutes=turn))
    for _ in range(3):
        plan_task(team, "call", tomorrow, words="invented", by=ana, now=now)
    return team


def another(ana, now):
    call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk])
    return open_contact(call, by=ana, now=now)


def page(case: Case, rest: str = "") -> str:
    return f"/cases/{case.pk}{rest}"


def statements_of(browser: Client, method: str, path: str, **typed: str) -> Counted:
    with counted() as statements:
        answer = getattr(browser, method)(path, typed)
    assert answer.status_code in (200, 302)
    return statements


def test_a_page_of_a_case_asks_as_much_however_full_it_is(browser, long_case, case):
    assert len(statements_of(browser, "get", page(long_case))) <= PAGE_OF_A_CASE


def test_a_page_of_a_case_opens_its_key_once(browser, long_case, unwrapped):
    browser.get(page(long_case))
    assert unwrapped.count(long_case.key_id.bytes) == 1


def test_a_page_that_opens_the_key_for_each_entry_would_be_seen(ana, long_case, unwrapped):
    with acting_as(ana.acting()):
        for entry in long_case.entries.filter(kind="note").select_related("key"):
            assert entry.words
    assert unwrapped.count(long_case.key_id.bytes) == 20


def test_a_list_asks_as_much_for_many_cases_as_for_one(browser, ana, case, now):
    few = statements_of(browser, "get", "/cases")
    for _ in range(5):
        open_case(another(ana, now), by=ana, now=now)
    many = statements_of(browser, "get", "/cases")
    assert len(few) == len(many) <= LIST_OF_CASES


def test_verbs_ask_no_more_than_they_did(browser, team, ana, ines, now):
    assert len(statements_of(browser, "post", page(team, "/notes"), words="invented")) <= NOTE
    assert len(statements_of(browser, "post", page(team, "/take"))) <= TAKE
    assert len(statements_of(browser, "post", f"/cases/from/{another(ana, now).pk}")) <= OPEN


def test_a_note_costs_as_much_in_a_case_of_many_contacts(browser, case, ana, now):
    write_note(case, "the first makes it an active case", by=ana, now=now)
    alone = statements_of(browser, "post", page(case, "/notes"), words="invented")
    for _ in range(8):
        include_contact(case, another(ana, now), by=ana, now=now)
    among_many = statements_of(browser, "post", page(case, "/notes"), words="invented")
    assert len(among_many) == len(alone)


def test_what_joins_a_long_case_is_counted(browser, case, ana, ines, now):
    """The control: work that does grow with the contacts is seen to grow."""
    for _ in range(8):
        include_contact(case, another(ana, now), by=ana, now=now)
    with counted() as statements:
        add_member(case, ines, by=ana, now=now)
    assert len(statements) > NOTE


def test_ones_own_list_reads_as_much_of_the_disk_however_many_there_are(ana, case, now):
    """Blocks that PostgreSQL touches for the first five; the control reads the same list by another way."""
    few = blocks_of_lists(20, ana, now)
    many = blocks_of_lists(60, ana, now)
    assert many["as its page asks"] <= few["as its page asks"] * 1.5
    assert many["sorted"] > many["as its page asks"] * 2


def test_everybodys_late_cases_come_from_an_index_of_open_cases(case, marta, now):
    """However many cases were closed. The control asks the same without saying that they are open."""
    late = Case.objects.visible_to(marta).filter(next_due__lt=now).earliest_due_first()
    with acting_as(marta.acting()), connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        plans = [rows[:5].explain() for rows in (late.open(), late)]
    assert ["cases_next_first" in plan for plan in plans] == [True, False]


def blocks_of_lists(more: int, ana, now) -> dict[str, int]:
    for number in range(more):  # each due at another time, or the list would sort those that share one
        open_case(another(ana, now), due=now + timedelta(minutes=1 + number), by=ana, now=now)
    with connection.cursor() as cursor:
        cursor.execute("analyze vault_grant, cases_case, cases_member")
    by_hand = Case.objects.visible_to(ana).of_team(ana).earliest_due_first()  # all are open, and no index says so
    lists = {"as its page asks": Case.objects.open_by_due_date(ana), "sorted": by_hand}
    return {name: blocks_of(ana, rows[:5]) for name, rows in lists.items()}


def blocks_of(user, rows) -> int:
    with acting_as(user.acting()):
        plan = rows.explain(analyze=True, buffers=True, format="json", costs=False)
    [entry] = json.loads(plan)
    return int(entry["Plan"]["Shared Hit Blocks"] + entry["Plan"]["Shared Read Blocks"])


def test_a_name_is_looked_for_and_written_down_in_one_question(ana, case, now):
    [her] = case.persons.filter(part="at_risk")
    identify(her, purpose=Purpose.CARE, names="Inventada Imaginaria", by=ana, now=now)
    with acting_as(ana.acting(Purpose.CARE)), counted() as statements:
        assert tokens.search_records(Token.Kind.NAME, "Imaginaria, Inventada", acting=ana.acting(Purpose.CARE))
    assert len(statements) == 1


def test_who_may_be_the_same_is_asked_as_much_for_many_as_for_one(browser, ana, case, now):
    her, *_others = [named_alike(open_case(another(ana, now), by=ana, now=now), ana, now) for _ in range(2)]
    her_page = f"/cases/{Case.objects.get(key=her.key_id).pk}/people/{her.pk}/duplicates/look"
    browser.post(her_page, {"purpose": "care"})  # questions are put together when they are first asked
    one = statements_of(browser, "post", her_page, purpose="care")
    for _ in range(4):
        named_alike(open_case(another(ana, now), by=ana, now=now), ana, now)
    many = statements_of(browser, "post", her_page, purpose="care")
    assert len(one) == len(many) <= ALIKE
    assert browser.post(her_page, {"purpose": "care"}).content.count(b"/merge") == 5


def named_alike(case: Case, ana, now) -> Person:
    person = case.persons.get(part="at_risk")
    identify(person, purpose=Purpose.CARE, names="Inventada Imaginaria", by=ana, now=now)
    return person


def test_what_is_looked_for_is_planned_once_however_much_it_is(ana, case, now):
    """PostgreSQL plans a statement five times for its values, and then once for all if that is no dearer."""
    named_alike(case, ana, now)
    acting = ana.acting(Purpose.CARE)
    with acting_as(acting), connection.cursor() as cursor:
        cursor.execute("deallocate all")
        counts = "select custom_plans, generic_plans from pg_prepared_statements where statement like '%%vault_token%%'"
        for turn in range(12):
            tokens.search_records(Token.Kind.NAME, "Inventada Imaginaria" + " Demo" * (turn % 2), acting=acting)
        cursor.execute(counts)
        planned = cursor.fetchall()
    assert [custom for custom, _generic in planned] == [5]
    assert all(generic > 0 for _custom, generic in planned)
