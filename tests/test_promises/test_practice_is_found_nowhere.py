"""A practice is with its trainee alone: nobody else finds it on a page, in a list, search, file, figure or table.

Everybody reads every page before and after a practice in writing and one by telephone: no page changes by a letter, and
no table by a row. By its code and at its address a practice is answered as a contact is that nobody has. Then the same
is planted as conversations with people, as the control: it is found where it belongs.
"""

import io
import re
import time
import uuid
import zipfile
from collections.abc import Collection
from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from amparo.figures.snapshot.rules import count_months, newest_countable_quarter
from amparo.foundation.access.models import Kind, Role, User
from amparo.foundation.core import row_security
from amparo.foundation.core.actor import acting_as
from amparo.line.chat.models import Chat
from amparo.line.chat.rules import answer_chat, end_chat
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import open_contact, save_draft, take_chat, wrap_up
from amparo.line.roster.cover import local_hour
from amparo.line.switchboard.models import Call, CallEvent
from amparo.programme.training.courses import courses
from amparo.programme.training.rules import begin_practice, finish_practice

from .access import NOTHING_THERE
from .planting import plant_chat
from .test_every_person_every_page import EXAMPLES, MAY, people, rooms_of

__all__ = ["people"]  # the fixture

WORDS, NUMBER = "zorzal de la quebrada inventada", "987654321"
NOTED = {
    "notes": WORDS, "privacy_choice": "confidential", "safe_number": NUMBER, "safe_any_hour": "yes",
    "safe_wanted": "yes", "safe_to_talk": "no", "limits": "yes", "caller_role": "person_at_risk",
    "urgency": "immediate", "heard_of_us": "radio",
}  # fmt: skip
OTHERS = (
    (Kind.POLICE, Role.POLICE_LIAISON), (Kind.MINISTRY, Role.ANALYST), (Kind.MINISTRY, Role.PLAN_COORDINATOR),
    (Kind.SHELTER, Role.SHELTER_STAFF), (Kind.NGO, Role.ADMINISTRATOR), (Kind.MINISTRY, Role.AUDITOR),
)  # fmt: skip
SNAPSHOT, CRISES = "the snapshot of a quarter", "/contacts?type=crisis"
CODES = [f"«code {number}»" for number in range(4)]  # stand for the codes of the contacts that are looked for
LASTS = timedelta(minutes=10)  # longer than the test
# Tokens of forms, challenges, names of rows; when a page was drawn.
RANDOM = re.compile(r"[\w-]{22,}|(?<=data-drawn=.)\d{13}")
READS = re.compile(r"select\b(?! \()")  # of the privileges: all columns
MONTH = ("month", "month.csv", "month.xlsx", "month.pdf")
# What a practice may change for others: supervisors see who practised and the score, the roster shows the certificate,
# the ledger has every action without its words, administrators see how much is stored. The secret of an app is random.
MAY_CHANGE = {
    "/practice", "/roster", "/ledger", "/ledger.csv", "/ledger/entries", "/ledger/group", "/installation",
    "/installation/retention", "/me/app",
}  # fmt: skip
COUNT_ENTRIES = {(Role.AUDITOR, "/home"), (Role.ADMINISTRATOR, "/home")}  # of the ledger
MAY_GROW = {"training_practice", "roster_certificate", "audit_entry", "vault_datakey", "vault_grant", "django_session"}


