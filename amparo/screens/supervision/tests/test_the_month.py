"""Every number of the month equals a recount of the rows, in the page and in the CSV."""

import csv
import io
import random
import statistics
import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from amparo.care.cases.rules import open_case
from amparo.care.directory.models import Organization, Service
from amparo.care.people.rules import describe_person
from amparo.care.shelters.house_rules import add_bed, add_house
from amparo.care.shelters.picklists import Region
from amparo.care.shelters.rules import hold_bed
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.vault.models import DataKey
from amparo.line.chat.models import Chat
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Channel
from amparo.line.contacts.rules import enter_contact, open_contact, reopen, wrap_up
from amparo.line.roster.cover import local_hour
from amparo.line.switchboard.models import Call, Ending, State
from amparo.screens.supervision.definitions import DONE, MEASURES, WRITTEN
from amparo.screens.supervision.measures import work_of_days, work_of_month
from amparo.screens.supervision.month_pdf import as_pdf
from amparo.screens.supervision.wallboard import numbers
from tests.cases import one_that_went_on

from . import recounting
from .conftest import seen_by, some_call
from .recounting import recount

DAYS = range(1, 8)  # as in ISO 8601


def of_month(calls: list[Call], first: date) -> list[Call]:
    local = [(call, timezone.localtime(call.arrived_at)) for call in calls]
    return [
        call for call, at in local
        if call.direction == "incoming" and call.waiting_since and (at.year, at.month) == (first.year, first.month)
    ]  # fmt: skip


@pytest.fixture
def first(now) -> date:
    return timezone.localdate(now).replace(day=1)


def test_every_number_equals_a_recount(marta, many_calls, first, now):
    for each in (first, seen_by(marta, work_of_month, first, now).before):
        calls = of_month(many_calls, each)
        month = seen_by(marta, work_of_month, each, now)
        assert {value.measure.name: value.seconds for value in month.total} == recount(calls)
        for hour, line in enumerate(month.by_hour):
            here = recount([call for call in calls if timezone.localtime(call.arrived_at).hour == hour])
            assert {value.measure.name: value.seconds for value in line.values}.items() <= here.items()
        for code, line in zip(("es", "qu", "en"), month.by_language, strict=True):
            here = recount([call for call in calls if call.language == code])
            assert {value.measure.name: value.seconds for value in line.values}.items() <= here.items()


def ended_call(operator: User, arrived: datetime, ended: datetime) -> Contact:
    """The open contact of a call that its operator answered at once."""
    at = {"arrived_at": arrived, "waiting_since": arrived, "answered_at": arrived}
    call = Call.objects.create(state="talking", operators=[operator.pk], **at)
    contact = open_contact(call, by=operator, now=arrived)
    Call.objects.filter(pk=call.pk).update(state="ended", ended_at=ended, operators=[], ending="caller")
    return contact


def ended_chat(supervisor: User, ended: datetime) -> Chat:
    with acting_as(supervisor.acting()):
        key = DataKey.objects.make("1:supervisor", agency=1, kind="chat")
    at = {"begun_at": ended, "turn_at": ended, "entered_at": ended, "seen_at": ended, "ended_at": ended}
    return Chat.objects.create(key=key, state="ended", **at)


def test_wrap_up_is_counted_from_the_end_of_the_call_to_the_first_closing(marta, ana, first, now):
    arrived = timezone.make_aware(datetime(first.year, first.month, 1, 12))
    ended = arrived + timedelta(minutes=5)

    def close(contact: Contact, after: timedelta) -> None:
        wrap_up(contact, type="crisis", key=uuid.uuid4(), by=ana, now=ended + after)

    after_a_minute, after_two, during_the_call, after_a_chat = (ended_call(ana, arrived, ended) for _ in range(4))
    Contact.objects.filter(pk=after_a_chat.pk).update(chat=ended_chat(marta, ended))
    close(after_a_minute, timedelta(seconds=60))
    close(after_two, timedelta(seconds=120))
    close(during_the_call, timedelta(seconds=-90))  # no wrap-up of its own
    close(after_a_chat, timedelta(hours=1))  # nor this one
    reopen(after_two, by=ana, now=ended + timedelta(hours=1))
    close(after_two, timedelta(hours=2))
    month = seen_by(marta, work_of_month, first, now)
    total = {value.measure.name: value.seconds for value in month.total}
    assert (total["offered"], total["mean_talk"], total["mean_wrap_up"]) == (4, 300, 90)
    assert total == recount(of_month(list(Call.objects.all()), first))
    columns = {line.label[:2]: {value.measure.name: value.seconds for value in line.values} for line in month.by_hour}
    assert (columns["12"]["mean_wrap_up"], columns["13"]["mean_wrap_up"]) == (90, None)


