"""The page of a return code, in Quechua: whatever it can say is there, and nothing falls back to Spanish by accident.

Sentences whose Spanish was reworded, because it promised too much, are shown in Spanish until a native reader has
approved them in Quechua (AWAITED).

Once by what stands in the code that draws it, and once by what is asked for while it is drawn: a new string is seen by
the one or by the other.
"""

import ast
import inspect
import re
import textwrap
from datetime import datetime, timedelta
from gettext import NullTranslations
from html import escape
from pathlib import Path

import polib
import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import translation
from django.utils.translation import trans_real
from django.utils.translation.template import templatize

import amparo
from amparo.care.cases import consents
from amparo.care.cases.rules import open_case
from amparo.care.consent.disclosure import Policy
from amparo.care.consent.institutions import institution_code
from amparo.care.consent.models import Consent
from amparo.care.consent.picklists import SUBJECT_DATA, Data, InformedItem, Recipient
from amparo.care.directory.models import Organization, Service
from amparo.care.people.models import Person
from amparo.care.people.rules import describe_person
from amparo.care.police_reports.picklists import Decision, ReportEventKind, Source
from amparo.care.police_reports.rules import (
    add_message,
    recall_report,
    receive_report,
    record_decision,
    report_to_police,
)
from amparo.care.referrals.picklists import DeclineReason, ReferralEventKind
from amparo.care.referrals.rules import cancel_referral, record_referral_event, refer
from amparo.care.returning import case_status, code_requests, rules
from amparo.care.returning.rules import set_code_owner
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.access.spoken_codes import checked_digits, new_code
from amparo.foundation.core import picklists
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts import return_code_rules
from amparo.line.contacts.models import Contact, ReturnCode, ReturnCodeMessage
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call
from amparo.screens.site import views
from amparo.screens.site.failed_codes import FREE, FailedCodes
from tests.catalogues import path

AWAITED = {
    "Demonstration: demo data.",
    "This device keeps nothing: when you leave the page, the code has to be typed again. Keep it where it looks like"
    " nothing.",
    "Your report had gone to the wrong unit. It is not dropped: call us, and we send it to the right one.",
    "What is not translated yet is in Spanish.",  # on other pages
    "child protection unit (UPE)",
}
IN_QUECHUA = "/again?language=qu"
SPEAKS = (  # all that says something on this page, or instead of it
    case_status, code_requests, rules.withdraw_with_code, rules._withdrawal_text, return_code_rules.open_return_code,
    return_code_rules.add_code_message, checked_digits, Policy.in_words, Consent.in_words,
    views.come_back, views.unreadable, views.refused, views.not_here, views.method_not_allowed, views._ask_for_work,
    views.broken,
)  # fmt: skip
PARTS = ("site/_danger.html", "site/_numbers.html")
PAGES = ("site/again.html", "site/sentence.html", "site/base.html", "core/base.html", *PARTS)
PART = re.compile(r'{% include "([^"]+)" %}')
IN_A_PAGE = re.compile(r"""\b(?:gettext|_)\(u?(['"])(.+?)(?<!\\)\1\)""")  # as the extractor of Django writes it
A_MONTH = timedelta(days=30)
EVENTS = (ReferralEventKind.ACCEPTED, ReferralEventKind.ARRIVED, ReferralEventKind.SERVED)

pytestmark = pytest.mark.django_db(transaction=True)


