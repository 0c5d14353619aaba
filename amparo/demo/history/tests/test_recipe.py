"""The invented months: the same each time, over before now, and with nobody's number in them."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from ..conversations import id_of_call
from ..recipe import CampaignEffects, earlier_calls, first_day, past_calls, past_chats
from ..reviews import _marks_by_name

NOBODY = CampaignEffects(date.max)


def at(*parts: int) -> datetime:
    """A moment by the line's clock."""
    return timezone.make_aware(datetime(*parts))


# The last minute of a day in Lima is the next day in Greenwich.
NOWS = [at(2026, 12, 1, 0, 1), at(2026, 12, 31, 23, 59), at(2028, 2, 29, 12), at(2027, 3, 1, 0, 0)]


@pytest.mark.parametrize(
    ("now", "months", "first"),
    [
        (at(2026, 12, 31, 23, 59), 0, date(2026, 12, 1)),
        (at(2027, 1, 1, 0, 0), 1, date(2026, 12, 1)),
        (at(2028, 3, 31, 12), 1, date(2028, 2, 1)),
        (at(2026, 12, 1, 12), 13, date(2025, 11, 1)),
    ],
)
def test_the_first_day_is_that_of_a_month_by_the_lines_clock(now, months, first):
    assert first_day(now, months) == first


@pytest.mark.parametrize("now", NOWS, ids=str)
def test_calls_are_over_before_now_and_none_is_older_than_the_months(now):
    calls = past_calls(now, 1, NOBODY)
    assert len(calls) > 30
    assert calls == sorted(calls, key=lambda call: call.arrived)
    assert timezone.localdate(calls[0].arrived) >= first_day(now, 1)
    assert max(call.arrived + timedelta(seconds=call.wait + call.talk) for call in calls) < now


def test_the_recipe_is_the_same_each_time():
    assert past_calls(NOWS[0], 1, NOBODY) == past_calls(NOWS[0], 1, NOBODY)
    assert id_of_call(7) == id_of_call(7) != id_of_call(8)


def test_nobodys_number_and_no_word_that_is_not_invented_stands_in_it():
    fields_of_contacts = [
        call.contact.fields for call in past_calls(NOWS[1], 2, NOBODY) if call.contact and call.contact.fields
    ]
    numbers = [fields["safe_number"] for fields in fields_of_contacts if "safe_number" in fields]
    assert numbers
    assert all(number.startswith("000") for number in numbers)
    assert all(fields["notes"].startswith("Notas inventadas: ") for fields in fields_of_contacts)


def test_a_call_that_nobody_answered_has_no_contact():
    calls = past_calls(NOWS[0], 1, NOBODY)
    assert {call.is_answered for call in calls} == {True, False}
    assert all((call.contact is not None) == call.is_answered == (call.talk > 0) for call in calls)


def test_the_months_before_end_where_the_months_begin():
    days = [timezone.localdate(call.arrived) for call in earlier_calls(NOWS[0], 1, 1)]
    assert days
    assert min(days) >= first_day(NOWS[0], 2)
    assert max(days) < first_day(NOWS[0], 1)


@pytest.mark.parametrize("now", NOWS, ids=str)
def test_chats_have_begun_before_today_and_say_no_code_word(now):
    campaign = CampaignEffects(date.min, words=dict.fromkeys(("radio", "tv", "poster", "friend"), "code"))
    chats = past_chats(now, 3, campaign)
    assert chats
    assert all(timezone.localdate(chat.begun) < timezone.localdate(now) for chat in chats)
    assert not any("heard_code" in chat.contact.fields for chat in chats)


def test_a_sheet_has_a_mark_for_each_of_its_lines():
    marks = _marks_by_name("012301 23")
    assert (len(marks), list(marks.values())[6]) == (9, "")
    with pytest.raises(ValueError, match=r"shorter|longer"):
        _marks_by_name("0123")
