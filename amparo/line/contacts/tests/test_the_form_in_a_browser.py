"""The form by keyboard, in a real browser."""

import pytest
from playwright.sync_api import expect

from .tabs import PATIENCE, expect_saved, notes

pytestmark = pytest.mark.django_db(transaction=True)


def test_limits_come_first_then_the_safe_number(sit_down, ana, contact, fresh):
    page = sit_down(ana)
    number = page.locator("#id_safe_number")
    expect(number).to_be_disabled()
    page.locator("[name=limits]").check()
    number.fill("999 555 111")
    expect_saved(page)
    assert fresh().limits_are_explained
    assert fresh().card.number == "999 555 111"
    expect(page.locator("[data-limits-at]")).not_to_be_empty()
    page.locator("[name=privacy_choice][value=anonymous]").check()
    refusal = page.locator("#conversation [data-about=privacy_choice]")
    expect(refusal).to_be_visible(timeout=PATIENCE)
    number.fill("")
    expect(refusal).to_have_count(0, timeout=PATIENCE)
    expect_saved(page)
    assert fresh().is_anonymous
    assert not fresh().card.holds_identity


def test_a_place_is_found_while_typing(sit_down, ana, fresh):
    page, refused = sit_down(ana), []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status == 422 else None)
    page.locator("#id_place").press_sequentially("puerto mald")
    expect(page.locator("#places option[value='Tambopata, Madre de Dios']")).to_have_count(1, timeout=PATIENCE)
    page.locator("[name=urgency][value=soon]").evaluate("it => it.click()")  # the cursor stays in the place
    expect_saved(page)
    assert refused == []  # what is half typed was not sent along
    page.locator("#id_place").fill("Tambopata, Madre de Dios")
    with page.expect_response("**/draft"):
        page.locator("#id_place").blur()
    assert fresh().ubigeo == "1701"
    expect(page.locator("[data-fact=place]")).to_have_text("Tambopata, Madre de Dios")
    assert refused == []
    page.locator("#id_place").fill("puerto mald")
    page.locator("#id_place").blur()
    expect(page.locator("#conversation [data-about=place]")).to_be_visible(timeout=PATIENCE)
    assert len(refused) == 1  # control: what was left half typed


def test_enter_never_sends_the_form(sit_down, ana, contact, write):
    write(limits="yes")
    page = sit_down(ana)
    here = page.url
    for field in ("#id_place", "#id_safe_number", "#id_safe_word"):
        page.locator(field).press("Enter")
    page.locator("#wrap-up [name=type]").first.press("Enter")
    page.wait_for_timeout(300)
    assert page.url == here


def test_a_number_chooses_the_ending_but_not_while_writing(sit_down, ana, fresh):
    page = sit_down(ana)
    notes(page).press_sequentially("6")
    expect(page.locator("#wrap-up [name=type]:checked")).to_have_count(0)
    notes(page).blur()
    page.keyboard.press("6")
    expect(page.locator("#wrap-up [name=type][value=silent]")).to_be_checked()
    expect(page.locator("#wrap-up .saved")).to_have_attribute("data-state", "saved", timeout=PATIENCE)
    assert fresh().type == "silent"
