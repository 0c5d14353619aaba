"""Title, days and law of a plan are corrected with a reason, which the history keeps; a yearly review never changes."""

from datetime import date, datetime, timedelta

import pytest
from django.db import ProgrammingError
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.programme.plan import correction_rules, rules
from amparo.programme.plan.models import Correction, Law, Plan
from tests.test_promises.access import as_process

TODAY = date(2026, 11, 27)
NOW = timezone.make_aware(datetime(2026, 11, 27, 12))
KNOWN = {"title": "Plan inventado", "starts_on": date(2025, 1, 1), "ends_on": date(2028, 1, 1)}


@pytest.fixture
def law(pilar) -> Law:
    return rules.write_law(
        None, kind="law", number="Ley 00000", title="x", in_effect_from=date(2025, 1, 1), by=pilar, now=timezone.now()
    )


@pytest.fixture
def other_law(pilar) -> Law:
    return rules.write_law(None, kind="law", number="Ley 00001", title="y", by=pilar, now=timezone.now())


@pytest.fixture
def plan(pilar, law, ministry) -> Plan:
    """An operational plan."""
    plan = rules.add_plan(**KNOWN, law=law, by=pilar)
    node = rules.add_node(plan, kind="axis", number="1", text="Prevención", by=pilar)
    rules.add_indicator(
        node, number="a", text="Llamadas", unit="%", baseline=0.0, baseline_on=TODAY, target=1.0,
        due_on=TODAY + timedelta(days=9), responsible=ministry, co_responsible=["ONG A", "Región B"],
        budget="S/ 7, recursos ordinarios", by=pilar,
    )  # fmt: skip
    rules.send_to_review(plan, by=pilar, today=TODAY)
    rules.approve_plan(plan, approved_by="x", approved_through="x", on=TODAY, by=pilar)
    return rules.put_into_operation(plan, by=pilar, today=TODAY)


@pytest.fixture
def correct(plan, law, pilar):
    def correct(seen: int = 0, reason: str = "Errata en la norma", by: User = pilar, **columns) -> Plan:
        given = {**KNOWN, "law": law, **columns}
        return correction_rules.correct_plan(plan, **given, reason=reason, seen=seen, by=by, now=NOW)

    return correct


@pytest.fixture
def rosa(ministry) -> User:
    return User.objects.create(username="rosa", role=Role.PLAN_RESPONDENT, agency=ministry)


def test_a_correction_keeps_what_was_there_and_why(correct, plan, pilar, rosa, law):
    correct(title="Plan corregido", ends_on=date(2028, 12, 31))
    with acting_as(rosa.acting()):
        now, kept = Plan.objects.get(), Correction.objects.get()
    assert (now.title, now.starts_on, now.ends_on, now.law_id) == (
        "Plan corregido", date(2025, 1, 1), date(2028, 12, 31), law.pk
    )  # fmt: skip
    assert (kept.before, kept.after) == (
        {"title": "Plan inventado", "ends_on": "2028-01-01"}, {"title": "Plan corregido", "ends_on": "2028-12-31"}
    )  # fmt: skip
    assert (kept.reason, kept.corrected_by_id, kept.corrected_at) == ("Errata en la norma", pilar.pk, NOW)


def test_a_review_shows_the_plan_as_it_was_called_then(correct, plan, pilar, at):
    review = rules.review_year(plan, 2025, by=pilar, now=NOW)
    before = review.document
    page = f"/plans/{plan.pk}/reviews/2025?language=en"
    shown = at(pilar).get(page).content.decode()
    assert "Plan inventado, 1 January 2025 – 1 January 2028, Ley 00000" in shown
    correct(title="Plan corregido", starts_on=date(2025, 2, 1))
    assert at(pilar).get(page).content.decode().count("Plan corregido") == 0
    assert "Plan inventado, 1 January 2025 – 1 January 2028, Ley 00000" in at(pilar).get(page).content.decode()
    review.refresh_from_db()
    assert review.document == before


