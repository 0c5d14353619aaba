"""The auditor's room: a page that reads itself again is one look, and what a person never does stands first."""

import re
from datetime import date, datetime, timedelta
from html import unescape
from uuid import UUID, uuid4

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.oversight import looks
from amparo.foundation.oversight.looks import Look, Unusual, count_looks, habits_before, looks_on_day, mark_unusual

from .conftest import colleague
from .test_alerts import browser

DAY = date(2026, 3, 2)
FETCHES = re.compile('data-fetches="([^"]*)"')
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour, minute))


def entry(user: User, when: datetime, what: str = "look", about: str = "", key: UUID | None = None, **more) -> Entry:
    return Entry(
        at=when, user_id=user.pk, agency_id=user.agency_id, role=f"{user.agency.kind}/{user.role}", what=what,
        about=about or f"contact {uuid4()}", key=key, fields=[], **{"purpose": "", **more},
    )  # fmt: skip


def write(*entries: Entry) -> None:
    Entry.objects.bulk_create(entries)


def seen_by(auditor: User) -> list[Look]:
    with acting_as(auditor.acting()):
        return looks_on_day(DAY, {}, count_looks(DAY, {}, by_file=True), by_file=True)


def rare_for(auditor: User) -> list[Unusual]:
    with acting_as(auditor.acting()):
        habits = habits_before(DAY)
        return mark_unusual(count_looks(DAY, habits, by_file=False), habits)


def looks_in(rare: Unusual) -> int:
    return sum(count.number for count in rare.counts)


def works(user: User, hours: tuple[int, ...] = (9, 10, 11), files: int = 2, days: int = 20) -> None:
    """Days of usual work before."""
    write(
        *(
            entry(user, at(hours[n % len(hours)], n, DAY - timedelta(days=back)), key=uuid4())
            for back in range(1, days + 1)
            for n in range(files)
        )
    )


def test_a_card_that_a_page_reads_99_times_in_a_call_is_one_look(marta, vera):
    card, about = uuid4(), f"safecontact {uuid4()}"
    write(*(entry(marta, at(9) + n * 7 * SECOND, about=about, key=card) for n in range(99)))
    [look] = seen_by(vera)
    assert (look.times, look.since, look.until) == (99, at(9), at(9) + 98 * 7 * SECOND)


def test_the_parts_of_a_page_are_one_look_and_an_hour_later_it_is_another(marta, vera):
    file = uuid4()
    parts = [f"{noun} {uuid4()}" for noun in ("case", "task", "person")]
    write(*(entry(marta, at(hour), about=part, key=file) for hour in (9, 10) for part in parts))
    looks = seen_by(vera)
    assert [look.times for look in looks] == [3, 3]
    assert [look.hour for look in looks] == [10, 9]


def test_two_people_two_files_two_reasons_and_a_verb_are_looks_of_their_own(marta, tomas, vera):
    one, two = uuid4(), uuid4()
    write(
        entry(marta, at(9), key=one), entry(tomas, at(9), key=one), entry(marta, at(9), key=two),
        entry(marta, at(9), key=one, purpose="review"), entry(marta, at(9), "write_note", key=one),
    )  # fmt: skip
    assert [look.times for look in seen_by(vera)] == [1] * 5


def test_nobody_but_an_auditor_learns_anything(marta, tomas):
    works(marta, days=3)
    write(entry(marta, at(9), key=uuid4()))
    for user in (marta, tomas):
        with acting_as(user.acting()):
            assert (count_looks(DAY, {}, by_file=True), habits_before(DAY)) == ([], {})
        assert browser(user).get("/ledger").status_code == 404


def test_more_files_than_ever_are_unusual_and_the_usual_day_is_not(marta, tomas, vera):
    works(marta)
    works(tomas, files=12)
    write(*(entry(user, at(9, n), key=uuid4()) for user in (marta, tomas) for n in range(12)))
    [rare] = rare_for(vera)
    assert (rare.user_id, looks_in(rare)) == (marta.pk, 12)


@pytest.mark.parametrize(("files", "is_unusual"), [(15, False), (16, True)])
def test_as_many_files_as_on_the_busiest_day_are_usual_and_one_more_is_not(marta, vera, files, is_unusual):
    """Two files on most days and fifteen on one: twice the usual, and ten, are far below."""
    works(marta)
    busiest = DAY - timedelta(days=25)
    write(*(entry(marta, at(10, n, busiest), key=uuid4()) for n in range(15)))
    write(*(entry(marta, at(10, n), key=uuid4()) for n in range(files)))
    assert [looks_in(rare) for rare in rare_for(vera)] == ([16] if is_unusual else [])


def test_an_hour_at_which_one_never_works_is_unusual(marta, vera):
    works(marta)
    file = uuid4()
    write(*(entry(marta, at(hour, n * 10), key=file) for hour in (3, 10) for n in range(4)))
    [rare] = rare_for(vera)
    assert {count.hour: count.number for count in rare.counts} == {3: 4}


def test_an_action_done_for_the_first_time_is_unusual(marta, vera):
    works(marta)
    write(entry(marta, at(10), "export_cases", "case"), entry(marta, at(10), key=uuid4()))
    [rare] = rare_for(vera)
    assert [count.first_did for count in rare.counts] == [["export_cases case"]]


def test_nothing_is_unusual_for_a_new_person(marta, vera):
    write(*(entry(marta, at(3, n), key=uuid4()) for n in range(12)))
    assert rare_for(vera) == []


