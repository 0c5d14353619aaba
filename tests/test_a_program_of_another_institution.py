"""A program of the police beside the real hotline: its administrator lets it in, the real worker tells it over https
that there is a report, it reads and answers that, and is out from the very request after its token was ended. And
one of a ministry, whose service is asked: a supervisor joins it, and it is told too when that is taken back.
"""

import json
import re
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from amparo.foundation.integrations.tests.peer import Peer, peer

from .browser import chromium, faults_in_every_dress, signed_in
from .hotline import Hotline, hotline

FACTS = "hechos inventados de nadie"
PATIENCE = 90  # seconds, on a loaded machine; what is gone is looked for each minute


def an_administrator() -> None:
    """In the process of a hotline: the administrator of its invented unit of the police."""
    from django.contrib.auth.hashers import make_password

    from amparo.foundation.access.models import Agency, Kind, Role, User

    User.objects.create(
        username="rita", first_name="Rita A.", password=make_password("demo-rita"), role=Role.ADMINISTRATOR,
        is_invented=True, agency=Agency.objects.get(kind=Kind.POLICE),
    )  # fmt: skip


def a_report() -> str:
    """In the process of a hotline: of an invented child, for whom the law itself is the basis."""
    from django.utils import timezone

    from amparo.care.cases.rules import open_case
    from amparo.care.people.rules import describe_person
    from amparo.care.police_reports.rules import report_to_police
    from amparo.foundation.access.models import Agency, Kind, User
    from amparo.line.contacts.models import Contact

    from .cases import contact_of_ana

    ana, now = User.objects.get(username="ana"), timezone.now()
    contact = Contact.objects.get(pk=contact_of_ana().rpartition("/")[2])
    person = describe_person(
        open_case(contact, by=ana, now=now).persons[0], age_at_events=15, age_certainty="sure", by=ana, now=now
    )
    unit = Agency.objects.get(kind=Kind.POLICE)
    return str(report_to_police(person, unit, facts=FACTS, source="victim", by=ana, now=now).pk)


def a_ministry(address: str) -> str:
    """In the process of a hotline: the token of a program of its invented ministry, which is told at this address."""
    from django.utils import timezone

    from amparo.foundation.access.models import Agency, Kind, Role, User
    from amparo.foundation.integrations.rules import give_token, set_webhook

    boss = User.objects.create(
        username="otto", role=Role.ADMINISTRATOR, agency=Agency.objects.get(kind=Kind.MINISTRY), is_invented=True
    )
    set_webhook(address, by=boss, now=timezone.now())
    return give_token("Derivaciones", by=boss, now=timezone.now()).text


def a_referral(organization: str) -> str:
    """In the process of a hotline: of somebody invented who agrees to it, to a service of this institution."""
    from datetime import timedelta

    from django.utils import timezone

    from amparo.care.cases import consents
    from amparo.care.cases.rules import open_case
    from amparo.care.consent.picklists import InformedItem
    from amparo.care.directory.models import Service
    from amparo.care.people.rules import describe_person
    from amparo.care.referrals.rules import refer
    from amparo.foundation.access.models import User
    from amparo.line.contacts.models import Contact

    from .cases import contact_of_ana

    ana, now = User.objects.get(username="ana"), timezone.now()
    contact = Contact.objects.get(pk=contact_of_ana().rpartition("/")[2])
    person = describe_person(
        open_case(contact, by=ana, now=now).persons[0], age_at_events=30, age_certainty="sure", by=ana, now=now
    )
    service = Service.objects.filter(organization__name=organization).first()
    consents.record_consent_in_case(
        person, data=["incident_facts"], recipients=[service.organization.recipient_kind], purpose="invented",
        informed=list(InformedItem.values), given_how="voice", expires_at=now + timedelta(days=9), by=ana, now=now,
    )  # fmt: skip
    return str(refer(person, service, facts=FACTS, by=ana, now=now).pk)


def she_takes_it_back(referral: str) -> None:
    from django.utils import timezone

    from amparo.care.cases import consents
    from amparo.care.consent.models import Consent
    from amparo.care.referrals.models import Referral
    from amparo.foundation.access.models import User

    consent = Consent.objects.get(pk=Referral.objects.get(pk=referral).basis)
    consents.withdraw_consent_in_case(consent, by=User.objects.get(username="ana"), now=timezone.now())


@pytest.fixture(scope="module")
def program() -> Iterator[Peer]:
    """The program of an institution. The certificate of its authority is where the worker's account can read it."""
    with tempfile.TemporaryDirectory(prefix="amparo-peer-") as folder:
        Path(folder).chmod(0o755)
        with peer(Path(folder)) as running:
            yield running


@pytest.fixture(scope="module")
def line(program: Peer) -> Iterator[Hotline]:
    with hotline(SSL_CERT_FILE=str(program.authority)) as running:
        running.do(an_administrator)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        expect.set_options(timeout=20_000)
        yield running


@pytest.fixture
def rita(line: Hotline, browser: Browser) -> Iterator[Page]:
    page = signed_in(browser, line, "Rita A.")
    yield page
    page.context.close()