class Line:
    """Everybody of the demonstration with a browser, and a colleague of the trainee."""

    def __init__(self, people: dict[tuple[Kind, Role], User], now: datetime) -> None:
        self.now, self.quarter = now, newest_countable_quarter(now)
        self.ana = User.objects.create(username="ana", first_name="Ana F.")
        self.marta = people[Kind.HOTLINE, Role.SUPERVISOR]
        self.paula = people[Kind.HOTLINE, Role.PUBLISHER]
        self.readers = {who: user for who, user in people.items() if who[0] is Kind.HOTLINE or who in OTHERS}
        self.browsers = {who: browser(user) for who, user in self.readers.items()}
        self.read, self.not_read = set[str](), set[str]()  # not: addresses to post to, and of rows that nobody made

    def practise(self, at: datetime) -> list[Contact]:
        """A practice chat, scored, and a practice call in which she marks danger."""
        course = courses()["first-chat"]
        practice = begin_practice(course, by=self.ana, now=at)
        with acting_as(self.ana.acting()):
            chat = Chat.objects.get(pk=practice.chat_id)
        written = self._write(chat, at)
        called = self._talk(at, practice_of=self.ana)
        finish_practice(practice, by=self.ana, now=at + timedelta(minutes=7))
        return [written, called]

    def converse(self, at: datetime) -> list[Contact]:
        """The same with people."""
        plant_chat(WORDS, by=self.ana)
        with acting_as(self.ana.acting()):
            chat = Chat.objects.with_operator(self.ana).get()
        return [self._write(chat, at), self._talk(at)]

    def _write(self, chat: Chat, at: datetime) -> Contact:
        contact = take_chat(chat, by=self.ana, now=at)
        answer_chat(chat, f"Le leo: {WORDS}", pk=uuid.uuid4(), by=self.ana, now=at + timedelta(seconds=5))
        end_chat(chat, by=self.ana, now=at + timedelta(minutes=5))
        return self._note(contact, at)

    def _talk(self, at: datetime, **columns: object) -> Contact:
        after = at + timedelta(minutes=5)
        call = Call.objects.create(
            arrived_at=at, waiting_since=at, answered_at=at, ended_at=after, state="ended", operators=[self.ana.pk],
            danger=True, **columns,
        )  # fmt: skip
        CallEvent.objects.create(call=call, at=at, kind=CallEvent.Kind.DANGER, user=self.ana)
        return self._note(open_contact(call, by=self.ana, now=at), at)

    def _note(self, contact: Contact, at: datetime) -> Contact:
        save_draft(contact, key=uuid.uuid4(), revision=1, based_on=0, changes=NOTED, by=self.ana, now=at)
        end = at + timedelta(minutes=6)
        return wrap_up(contact, type="crisis", hard_call="talk", key=uuid.uuid4(), by=self.ana, now=end)

    # Where it is looked for.

    def pages(self, planted: list[Contact]) -> dict[str, str]:
        """Address -> room: every page of the staff, those of these contacts, and the months in which they were."""
        months = {f"{at:%Y-%m}" for at in (self.now, self.within)}
        found = rooms_of()
        for month in months:
            found |= {f"/{file}?month={month}": file for file in MONTH}
        found |= dict.fromkeys((f"/contacts?day={timezone.localdate(self.now):%d/%m/%Y}", CRISES), "contacts")
        for contact in planted:
            about = {"pk": contact.pk}
            names = ("contact", "contact-draft")
            found |= {reverse(name, kwargs=about): "contacts" for name in names}
            found[f"/find/{contact.code}"] = "find"
        return found

    @property
    def within(self) -> datetime:
        """A time of the quarter that is counted."""
        return self.quarter.ends - timedelta(days=40)

    def look(
        self, planted: list[Contact], who: Collection[tuple[Kind, Role]] = ()
    ) -> dict[tuple[Kind, Role, str], str]:
        """What everybody but the trainee reads, or only these: by institution, role and address. `CODES` stand for
        these contacts.
        """
        found = {}
        for kind, role in who or self.browsers:
            client = self.browsers[kind, role]
            for address, room in self.pages(planted).items():
                if (kind, role) in MAY[room] and self._is_read(client, address):
                    answer = client.get(address)
                    found[kind, role, placed(address, planted)] = placed(words_of(answer), planted)
                    if answer.status_code == 405:
                        self.not_read.add(address)
            for what in [WORDS, NUMBER, *(contact.code for contact in planted)]:
                answer = client.post("/search", {"q": what})
                found[kind, role, placed(f"/search {what}", planted)] = placed(words_of(answer), planted)
            if (kind, role) in MAY["contacts"]:
                wanted = {"number": NUMBER, "purpose": "calls_again"}
                answer = client.post("/contacts/search", wanted)
                found[kind, role, "/contacts/search"] = placed(words_of(answer), planted)
        found[Kind.HOTLINE, Role.PUBLISHER, SNAPSHOT] = self._counts()
        return found

    def _is_read(self, client: Client, address: str) -> bool:
        """Whether it is a page of something that is there. A script is answered without a bar, ten times as fast."""
        if has_example(address) and address not in self.not_read and address not in self.read:
            answer = client.get(address, headers={"Sec-Fetch-Mode": "cors"})
            (self.not_read if answer.status_code in NOTHING_THERE else self.read).add(address)
        return address not in self.not_read

    def _counts(self) -> str:
        """What a snapshot of the quarter would count; it is not kept."""
        with transaction.atomic():
            counts = count_months(self.quarter, by=self.paula, now=self.now).counts
            transaction.set_rollback(True)
        return str(counts)

    def rows(self) -> dict[tuple[Kind, Role, str], int]:
        """How many rows of each table everybody but the trainee reads."""
        rules = {model._meta.db_table: row_security.policy_of(model) for model in apps.get_models()}
        tables = [table for table, rule in rules.items() if rule and READS.match(rule.processes.get("web", ""))]
        counts = ", ".join(f"(select count(*) from {connection.ops.quote_name(table)})" for table in tables)
        found = {}
        for (kind, role), user in self.readers.items():
            with acting_as(user.acting(), asynchronous_commit=True), connection.cursor() as cursor:
                cursor.execute(f"select {counts}")
                found |= {(kind, role, table): n for table, n in zip(tables, cursor.fetchone(), strict=True)}
        return found


def has_example(address: str) -> bool:
    return any(example in address for example in EXAMPLES.values())


def browser(user: User) -> Client:
    client = Client(raise_request_exception=False, headers={"Sec-Fetch-Mode": "navigate"})
    client.force_login(user)
    return client


