"""A plan is accepted and a conversation reviewed by keyboard; the pages serve everybody at 320 px."""

import uuid
from datetime import timedelta

import numpy as np
from django.utils import timezone
from playwright.sync_api import expect

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import SWITCHBOARD, acting_as
from amparo.foundation.core.dates import monday_of
from amparo.line.contacts.rules import open_contact, wrap_up
from amparo.line.quality.models import Sample
from amparo.line.quality.rubric import NAMES
from amparo.line.quality.rules import ask_for_review
from amparo.line.roster.plan_rules import suggest_plan
from amparo.line.roster.rules import record_demand
from amparo.line.switchboard.models import Call, State
from tests.browser import sideways, violations


def fill() -> str:
    """Count calls, have a plan suggested for the next week, and let Ana ask for a review. Returns the sample's id."""
    now = timezone.now()
    ana, marta = (User.objects.get(username=name) for name in ("ana", "marta"))
    record_demand(np.full((7, 24), 12.0), 12, answered=0, talked=0, abandoned=0, waited=0, by=marta, now=now)
    suggest_plan(monday_of(timezone.localdate(now)) + timedelta(days=7), by=marta, now=now)
    with acting_as(SWITCHBOARD):
        call = Call.objects.create(arrived_at=now, answered_at=now, ended_at=now, state=State.ENDED, operators=[ana.pk])
    contact = wrap_up(open_contact(call, by=ana, now=now), type="information", key=uuid.uuid4(), by=ana, now=now)
    ask_for_review(contact, by=ana, now=now)
    with acting_as(ana.acting()):
        return str(Sample.objects.get(contact=contact).pk)


def signed_in(line, browser, name: str):
    page = browser.new_context(locale="es-PE").new_page()
    page.goto(f"{line.address}/sign-in")
    page.get_by_role("button", name=name).click()
    page.wait_for_url("**/*")
    return page


def test_a_plan_is_accepted_and_a_conversation_reviewed_by_keyboard(line, browser):
    sample = line.do(fill)
    marta, ana = (signed_in(line, browser, name) for name in ("Marta Q.", "Ana F."))
    week = f"/roster?day={monday_of(timezone.localdate()) + timedelta(days=7)}"
    review = f"/quality/{sample}"
    for address in (week, "/shifts/staffing", "/quality", review):
        for width in (1280, 320):
            marta.set_viewport_size({"width": width, "height": 800})
            marta.goto(f"{line.address}{address}")
            assert violations(marta) == [], (address, width)
            assert not sideways(marta), (address, width)
    marta.goto(f"{line.address}{week}")
    suggested = marta.locator("[data-state='suggested']")
    before = suggested.count()
    suggested.first.get_by_role("button").focus()
    marta.keyboard.press("Enter")
    expect(suggested).to_have_count(before - 1)
    marta.goto(f"{line.address}{review}")
    marta.get_by_role("group").first.get_by_role("radio").first.focus()
    for _item in NAMES:
        marta.keyboard.press("Space")
        marta.keyboard.press("Tab")
    marta.keyboard.type("Inventado: muy buena escucha.")
    marta.keyboard.press("Tab")
    marta.keyboard.press("Enter")
    marta.wait_for_url("**/quality")
    ana.set_viewport_size({"width": 320, "height": 800})
    ana.goto(f"{line.address}{review}")
    assert "muy buena escucha" in ana.inner_text("main")
    assert violations(ana) == []
    assert not sideways(ana)
    ana.get_by_role("textbox").focus()
    ana.keyboard.type("Gracias.")
    ana.keyboard.press("Tab")
    ana.keyboard.press("Enter")
    expect(ana.get_by_text("Gracias.")).to_be_visible()
    for page in (marta, ana):
        page.context.close()


def test_the_forms_of_the_roster_are_folded_on_a_telephone_alone(line, browser):
    marta = signed_in(line, browser, "Marta Q.")
    marta.goto(f"{line.address}/roster")
    planning = marta.get_by_role("heading", name="Programar un turno")
    expect(planning).to_be_visible()
    marta.set_viewport_size({"width": 390, "height": 844})
    expect(planning).to_be_hidden()
    marta.get_by_text("Programar un turno, reglas y certificados").click()
    expect(planning).to_be_visible()
