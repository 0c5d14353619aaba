"""A quarterly data call asks each institution for its values; a yearly review keeps how the plan stood."""

import re
from datetime import date, datetime, timedelta

import icalendar
import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.programme.plan import reviews, rules
from amparo.programme.plan.models import DataCall, Indicator, Plan, YearReview
from tests.test_promises.access import as_process

TODAY = date(2026, 11, 27)
NOW = timezone.make_aware(datetime(2026, 11, 27, 12))
THIRD, DUE = date(2026, 7, 1), date(2026, 12, 15)
YEAR = timedelta(days=365)


@pytest.fixture
def rosa(ministry) -> User:
    """The plan respondent of the ministry."""
    return User.objects.create(username="rosa", role=Role.PLAN_RESPONDENT, agency=ministry)


@pytest.fixture
def other(db) -> Agency:
    return Agency.objects.create(name="ONG inventada", kind=Kind.NGO)


@pytest.fixture
def plan(pilar, ministry, other) -> Plan:
    """An operational plan with a quarterly and a yearly indicator of the ministry, and a quarterly one of another."""
    law = rules.write_law(
        None, kind="law", number="Ley 00000", title="Ley inventada", in_effect_from=TODAY - YEAR, by=pilar,
        now=timezone.now(),
    )  # fmt: skip
    plan = rules.add_plan(title="Plan", starts_on=date(2025, 1, 1), ends_on=date(2028, 1, 1), law=law, by=pilar)
    node = rules.add_node(plan, kind="axis", number="1", text="Prevención", by=pilar)
    more = {"unit": "%", "baseline": 0.0, "baseline_on": TODAY - 2 * YEAR, "target": 100.0, "due_on": TODAY + YEAR}
    for number, frequency, of in (("a", "quarterly", ministry), ("b", "yearly", ministry), ("c", "quarterly", other)):
        rules.add_indicator(node, number=number, text=number, frequency=frequency, responsible=of, by=pilar, **more)
    rules.send_to_review(plan, by=pilar, today=TODAY)
    rules.approve_plan(plan, approved_by="x", approved_through="x", on=TODAY, by=pilar)
    return rules.put_into_operation(plan, by=pilar, today=TODAY)


def test_the_day_of_a_data_call_goes_into_ones_own_calendar(plan, pilar, rosa, at):
    assert at(rosa).get(f"/plans/{plan.pk}/call.ics").status_code == 404
    due = timezone.localdate() + timedelta(days=20)
    call = rules.open_data_call(plan, THIRD, due, by=pilar, now=timezone.now())
    assert f"/plans/{plan.pk}/call.ics" in at(rosa).get(f"/plans/{plan.pk}").content.decode()
    file = at(rosa).get(f"/plans/{plan.pk}/call.ics?language=en")
    [event] = icalendar.Calendar.from_ical(file.content).walk("VEVENT")
    assert (event.decoded("dtstart"), str(call.pk) in event["uid"]) == (due, True)
    assert [each.decoded("trigger") for each in event.walk("VALARM")] == [timedelta(days=-7), timedelta(days=-1)]


def report(number: str, value: float, as_of: date, by: User) -> None:
    indicator = Indicator.objects.get(number=number)
    rules.report_measurement(indicator, value=value, as_of=as_of, evidence="acta", by=by, now=NOW)


def due_codes(user: User) -> list[str]:
    with acting_as(user.acting()):
        found = Indicator.objects.filter(responsible=user.agency_id).to_report().order_by("pk")
        return [indicator.number for indicator in found]


def test_a_data_call_asks_each_institution_for_its_values_of_the_quarter(plan, pilar, rosa):
    assert due_codes(rosa) == []
    rules.open_data_call(plan, THIRD, DUE, by=pilar, now=NOW)
    assert due_codes(rosa) == ["a"]  # the yearly one is asked for with the last quarter
    report("a", 5.0, date(2026, 6, 30), rosa)  # of the quarter before
    assert due_codes(rosa) == ["a"]
    report("a", 8.0, date(2026, 9, 30), rosa)
    assert due_codes(rosa) == []
    assert [(it.name, it.missing) for it in reviews.institutions_to_report(plan)] == [("ONG inventada", 1)]


def test_the_call_of_the_last_quarter_asks_for_yearly_values_too(plan, pilar, rosa):
    rules.open_data_call(plan, date(2025, 10, 1), DUE, by=pilar, now=NOW)
    assert due_codes(rosa) == ["a", "b"]


def test_who_answers_a_data_call_is_led_from_one_value_to_the_next(plan, pilar, rosa, at):
    due = timezone.localdate() + timedelta(days=20)
    called = at(pilar).post(f"/plans/{plan.pk}/data-calls", {"quarter": "2025-10-01", "due_on": f"{due:%d/%m/%Y}"})
    assert called.headers["Location"] == f"/plans/{plan.pk}#call"
    first, second = (Indicator.objects.get(number=number) for number in "ab")
    node, desk = f"/plans/nodes/{first.node_id}", at(rosa)
    opened = desk.get(f"{node}?report={first.pk}&language=en").content.decode()
    assert re.findall(r'<input[^>]*autofocus[^>]*id="(\w+)"', opened) == [f"measured_{first.pk}_value"]
    value = {"value": "8", "as_of": "31/12/2025", "evidence": "acta"}
    for indicator, following in ((first, second), (second, None)):
        answer = desk.post(f"/plans/indicators/{indicator.pk}/measure", value)
        assert answer.headers["Location"] == f"{node}?reported"
        shown = desk.get(f"{node}?reported&language=en").content.decode()
        assert "The value is recorded." in shown
        assert (f'href="{node}?report={second.pk}"' in shown) == (following is not None)