def test_every_offered_call_has_one_outcome(marta, many_calls, first, now):
    total = {value.measure.name: value.seconds for value in seen_by(marta, work_of_month, first, now).total}
    outcomes = ("answered", "abandoned", "left_message", "cut_off", "still_waiting")
    assert sum(total[name] for name in outcomes) == total["offered"] > 0
    assert all(total[name] for name in outcomes)


def test_conversations_in_writing_are_recounted_beside_calls(marta, ana, first, now):
    """Neither a trainee's practice nor a chat that was opened for a caller is counted."""
    begun, chance = timezone.make_aware(datetime(first.year, first.month, 1, 12)), random.Random(3)

    def chat(n: int, **what: object) -> Chat:
        with acting_as(marta.acting()):
            key = DataKey.objects.make("1:supervisor", agency=1, kind="chat")
        at = begun + timedelta(seconds=n)
        return Chat.objects.create(key=key, begun_at=at, turn_at=at, entered_at=at, seen_at=at, **what)

    waits = [chance.uniform(1, 900) for _ in range(10)]
    for n, wait in enumerate(waits):
        taken = begun + timedelta(seconds=n + wait)
        chat(n, state="talking", operator=ana, taken_at=taken, channel="sms" if n % 2 else "chat")
    chat(20)
    chat(21, state="ended", ended_at=begun + timedelta(hours=1))
    chat(22, practice_of=ana)
    for entries in (0, 1):  # for a caller who never came, and for one who did
        chat(23, state="talking", operator=ana, taken_at=begun + timedelta(seconds=23), entries=entries)
    month = seen_by(marta, work_of_month, first, now)
    counted = {value.measure.name: value.seconds for value in month.written}
    waits.sort()
    assert counted == {
        "written": 12, "written_answered": 10, "written_unanswered": 1, "written_waiting": 1,
        "written_mean_wait": round(statistics.mean(waits)), "written_nine_in_ten": round(waits[8]),
    }  # fmt: skip
    assert [(line.label, line.values[0].value) for line in month.by_channel] == [
        (str(Channel.CHAT.label), 7), (str(Channel.SMS.label), 5),
    ]  # fmt: skip


def test_what_was_done_is_recounted_and_only_by_who_may_read_it(marta, ana, ines, teo, rufino):
    """Cases, a report and a referral of two days ago; a bed held, and return calls, today."""
    now = timezone.now()
    institution = Organization.objects.create(name="Organización inventada", description="inventada", trust="vetted")
    Service.objects.create(organization=institution, name="Inventado", answer_hours=24)
    one_that_went_on()
    olga = User.objects.create(username="olga", role=Role.PLACEMENT_OFFICER)
    shelter = Agency.objects.create(name="Invented shelter", kind=Kind.SHELTER)
    house = add_house("Casa inventada", shelter, by=olga, now=now, region=Region.COAST_SOUTH, genders=["feminine"])
    add_bed(house, room=1, number=1, kind="bed", by=olga, now=now)
    case = open_case(enter_contact(Channel.WALK_IN, now, now, "es", by=ana, now=now), by=ana, now=now)
    person = describe_person(
        case.persons[0], age_at_events=30, age_certainty="sure", gender="feminine", by=ana, now=now
    )
    hold_bed(case, [person], house, by=ana, now=now)
    for answered, trainee in ((now, None), (now, None), (None, None), (now, ana)):
        Call.objects.create(arrived_at=now, answered_at=answered, direction="outgoing", practice_of=trainee)
    today, seen = timezone.localdate(now), {}
    for days in (0, 3, 400):
        first, end = today - timedelta(days=days), today + timedelta(days=1)
        with connection.cursor() as cursor, acting_as(marta.acting()):
            cursor.execute(recounting.DONE, {"start": local_hour(first), "end": local_hour(end)})
            again = cursor.fetchone()
        seen[days] = tuple(value.value for value in seen_by(marta, work_of_days, first, end, now).done)
        assert seen[days] == again
    assert seen[0] == (1, 0, 0, 1, 2)
    assert seen[3][1:] == (1, 1, 1, 2)
    assert seen[3][0] > 1
    others = seen_by(rufino, work_of_days, today - timedelta(days=3), today + timedelta(days=1), now).done
    assert [value.value for value in others] == [0, 0, 0, 0, 2], "a colleague of no team counts none of them"