def words_of(answer: HttpResponseBase) -> str:
    """What an answer says, without what differs each time; of files, what is in them."""
    body = b"".join(answer) if answer.streaming else answer.content
    if body.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as file:
            return "\n".join(file.read(name).decode() for name in sorted(file.namelist()) if "docProps" not in name)
    text = RANDOM.sub("", body.decode(errors="replace"))
    return f"{answer.status_code} {answer.headers.get('Location', '')}\n{text}"


def placed(text: str, planted: list[Contact]) -> str:
    """The text with one of `CODES` for the code and the id of each of these contacts."""
    for code, contact in zip(CODES, planted, strict=True):
        text = re.sub(rf"{contact.code}\b", code, text).replace(str(contact.pk), code)
    return text


def changed(before: dict, after: dict) -> set:
    return {where for where in after if after[where] != before[where]}


def news(before: dict, after: dict) -> dict[tuple[Kind, Role, str], list[str]]:
    """What is new on each page that may not change, line by line."""
    found = {where for where in changed(before, after) if where[2] not in MAY_CHANGE and where[1:] not in COUNT_ENTRIES}
    return {where: sorted(set(after[where].splitlines()) - set(before[where].splitlines())) for where in found}


def with_a_mark(found: dict) -> set:
    """Where the words, the number or a code of the contacts are read; not where they were typed."""
    looked_for = {where for where, text in found.items() if any(mark in text for mark in (WORDS, NUMBER, *CODES))}
    return {where for where in looked_for if not where[2].startswith(("/search ", "/find/", "/contacts/search"))}


@pytest.fixture
def now(monkeypatch) -> datetime:
    """The clock stands still, so that no page changes by itself. That of PostgreSQL goes on: near midnight, wait."""
    left = local_hour(timezone.localdate() + timedelta(days=1)) - timezone.now()
    if left < LASTS:
        time.sleep(left.total_seconds())
    now = timezone.now().replace(microsecond=0)
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now


@pytest.fixture
def line(now, people) -> Line:
    return Line(people, now)


@pytest.fixture
def practised(line) -> tuple[dict, dict, list[Contact]]:
    """What everybody read before, where they looked for contacts that nobody has, and the practice contacts."""
    nobodys = [Contact(number=123_456_780 + number) for number in range(len(CODES))]
    return line.look(nobodys), line.rows(), line.practise(line.now) + line.practise(line.within)


@pytest.mark.timeout(1200)  # it may wait for midnight
def test_practice_changes_nothing_that_anybody_else_reads(line, practised):
    before, rows, planted = practised
    after = line.look(planted)
    assert with_a_mark(after) == set()
    assert news(before, after) == {}
    assert {each for each in changed(rows, line.rows()) if each[2] not in MAY_GROW} == set()
    the_same_with_people_is_found_where_it_belongs(line, after)


def the_same_with_people_is_found_where_it_belongs(line: Line, before: dict) -> None:
    """The control."""
    rows, real = line.rows(), line.converse(line.now) + line.converse(line.within)
    supervisor, publisher = (Kind.HOTLINE, Role.SUPERVISOR), (Kind.HOTLINE, Role.PUBLISHER)
    after = line.look(real, who=[supervisor, publisher])
    months = {f"/{file}?month={at:%Y-%m}" for at in (line.now, line.within) for file in MONTH}
    by_code = {f"{where}{code}" for code in CODES for where in ("/find/", "/search ")}
    expected = months | by_code | {"/wallboard", "/contacts", CRISES, "/contacts/search"}
    assert {(*supervisor, address) for address in expected} <= changed(before, after)
    assert (*publisher, SNAPSHOT) in changed(before, after)
    assert (*supervisor, "/contacts") in with_a_mark(after)
    tables = ("contacts_contact", "chat_chat", "switchboard_call")
    assert {(*supervisor, table) for table in tables} <= changed(rows, line.rows())


def test_the_control_a_filter_that_is_removed_is_noticed(line):
    """The same comparison of tables and of a snapshot, with the guards removed one by one."""
    before, counts = line.rows(), line._counts()
    line.practise(line.within)
    supervisor = (Kind.HOTLINE, Role.SUPERVISOR)

    def grown() -> set[str]:
        return {each[2] for each in changed(before, line.rows()) if each[:2] == supervisor} - MAY_GROW

    assert (grown(), line._counts()) == (set(), counts)
    remove("drop policy practice_is_its_trainees_alone on switchboard_call")
    assert grown() == {"switchboard_call", "switchboard_callevent"}
    remove(without_the_filter("snapshot_take"))
    remove("drop policy practice_is_its_trainees_alone on contacts_contact")  # it hides them from the function too
    assert line._counts() != counts


def remove(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def without_the_filter(function: str) -> str:
    """The statement that recreates this function without its condition that a contact is no practice."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_functiondef(%s::regproc)", [function])
        (text,) = cursor.fetchone()
    assert " and c.practice_of_id is null" in text
    return str(text).replace(" and c.practice_of_id is null", "")
