"""Random requests, made from the API's own description, as each kind of institution: nothing breaks, and no answer
contains a word of another institution.
"""

import json
from collections import Counter
from urllib.parse import urlsplit

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings, strategies
from requests import Request
from schemathesis import Case, GenerationMode

from amparo.care.police_reports.models import Report
from amparo.care.referrals.models import Referral
from amparo.foundation.access.models import User
from amparo.screens.api.urls import api
from tests.repetitions import repeat

from .conftest import Serving, Unit

EACH = repeat(10, 200)  # valid requests of each operation, and as many invalid ones
OF_REFUSALS = {400, 401, 404, 405, 406, 413, 415, 422, 429}

pytestmark = pytest.mark.django_db


def ways() -> list:
    """Two strategies for each operation: valid requests, and invalid ones."""
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"))))
    return [found.ok().as_strategy(mode) for found in schema.get_all_operations() for mode in GenerationMode]


def send(unit: Unit | Serving, case: Case, is_own: bool) -> tuple[int, str]:
    """Send a request with the unit's token. If `is_own`, the address names the unit's own record, so that it can
    succeed.
    """
    if is_own and case.path_parameters:
        case.path_parameters = {"pk": str(unit.own.pk)}
    sent = Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    body, to = sent.body or b"", urlsplit(sent.url or "")
    headers = {name: value for name, value in sent.headers.items() if name == "Idempotency-Key"}
    answer = Client(raise_request_exception=False).generic(
        case.method, f"{to.path}?{to.query}", body.encode() if isinstance(body, str) else body,
        content_type=sent.headers.get("Content-Type", ""),
        headers=headers | {"Authorization": f"Bearer {unit.token}"},
    )  # fmt: skip
    return answer.status_code, answer.content.decode()


@pytest.mark.soak
@pytest.mark.timeout(repeat(600, 20_000))
@pytest.mark.parametrize("which", ["unit", "other", "house"])
def test_random_requests_break_nothing_and_reveal_no_other_institution(which, unit, other, house, office, monkeypatch):
    monkeypatch.setattr("amparo.screens.api.authentication.AT_MOST", 1_000_000)
    everybody = {"unit": unit, "other": other, "house": house, "office": office}
    own = everybody.pop(which)
    assert own.word in own.ask(own.path).content.decode()  # read before the program declines the referral
    seen: Counter[int] = Counter()

    def check(case: Case, is_own: bool) -> None:
        status, text = send(own, case, is_own)
        seen[status] += 1
        for foreign in everybody.values():
            assert foreign.word not in text
            assert f'"{foreign.own.code}"' not in text
        assert status == 200 or status in OF_REFUSALS
        if status != 200:
            assert json.loads(text).keys() == {"sentence"}

    quietly = settings(
        max_examples=EACH, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )  # fmt: skip
    for cases in ways():
        quietly(given(cases, strategies.booleans())(check))()
    assert seen[200] > EACH
    assert seen[422] > EACH
    assert own.ask(own.path).json()["code"] == own.own.code


def test_row_security_hides_reports_without_the_filter_of_the_view(unit, other, monkeypatch):
    monkeypatch.setattr("amparo.screens.api.reports._visible_reports", lambda request: Report.objects.with_events())
    assert unit.report.code not in other.ask("/api/v1/reports").content.decode()
    assert other.ask(f"/api/v1/reports/{unit.report.pk}").status_code == 404


def test_row_security_hides_referrals_without_the_filter_of_the_view(house, office, monkeypatch):
    everything = lambda request: Referral.objects.with_state(request.auth.date_joined)  # noqa: E731
    monkeypatch.setattr("amparo.screens.api.referrals._visible_referrals", everything)
    assert house.referral.code not in office.ask("/api/v1/referrals").content.decode()
    assert office.ask(house.path).status_code == 404


def test_control_a_leaked_report_is_detected(unit, other, monkeypatch):
    """If a program acted as a user of another institution, the checks above would detect it."""
    elsewhere = unit.liaison.acting()
    monkeypatch.setattr(User, "acting", lambda user, purpose="": elsewhere)
    assert unit.report.code in other.ask("/api/v1/reports").content.decode()
    assert unit.word in other.ask(f"/api/v1/reports/{unit.report.pk}").content.decode()


def test_control_a_leaked_referral_is_detected(house, office, monkeypatch):
    elsewhere = house.program.user.acting()
    monkeypatch.setattr(User, "acting", lambda user, purpose="": elsewhere)
    assert house.referral.code in office.ask("/api/v1/referrals").content.decode()
    assert house.word in office.ask(house.path).content.decode()
