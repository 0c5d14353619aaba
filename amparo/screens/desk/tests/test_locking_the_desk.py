"""A locked desk during a real call: nothing is cut or lost, and it says when a call rings."""

from playwright.sync_api import expect

from tests.browser import take_the_call, until

from .steps import LOUD, dial, sign_in

WORDS = "Llama desde la página."
SPEAKS = "document.querySelector('audio').srcObject.getAudioTracks().every((track) => track.readyState === 'live')"


def test_a_call_is_not_cut_by_locking_and_its_words_stay(desk, phone, line):
    page = sign_in(desk, line)
    caller = dial(phone, line)
    take_the_call(page)
    expect(page.locator("#conversation")).to_be_visible()
    until(page, LOUD)
    page.keyboard.press("Alt+t")
    page.keyboard.type(WORDS)
    expect(page.locator(".notes textarea")).to_have_value(WORDS)
    page.locator(".profile").click()
    page.locator("[data-locks] button").click()
    lock = page.locator("#lock")
    expect(lock).to_be_visible()
    expect(lock.locator(".rings")).to_be_empty()
    page.wait_for_timeout(3000)
    assert caller.locator("#call").get_attribute("data-state") == "talking"
    assert caller.evaluate(SPEAKS)
    lock.get_by_role("button").last.click()
    expect(lock).to_be_hidden()
    until(page, LOUD)
    expect(page.locator(".notes textarea")).to_have_value(WORDS)
    page.keyboard.press("Alt+z")
    page.keyboard.press("Alt+z")
    expect(page.locator("#wrap-up")).to_be_visible()


def test_a_desk_in_a_call_does_not_lock_by_itself(desk, phone, line):
    page = sign_in(desk, line)
    caller = dial(phone, line)
    take_the_call(page)
    until(page, LOUD)
    expect(page.locator("[data-keeps-awake]")).to_have_count(1)
    caller.locator("[data-do='end']").click()
    expect(page.locator("#wrap-up")).to_be_visible()
    expect(page.locator("[data-keeps-awake]")).to_have_count(0)


def test_a_locked_desk_says_that_it_rings_and_can_answer(desk, phone, line):
    page = sign_in(desk, line)
    page.locator(".profile").click()
    page.locator("[data-locks] button").click()
    lock = page.locator("#lock")
    expect(lock).to_be_visible()
    dial(phone, line)
    expect(lock.locator(".rings")).not_to_be_empty()
    assert page.locator(".ring").count() == 0  # nothing about the caller is fetched
    lock.get_by_role("button").last.click()
    expect(lock).to_be_hidden()
    take_the_call(page)
    expect(page.locator("#conversation")).to_be_visible()
