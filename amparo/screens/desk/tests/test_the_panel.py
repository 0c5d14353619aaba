"""The panel beside the notes: each tab is a page of its room, and nothing that happens there touches the notes."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import until, violations_by_scheme
from tests.hotline import Hotline

from . import scenes
from .steps import KEYS_OF_TABS, console, cursor, into, is_too_wide, open_case, tab


@pytest.fixture
def page(desk: BrowserContext, line: Hotline) -> Page:
    """The console of Ana in a call, with the cursor in the notes."""
    line.do(scenes.talking)
    page = console(desk, line, width=1280)
    page.keyboard.press("Alt+t")
    return page


def test_a_key_shows_its_tab_and_the_cursor_stays_in_the_notes(page):
    page.keyboard.type("Dice ")
    page.keyboard.press("Alt+i")
    expect(tab(page, "screening").get_by_role("button", name="Seguirlo como caso")).to_be_visible()
    page.keyboard.type("que sí")
    assert cursor(page) == "id_notes"
    expect(page.locator("#id_notes")).to_have_value("Dice que sí")
    page.keyboard.press("Alt+h")
    expect(page.locator(".guide-words")).to_be_visible()


def test_the_screening_is_answered_and_signed_beside_the_notes(page):
    page.keyboard.type("Tiene 17.")
    screening = open_case(page)
    expect(screening.locator(".desk-bar")).not_to_be_visible()
    page.keyboard.type("17")
    page.keyboard.press("Enter")
    for sign in ("act.recruitment", "purpose.sexual"):
        expect(screening.locator(f".reply[name='{sign}']").first).to_be_visible()
        page.keyboard.press("1")
    expect(screening.locator(".known [data-state=yes]")).to_have_count(2)
    page.keyboard.press("f")
    page.keyboard.press("Enter")
    expect(screening.locator(".signed")).to_contain_text("Posible víctima de trata")
    expect(page.locator("iframe[name='panel-screening'][data-ready]")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.type(" Llora.")
    expect(page.locator("#id_notes")).to_have_value("Tiene 17. Llora.")


def test_answers_by_key_are_no_letters_of_the_notes_and_the_other_way_round(page):
    screening = open_case(page)
    page.keyboard.press("Escape")
    page.keyboard.type("Vive en la casa 1")
    expect(page.locator("#id_notes")).to_have_value("Vive en la casa 1")
    expect(screening.locator(".answered-questions li")).to_have_count(0)


def test_what_is_half_typed_in_a_tab_stays_while_another_is_shown(page):
    screening = open_case(page)
    screening.locator("#id_age_at_events").fill("16")
    page.keyboard.press("Alt+d")
    expect(page.locator("iframe[name='panel-directory'][data-ready]")).to_be_visible()
    page.keyboard.press("Alt+i")
    expect(screening.locator("#id_age_at_events")).to_have_value("16")


def test_in_a_second_tab_the_consent_is_recorded_above_the_bar_of_the_call(page):
    open_case(page)
    frame = page.frame("panel-screening")
    assert frame is not None
    other = page.context.new_page()
    other.goto(frame.url.partition("/screening")[0] + "/consent")
    record, bar = other.locator("#consent-record"), other.locator(".call-bar")
    expect(bar.locator("time[data-since]")).to_be_visible()
    over, under = record.bounding_box(), bar.bounding_box()
    assert over["y"] + over["height"] <= under["y"]
    other.set_viewport_size({"width": 390, "height": 844})
    record.click(trial=True)  # nothing lies over it


def test_a_tab_that_waited_for_a_case_leads_on_once_there_is_one(page):
    page.keyboard.press("Alt+o")
    expect(tab(page, "consent").get_by_role("button", name="Seguirlo como caso")).to_be_visible()
    open_case(page)
    page.keyboard.press("Alt+o")
    page.keyboard.press("Alt+o")  # at once: the cursor goes to the page that is on its way
    expect(tab(page, "consent").locator("h1")).to_contain_text("Consentimiento")
    expect(tab(page, "consent").locator(":focus")).to_have_count(1)


def test_the_directory_is_filtered_by_what_the_call_says(page):
    page.locator("#id_place").fill("Tambopata, Madre de Dios")
    page.locator("[name=language][value=qu]").check()
    expect(page.locator("#conversation .saved").first).to_have_attribute("data-state", "saved")
    page.keyboard.press("Alt+d")
    directory = tab(page, "directory")
    expect(directory.locator("#id_ubigeo")).to_have_value("Tambopata, Madre de Dios")
    expect(directory.locator("#id_language")).to_have_value("qu")
    expect(directory.locator("#found")).to_be_visible()  # searched at once
    assert "Tambopata" not in page.evaluate("frames['panel-directory'].location.href")


def test_a_number_of_the_directory_is_called_into_the_call(page):
    directory = into(page, "Alt+d", "directory")
    directory.locator("#id_ubigeo").fill("Lima")
    directory.get_by_role("button", name="Buscar").click()
    link = directory.locator("a[href^='tel:']").first
    number = link.get_attribute("href").removeprefix("tel:")
    expect(page.locator("iframe[name='panel-directory'][data-ready]")).to_be_visible()  # its links are listened to
    link.click()
    expect(page.locator("#third-number")).to_have_value(number)
    expect(page.locator("#third-role")).to_be_focused()
    expect(page.locator("#colleagues")).to_be_visible()


def test_the_queue_moves_and_the_caller_hangs_up_and_the_tab_stays(page, line):
    screening = open_case(page)
    screening.locator("#id_age_at_events").fill("16")
    line.do(scenes.call)
    expect(page.locator(".queue-row")).to_have_count(1)
    line.do(hang_up)
    expect(page.locator("#wrap-up")).to_be_visible()
    expect(screening.locator("#id_age_at_events")).to_have_value("16")


def test_on_a_telephone_the_tab_makes_room_for_the_outcomes_when_the_call_ends(page, line):
    page.set_viewport_size({"width": 390, "height": 900})
    open_case(page)
    assert not page.locator("#id_notes").is_visible()
    page.keyboard.press("Escape")
    page.locator("[data-tab=bed]").click()
    expect(page.locator("iframe[name='panel-bed'][data-ready]")).to_be_visible()
    line.do(hang_up)
    expect(page.locator("#wrap-up .endings input").first).to_be_focused()


def test_who_closes_without_an_outcome_is_led_to_the_outcomes(page, line):
    line.do(hang_up)
    expect(page.locator("#wrap-up")).to_be_visible()
    page.locator("[name=hard_call]").first.focus()
    page.keyboard.press("Alt+a")
    expect(page.locator("#notice")).not_to_be_empty()
    expect(page.locator("#wrap-up .endings input").first).to_be_focused()
    page.set_viewport_size({"width": 390, "height": 900})
    page.locator("[data-tab=bed]").click()
    expect(page.locator(".endings")).not_to_be_visible()
    page.keyboard.press("Alt+a")
    expect(page.locator("#wrap-up .endings input").first).to_be_focused()


def hang_up() -> None:
    from django.utils import timezone

    talking = scenes.Call.objects.filter(operators__contains=[scenes.person().pk])
    talking.update(state=scenes.State.ENDED, operators=[], ended_at=timezone.now())
    scenes.tell()


def test_every_tab_fits_beside_the_notes_and_alone(page):
    open_case(page)
    wrong, wide = {}, []
    for key, name in KEYS_OF_TABS.items():
        page.set_viewport_size({"width": 1280, "height": 900})
        page.keyboard.press(f"Alt+{key}")
        frame = page.locator(f"iframe[name='panel-{name}'][data-ready]")
        expect(frame).to_be_visible()
        assert page.locator("#id_notes").is_visible()
        for width in (1280, 1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            if is_too_wide(page, name):
                wide.append((name, width))
        assert not page.locator("#id_notes").is_visible()  # one at a time
        wrong[name] = violations_by_scheme(page)
        page.keyboard.press("Escape")
        expect(page.locator("#id_notes")).to_be_visible()
        assert cursor(page) == "id_notes"
    assert not any(wrong.values()), wrong
    assert wide == []


def test_tabs_are_there_only_while_there_is_a_contact(page, line):
    expect(page.locator("[data-tabs]")).to_be_visible()
    line.do(scenes.quiet)
    expect(page.locator("[data-tabs]")).to_have_count(0)
    until(page, "document.querySelectorAll('iframe').length === 0")