@pytest.fixture
def marta(line: Hotline, browser: Browser) -> Iterator[Page]:
    page = signed_in(browser, line, "Marta Q.")
    yield page
    page.context.close()


def ask(line: Hotline, path: str, token: str, sent: dict[str, str] | None = None) -> dict:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = None
    if sent is not None:
        headers["Idempotency-Key"], body = str(uuid.uuid4()), json.dumps(sent).encode()
    request = urllib.request.Request(line.address + path, body, headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def heard(program: Peer, kind: str) -> tuple[dict[str, str], bytes]:
    """The message of this kind, when it has come."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for _path, headers, body in program.heard:
            if json.loads(body)["kind"] == kind:
                return headers, body
        time.sleep(0.1)
    raise AssertionError(f"{kind} never came")


def is_amparo(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """The lines of docs/en/integrator.md."""
    text = Path(__file__).parent.parent.joinpath("docs/en/integrator.md").read_text()
    named: dict = {}
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], named)
    return named["is_amparo"](headers, body, secret)


def test_a_program_is_let_in_told_reads_answers_and_is_out(line, program, rita):
    rita.get_by_role("link", name="Administración").click()
    rita.get_by_role("link", name="Sistemas").click()
    wrong = faults_in_every_dress(rita, "nobody yet")
    rita.get_by_label("Para qué sistema es").fill("Denuncias")
    rita.keyboard.press("Enter")
    token = rita.locator(".secret").inner_text()
    wrong += faults_in_every_dress(rita, "the token")
    rita.get_by_role("link", name="Volver").click()
    rita.get_by_role("textbox", name="Dirección").fill(program.address)
    rita.keyboard.press("Enter")
    secret = rita.locator(".secret").inner_text()
    heard(program, "hook.named")

    report = line.do(a_report)
    headers, body = heard(program, "report.sent")
    assert is_amparo(headers, body, secret)
    assert not is_amparo(headers, body + b" ", secret)
    path = json.loads(body)["path"]
    assert path == f"/api/v1/reports/{report}"
    assert ask(line, path, token)["facts"] == FACTS
    ask(line, f"{path}/receive", token, {"folio": "F-7 inventado"})
    assert ask(line, path, token)["received_at"]
    heard(program, "report.received")

    rita.goto(f"{line.address}/integrations")
    expect(rita.get_by_text("funciona")).to_be_visible()
    wrong += faults_in_every_dress(rita, "in use")
    rita.set_viewport_size({"width": 1280, "height": 900})
    rita.get_by_role("button", name="Terminar").click()
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(line, path, token)
    assert refused.value.code == 401
    assert wrong == []
    log = line.log.read_text()
    assert all(planted not in log for planted in (token, secret, FACTS, "F-7 inventado"))


def test_what_fails_is_shown(line, program, rita):
    program.answers[:] = [503] * 100
    try:
        rita.goto(f"{line.address}/integrations")
        rita.get_by_role("textbox", name="Dirección").fill(program.address)
        rita.keyboard.press("Enter")
        rita.get_by_role("link", name="Volver").click()
        end = time.monotonic() + PATIENCE
        while "falla" not in rita.locator("#main").inner_text() and time.monotonic() < end:
            rita.wait_for_timeout(300)
            rita.reload()
        assert faults_in_every_dress(rita, "failing") == []
        assert "Responde con un error" in rita.locator("#main").inner_text()
    finally:
        program.answers.clear()


def test_a_service_is_asked_answers_by_its_program_and_is_told_when_it_is_taken_back(line, program, marta):
    token = line.do(a_ministry, program.address)
    marta.goto(f"{line.address}/referrals")
    marta.get_by_role("link", name="Respuesta por sistemas").click()
    wrong = faults_in_every_dress(marta, "nobody yet")
    organization = marta.get_by_label("La institución en el directorio").locator("option").nth(1).inner_text()
    marta.get_by_label("La institución en el directorio").select_option(index=1)
    marta.get_by_label("Institución cuyos sistemas responden en su nombre").select_option(label="Ministerio inventado")
    marta.get_by_role("button", name="Permitir que respondan sus sistemas").click()
    expect(marta.get_by_role("button", name="Terminar")).to_be_visible()
    wrong += faults_in_every_dress(marta, "one")

    referral = line.do(a_referral, organization)
    path = json.loads(heard(program, "referral.sent")[1])["path"]
    assert path == f"/api/v1/referrals/{referral}"
    assert ask(line, path, token)["facts"] == FACTS
    ask(line, f"{path}/answers", token, {"kind": "accepted", "words": "a las diez"})
    assert ask(line, "/api/v1/referrals", token)["referrals"][0]["state"] == "accepted"

    line.do(she_takes_it_back, referral)
    with pytest.raises(urllib.error.HTTPError) as gone:
        ask(line, path, token)
    assert gone.value.code == 404
    assert json.loads(heard(program, "referral.gone")[1])["path"] == path
    assert wrong == []
    assert all(planted not in line.log.read_text() for planted in (token, FACTS, "a las diez"))
