"""Opening hours: when the line is open, how hours and closed days are written, and what is a slip of the hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings import hours, rules
from amparo.foundation.line_settings.models import SettingChange
from amparo.foundation.line_settings.rules import BY_NAME, LineSettings

SHIPPED = LineSettings()
OFFICE = replace(SHIPPED, hours_monday="08:00-13:00 15:00-20:00", hours_saturday="20:00-06:00", hours_sunday="")


def lima(day: int, clock: str) -> datetime:
    """A moment of January 2030, whose 7th is a Monday, by the clock of Lima: five hours behind UTC."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2030, 1, day, hour, minute, tzinfo=UTC) + timedelta(hours=5)


@pytest.mark.parametrize(
    ("day", "clock", "is_open"),
    [
        (7, "07:59", False), (7, "08:00", True), (7, "12:59", True), (7, "13:00", False), (7, "14:59", False),
        (7, "15:00", True), (7, "20:00", False), (8, "00:00", True), (8, "23:59", True), (12, "19:59", False),
        (12, "20:00", True), (13, "05:59", True), (13, "06:00", False), (13, "23:00", False),
    ],
)  # fmt: skip
def test_the_line_is_open_in_its_hours_which_may_end_on_the_next_day(day, clock, is_open):
    assert hours.is_open(OFFICE, lima(day, clock)) is is_open
    assert hours.is_open(SHIPPED, lima(day, clock)), "the control: as shipped it is always open"


def test_a_closed_day_has_no_hours_and_the_night_before_it_ends_as_ever():
    closed = replace(OFFICE, closed_days="13/01/2030-14/01/2030, 08/01/2030")
    assert hours.is_open(closed, lima(13, "05:59")), "of Saturday"
    assert not hours.is_open(closed, lima(14, "09:00"))
    assert not hours.is_open(closed, lima(8, "09:00"))
    assert hours.is_open(closed, lima(9, "09:00"))


def test_public_holidays_of_peru_close_the_line_only_if_it_says_so():
    new_year = lima(1, "09:00")
    assert hours.is_open(SHIPPED, new_year)
    assert not hours.is_open(replace(SHIPPED, closed_on_holidays=True), new_year)
    assert hours.is_open(replace(SHIPPED, closed_on_holidays=True), lima(2, "09:00"))


@pytest.mark.parametrize(
    ("name", "text", "stored"),
    [
        ("hours_monday", "8:00 - 20:00", "08:00-20:00"), ("hours_monday", "", ""),
        ("hours_monday", "15:00–20:00, 8:00–13:00", "08:00-13:00 15:00-20:00"),
        ("hours_monday", "20:00-06:00", "20:00-06:00"), ("hours_monday", "00:00-24:00", "00:00-24:00"),
        ("closed_days", "24/12/2030,1/1/2030", "01/01/2030, 24/12/2030"), ("closed_days", "", ""),
        ("closed_days", "1/3/2030-31/3/2030", "01/03/2030-31/03/2030"),
    ],
)  # fmt: skip
def test_what_is_written_is_stored_in_one_form(name, text, stored):
    assert BY_NAME[name].parse(text) == stored
    assert BY_NAME[name].parse(stored) == stored


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hours_monday", "closed"), ("hours_monday", "8-20"), ("hours_monday", "08:00-25:00"),
        ("hours_monday", "08:00-08:00"), ("hours_monday", "08:00-12:00 11:00-13:00"), ("hours_monday", "24:00-02:00"),
        ("hours_monday", "08:00-24:30"), ("hours_monday", "1:00-2:00 3:00-4:00 5:00-6:00 7:00-8:00"),
        ("closed_days", "31/02/2030"), ("closed_days", "2030-12-24"), ("closed_days", "01/03/2030-01/04/2030"),
        ("closed_days", "01/01/2030-31/12/2030"), ("closed_days", "02/01/2030-01/01/2030"),
        ("closed_days", "01/03/2030-20/03/2030, 21/03/2030-10/04/2030"), ("closed_days", "mañana"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_in_a_sentence(name, text):
    with pytest.raises(Refused) as refused:
        BY_NAME[name].parse(text)
    assert str(refused.value).endswith(".")


def test_the_hours_of_the_week_are_told_together_where_they_are_the_same():
    with translation.override("es"):
        week = replace(SHIPPED, closed_on_holidays=True, hours_sunday="", hours_saturday="09:00-13:00")
        assert hours.week_in_words(week) == [
            "lunes a viernes: día y noche", "sábado: 09:00–13:00", "domingo: cerrado", "feriados: cerrado",
        ]  # fmt: skip


@pytest.mark.django_db
def test_a_change_of_hours_stands_in_the_ledger_and_is_undone():
    adela = User.objects.create(username="adela", role=Role.ADMINISTRATOR)
    change = rules.change_setting(BY_NAME["hours_sunday"], "", by=adela)
    assert not hours.is_open(rules.load(), lima(13, "12:00"))
    assert Entry.objects.filter(what="change_setting", user_id=adela.pk, about=f"settingchange {change.pk}").exists()
    rules.undo_change(change, by=adela)
    assert rules.load() == SHIPPED


@pytest.mark.django_db
def test_the_whole_week_is_never_closed_and_unreadable_hours_count_as_shipped():
    adela = User.objects.create(username="adela", role=Role.ADMINISTRATOR)
    for day in hours.DAYS[:-1]:
        rules.change_setting(BY_NAME[f"hours_{day}"], "", by=adela)
    with pytest.raises(Refused, match="Al menos un día"):
        rules.change_setting(BY_NAME["hours_sunday"], "", by=adela)
    SettingChange.objects.create(setting="hours_sunday", value="noon")
    assert rules.load().hours_sunday == hours.ALWAYS