def test_the_page_says_under_each_number_what_it_counts(marta, many_calls):
    client = Client()
    client.force_login(marta)
    page = client.get("/month").content.decode()
    for measure in (*MEASURES, *WRITTEN, *DONE):
        assert str(measure.definition) in page


def test_the_csv_has_the_same_numbers_with_their_definitions(marta, many_calls, first, now):
    client = Client()
    client.force_login(marta)
    answer = client.get(f"/month.csv?month={first:%Y-%m}")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    month = seen_by(marta, work_of_month, first, now)
    assert len(rows) == 1 + len(month.total) + len(WRITTEN) + len(DONE) + len(month.columns) * (24 + 3)
    values = ["" if value.seconds is None else str(value.seconds) for value in month.total]
    assert [row[4] for row in rows[1 : 1 + len(MEASURES)]] == values
    assert all(row[6] for row in rows)


def test_the_spreadsheet_has_the_rows_of_the_csv(marta, many_calls, first):
    client = Client()
    client.force_login(marta)
    rows = list(csv.reader(io.StringIO(client.get(f"/month.csv?month={first:%Y-%m}").content.decode("utf-8-sig"))))
    answer = client.get(f"/month.xlsx?month={first:%Y-%m}")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)] == rows


def test_every_value_of_the_csv_equals_a_recount(marta, ana, many_calls, first, now):
    """Calls, conversations in writing, contacts, and what was done; with practice, which is counted nowhere."""
    chance = random.Random(5)
    for n in range(40):
        begun = now - timedelta(minutes=chance.uniform(0, 400))
        taken = begun + timedelta(seconds=chance.uniform(1, 900)) if chance.random() < 0.7 else None
        with acting_as(marta.acting()):
            key = DataKey.objects.make("1:supervisor", agency=1, kind="chat")
        state = "talking" if taken else chance.choice(["waiting", "ended"])
        Chat.objects.create(
            key=key, begun_at=begun, turn_at=begun, entered_at=begun, seen_at=begun, taken_at=taken, state=state,
            operator=ana if taken else None, ended_at=begun if state == "ended" else None,
            channel=chance.choice(["chat", "sms", "email"]), practice_of=ana if n % 8 == 0 else None,
        )  # fmt: skip
        contact = enter_contact(Channel.WALK_IN, begun, begun + timedelta(minutes=3), "es", by=ana, now=now)
        place, practice = chance.choice(["080101", "150101", ""]), ana if n % 9 == 0 else None
        what = chance.choice(["report", "crisis"])
        Contact.objects.filter(pk=contact.pk).update(type=what, ubigeo=place, practice_of=practice)
    for n in range(6):
        Call.objects.create(
            arrived_at=now - timedelta(minutes=n), waiting_since=now, answered_at=now, state="talking", practice_of=ana,
            direction="outgoing" if n % 2 else "incoming",
        )  # fmt: skip
    client = Client()
    client.force_login(marta)
    end = (first + timedelta(days=32)).replace(day=1)
    _head, *rows = csv.reader(io.StringIO(client.get(f"/month.csv?month={first:%Y-%m}").content.decode("utf-8-sig")))
    assert [row[4] for row in rows] == recounting.month_texts(first, end)
    assert len({row[1] for row in rows if row[4] not in ("", "0")}) == 7, "control: each table has counted something"
    with connection.cursor() as cursor:  # control: what is counted nowhere is there
        cursor.execute("select count(*) from chat_chat where practice_of_id is not null")
        assert cursor.fetchone()[0] == 5


