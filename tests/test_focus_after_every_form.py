"""After every form the focus is where the hand is: every kind of form of every role is sent in Chromium.

A kind is the name of the address that a form sends to, with the names of its fields. Each kind is sent once or twice,
on one page of the first person who has it:

1. blank, if it has a required field, past the browser's own check, so that the server refuses it;
2. as it stands, if the browser would let it go: a button, or a form with its present values.

What a person expects of the page that answers, and what is judged:

- The focus is on something that is seen, not under a bar and not outside the window. It is never nowhere: a keyboard
  would start again at the top of the page, and a screen reader would say nothing of what happened.
- A refused form has it on the summary of its errors or on a refused field.
- Any other page has it where the page says (`autofocus`), or else at the place that its address names (`#place`), or
  else on its heading (`home/shell.js`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, Page

from amparo.foundation.access.models import User
from amparo.urls import StaffUrls

from .browser import chromium, signed_in
from .hotline import CHECKOUT, Hotline, hotline
from .other_language import Forms, pages_of
from .visits import plant

LOCK = re.compile(r'<dialog class="lock".*?</dialog>', re.DOTALL)  # over every page: test_the_lock_over_a_page.py
# Forms that are not sent here, by the name of their address: why, and the test that sends them.
LEFT = {
    "sign-out": ("ends the session", "amparo/screens/desk/tests/test_the_way_home.py"),
    "staff-lock": ("locks out somebody who is walked later", "amparo/foundation/access/tests/test_recovery.py"),
    "lock": ("covers the page", "amparo/screens/desk/tests/test_locking_the_desk.py"),
    "add-passkey": ("needs a passkey", "tests/test_signing_in_in_a_browser.py"),
    "articles": ("a script filters the page", "amparo/screens/desk/tests/test_articles_beside_a_call.py"),
    "change-setting": (
        "a script saves each setting",
        "amparo/screens/administration/tests/test_installation_in_a_browser.py",
    ),
    "console": ("scripts of the console", "amparo/screens/desk/tests/test_a_night_by_keyboard.py"),
    "contact-draft": ("saved while one types", "amparo/line/contacts/tests/test_writing_in_a_browser.py"),
    "case-export": ("answers with a file", "amparo/care/exchange/tests/test_pages.py"),
    "exchange-export": ("answers with a file", "amparo/care/exchange/tests/test_pages.py"),
    "case-screening-signs": ("a script saves each answer", "amparo/care/cases/tests/test_screening.py"),
    "case-screening": ("a script brings the next question", "tests/test_on_one_hotline/test_a_case_in_a_browser.py"),
}
SEND = """([action, names, isBlank]) => {
  const here = location.pathname + location.search;
  const form = [...document.forms].find((it) => it.method === "post" && !it.closest("dialog.lock")
    && (it.getAttribute("action") || here) === action && names.every((name) => it.querySelector(`[name="${name}"]`)));
  const answer = { how: "gone", isComplete: form?.checkValidity() };
  if (!form) return answer;
  if (isBlank) {
    for (const it of form.querySelectorAll(":required")) {
      if (it.matches("[type=radio], [type=checkbox]")) it.checked = false;
      else if (it.matches("select")) it.selectedIndex = -1;
      else it.value = "";
    }
  }
  const button = [...form.elements].find((it) => it.type === "submit" && !it.disabled);
  if (!button) return { ...answer, how: "without a button" };
  answer.how = "sent";
  addEventListener("submit", (event) => { if (event.defaultPrevented) answer.how = "by script"; }, { once: true });
  form.noValidate = true;
  form.requestSubmit(button);
  return answer;
}"""
LOST = """async () => {
  const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
  const summary = ".error-summary, [aria-invalid=true]";
  function fault() {
    const it = document.activeElement;
    if (!it || it === document.body) return "the focus is nowhere";
    if (!it.checkVisibility({ visibilityProperty: true })) return "the focus is on what is not seen";
    if (document.querySelector(summary) && !it.matches(summary)) return "refused, and the focus is elsewhere";
    const at = it.getBoundingClientRect(), label = it.closest("label") ?? it;
    const top = document.elementFromPoint(at.left + Math.min(at.width / 2, 10), at.top + Math.min(at.height / 2, 10));
    return label.contains(top) || top?.contains(it) ? null : "the focus is covered, or outside the window";
  }
  for (let frames = 0; frames < 60; frames++) {
    await frame();
    if (!fault()) return null;
  }
  return fault();
}"""


@dataclass(frozen=True)
class Kind:
    """A kind of form, and where it was seen first."""

    name: str  # of the address that it sends to
    fields: tuple[str, ...]
    is_required: bool  # some field of it
    action: str
    who: str
    page: str  # address


class NotSent(Exception):
    """The form was not sent; the message says why."""


def kinds_of(*names: str) -> list[Kind]:
    """All kinds of forms on the pages of one invented person of each role, or of these people. For `Hotline.do`."""
    people = User.objects.filter(is_invented=True).select_related("agency").order_by("role", "pk").distinct("role")
    found = dict[tuple[str, tuple[str, ...]], Kind]()
    for user in people.filter(first_name__in=names) if names else people:
        _client, pages = pages_of(user, "es")
        for address, page in pages.items():
            parser = Forms(address)
            parser.feed(LOCK.sub("", page))
            for form in parser.found:
                name, fields = _name(form.action), tuple(sorted({*form.fields} - {"csrfmiddlewaretoken"}))
                kind = Kind(name, fields, form.is_required, form.action, user.first_name, address)
                found.setdefault((name, fields), kind)
    return list(found.values())


def _name(action: str) -> str:
    try:
        found = resolve(action.partition("?")[0], StaffUrls)
    except Resolver404:
        return action
    return found.url_name or found.route


def send(page: Page, kind: Kind, *, is_blank: bool) -> tuple[str | None, bool]:
    """Send the form on its page. Return what is wrong with the focus afterwards, None: nothing; and whether the browser
    would have sent the form as the page showed it.
    """
    page.goto(urljoin(page.url, kind.page))
    with page.expect_event("load"):
        sent = page.evaluate(SEND, [kind.action, kind.fields, is_blank])
        if sent["how"] != "sent":
            raise NotSent(sent["how"])
    return page.evaluate(LOST), sent["isComplete"]


@dataclass
class Walk:
    """What was sent, in the words of a report."""

    sent: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)  # an earlier form ended what they were about
    wrong: list[str] = field(default_factory=list)

    def send_all(self, page: Page, kinds: list[Kind]) -> None:
        """Send each form blank, then each that is complete as it stands; last the buttons, which end more."""
        incomplete = {kind for kind in kinds if kind.is_required and not self._send(page, kind, is_blank=True)}
        for kind in sorted({*kinds} - incomplete, key=lambda kind: (not kind.fields, kinds.index(kind))):
            self._send(page, kind, is_blank=False)

    def _send(self, page: Page, kind: Kind, *, is_blank: bool) -> bool:
        """Return whether the form can be sent as it stands."""
        how = "blank" if is_blank else "as it stands"
        what, fault, is_complete = f"{kind.who} {kind.page} {kind.name} {how}", None, False
        try:
            fault, is_complete = send(page, kind, is_blank=is_blank)
            self.sent.append(what)
        except NotSent as why:
            if str(why) == "gone":
                self.gone.append(what)
            else:
                fault = f"not sent, but {why}"
        self.wrong += [f"{what}: {fault}"] if fault else []
        return is_complete


@pytest.fixture(scope="module")
def line() -> Iterator[Hotline]:
    with hotline(months=5) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.mark.timeout(900)
def test_the_focus_is_where_the_hand_is_after_every_form(line, browser):
    kinds, walk = line.do(kinds_of), Walk()
    assert LEFT.keys() <= {kind.name for kind in kinds}
    assert [test for _why, test in LEFT.values() if not (CHECKOUT / test).is_file()] == []
    for name in dict.fromkeys(kind.who for kind in kinds):
        page = signed_in(browser, line, name, "/home")
        walk.send_all(page, [kind for kind in kinds if kind.who == name and kind.name not in LEFT])
        page.context.close()
    print(f"{len(kinds)} kinds, {len(walk.sent)} forms sent", *walk.gone, *walk.wrong, sep="\n")
    assert walk.wrong == []
    assert len(kinds) > 130
    assert len(walk.gone) < len(kinds) / 10


def test_a_focus_that_is_nowhere_is_found(line, browser):
    """The control: without its script a page begins nowhere."""
    page = signed_in(browser, line, "Adela B.", "/home")
    page.context.route("**/home/shell*.js", lambda route: route.abort())
    walk = Walk()
    walk.send_all(page, [Kind("staff-role", ("role",), False, "/staff/1/role", "Adela B.", "/staff/1/role")])
    page.context.close()
    assert walk.wrong == ["Adela B. /staff/1/role staff-role as it stands: the focus is nowhere"]


def test_a_refusal_without_the_focus_is_found(line, browser):
    """The control: the summary of the errors does not take the focus, so the heading does."""
    page = signed_in(browser, line, "Adela B.", "/home")
    plant(page.context, "**/staff/add", lambda text: text.replace(" autofocus", ""))
    walk = Walk()
    walk.send_all(page, [Kind("staff-add", ("username",), True, "/staff/add", "Adela B.", "/staff")])
    page.context.close()
    assert walk.wrong == ["Adela B. /staff staff-add blank: refused, and the focus is elsewhere"]
