"""A supervisor listens to a call from the wallboard, whispers and joins; the operator sees each step."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from amparo.foundation.access.models import Role, User
from amparo.foundation.access.rules import change_role
from amparo.foundation.audit.models import Entry
from amparo.line.roster.shift_rules import name_mentor
from amparo.line.switchboard.models import Call, CallEvent
from tests.browser import take_the_call, until, violations
from tests.hotline import Hotline, hotline
from tests.leaks import found_in

from .steps import LOUD, dial, hang_up, sign_in, tone

COVERED = """() => {
  const it = document.querySelector('.call-bar .running > b').getBoundingClientRect();
  return [...document.querySelectorAll('.call-bar .says .mark')].map((mark) => mark.getBoundingClientRect())
    .some((mark) => mark.top < it.bottom && mark.bottom > it.top && mark.left < it.right && mark.right > it.left);
}"""
WORDS = "<b>frase-inventada-7316</b> para quien atiende"


@pytest.fixture(scope="module")
def line() -> Iterator[Hotline]:
    """A hotline whose administrator allows listening."""
    with hotline(AMPARO_LISTENING="1") as running:
        yield running


def supervisor(context: BrowserContext, line: Hotline) -> Page:
    page = context.new_page()
    page.goto(f"{line.address}/sign-in")
    page.get_by_role("button", name="Marta Q.").click()
    page.wait_for_load_state()
    return page


def entries(username: str = "marta") -> list[str]:
    user = User.objects.get(username=username)
    return list(
        Entry.objects.filter(user_id=user.pk, about__startswith="call").order_by("id").values_list("what", flat=True)
    )


def test_listen_whisper_and_join(
    desk: BrowserContext, office: BrowserContext, phone: BrowserContext, line: Hotline
) -> None:
    marta, ana = supervisor(office, line), sign_in(desk, line)
    caller = dial(phone, line)
    take_the_call(ana)
    until(ana, LOUD)

    marta.goto(f"{line.address}/wallboard/running")
    marta.get_by_role("button", name="Escuchar").click()
    expect(marta.locator("[data-shows^='monitor']")).to_contain_text("Nadie le oye.")
    until(marta, LOUD)
    assert violations(marta) == []
    expect(ana.locator(".call-bar")).to_contain_text("Marta Q. escucha")

    marta.keyboard.press("Alt+w")
    expect(ana.locator(".call-bar")).to_contain_text("Marta Q. susurra: solo usted lo oye")
    assert violations(ana) == []
    wide = ana.viewport_size
    ana.set_viewport_size({"width": 390, "height": 844})
    assert not ana.evaluate(COVERED), "the mark covers no clock"
    ana.set_viewport_size(wide)

    marta.get_by_label("Escriba a quien atiende").fill(WORDS)
    marta.keyboard.press("Enter")
    expect(ana.locator("[data-written]")).to_have_text(WORDS)
    expect(marta.get_by_label("Escriba a quien atiende")).to_have_value("")
    expect(marta.locator("body")).not_to_contain_text("inventada-7316")
    assert violations(ana) == violations(marta) == []

    marta.locator("[formaction$='/speak']").click()
    expect(marta.locator("#conversation")).to_be_visible()
    expect(ana.locator(".call-bar .running")).to_contain_text("Marta Q.")
    expect(ana.locator(".call-bar")).not_to_contain_text("susurra")
    until(marta, LOUD)
    marta.get_by_role("button", name="Asumir la llamada").click()
    expect(ana.locator("#main")).to_contain_text("Marta Q. asumió su última llamada.")
    expect(marta.locator("[formaction$='/take-over']")).to_have_count(0)
    until(marta, LOUD)
    hang_up(caller, marta)
    assert line.do(entries)[:5] == ["listen", "whisper", "write_whisper", "speak", "take_over"]
    found = found_in([line.home], [WORDS, "write_whisper"])
    assert found.keys() == {"write_whisper"}, "the ledger has the act, and no file has the words"


def test_a_supervisor_whispers_and_takes_the_call_over(
    desk: BrowserContext, office: BrowserContext, phone: BrowserContext, line: Hotline
) -> None:
    """By tones: the caller's has 440 Hz, Ana's 1000, Marta's 1500."""
    for context, hz in ((phone, 440), (desk, 1000), (office, 1500)):
        tone(context, hz)
    marta, ana = supervisor(office, line), sign_in(desk, line)
    before = len(line.do(entries))
    caller = dial(phone, line)
    take_the_call(ana)
    until(caller, "hears(1000)")
    until(ana, "hears(440)")
    expect(ana.locator(".notes textarea")).to_be_visible()
    ana.keyboard.press("Alt+t")
    expect(ana.locator(".notes textarea")).to_be_focused()
    ana.keyboard.type("Nadie puede oirla.")

    marta.goto(f"{line.address}/wallboard/running")
    marta.get_by_role("button", name="Escuchar").click()
    until(marta, "hears(440) && hears(1000)")
    until(caller, "hears(1000)")
    assert not caller.evaluate("hears(1500)"), "control: who listens is not heard"
    marta.keyboard.press("Alt+w")
    until(ana, "hears(440) && hears(1500)")
    until(caller, "hears(1000)")
    assert not caller.evaluate("hears(1500)"), "a whisper is not heard by the caller"
    marta.get_by_role("button", name="Asumir la llamada").click()

    expect(marta.locator(".notes textarea")).to_be_focused()  # she writes on at once
    until(caller, "hears(1500) && !hears(1000)")
    until(marta, "hears(440) && !hears(1000)")
    until(ana, "!hears(440) && !hears(1500)")
    expect(ana.locator("#main")).to_contain_text("Marta Q. asumió su última llamada.")
    expect(ana.locator(".call-bar [data-key='end']")).to_have_count(0)
    expect(marta.locator(".notes textarea")).to_have_value("Nadie puede oirla.")
    assert violations(ana) == violations(marta) == []
    with ana.expect_response("**/live/console*"):
        ana.reload()
    expect(ana.locator("#main")).to_contain_text("Marta Q. asumió su última llamada.")
    assert ana.evaluate("!hears(440) && !hears(1500)"), "a page that is loaded anew does not come back"
    until(caller, "hears(1500) && !hears(1000)")

    assert line.do(entries)[before:][:3] == ["listen", "whisper", "take_over"]
    assert line.do(last_departures) == {("ana", "marta")}
    hang_up(caller, marta)
    expect(marta.locator(".notes textarea")).to_have_value("Nadie puede oirla.")
    expect(ana.locator("#wrap-up")).to_have_count(0)