def test_the_page_filters_by_reason_by_hour_and_by_person_and_groups(marta, tomas, vera):
    write(
        entry(marta, at(9), key=uuid4(), purpose="review"), entry(marta, at(15), key=uuid4()),
        entry(tomas, at(9), key=uuid4()),
    )  # fmt: skip
    desk = browser(vera)

    def shown(query: str) -> int:
        return desk.get(f"/ledger?day={DAY}&{query}").context["number"]

    queries = ("", "why=review", "why=work", "hour=9", f"person={tomas.pk}", "q=Marta", "q=L-1", "hour=x")
    assert [shown(query) for query in queries] == [3, 1, 2, 2, 1, 2, 0, 0]
    for by in ("person", "case", "hour"):
        groups = desk.get(f"/ledger?day={DAY}&by={by}").context["groups"]
        assert sum(group.number for group in groups) == 3
    bars = desk.get(f"/ledger?day={DAY}").context["bars"]
    assert {bar.hour: bar.number for bar in bars if bar.number} == {9: 2, 15: 1}


@pytest.mark.parametrize("query", ["day=yesterday", "by=x", "why=%20", "hour=99", f"day={date.max}"])
def test_an_unreadable_filter_shows_today(vera, query):
    assert browser(vera).get(f"/ledger?{query}").context["day"] == timezone.localdate()


def test_a_day_is_found_without_reading_the_others(marta, vera):
    """The index by time is there, and PostgreSQL can use it."""
    with connection.cursor() as cursor:
        cursor.execute("select indexdef from pg_indexes where indexname = 'entries_by_time'")
        assert "USING brin (at)" in cursor.fetchone()[0]


def test_operators_cannot_open_the_page(vera):
    assert browser(colleague("ana", Role.OPERATOR)).get("/ledger").status_code == 404


def test_visitors_without_an_account_are_one_group_that_counts_them(marta, vera):
    visitors = [
        Entry(at=at(9, n), user_id=0, agency_id=0, role=role, what="write_chat", about=f"chat {uuid4()}", key=uuid4(),
              fields=[], purpose="")
        for role in ("bearer/chat_ab", "bearer/chat_cd", "bearer/chat_ef", "bearer/link_ab") for n in range(2)
    ]  # fmt: skip
    write(*visitors, entry(marta, at(9), key=uuid4()))
    groups = browser(vera).get(f"/ledger?day={DAY}&language=en").context["groups"]
    assert [(group.name, group.note, group.number) for group in groups] == [
        ("who has the chat code", "3 visitors", 6), ("who has the link", "", 2),
        ("Marta", "supervisor, the hotline", 1),
    ]  # fmt: skip


def test_a_group_is_fetched_when_somebody_opens_it(marta, tomas, vera):
    """The page of a busy day draws no look of a closed group; a link leads to the same without a script."""
    write(*(entry(user, at(hour), key=uuid4(), purpose="review") for user in (marta, tomas) for hour in (9, 15)))
    desk, row = browser(vera), '<td class="file">'
    for by in ("person", "case", "hour"):
        page = desk.get("/ledger", {"day": DAY, "by": by, "language": "en"}).content.decode()
        fetched = [unescape(each) for each in FETCHES.findall(page)]
        assert (page.count(row), bool(fetched)) == (0, by != "case")  # files without a code are one group, and open
        parts = [desk.get(each).content.decode() for each in fetched]
        assert [part.count("<tr>") for part in parts] == [3] * len(fetched), "a head and two looks"
        for each, part in zip(fetched, parts, strict=True):
            assert part.partition("<table>")[2] in desk.get(each.replace("/ledger/group", "/ledger")).content.decode()
    assert browser(marta).get("/ledger/group").status_code == 404


def test_only_the_looks_of_an_open_group_leave_the_database(marta, tomas, vera):
    """Each group is counted there; of the group that is opened, the newest looks come, and those are marked."""
    works(marta)
    file = uuid4()
    write(*(entry(marta, at(hour, n * 10), key=file) for hour in (3, 10) for n in range(4)))
    write(*(entry(tomas, at(9, n * 6), key=file) for n in range(8)))
    desk = browser(vera)
    with CaptureQueriesContext(connection) as of_page:
        page = desk.get(f"/ledger?day={DAY}&language=en")
    assert [(group.name, group.number, group.unusual) for group in page.context["groups"]] == [
        ("Marta", 8, 4), ("Tomas", 8, 0),
    ]  # fmt: skip
    with CaptureQueriesContext(connection) as of_group:
        part = desk.get(f"/ledger/group?day={DAY}&group={marta.pk} hotline/supervisor&language=en")
    fetched = [[query for query in each if "first_number" in query["sql"]] for each in (of_page, of_group)]
    assert [len(each) for each in fetched] == [0, 1]
    rows = part.content.decode().split("<tr>")[2:]
    assert ["unusual: " in row for row in rows] == [False] * 4 + [True] * 4, "the newest first"


def test_the_habits_of_many_are_read_once_an_hour_and_those_of_few_each_time(marta, vera, monkeypatch):
    works(marta)
    caches["counts"].clear()
    desk, address = browser(vera), f"/ledger?day={DAY}"

    def reads() -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.get(address)
        return sum("audit.habits(" in query["sql"] for query in queries)

    assert [reads(), reads()] == [1, 1], "twenty days of one person"
    monkeypatch.setattr(looks, "KEPT_FROM", 20)
    assert [reads(), reads()] == [1, 0]
    caches["counts"].clear()
