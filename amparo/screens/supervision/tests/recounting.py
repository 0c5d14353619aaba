"""Every number of the wallboard and of the month, counted again from the tables by SQL and by hand."""

import math
import re
import statistics
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils import timezone

from amparo.line.contacts.picklists import Channel
from amparo.line.roster.cover import local_hour
from amparo.line.switchboard.models import Call
from amparo.screens.supervision.definitions import MEASURES
from amparo.screens.supervision.measures import IN_TABLES

SPANS = {"morning": (6, 12), "afternoon": (12, 18), "evening": (18, 24), "any": (0, 24)}
PAUSE = timedelta(minutes=15)
BOARD = """
    with today as (
        select * from switchboard_call
        where direction = 'incoming' and waiting_since is not null and practice_of_id is null
            and date_trunc('day', arrived_at at time zone 'America/Lima')
                = date_trunc('day', %(now)s at time zone 'America/Lima')
    ), real as (select * from switchboard_call where practice_of_id is null)
    select
        (select count(*) from real where state = 'waiting'),
        (select min(waiting_since) from real where state = 'waiting'),
        (select count(*) from today),
        (select count(*) from today where extract(epoch from answered_at - waiting_since) <= 20),
        (select count(*) from today where answered_at is null and ended_at is not null and ending = 'gave_up'),
        (select count(*) from real where state in ('connecting', 'talking', 'on_hold')),
        (select count(*) from real where state in ('connecting', 'talking', 'on_hold')
            and extract(epoch from %(now)s - answered_at) >= 1800)
"""
ELSE = """
    select
        (select count(*) from chat_chat where state = 'waiting' and practice_of_id is null),
        (select count(*) from chat_chat where state = 'talking' and entries > 0 and practice_of_id is null),
        (select count(*) from switchboard_dangeralert where acknowledged_at is null),
        (select count(*) from switchboard_call where danger and practice_of_id is null
            and state in ('waiting', 'connecting', 'talking', 'on_hold')),
        (select count(*) from roster_seat s where state = 'ready' and seen_at > %(now)s - interval '45 seconds'
            and not exists (select from switchboard_call c where c.state <> 'ended'
                and (s.user_id = any(c.operators) or s.user_id = c.ringing_for_id))),
        (select count(*) from roster_seat where state <> 'off' and seen_at > %(now)s - interval '45 seconds'),
        (select count(*) from roster_seat where state = 'break' and seen_at > %(now)s - interval '45 seconds')
"""
AROUND = """
    select
        (select count(*) from police_reports_escalation where settled_at is null),
        (select count(*) from referrals_referral r where answer_by < %(now)s and not exists (
            select from referrals_referralevent e where e.referral_id = r.id
                and e.kind in ('accepted', 'declined', 'arrived', 'served', 'cancelled'))),
        (select count(*) from shelters_bed b where not exists (
            select from shelters_occupancy o where o.bed_id = b.id and o.period @> %(now)s)),
        (select count(*) from directory_service where status <> 'defunct'
            and coalesce(verified_at + verify_every_days * interval '1 day' < %(now)s, true))
"""
WAITING = """
    select channel, language, count(*) from (
        select 'call' as channel, language from switchboard_call where state = 'waiting' and practice_of_id is null
        union all
        select channel, language from chat_chat where state = 'waiting' and practice_of_id is null) as each
    group by channel, language
"""
CLOSED = "select call_id, wrapped_at from contacts_contact where wrapped_at is not null and chat_id is null"
DONE = """
    select
        (select count(*) from cases_case where opened_at >= %(start)s and opened_at < %(end)s),
        (select count(*) from police_reports_report where sent_at >= %(start)s and sent_at < %(end)s),
        (select count(*) from referrals_referral where sent_at >= %(start)s and sent_at < %(end)s),
        (select count(*) from shelters_placement where reserved_at >= %(start)s and reserved_at < %(end)s),
        (select count(*) from switchboard_call where direction = 'outgoing' and answered_at is not null
            and practice_of_id is null and arrived_at >= %(start)s and arrived_at < %(end)s)
"""


