"""The first administrator enters by a link, and takes four steps; nobody else does, and the session reaches no more."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

from .. import first_run, rules, session_state
from ..models import FirstRun, Role, Session, Step, User
from .entering import PASSWORD, by_password, code_of, register

LINE = "Línea de Prueba"


@pytest.fixture
def link(db: None) -> str:
    return f"/first-link/{first_run.make_link('adela', '', timezone.now())}"


def who(**other: str) -> dict[str, str]:
    return {
        "name": "Adela B.", "username": "adela", "new_password1": PASSWORD, "new_password2": PASSWORD, **other
    }  # fmt: skip


def leads_to(answer) -> str:
    return answer.headers.get("Location", "").split("?")[0]


def entries(what: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("select role, about from audit_entry where what = %s order by id", [what])
        return cursor.fetchall()


def register_app(browser: Client) -> str:
    page = browser.get("/first-run/ways/app").content.decode()
    secret = re.search(r'class="secret">([A-Z2-7]+)<', page)[1]
    assert leads_to(browser.post("/first-run/ways/app", {"code": code_of(secret)})) == "/first-run/ways"
    return secret


def codes_of(browser: Client) -> list[str]:
    return re.findall(r"<li>(\d{8})</li>", browser.get("/first-run/sheet").content.decode())


def to_the_sheet(browser: Client, link: str) -> tuple[str, list[str]]:
    """Take three steps, the third with an app and the sheet. Returns the app's secret and the sheet's codes."""
    browser.post(link, who())
    browser.post("/first-run/line", {"name": LINE})
    secret = register_app(browser)
    browser.post("/first-run/ways", {"with_sheet": "yes"})
    return secret, codes_of(browser)


def read_back(codes: list[str]) -> dict[str, str]:
    return {f"code_{number}": codes[number - 1] for number in first_run.READ_BACK}


def test_four_steps_lead_in(link, browser):
    assert browser.get(link).status_code == 200
    assert leads_to(browser.post(link, who())) == "/first-run"
    assert leads_to(browser.get("/first-run")) == "/first-run/line"
    assert leads_to(browser.post("/first-run/line", {"name": LINE})) == "/first-run/ways"
    register_app(browser)
    assert browser.post("/first-run/ways").status_code == 400, "one way is missing"
    assert leads_to(browser.post("/first-run/ways", {"with_sheet": "yes"})) == "/first-run/sheet"
    codes = codes_of(browser)
    assert len(codes) == 10
    assert browser.post("/first-run/sheet/read-back", {"code_3": codes[0], "code_8": codes[1]}).status_code == 400
    assert FirstRun.objects.get().finished_at is None
    assert leads_to(browser.post("/first-run/sheet/read-back", read_back(codes))) == "/home"
    assert browser.get("/home").status_code == browser.get("/staff").status_code == 200
    adela = User.objects.get(username="adela")
    assert (adela.first_name, adela.role, FirstRun.objects.get().finished_at is not None) == (
        "Adela B.", Role.ADMINISTRATOR, True,
    )  # fmt: skip


def test_each_step_is_in_the_ledger(link, browser):
    _secret, codes = to_the_sheet(browser, link)
    browser.post("/first-run/sheet/read-back", read_back(codes))
    for step in ("use_link", "pass_line", "pass_ways", "finish_first_run"):
        assert entries(step) == [("hotline/administrator", "firstrun 1")], step
    adela = User.objects.get(username="adela").pk
    assert entries("make_first_link") == [("system/command", f"user {adela}")]


def test_opening_the_link_changes_nothing(link, browser):
    """Programs that look through mail open links, too."""
    before = list(FirstRun.objects.values()), list(User.objects.values())
    for method in ("get", "head", "options", "get"):
        getattr(browser, method)(link)
    assert (list(FirstRun.objects.values()), list(User.objects.values())) == before
    assert leads_to(browser.post(link, who())) == "/first-run"


def test_a_link_is_good_once_for_seven_days_and_a_new_one_ends_it(link, browser):
    new = f"/first-link/{first_run.make_link('', '', timezone.now())}"
    assert browser.post(link, who()).status_code == 404
    assert browser.get(new).status_code == 200
    FirstRun.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert browser.post(new, who()).status_code == 404
    FirstRun.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert leads_to(browser.post(new, who())) == "/first-run"
    assert Client().post(new, who()).status_code == 404
    assert len(entries("make_first_link")) == 2
    run = FirstRun.objects.get()
    assert timedelta(days=7) == FirstRun.GOOD_FOR
    assert new.rpartition("/")[2] not in f"{run.digest}"


def test_the_session_reaches_the_steps_and_nothing_else(link, browser):
    browser.post(link, who())
    for path in ("/home", "/me", "/me/app", "/staff", "/installation", "/console", "/prove"):
        assert leads_to(browser.get(path)) == "/first-run", path
        assert browser.get(path, headers={"Sec-Fetch-Mode": "cors"}).status_code == 403, path
    browser.post("/first-run/line", {"name": LINE})
    register_app(browser)
    browser.post("/first-run/ways", {"with_sheet": "yes"})
    assert leads_to(browser.get("/staff")) == "/first-run", "also with ways in: the sheet is missing"


def test_no_step_is_skipped(link, browser):
    browser.post(link, who())
    for path in ("/first-run/ways", "/first-run/ways/app", "/first-run/sheet", "/first-run/sheet/read-back"):
        assert leads_to(browser.get(path)) == leads_to(browser.post(path)) == "/first-run/line", path
    browser.post("/first-run/line", {"name": LINE})
    assert leads_to(browser.get("/first-run/sheet")) == "/first-run/ways"
    assert browser.post("/first-run/ways", {"with_sheet": "yes"}).status_code == 400
    assert FirstRun.objects.get().step == Step.WAYS


def test_it_is_taken_up_where_it_was_left(link, browser):
    secret, codes = to_the_sheet(browser, link)
    again = Client()
    assert leads_to(by_password(again, "adela")) == "/sign-in/second"
    again.post("/sign-in/second", {"code": code_of(secret, later=1)})
    assert leads_to(again.get("/home")) == "/first-run"
    assert leads_to(again.get("/first-run")) == "/first-run/sheet"
    assert codes_of(again) == codes
    assert leads_to(again.post("/first-run/sheet/read-back", read_back(codes))) == "/home"
    assert again.get("/staff").status_code == 200


def test_it_is_taken_up_before_there_is_a_way_in(link, browser):
    browser.post(link, who())
    again = Client()
    by_password(again, "adela")
    assert leads_to(again.get("/first-run")) == "/first-run/line"


@pytest.mark.parametrize(("minutes", "state"), [(59, "FIRST_RUN"), (61, "EXPIRED")])
def test_its_session_ends_after_an_hour_in_all(link, browser, minutes, state):
    browser.post(link, who())
    session, adela = browser.session, User.objects.get(username="adela")
    later = session["began_at"] + minutes * 60
    assert session_state.session_state_of(session, adela, later).name == state
    session["seen_at"] = later
    assert session_state.session_state_of(session, adela, later).name == state, "activity makes it no longer"
    del session["first_run"]
    assert session_state.session_state_of(session, adela, session["began_at"] + 14 * 60).name == "PARTIAL"
    session["seen_at"] = session["began_at"]
    assert session_state.session_state_of(session, adela, session["began_at"] + 16 * 60).name == "EXPIRED"


def test_an_administrator_who_is_invited_later_never_sees_it(link, browser):
    _secret, codes = to_the_sheet(browser, link)
    browser.post("/first-run/sheet/read-back", read_back(codes))
    adela = User.objects.get(username="adela")
    rules.add_person("berta", "Berta", Role.ADMINISTRATOR, by=adela, now=timezone.now())
    berta = User.objects.get(username="berta")
    berta.set_password(PASSWORD)
    berta.save()
    hers = Client()
    by_password(hers, "berta")
    assert leads_to(hers.get("/home")) == leads_to(hers.get("/first-run")) == "/me"
    register(hers)
    for path in ("/first-run", "/first-run/line", "/first-run/sheet"):
        assert leads_to(hers.get(path)) == leads_to(hers.post(path)) == "/home", path
    assert leads_to(browser.get("/first-run/sheet")) == "/home", "nor does the first one, once it is over"


def test_a_link_dies_once_an_administrator_has_two_ways_in(link, browser, pilar):
    by_password(browser, "pilar")
    register(browser)
    assert Client().get(link).status_code == Client().post(link, who()).status_code == 404
    with pytest.raises(Refused, match="dos maneras de entrar"):
        first_run.make_link("", "", timezone.now())
    run = FirstRun.objects.get()
    with pytest.raises(Refused):
        first_run.use_link(run, "adela", "Adela", PASSWORD, by=run.user, now=timezone.now())


def test_an_administrator_of_another_institution_ends_no_link(link, browser, tomas):
    by_password(browser, "tomas")
    register(browser)
    assert Client().get(link).status_code == 200


def test_a_new_link_begins_anew_and_ends_what_was_begun(link, browser):
    to_the_sheet(browser, link)
    new = f"/first-link/{first_run.make_link('adela', '', timezone.now())}"
    adela = User.objects.get(username="adela")
    assert (adela.has_usable_password(), adela.authenticator_set.count(), Session.objects.count()) == (False, 0, 0)
    assert leads_to(browser.get("/first-run")) == "/sign-in"
    assert by_password(Client(), "adela").status_code == 400
    assert leads_to(Client().post(new, who(username="adela.b"))) == "/first-run"
    assert User.objects.get().username == "adela.b"


def test_a_new_link_ends_two_ways_in_of_who_found_the_old_one(link, browser):
    to_the_sheet(browser, link)
    stranger = User.objects.get()
    Authenticator.objects.create(user=stranger, type=Authenticator.Type.WEBAUTHN, data={})
    assert first_run.somebody_is_in()
    first_run.make_link("", "", timezone.now())
    assert not stranger.authenticator_set.exists()


def test_who_finished_the_first_run_elsewhere_signs_in(link, browser):
    _secret, codes = to_the_sheet(browser, link)
    run, adela = FirstRun.objects.get(), User.objects.get()
    typed = tuple(codes[number - 1] for number in first_run.READ_BACK)
    first_run.finish_first_run(run, typed, by=adela, now=timezone.now())
    assert leads_to(browser.get("/first-run/sheet")) == "/home"
    assert leads_to(browser.get("/home")) == "/sign-in"


def test_nothing_is_registered_behind_a_new_link(link, browser):
    browser.post(link, who())
    run, adela = FirstRun.objects.get(), User.objects.get()
    assert first_run.locked(run, adela) == run
    first_run.make_link("", "", timezone.now())
    with pytest.raises(Refused):
        first_run.locked(run, adela)


def test_another_name_is_refused_and_so_is_a_name_of_somebody_else(link, browser, rosa):
    with pytest.raises(Refused, match="adela"):
        first_run.make_link("berta", "", timezone.now())
    answer = browser.post(link, who(username="ROSA"))
    assert answer.status_code == 400
    assert not FirstRun.objects.get().is_begun


def test_a_short_or_other_password_uses_no_link_up(link, browser):
    for wrong in ({"new_password1": "corta", "new_password2": "corta"}, {"new_password2": "otra"}, {"name": ""}):
        assert browser.post(link, who(**wrong)).status_code == 400
    assert leads_to(browser.post(link, who())) == "/first-run"


def test_steps_twice_are_steps_once(link, browser):
    _secret, codes = to_the_sheet(browser, link)
    for path, words in (("/first-run/line", {"name": LINE}), ("/first-run/ways", {"with_sheet": "yes"})):
        browser.post(path, words)
    assert FirstRun.objects.get().step == Step.SHEET
    assert codes_of(browser) == codes
    run, adela = FirstRun.objects.get(), User.objects.get(username="adela")
    browser.post("/first-run/sheet/read-back", read_back(codes))
    with pytest.raises(Refused, match="ya terminó"):
        first_run.pass_line(run, by=adela)


def test_nobody_else_takes_a_step(link, browser, rosa, pilar):
    browser.post(link, who())
    run = FirstRun.objects.get()
    for by in (rosa, pilar):
        with pytest.raises(Refused):
            first_run.pass_line(run, by=by)
        with pytest.raises(Refused):
            first_run.pass_ways(run, with_sheet=True, by=by)
        with pytest.raises(Refused):
            first_run.finish_first_run(run, ("", ""), by=by, now=timezone.now())
        with pytest.raises(Refused):
            first_run.use_link(run, "rosita", "Rosa", PASSWORD, by=by, now=timezone.now())


def test_a_page_writes_no_name_but_in_the_first_run(link, browser, pilar):
    """The database refuses it, also to an administrator, and lets the owner of the run do it: the control."""
    browser.post(link, who())
    adela = User.objects.get(username="adela")
    rename = "update access_user set first_name = 'x' where id = %s"
    for actor, whom in ((pilar, pilar), (pilar, adela), (adela, pilar)):
        with pytest.raises(DatabaseError), transaction.atomic(), acting_as(actor.acting()):
            connection.cursor().execute(rename, [whom.pk])
    with acting_as(adela.acting()):
        connection.cursor().execute(rename, [adela.pk])
    FirstRun.objects.update(finished_at=timezone.now(), step=Step.SHEET)
    rename = rename.replace("'x'", "'y'")
    with pytest.raises(DatabaseError), transaction.atomic(), acting_as(adela.acting()):
        connection.cursor().execute(rename, [adela.pk])


def test_the_line_gets_its_name_and_not_without_one(link, browser):
    browser.post(link, who())
    for wrong in ("", "  ", "a" * 41):
        assert browser.post("/first-run/line", {"name": wrong}).status_code == 400
    assert FirstRun.objects.get().step == Step.LINE
    browser.post("/first-run/line", {"name": LINE})
    assert [about.partition(" ")[0] for _role, about in entries("change_setting")] == ["settingchange"]
    assert f'value="{LINE}"' in browser.get("/first-run/line").content.decode()