class Missed(NullTranslations):
    """What stands behind the Quechua, where Spanish does: it keeps what was looked for in vain."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def gettext(self, message: str) -> str:
        if message != ":":  # Django's own, of a form that is never drawn
            self.found.add(message)
        return message

    def ngettext(self, one: str, many: str, number: int) -> str:
        return self.gettext(one)


@pytest.fixture
def missed(monkeypatch) -> set[str]:
    behind = Missed()
    for cached in ("_labels_in", "_options_in", "_offered_in"):
        monkeypatch.setattr(picklists, cached, getattr(picklists, cached).__wrapped__)  # asks for each label anew
    monkeypatch.setattr(trans_real.translation("qu"), "_fallback", behind)
    return behind.found


@pytest.fixture
def ask(monkeypatch):
    monkeypatch.setattr(views, "failed_codes", FailedCodes())
    page = Client(headers={"Sec-Fetch-Site": "same-origin"}, raise_request_exception=False)
    return lambda status, **sent: _answer_text(page.post(IN_QUECHUA, sent, REMOTE_ADDR="192.0.2.7"), status)


def _answer_text(answer: HttpResponse, status: int) -> str:
    assert answer.status_code == status
    return answer.content.decode()


@pytest.fixture
def ana() -> User:
    return User.objects.create(username="ana")


@pytest.fixture
def contact(ana, now) -> Contact:
    return open_contact(Call.objects.create(arrived_at=now, answered_at=now, operators=[ana.pk]), by=ana, now=now)


@pytest.fixture
def code(contact, ana, now) -> str:
    return return_code_rules.give_code(contact, by=ana, now=now)


@pytest.fixture
def person(contact, code, ana, now) -> Person:
    """The person to whom the code belongs, and who may read what the police lets them know."""
    case = open_case(contact, by=ana, now=now)
    person = describe_person(case.persons[0], age_at_events=30, age_certainty="sure", by=ana, now=now)
    set_code_owner(ReturnCode.objects.get(), person, reads_words=True, by=ana, now=now)
    return person


@pytest.fixture
def agreed(person, ana, now) -> Consent:
    """To several kinds at once; and to one institution alone."""
    usual = {
        "purpose": "invented",
        "informed": list(InformedItem.values),
        "given_how": "voice",
        "expires_at": now + A_MONTH,
    }
    house = Agency.objects.create(name="Invented house", kind=Kind.SHELTER)
    consents.record_consent_in_case(
        person, data=[Data.SUBJECT_HEALTH], recipients=[], institution=institution_code(house), by=ana, now=now, **usual
    )
    every = [Recipient.POLICE, Recipient.PROSECUTOR, Recipient.CHILD_PROTECTION, Recipient.SERVICE_PROVIDER]
    return consents.record_consent_in_case(
        person, data=[Data.INCIDENT_FACTS, *SUBJECT_DATA], recipients=every, by=ana, now=now, **usual
    )


def report_of(person: Person, by: User, now: datetime) -> None:
    """Received, decided, and something came of it; she may be told a word of it. Another one was recalled."""
    unit = Agency.objects.create(name="Invented unit", kind=Kind.POLICE)
    teo = User.objects.create(username="teo", role=Role.POLICE_LIAISON, agency=unit)
    report = report_to_police(person, unit, facts="invented", source=Source.VICTIM, by=by, now=now)
    receive_report(report, "F-1", by=teo, now=now)
    record_decision(report, Decision.ACTED, words="invented", may_tell="invented", by=teo, now=now)
    add_message(report, ReportEventKind.OUTCOME, "invented", by=teo, now=now)
    wrong = report_to_police(person, unit, facts="invented", source=Source.VICTIM, by=by, now=now)
    recall_report(wrong, why="invented", by=by, now=now)


def referrals_of(person: Person, by: User, now: datetime) -> None:
    """One goes all its way, one is declined, one cancelled, and one asked for alone."""
    of, doing = Organization.objects.create(name="Invented", description="invented"), {"by": by, "now": now}
    services = [Service.objects.create(organization=of, name=f"Invented {number}") for number in range(4)]
    went, declined, off, _pending = [refer(person, it, facts="invented", **doing) for it in services]
    for kind in EVENTS:
        record_referral_event(went, kind, words="invented", **doing)
    record_referral_event(declined, ReferralEventKind.DECLINED, words="invented", why_not=DeclineReason.FULL, **doing)
    cancel_referral(off, why="invented", **doing)


def of_code(what: object) -> set[str]:
    """The message ids in the source of a module, or of one function of it."""
    calls = [it for it in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(what)))) if isinstance(it, ast.Call)]
    return {it.args[0].value for it in calls if isinstance(it.func, ast.Name) and it.func.id == "_"}


def of_page(name: str) -> set[str]:
    (file,) = Path(amparo.__file__).parent.glob(f"*/*/templates/{name}")
    text = file.read_text()
    parts = PART.findall(text)
    assert text.count("{% include") == len(parts)
    assert set(parts) <= set(PAGES), f"{name} shows a part that is not looked at here"
    return {found[1] for found in IN_A_PAGE.findall(templatize(text))}


def test_each_string_in_what_draws_it_is_there():
    texts = set().union(*map(of_code, SPEAKS), *map(of_page, PAGES))
    with translation.override("en"):  # its language is that of the ids
        texts |= {str(label) for label in [*Data.labels, *Recipient.labels]}
    known = {entry.msgid for entry in polib.pofile(str(path("qu"))) if entry.translated()}
    assert len(texts) > 80
    assert texts - known == AWAITED


def test_what_happened_falls_back_to_nothing(missed, ask, code, person, agreed, ana, now):
    return_code_rules.reply_to_bearer(ReturnCode.objects.get(), "invented", by=ana, now=now)
    report_of(person, ana, now)
    referrals_of(person, ana, now)
    shown = ask(200, code=code, do="tell")
    assert (shown.count("<li>") > 12, shown.count('class="with-code agreement"')) == (True, 2)
    assert missed <= AWAITED


def test_what_is_done_or_refused_falls_back_to_nothing(missed, ask, code, agreed):
    for sent in ({}, {"code": "123"}, {"code": "1" * 15}, {"code": new_code()}):
        ask(422, **sent)
    for sent in ({"do": "nonsense"}, {"do": "take_back"}, {"do": "add"}, {"do": "add", "text": "x" * 5000}):
        ask(422, code=code, **sent)
    ask(200, code=code, do="add", text="invented")
    ask(200, code=code, do="take_back", consent=agreed.pk)
    ask(422, code=code, do="take_back", consent=agreed.pk)
    for _ in range(FREE - 1):  # one opened nothing above
        ask(422, code=new_code())
    ask(429, code=code)
    assert missed <= AWAITED


def test_nor_does_what_stands_instead_of_it(missed):
    for client, status in ((Client(), 200), (Client(headers={"Sec-Fetch-Site": "cross-site"}), 403)):
        _answer_text(client.get(IN_QUECHUA) if status == 200 else client.post(IN_QUECHUA), status)
    _answer_text(Client().put(IN_QUECHUA), 405)
    _answer_text(Client().get("/again/nothing?language=qu"), 404)
    assert missed <= AWAITED


def test_what_she_takes_back_in_quechua_the_shift_reads_in_spanish_too(ask, code, agreed, ana):
    shown = ask(200, code=code, do="take_back", consent=agreed.pk)
    with acting_as(ana.acting()):
        (word,) = ReturnCodeMessage.objects.waiting()
        hers, the_shifts = word.text.split("\n")
    assert hers.startswith("Yupaywan kutichipusqa")
    assert the_shifts.startswith("Permiso retirado con el código")
    assert escape(hers) in shown