def rows_of(statement: str, **values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def board(now: datetime) -> tuple:
    """Waiting, the longest, offered, in time, abandoned, running, and of them long ones."""
    return rows_of(BOARD, now=now)[0]


def due(now: datetime) -> int:
    """People who may be called back now."""
    minute, found = timezone.localtime(now).hour * 60 + timezone.localtime(now).minute, 0
    cards = rows_of("""
        select any_hour, hours_from, hours_to, last_attempt_at from contacts_safecontact s
        join contacts_contact c on c.id = s.contact_id and c.practice_of_id is null
        where s.call_wanted and s.number is not null""")
    for any_hour, opens, closes, last in cards:
        hours = opens is not None and closes is not None
        first, end = (each.hour * 60 + each.minute if hours else 0 for each in (opens, closes))
        safe = any_hour or (hours and (first <= minute < end if first <= end else minute >= first or minute < end))
        found += bool(safe and (last is None or now - last >= PAUSE))
    for hours, last in rows_of("""
        select hours, last_attempt_at from switchboard_message where done_at is null and number is not null"""):
        first, end = SPANS[hours]
        found += first <= minute // 60 < end and (last is None or now - last >= PAUSE)
    return found


def wallboard_texts(now: datetime) -> list[str]:
    """All numbers of the wallboard, as it writes them: the five, those beside them, around the calls, by channel."""
    waiting, _longest, offered, in_time, abandoned, running, long = board(now)
    writing, written, danger, in_danger, free, on_shift, on_break = rows_of(ELSE, now=now)[0]
    percent = f"{round(100 * in_time / offered)} %" if offered else "—"
    by_channel = sorted(str(number) for _channel, _language, number in rows_of(WAITING))
    around = due(now), abandoned, *rows_of(AROUND, now=now)[0]
    beside = [*([] if writing else [written]), *([] if danger or not in_danger else [in_danger])]
    marks = (*beside, on_shift, running, on_break, *((long, 30) if long else ()), in_time, offered, abandoned)
    return [str(each) for each in (waiting, writing, danger, free, percent, *around, *by_channel, *marks)]


def numbers_of(page: str) -> list[str]:
    """The same numbers, read from the wallboard's page."""
    around = re.findall(r'<li class="mark"><a href="[^"]+"><b>(\d+)</b>', page)
    by_channel = re.findall(r'<td class="n">(\d+)</td>', page)
    marks = re.findall(r"\d+", " ".join(re.findall(r'(?<=</span>)<span class="mark"[^>]*>([^<]*)</span>', page)))
    numbers = re.findall(r"<b>([^<]*)</b><span>", re.sub("</?small>", "", page))
    return [*numbers, *around, *sorted(by_channel), *marks]


def calls_of(first: date, end: date) -> list[Call]:
    """The offered calls that arrived from `first` until before `end`."""
    return [
        call for call in Call.objects.all()
        if call.direction == "incoming" and call.waiting_since and call.practice_of_id is None
        and first <= timezone.localtime(call.arrived_at).date() < end
    ]  # fmt: skip


def recount(calls: list[Call]) -> dict[str, int | None]:
    """Count again from the rows themselves, in whole seconds."""
    answered = [call for call in calls if call.answered_at]
    unanswered = [call for call in calls if not call.answered_at and call.state == "ended"]
    waits = sorted((call.answered_at - call.waiting_since).total_seconds() for call in answered)
    talks = sorted((call.ended_at - call.answered_at).total_seconds() for call in answered if call.ended_at)
    closed = dict(rows_of(CLOSED))
    wrapped = [call for call in answered if call.ended_at and call.pk in closed and closed[call.pk] >= call.ended_at]
    wraps = [(closed[call.pk] - call.ended_at).total_seconds() for call in wrapped]
    return {
        "offered": len(calls),
        "answered": len(answered),
        "in_time": sum(wait <= 20 for wait in waits),
        "abandoned": sum(call.ending == "gave_up" for call in unanswered),
        "left_message": sum(call.ending == "message" for call in unanswered),
        "cut_off": sum(call.ending in ("lost", "silence") for call in unanswered),
        "still_waiting": sum(not call.answered_at and call.state != "ended" for call in calls),
        "mean_wait": _mean(waits),
        "wait_of_nine_in_ten": _percentile(waits, 0.9),
        "longest_wait": round(waits[-1]) if waits else None,
        "mean_talk": _mean(talks),
        "mean_wrap_up": _mean(wraps),
        "median_talk": _percentile(talks, 0.5),
    }


def month_texts(first: date, end: date) -> list[str]:
    """All values of the CSV of these days, in its order."""
    calls, found = calls_of(first, end), list[int | None]()
    found += [recount(calls)[each.name] for each in MEASURES]
    span = {"start": local_hour(first), "end": local_hour(end)}
    chats = rows_of(
        """select channel, begun_at, taken_at, state from chat_chat where practice_of_id is null
        and begun_at >= %(start)s and begun_at < %(end)s and taken_at is distinct from begun_at""", **span,
    )  # fmt: skip
    found += written(chats)
    tables = [[call for call in calls if timezone.localtime(call.arrived_at).hour == hour] for hour in range(24)]
    tables += [[call for call in calls if call.language == code] for code in ("es", "qu", "en")]
    found += [recount(each)[name] for each in tables for name in IN_TABLES]
    for channel in sorted({chat[0] for chat in chats}, key=Channel.values.index):
        found += written([chat for chat in chats if chat[0] == channel])
    contacts = rows_of(
        """select type, left(ubigeo, 2) from contacts_contact where practice_of_id is null
        and started >= %(start)s and started < %(end)s""", **span,
    )  # fmt: skip
    for column in (0, 1):
        found += [number for _word, number in Counter(row[column] for row in contacts).most_common()]
    found += rows_of(DONE, **span)[0]
    return ["" if each is None else str(each) for each in found]


def written(chats: Iterable[tuple]) -> list[int | None]:
    """The six numbers of these conversations in writing."""
    chats = list(chats)
    waits = sorted((taken - begun).total_seconds() for _channel, begun, taken, _state in chats if taken)
    ended = sum(not taken and state == "ended" for _channel, _begun, taken, state in chats)
    return [len(chats), len(waits), ended, len(chats) - len(waits) - ended, _mean(waits), _percentile(waits, 0.9)]


def _mean(values: list[float]) -> int | None:
    return round(statistics.mean(values)) if values else None


def _percentile(values: list[float], share: float) -> int | None:
    return round(values[math.ceil(share * len(values)) - 1]) if values else None
