"""The bar leads each person to the pages that they may open, and to no other."""

import gc
from datetime import timedelta

import pytest
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import acting_as
from amparo.line.switchboard.models import ANSWER_SHOWN, Call, DangerAlert, State
from amparo.screens.home.navigation import (
    ENTRIES,
    ROOM_IN_THE_BAR,
    Bar,
    Group,
    build_statement,
    statement_of,
)

NOW = timezone.now()
SECRET = "invented words of nobody"


def everybody() -> list[User]:
    """One user for each role in each kind of institution."""
    people = []
    for kind in Kind:
        of = {"pk": 1} if kind == Kind.HOTLINE else {"name": kind, "kind": kind}
        agency = Agency.objects.get_or_create(**of)[0]
        people += [User.objects.create(username=f"{kind}-{role}", role=role, agency=agency) for role in Role]
    return people


def bar_of(user: User, room: str = "home") -> Bar:
    with acting_as(user.acting()):
        return Bar.of(user, room, NOW)


def links(bar: Bar) -> list[str]:
    return [link.address for link in (*bar.places, *bar.menu)]


@pytest.mark.django_db
def test_each_entry_opens_for_those_who_see_it_and_for_nobody_else():
    wrong = []
    for user in everybody():
        client = Client(headers={"Sec-Fetch-Mode": "cors"})  # to a script, a refusal is one sentence without a bar
        client.force_login(user)
        for entry in ENTRIES:
            status = client.get(entry.address).status_code
            if (status == 200) != entry.may(user):
                wrong.append(f"{user.username} {entry.address}: {status}")
    assert wrong == []


@pytest.mark.django_db
def test_everybody_finds_each_of_their_pages_in_the_bar_or_in_the_tabs():
    for user in everybody():
        rooms = {entry.room for entry in ENTRIES if entry.may(user)}
        reached = {link.address for room in rooms for link in bar_of(user, room).tabs} | set(links(bar_of(user)))
        assert reached == {entry.address for entry in ENTRIES if entry.may(user)}, user.username


@pytest.mark.django_db
def test_a_telephone_has_at_most_five_places_in_its_bar():
    for user in everybody():
        bar = bar_of(user)
        places = [link for link in bar.places if link.on_phone]
        assert len(places) + bool(bar.menu) <= ROOM_IN_THE_BAR, user.username


def test_a_group_with_several_pages_shows_its_name_and_tabs(marta):
    bar = bar_of(marta, "referrals")
    [place] = [link for link in bar.places if link.is_current]
    assert place.label == Group.HELP.label
    assert [link.address for link in bar.tabs if link.is_current] == ["/referrals"]
    assert "/beds" in [link.address for link in bar.tabs]


@pytest.mark.django_db
def test_a_group_with_one_page_shows_that_page():
    luz = User.objects.create(
        username="luz", role=Role.SHELTER_STAFF, agency=Agency.objects.create(name="House", kind=Kind.SHELTER)
    )
    assert [str(link.address) for link in bar_of(luz).places] == ["/home", "/house"]
    assert bar_of(luz).tabs == []
    assert bar_of(luz).menu == []


def test_the_bar_counts_the_callers_who_wait(marta):
    assert [link.shown for link in bar_of(marta).places if link.address == "/console"] == [""]
    for _ in range(2):
        Call.objects.create(state=State.WAITING, arrived_at=NOW, waiting_since=NOW)
    assert [link.shown for link in bar_of(marta).places if link.address == "/console"] == ["2"]


def test_the_page_of_who_is_in_a_call_says_so(ana, marta):
    call = Call.objects.create(state=State.TALKING, arrived_at=NOW, operators=[ana.pk], invited=[marta.pk])
    assert (bar_of(ana).has_call, bar_of(marta).has_call) == (True, False)
    Call.objects.filter(pk=call.pk).update(state=State.ENDED)
    assert not bar_of(ana).has_call


def test_a_page_says_whether_an_alert_of_danger_may_be_shown(ana, marta):
    assert not bar_of(marta).has_danger
    call = Call.objects.create(state=State.TALKING, arrived_at=NOW)
    alert = DangerAlert.objects.create(call=call, at=NOW)
    assert bar_of(marta).has_danger
    taken = {"acknowledged_by": marta, "acknowledged_at": NOW - ANSWER_SHOWN}
    DangerAlert.objects.filter(pk=alert.pk).update(**taken)
    assert bar_of(marta).has_danger, "the call goes on"
    Call.objects.update(state=State.ENDED)
    assert not bar_of(marta).has_danger
    DangerAlert.objects.update(acknowledged_at=NOW)
    assert bar_of(ana).has_danger, "who raised it may still be shown who answered"


@pytest.mark.django_db
def test_the_numbers_of_a_page_are_at_most_one_statement(django_assert_max_num_queries):
    for user in everybody():
        with acting_as(user.acting()), django_assert_max_num_queries(1):
            Bar.of(user, "home", NOW)


@pytest.mark.django_db
def test_the_statement_of_a_moment_is_the_one_that_would_be_built_then():
    morning = timezone.localtime(NOW).replace(hour=0, minute=5)
    for user in everybody():
        for now in (morning, morning + timedelta(hours=7, seconds=1), morning + timedelta(hours=23)):
            assert statement_of(user, now) == build_statement(user, now), user.username


def test_the_times_of_a_statement_move_with_the_clock(marta):
    """The control: without it, the equality above could be one of statements without a time."""
    _entries, sql, parameters = statement_of(marta, NOW)
    _entries, same, later = statement_of(marta, NOW + timedelta(microseconds=1))
    assert sql == same
    assert parameters != later


def test_no_request_outlives_its_answer(ana):
    client = Client()
    client.force_login(ana)
    assert client.post("/search", {"q": SECRET}).status_code == 200
    del client
    gc.collect()
    alive = [it for it in gc.get_objects() if issubclass(type(it), HttpRequest)]  # isinstance asks dead proxies too
    assert [it.path for it in alive if SECRET in it.POST.values()] == []


def test_who_gets_another_role_is_shown_its_numbers_at_once(marta):
    Call.objects.create(state=State.WAITING, arrived_at=NOW, waiting_since=NOW)
    marta.role = Role.PUBLISHER
    assert "1" not in [link.shown for link in bar_of(marta).places]
    marta.role = Role.OPERATOR
    assert [link.shown for link in bar_of(marta).places if link.address == "/console"] == ["1"]


def test_a_page_that_is_not_ones_own_shows_the_menu(ana):
    client = Client()
    client.force_login(ana)
    page = client.get("/staff")
    assert page.status_code == 404
    assert 'class="main-nav"' in page.content.decode()
    assert 'href="/home"' in page.content.decode()


def test_a_theme_is_kept_and_given_back_to_the_device(ana):
    client = Client()
    client.force_login(ana)
    assert '<html lang="es">' in client.get("/home").content.decode()
    client.get("/home?theme=dark")
    assert '<html lang="es" data-theme="dark">' in client.get("/home").content.decode()
    client.get("/home?theme=device")
    assert '<html lang="es">' in client.get("/home").content.decode()
