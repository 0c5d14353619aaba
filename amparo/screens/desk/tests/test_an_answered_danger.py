"""Who took a danger is said with the contact it is about, and nowhere as if it were about another."""

from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.danger import acknowledge_danger, alert_in_call
from amparo.line.switchboard.models import Call, DangerAlert, State
from tests.browser import new_session, sideways, violations_by_scheme
from tests.hotline import Hotline

from . import scenes
from .steps import console

# The tabs beside the notes, and the word that these are saved, that the mark lies on.
COVERED = """mark => {
  const { left, right, top, bottom } = mark.getBoundingClientRect();
  return [...document.querySelectorAll(".drawers a, .conversation .saved")]
    .filter(it => it.checkVisibility())
    .filter(it => [it.getBoundingClientRect()].some(
      (box) => box.left < right && left < box.right && box.top < bottom && top < box.bottom))
    .map(it => it.textContent.trim());
}"""


def danger_taken() -> tuple[str, str, str]:
    """Ana's call is in danger and Marta took it: the ids of the call and its contact, and the contact's code."""
    pk, now = scenes.talking(), timezone.now()
    alert_in_call(Call.objects.get(pk=pk).pk, now, scenes.person().pk)
    acknowledge_danger(DangerAlert.objects.get(call__pk=pk), by=scenes.person("marta"), now=now)
    contact = Contact.objects.get(call__pk=pk)
    return pk, str(contact.pk), contact.code


def another_call() -> None:
    """The call is over and its contact closed; Ana has answered the next."""
    now = timezone.now()
    Call.objects.update(state=State.ENDED, operators=[], ended_at=now)
    Contact.objects.update(state="wrapped", type="crisis")
    row = scenes.call(state=State.TALKING, operators=[scenes.person().pk], answered_at=now)
    open_contact(row, by=scenes.person(), now=now)
    scenes.tell()


def test_it_is_said_with_its_contact_and_elsewhere_is_one_mark(desk: BrowserContext, line: Hotline) -> None:
    _call, contact, code = line.do(danger_taken)
    page = console(desk, line, 1366)
    sentence = f"{code}: Marta Q. se encarga desde las "
    strip, bar, mark = page.locator(".strip"), page.locator(".danger-bar"), page.locator(".danger-mark")
    expect(strip).to_contain_text(sentence)
    expect(bar).to_be_empty()  # said once

    other = desk.new_page()
    other.goto(f"{line.address}/contacts/{contact}")
    expect(other.locator(".danger-bar .banner")).to_contain_text(sentence)
    other.goto(f"{line.address}/contacts")
    expect(other.locator(".danger-mark a")).to_have_attribute("href", f"/contacts/{contact}")
    expect(other.locator(".danger-bar .banner")).to_have_count(0)
    assert violations_by_scheme(other) == []

    top = page.locator(".console").bounding_box()
    line.do(another_call)
    expect(mark).to_contain_text(code)
    expect(strip).to_have_count(0)  # nothing above the next call says that it is in danger
    assert page.locator(".console").bounding_box() == top, "nothing moves"
    assert mark.evaluate(COVERED) == []
    assert violations_by_scheme(page) == []
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 700})
        assert not sideways(page)
    mark.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(bar).to_be_empty()
    expect(other.locator(".danger-bar")).to_be_empty()  # on every page
    page.reload()
    expect(page.locator("#id_notes")).to_be_focused()
    expect(bar).to_be_empty()


def test_who_reads_it_in_the_call_puts_it_away_by_keyboard(desk: BrowserContext, line: Hotline) -> None:
    line.do(danger_taken)
    page = console(desk, line)
    page.locator(".strip button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".strip")).to_have_count(0)


def test_who_took_it_reads_which_contact_it_is_and_puts_it_away(
    desk: BrowserContext, office: BrowserContext, line: Hotline
) -> None:
    _call, _contact, code = line.do(danger_taken)
    new_session(office, line, "Marta Q.")
    page = office.new_page()
    page.goto(f"{line.address}/cases")
    bar = page.locator(".danger-bar")
    expect(bar).to_contain_text(f"{code}: ")
    expect(bar).to_contain_text("usted atiende una alerta de peligro")
    bar.get_by_role("button", name="Quitar este aviso").focus()
    page.keyboard.press("Enter")
    expect(bar).to_be_empty()


def test_one_that_waits_for_an_answer_is_not_put_away(
    desk: BrowserContext, office: BrowserContext, line: Hotline
) -> None:
    line.do(scenes.mark_danger)
    new_session(office, line, "Marta Q.")
    page = office.new_page()
    page.goto(f"{line.address}/cases")
    alert = page.locator(".danger-bar [name=alert]")
    expect(alert).to_be_attached()
    number, token = alert.input_value(), page.locator(".danger-bar [name=csrfmiddlewaretoken]").input_value()
    answer = office.request.post(
        f"{line.address}/danger/put-away",
        form={"alert": number, "csrfmiddlewaretoken": token}, headers={"Referer": line.address},
    )  # fmt: skip
    assert answer.ok
    page.reload()
    expect(page.locator(".danger-bar h2")).to_be_visible()
