"""A report is previewed as the unit will read it before it is sent; the preview saves nothing."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from amparo.care.cases import consents
from amparo.care.consent.picklists import Data, InformedItem, Recipient
from amparo.care.police_reports.areas import add_area
from amparo.care.police_reports.models import Report
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.integrations.models import Delivery, IdempotencyKey
from amparo.foundation.vault.models import DataKey, Token
from amparo.line.roster.models import Employer
from amparo.line.roster.shift_rules import set_employment

FACTS, NAME, TRACES = "invented <facts> of nobody", "Inventada Demo", "987 654 321, Lucho"
TAMBOPATA = "Tambopata, Tambopata, Madre de Dios"


@pytest.fixture
def unit(marta, now) -> Agency:
    unit = Agency.objects.create(name="Invented unit", kind=Kind.POLICE)
    add_area(unit, "1701", by=marta, now=now)
    Agency.objects.create(name="Invented unit elsewhere", kind=Kind.POLICE)
    return unit


@pytest.fixture
def agreed(person, ana, now):
    return consents.record_consent_in_case(
        person, data=[Data.INCIDENT_FACTS, Data.SUBJECT_IDENTITY], recipients=[Recipient.POLICE], purpose="invented",
        informed=list(InformedItem.values), given_how="voice", expires_at=now + timedelta(days=30), by=ana, now=now,
    )  # fmt: skip


@pytest.fixture
def where(case, person) -> str:
    return f"/cases/{case.pk}/people/{person.pk}/report"


@pytest.fixture
def typed(unit, agreed) -> dict[str, str]:
    """Without a unit: the place chooses it."""
    return {"source": "witness", "known_how": "heard", "facts": FACTS, "ubigeo": TAMBOPATA, "traces": TRACES,
            "subject_identity": NAME}  # fmt: skip


def at(user: User) -> Client:
    User.objects.filter(pk=user.pk).update(is_invented=True)  # the demonstration's sign-in needs no second factor
    client = Client(headers={"Sec-Fetch-Mode": "navigate"})
    client.force_login(User.objects.get(pk=user.pk))
    return client


def kept() -> list[int]:
    return [model.objects.count() for model in (Report, DataKey, Token, IdempotencyKey, Delivery)]


def hidden(text: str) -> dict[str, str]:
    """Return the hidden fields with which the preview sends the report again."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text)
    return {name: value.replace("&lt;", "<").replace("&gt;", ">") for name, value in fields if "csrf" not in name}


def preview_of(text: str) -> str:
    """Return the part that the unit will see."""
    return re.search(r'<p class="facts-sent">.*?</dl>', text, re.DOTALL)[0]


def test_it_shows_what_the_unit_will_read_and_keeps_nothing(where, typed, unit, ana):
    before = kept()
    answer = at(ana).post(where, typed)
    text = answer.content.decode()
    assert (answer.status_code, kept()) == (200, before)
    assert all(word in text for word in (str(unit), "Se oyó", "consentimiento", "tiene jurisdicción en el lugar"))
    assert "no-store" in answer.headers["Cache-Control"]
    teo = User.objects.create(username="teo", role=Role.POLICE_LIAISON, agency=unit)
    sent = at(ana).post(where, hidden(text) | {"do": "send"})["Location"]
    assert preview_of(at(teo).get(sent).content.decode()) == preview_of(text)
    assert Report.objects.get().to_agency == unit


def test_sent_twice_from_the_page_that_was_read_it_is_sent_once(where, typed, ana):
    first = re.search(r'name="page" value="([^"]+)"', at(ana).get(where).content.decode())[1]
    again = hidden(at(ana).post(where, typed | {"page": first}).content.decode()) | {"do": "send"}
    places = {at(ana).post(where, again | {"csrfmiddlewaretoken": mask})["Location"] for mask in ("a", "b")}
    assert len(places) == Report.objects.count() == 1


def test_back_keeps_what_was_typed_and_sends_nothing(where, typed, ana):
    again = hidden(at(ana).post(where, typed).content.decode())
    answer = at(ana).post(where, again | {"do": "back"})
    text = answer.content.decode()
    assert (answer.status_code, Report.objects.exists()) == (200, False)
    assert all(word in text for word in ("invented &lt;facts&gt; of nobody", NAME, TRACES, TAMBOPATA))
    assert re.search(r"<option value=.\d+. selected>Invented unit</option>", text)


def test_what_is_not_allowed_is_refused_before_it_is_read_and_when_it_is_sent(where, typed, agreed, ana, now):
    again = hidden(at(ana).post(where, typed).content.decode())
    consents.withdraw_consent_in_case(agreed, by=ana, now=now)
    for do in ("send", ""):
        answer = at(ana).post(where, again | {"do": do})
        assert (answer.status_code, "facts-sent" in answer.content.decode()) == (422, False)
    assert not Report.objects.exists()


def test_a_unit_that_is_elsewhere_is_said_to_be(where, typed, ana):
    other = Agency.objects.get(name="Invented unit elsewhere")
    text = at(ana).post(where, typed | {"unit": other.pk}).content.decode()
    assert ("No consta que esta unidad" in text, str(other) in text) == (True, True)


@pytest.mark.parametrize("do", [{}, {"do": "send"}, {"do": "back"}])
def test_what_says_nothing_is_refused_in_a_sentence(where, ana, do):
    for sent in ({"data": do}, {"data": "{}", "content_type": "application/json"}):
        assert at(ana).post(where, **sent).status_code in (200, 422)
    assert not Report.objects.exists()


def test_a_public_official_is_reminded_of_the_duty_to_report(unit, where, ana, marta):
    reminder = "tiene la obligación de denunciar"
    assert reminder not in at(ana).get(where).content.decode()
    set_employment(ana, Employer.STATE, [], by=marta)
    assert reminder in at(ana).get(where).content.decode()