def test_other_days_are_counted_like_a_month(marta, ana, many_calls, first, now):
    """Two days, one, and a span that is none. The contacts stand by type and by department."""
    client = Client()
    client.force_login(marta)
    today = timezone.localdate(now)
    for days in (1, 2):
        since = today - timedelta(days=days - 1)
        month = client.get("/month", {"from": f"{since}", "to": f"{today}"}).context["month"]
        calls = [
            call for call in many_calls
            if call.direction == "incoming" and call.waiting_since
            and since <= timezone.localdate(call.arrived_at) <= today
        ]  # fmt: skip
        assert {value.measure.name: value.seconds for value in month.total} == recount(calls)
        assert len(calls) > 10
    for channel, ubigeo in ((Channel.WALK_IN, "080101"), (Channel.EMAIL, "080801"), (Channel.EMAIL, "")):
        hour = now - timedelta(hours=1)
        entered = enter_contact(channel, hour, hour + timedelta(minutes=5), "es", by=ana, now=now)
        Contact.objects.filter(pk=entered.pk).update(state="wrapped", type="report", ubigeo=ubigeo)
    month = client.get("/month", {"from": f"{today}", "to": f"{today}"}).context["month"]
    assert [[(line.label, line.values[0].value) for line in lines] for _title, lines in month.contacts] == [
        [("Denuncia o alerta", 3)], [("Cusco", 2), ("no indicado", 1)],
    ]  # fmt: skip
    pdf = client.get("/month.pdf", {"from": f"{today}", "to": f"{today}"})
    assert pdf.content.startswith(b"%PDF")
    assert f"amparo-{today}_{today}.pdf" in pdf.headers["Content-Disposition"]
    wrong = client.get("/month", {"from": f"{today}", "to": "2001-01-01"})
    assert (wrong.status_code, wrong.context["month"].is_month) == (422, True)


def test_a_call_counts_on_the_day_of_lima_on_which_it_arrived_whatever_comes_later(marta, now):
    """Calls around a midnight, one of them answered 20 seconds after it and one that lasts over two days."""
    midnight, second = local_hour(timezone.localdate(now)), timedelta(seconds=1)
    moment = timedelta(microseconds=1)
    arrivals = {  # arrival, start of waiting, answer, end, and ending
        "the last of yesterday": (-moment, 5 * second, 25 * second, 60 * second, Ending.CALLER),
        "over two days": (-600 * second, -590 * second, -500 * second, 26 * 3600 * second, Ending.OPERATOR),
        "gave up after midnight": (-30 * second, -20 * second, None, 90 * second, Ending.GAVE_UP),
        "the first of today": (0 * second, 8 * second, 28 * second + moment, 60 * second, Ending.CALLER),
        "left a message": (moment, second, None, 90 * second, Ending.MESSAGE),
        "the opening words alone": (-second, None, None, 9 * second, Ending.GAVE_UP),
    }
    for times in arrivals.values():
        arrived, waiting, answered, ended = (midnight + each if each is not None else None for each in times[:4])
        Call.objects.create(
            arrived_at=arrived, waiting_since=waiting, answered_at=answered, ended_at=ended, ending=times[4],
            state=State.ENDED,
        )  # fmt: skip
    client, found = Client(), []
    client.force_login(marta)
    for days in (1, 0):
        day = timezone.localdate(now) - timedelta(days=days)
        month = client.get("/month", {"from": f"{day}", "to": f"{day}"}).context["month"]
        total = {value.measure.name: value.seconds for value in month.total}
        assert total == recount([call for call in Call.objects.all() if call.waiting_since and on_day(call, day)])
        found.append([total[name] for name in ("offered", "answered", "in_time", "abandoned", "left_message")])
    assert found == [[3, 2, 1, 1, 0], [2, 1, 0, 0, 1]]
    today = seen_by(marta, numbers, now)
    assert (today.offered, today.in_time, today.abandoned) == (2, 0, 0)