def test_a_quarter_is_called_for_once_when_it_is_over_and_until_a_day_to_come(plan, pilar):
    for quarter, due, words in (
        (date(2026, 10, 1), DUE, "that is over"), (THIRD, TODAY, "still to come"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=words):
            rules.open_data_call(plan, quarter, due, by=pilar, now=NOW)
    rules.open_data_call(plan, THIRD, DUE, by=pilar, now=NOW)
    with pytest.raises(Refused, match="already"):
        rules.open_data_call(plan, THIRD, DUE, by=pilar, now=NOW)
    assert reviews.callable_quarters(plan, TODAY) == [date(2026, 4, 1), date(2026, 1, 1), date(2025, 10, 1)]
    with pytest.raises(IntegrityError, match="of_a_quarter"), transaction.atomic(), acting_as(pilar.acting()):
        DataCall.objects.create(plan=plan, quarter=date(2026, 5, 1), due_on=DUE, opened_at=NOW, opened_by=pilar)


def test_a_respondent_opens_no_call_and_makes_no_review(plan, rosa):
    with pytest.raises(Refused):
        rules.open_data_call(plan, THIRD, DUE, by=rosa, now=NOW)
    with pytest.raises(Refused):
        rules.review_year(plan, 2025, by=rosa, now=NOW)
    with pytest.raises(ProgrammingError), acting_as(rosa.acting()):
        DataCall.objects.create(plan=plan, quarter=THIRD, due_on=DUE, opened_at=NOW, opened_by=rosa)


def test_a_plan_that_is_not_operational_is_not_called_for(pilar):
    draft = rules.add_plan(title="Otro", starts_on=TODAY, ends_on=TODAY + YEAR, by=pilar)
    with pytest.raises(Refused, match="operational"):
        rules.open_data_call(draft, THIRD, DUE, by=pilar, now=NOW)
    with pytest.raises(Refused, match="operational"):
        rules.review_year(draft, 2025, by=pilar, now=NOW)


def test_a_review_keeps_how_the_year_ended_whatever_is_reported_later(plan, pilar, rosa):
    report("a", 40.0, date(2025, 12, 1), rosa)
    report("a", 90.0, date(2026, 9, 30), rosa)
    review = rules.review_year(plan, 2025, by=pilar, now=NOW)
    kept = {row["number"]: (row["value"], row["as_of"]) for row in review.document["indicators"]}
    assert kept == {"a": (40.0, "2025-12-01"), "b": (None, None), "c": (None, None)}
    assert review.document["as_of"] == "2025-12-31"
    report("a", 55.0, date(2025, 12, 31), rosa)
    with acting_as(rosa.acting()):
        assert YearReview.objects.get().document == review.document
    with pytest.raises(Refused, match="already"):
        rules.review_year(plan, 2025, by=pilar, now=NOW)


def test_a_year_is_reviewed_once_it_is_over(plan, pilar):
    assert reviews.reviewable_years(plan, TODAY) == [2025]
    with pytest.raises(Refused, match="that is over"):
        rules.review_year(plan, 2026, by=pilar, now=NOW)
    new_year = timezone.make_aware(datetime(2027, 1, 1, 0, 1))
    assert reviews.reviewable_years(plan, timezone.localdate(new_year)) == [2026, 2025]
    assert rules.review_year(plan, 2026, by=pilar, now=new_year).as_of == date(2026, 12, 31)


@pytest.mark.django_db(transaction=True)
def test_the_database_lets_nobody_change_a_review(plan, pilar):
    rules.review_year(plan, 2025, by=pilar, now=NOW)
    for statement in ("update plan_yearreview set document = '{}'", "delete from plan_yearreview"):
        with as_process("web", pilar.acting()) as link, pytest.raises(Exception, match="permission denied"):
            link.execute(statement)


def test_the_pages_open_a_call_and_show_a_review(plan, pilar, rosa, at):
    client = at(pilar)
    page = client.get(f"/plans/{plan.pk}?language=en").content.decode()
    assert "No values were called for yet." in page
    quarter = reviews.callable_quarters(plan, timezone.localdate())[0]
    due = timezone.localdate() + timedelta(days=20)
    wrong = client.post(f"/plans/{plan.pk}/data-calls", {"quarter": quarter.isoformat(), "due_on": "x"})
    assert wrong.status_code == 422
    sent = {"quarter": quarter.isoformat(), "due_on": f"{due:%d/%m/%Y}"}
    assert client.post(f"/plans/{plan.pk}/data-calls", sent).status_code == 302
    page = client.get(f"/plans/{plan.pk}?language=en").content.decode()
    assert "Values missing" in page
    assert "Call for values" not in at(rosa).get(f"/plans/{plan.pk}?language=en").content.decode()
    made = client.post(f"/plans/{plan.pk}/reviews", {"year": 2025})
    assert made.status_code == 302
    assert "Review of" in at(rosa).get(made.headers["Location"] + "?language=en").content.decode()
    assert client.post(f"/plans/{plan.pk}/reviews", {"year": 1999}).status_code == 422