def last_departures() -> set[tuple[str, str | None]]:
    """Who left the newest call, and who took it over from them."""
    events = CallEvent.objects.filter(call=Call.objects.latest("arrived_at"), kind=CallEvent.Kind.LEFT)
    return set(events.values_list("user__username", "by__username"))


def give(username: str, role: str) -> None:
    change_role(User.objects.get(username=username), role, by=User.objects.get(username="adela"))


def test_listening_ends_when_the_supervisor_gets_another_role(
    desk: BrowserContext, office: BrowserContext, phone: BrowserContext, line: Hotline
) -> None:
    marta, ana = supervisor(office, line), sign_in(desk, line)
    dial(phone, line)
    take_the_call(ana)
    until(ana, LOUD)
    marta.goto(f"{line.address}/wallboard/running")
    marta.get_by_role("button", name="Escuchar").click()
    until(marta, LOUD)
    expect(ana.locator(".call-bar")).to_contain_text("Marta Q. escucha")
    try:
        line.do(give, "marta", Role.PUBLISHER)
        expect(ana.locator(".call-bar")).not_to_contain_text("escucha")
        until(marta, f"!({LOUD})")
        until(ana, LOUD)
    finally:
        line.do(give, "marta", Role.SUPERVISOR)


def sit_beside(trainee: str, mentor: str | None) -> None:
    people = User.objects.in_bulk([trainee, mentor or "", "marta"], field_name="username")
    name_mentor(people[trainee], people.get(mentor), by=people["marta"], now=timezone.now())


def test_a_mentor_listens_and_whispers_to_their_trainee(
    desk: BrowserContext, office: BrowserContext, phone: BrowserContext, line: Hotline
) -> None:
    """Rufino is no supervisor. He sits beside Ana, who answers; afterwards she may listen to him, and not whisper."""
    line.do(sit_beside, "ana", "rufino")
    ana, rufino = sign_in(desk, line), sign_in(office, line, "Rufino E.")
    dial(phone, line)
    take_the_call(ana)
    until(ana, LOUD)
    rufino.locator("[formaction$='/listen']").click()
    expect(rufino.locator("[data-shows^='monitor']")).to_contain_text("Nadie le oye.")
    until(rufino, LOUD)
    expect(ana.locator(".call-bar")).to_contain_text("Rufino E. escucha")
    rufino.keyboard.press("Alt+w")
    expect(ana.locator(".call-bar")).to_contain_text("Rufino E. susurra: solo usted lo oye")
    rufino.get_by_label("Escriba a quien atiende").fill(WORDS)
    rufino.keyboard.press("Enter")
    expect(ana.locator("[data-written]")).to_have_text(WORDS)
    assert violations(ana) == violations(rufino) == []
    rufino.locator("[formaction$='/stop-listening']").click()
    expect(ana.locator(".call-bar")).not_to_contain_text("susurra")
    assert line.do(entries, "rufino")[:4] == ["listen", "whisper", "write_whisper", "stop_listening"]
    expect(rufino.locator("[data-shows^='monitor']")).to_have_count(0)
    rufino.get_by_role("button", name="Escuchar", exact=True).click()
    expect(ana.locator(".call-bar")).to_contain_text("Rufino E. escucha")
    line.do(sit_beside, "ana", None)
    expect(ana.locator(".call-bar")).not_to_contain_text("escucha")
    expect(rufino.locator("[data-shows^='monitor']")).to_have_count(0)
    expect(rufino.locator("[formaction$='/listen']")).to_have_count(0)
    until(ana, LOUD)


def test_a_mentor_takes_over_the_call_of_their_trainee(
    desk: BrowserContext, office: BrowserContext, phone: BrowserContext, line: Hotline
) -> None:
    """By tones: the caller's has 440 Hz, Ana's 1000, Rufino's 1500."""
    for context, hz in ((phone, 440), (desk, 1000), (office, 1500)):
        tone(context, hz)
    line.do(sit_beside, "ana", "rufino")
    ana, rufino = sign_in(desk, line), sign_in(office, line, "Rufino E.")
    caller = dial(phone, line)
    take_the_call(ana)
    until(caller, "hears(1000)")
    rufino.locator("[formaction$='/listen']").click()
    until(rufino, "hears(440) && hears(1000)")
    rufino.locator("[formaction$='/speak']").click()
    until(caller, "hears(1000) && hears(1500)")
    assert violations(rufino) == []
    rufino.get_by_role("button", name="Asumir la llamada").click()
    until(caller, "hears(1500) && !hears(1000)")
    until(ana, "!hears(440) && !hears(1500)")
    expect(ana.locator("#main")).to_contain_text("Rufino E. asumió su última llamada.")
    assert line.do(last_departures) == {("ana", "rufino")}
    hang_up(caller, rufino)
    assert line.do(entries, "rufino")[-3:] == ["listen", "speak", "take_over"]