def on_day(call: Call, day: date) -> bool:
    return timezone.localdate(call.arrived_at) == day


def test_the_paper_says_in_local_time_when_it_was_counted(marta, first, now):
    words = (
        PdfReader(io.BytesIO(as_pdf(seen_by(marta, work_of_month, first, now.astimezone(UTC))))).pages[0].extract_text()
    )
    assert timezone.localtime(now).strftime("%H:%M") in words


def test_the_chart_draws_the_offered_calls_of_each_hour(marta, many_calls, first, now):
    month = seen_by(marta, work_of_month, first, now)
    assert [bar.count for bar in month.chart.bars] == [line.values[0].seconds for line in month.by_hour]
    assert len({bar.height for bar in month.chart.bars}) > 1, "control: the hours differ"


def test_each_cell_of_the_week_is_recounted(marta, many_calls, first, now):
    month = seen_by(marta, work_of_month, first, now)
    arrived = [timezone.localtime(call.arrived_at) for call in of_month(many_calls, first)]
    counted = Counter((at.isoweekday(), at.hour) for at in arrived)
    assert month.by_weekday_and_hour == counted
    assert [cell.count for cell in month.week_chart.cells] == [counted[day, hour] for day in DAYS for hour in range(24)]
    assert len(set(counted.values())) > 1, "control: the hours differ"


@pytest.mark.parametrize("month_text", ["2026-13", "0000-01", "9999-12", "nonsense"])
def test_a_month_that_is_none_breaks_nothing(marta, month_text):
    client = Client()
    client.force_login(marta)
    assert client.get("/month", {"month": month_text}).context["month"].first == timezone.localdate().replace(day=1)


def test_the_page_opens_on_the_last_month_that_is_over_beside_the_one_before(marta, now):
    """The numbers of the head are counted again by hand, and so is what changed."""
    chance = random.Random(5)
    calls = Call.objects.bulk_create([some_call(chance, now, days=100) for _ in range(400)])  # both months, on any day
    client = Client()
    client.force_login(marta)
    page = client.get("/month")
    month, sheet = page.context["month"], page.context["sheet"]
    assert month.end == timezone.localdate().replace(day=1)
    then, counted = (recount(of_month(calls, start)) for start in (month.before, month.first))
    answered, in_time = sheet.numbers[:2]
    change = counted["answered"] - then["answered"]
    assert (answered.value, in_time.value) == (counted["answered"], percent(counted))
    assert answered.change.startswith(f"{abs(change)} {'más' if change > 0 else 'menos'} que en ") == (change != 0)
    assert str(abs(percent(counted) - percent(then))) in in_time.change or percent(counted) == percent(then)
    assert sum(bar.count for bar in sheet.charts[0].bars) == counted["offered"] > 0, "control: there were calls"
    assert len(sheet.charts[0].bars) == (month.end - month.first).days


def test_a_month_that_is_not_over_is_compared_with_nothing(marta, many_calls):
    client = Client()
    client.force_login(marta)
    sheet = client.get("/month", {"month": f"{timezone.localdate():%Y-%m}"}).context["sheet"]
    assert {each.change for each in sheet.numbers} == {""}


def percent(counted) -> int:
    return round(100 * counted["in_time"] / counted["offered"])


def test_an_empty_month_counts_zero_and_no_wait(marta, now):
    month = seen_by(marta, work_of_month, date(2001, 1, 1), now)
    assert [value.text for value in month.total][:8] == ["0"] * 7 + ["—"]