def test_a_reviewed_year_stays_within_the_plan(correct, plan, pilar):
    rules.review_year(plan, 2025, by=pilar, now=NOW)
    for days in ({"starts_on": date(2026, 1, 1)}, {"starts_on": date(2024, 1, 1), "ends_on": date(2024, 12, 31)}):
        with pytest.raises(Refused, match="The year 2025 was reviewed"):
            correct(**days)
    assert correct(starts_on=date(2025, 2, 1)).starts_on == date(2025, 2, 1)


def test_a_plan_in_operation_keeps_a_law_in_effect(correct, other_law, pilar):
    for law in (None, other_law):
        with pytest.raises(Refused, match="Choose a law that is in effect"):
            correct(law=law)
    other_law = rules.write_law(other_law, in_effect_from=TODAY, by=pilar, now=timezone.now())
    assert correct(law=other_law).law == other_law
    with acting_as(pilar.acting()):
        assert Correction.objects.get().after == {"law": "Ley 00001"}


@pytest.mark.parametrize(("columns", "sentence"), [
    ({"title": "y", "reason": " "}, "Say why"),
    ({"ends_on": KNOWN["starts_on"]}, "ends after it starts"),
    ({"title": "Otro"}, "There is a plan of this name"),
    ({}, "Nothing is different"),
])  # fmt: skip
def test_a_wrong_correction_is_refused_and_changes_nothing(correct, plan, pilar, columns, sentence):
    rules.add_plan(title="Otro", starts_on=TODAY, ends_on=TODAY + timedelta(days=9), by=pilar)
    with pytest.raises(Refused, match=sentence):
        correct(**columns)
    plan.refresh_from_db()
    assert (plan.title, plan.ends_on, Correction.objects.count()) == (KNOWN["title"], KNOWN["ends_on"], 0)


def test_who_looked_at_it_before_a_colleagues_correction_does_not_undo_it(correct, plan):
    correct(title="Plan corregido")
    with pytest.raises(Refused, match="corrected it meanwhile"):
        correct(starts_on=date(2025, 2, 1))
    assert correct(seen=1, title="Plan corregido", starts_on=date(2025, 2, 1)).title == "Plan corregido"


def test_a_respondent_corrects_nothing(correct, rosa, ana, plan):
    for stranger in (rosa, ana):
        with pytest.raises(Refused, match="not for your role"):
            correct(title="y", by=stranger)
    with pytest.raises(ProgrammingError), acting_as(rosa.acting()):
        Correction.objects.create(
            plan=plan, before={}, after={}, reason="x", corrected_at=NOW, corrected_by=rosa
        )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_ledger_has_it_and_nobody_changes_the_history(correct, pilar, plan):
    correct(title="Plan corregido")
    assert Entry.objects.filter(what="correct_plan").count() == 1
    for statement in ("update plan_correction set reason = 'x'", "delete from plan_correction"):
        with as_process("web", pilar.acting()) as link, pytest.raises(Exception, match="permission denied"):
            link.execute(statement)


def test_the_page_corrects_it_and_shows_the_history(plan, law, pilar, rosa, at):
    where = f"/plans/{plan.pk}"
    assert "Correct title, days or law" not in at(rosa).get(f"{where}?language=en").content.decode()
    page = at(pilar).get(f"{where}?language=en").content.decode()
    assert 'name="seen" value="0"' in page
    sent = {"title": "Plan <corregido>", "starts_on": "01/01/2025", "ends_on": "01/01/2028", "law": law.pk, "seen": 0}
    assert at(pilar).post(f"{where}/correct", sent).status_code == 422
    assert at(pilar).post(f"{where}/correct", {**sent, "reason": "Errata"}).status_code == 302
    shown = at(rosa).get(f"{where}?language=en").content.decode()
    for words in ("Plan inventado", "Plan &lt;corregido&gt;", "Errata", "Corrections"):
        assert words in shown


def test_a_line_shows_who_shares_the_work_and_the_budget(plan, pilar, rosa, at):
    shown = at(rosa).get(f"/plans/nodes/{plan.nodes.get().pk}?language=en").content.decode()
    for words in ("Co-responsible", "ONG A; Región B", "Budget and its source", "S/ 7, recursos ordinarios"):
        assert words in shown
