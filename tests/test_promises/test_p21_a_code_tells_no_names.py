"""P21: A return code tells whoever has it, or finds it, no name, number, address or fact, and nothing of others."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amparo.care.cases import consents
from amparo.care.consent.institutions import institution_code
from amparo.care.consent.models import Consent
from amparo.care.consent.picklists import InformedItem
from amparo.care.returning.rules import set_code_owner
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.access.spoken_codes import new_code
from amparo.line.contacts.models import ReturnCode
from amparo.screens.site import views
from amparo.screens.site.failed_codes import FailedCodes

from .access import agency, colleague, contact_of
from .planting import Planted, plant_case

HERS = {"name": "Zorzalinda", "number": "+51900778000", "address": "Quebracho Hondo", "words": "cañaveral"}
OTHERS = {"name": "Urpichalla", "number": "+51900779000", "address": "Ishpingo Alto", "words": "aserradero"}
GUESSES = 200

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def unbounded(monkeypatch):
    """Lift the limit of attempts, which screens/site/tests try; here the codes are tried."""
    monkeypatch.setattr(views, "failed_codes", FailedCodes())
    monkeypatch.setattr(FailedCodes, "needed_work", lambda *_: 0)


@pytest.fixture
def ana() -> User:
    return colleague("ana")


@pytest.fixture
def cases(ana) -> tuple[Planted, Planted]:
    liaison = colleague("teo", Role.POLICE_LIAISON, agency(Kind.POLICE))
    hers = plant_case(contact_of(ana), HERS.__getitem__, by=ana, liaison=liaison)
    others = plant_case(contact_of(ana), OTHERS.__getitem__, by=ana, liaison=liaison)
    for planted in (hers, others):
        given = ReturnCode.objects.get(contact__inclusion__case=planted.case)
        set_code_owner(given, planted.person, by=ana, now=timezone.now())
    return hers, others


def answer_of(code: str) -> str:
    page = Client(headers={"Sec-Fetch-Site": "same-origin"})
    return page.post("/again", {"code": code, "do": "tell"}).content.decode()


def test_what_became_of_it_without_a_name_or_a_fact_and_nothing_of_others(cases):
    hers, others = cases
    text = answer_of(hers.code)
    assert "Recibieron su denuncia" in text
    assert [word for kind, word in HERS.items() if kind != "words" and word in text] == []
    assert text.count(HERS["words"]) == 1  # what she said with the code; the report's facts are the same word
    assert [word for word in OTHERS.values() if word in text] == []
    assert OTHERS["words"] in answer_of(others.code)  # the control: it is there to be found


def test_nor_that_of_the_one_institution_to_which_she_agreed(cases, ana):
    """The name of the institution may say where the person is. Its kind is told, and the person can take it back."""
    hers, house = cases[0], Agency.objects.create(name="Casa Algarrobina", kind=Kind.SHELTER)
    now = timezone.now()
    agreed = consents.record_consent_in_case(
        hers.person, data=["subject_health"], recipients=[], institution=institution_code(house), purpose="invented",
        informed=list(InformedItem.values), given_how="voice", expires_at=now + timedelta(days=9), by=ana, now=now,
    )  # fmt: skip
    assert ("una sola institución: servicio que ayuda" in answer_of(hers.code), house.name in answer_of(hers.code)) == (
        True,
        False,
    )
    Client(headers={"Sec-Fetch-Site": "same-origin"}).post(
        "/again", {"code": hers.code, "do": "take_back", "consent": agreed.pk}
    )
    assert ("una sola institución: servicio que ayuda" in answer_of(hers.code), house.name in answer_of(hers.code)) == (
        True,
        False,
    )
    assert not Consent.objects.live(timezone.now()).filter(pk=agreed.pk).exists()


def test_guesses_find_nothing(cases):
    found = [code for code in (new_code() for _ in range(GUESSES)) if "Recibieron su denuncia" in answer_of(code)]
    assert found == []
    assert "Recibieron su denuncia" in answer_of(cases[0].code)  # the control
