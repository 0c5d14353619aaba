"""What changed in a plan since it was sent to review before: added, removed and reworded, old beside new."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.programme.plan import rules, spreadsheet, tree, versions
from amparo.programme.plan.models import Comment, Indicator, Node, Plan, Version
from amparo.programme.plan.picklists import ChangeKind
from tests.test_promises.access import as_process

TODAY = date(2026, 11, 27)
YEAR = timedelta(days=365)
INDICATOR = {
    "text": "Adultos que llamarían", "unit": "%", "baseline": 1.0, "baseline_on": TODAY - YEAR, "target": 20.0,
    "due_on": TODAY + YEAR, "frequency": "yearly",
}  # fmt: skip


@pytest.fixture
def plan(pilar, ministry) -> Plan:
    """A draft with two lines; the first has an indicator."""
    plan = rules.add_plan(title="Plan", starts_on=TODAY, ends_on=TODAY + YEAR, by=pilar)
    node = rules.add_node(plan, kind="axis", number="1", text="Prevención", by=pilar)
    rules.add_node(plan, kind="axis", number="2", text="Persecución", by=pilar)
    rules.add_indicator(node, number="a", **INDICATOR, responsible=ministry, by=pilar)
    return plan


def sent(plan: Plan, pilar) -> Plan:
    return rules.send_to_review(plan, by=pilar, today=TODAY)


def changed(plan: Plan) -> list[tuple]:
    """Kind, number and, of each column that differs, old and new."""
    plan = Plan.objects.get(pk=plan.pk)
    found = versions.changes_between(versions.version_to_compare(plan).document, versions.version_document(plan))
    return [(it.kind, it.number, {str(cell.label): (cell.old, cell.new) for cell in it.cells}) for it in found]


def test_the_versions_stand_side_by_side_while_the_plan_is_under_review(plan, pilar, ministry):
    assert versions.version_to_compare(sent(plan, pilar)) is None
    rules.return_to_draft(plan, by=pilar)
    assert changed(plan) == []
    first, second = plan.nodes.order_by("pk")
    rules.change_node(first, kind="axis", number="1", text="Prevención y campañas", by=pilar)
    rules.remove_node(second, by=pilar)
    third = rules.add_node(plan, kind="goal", number="2", text="Atención", by=pilar)  # its number is free again
    rules.change_indicator(
        Indicator.objects.get(), number="a", **{**INDICATOR, "target": 25.0}, responsible=ministry, by=pilar
    )
    sent(plan, pilar)
    expected = [
        (ChangeKind.REWORDED, "1", {"Text": ("Prevención", "Prevención y campañas")}),
        (ChangeKind.ADDED, "2", {"Kind": ("", "Goal"), "Number": ("", "2"), "Text": ("", "Atención")}),
        (ChangeKind.REMOVED, "2", {"Kind": ("Axis", ""), "Number": ("2", ""), "Text": ("Persecución", "")}),
        (ChangeKind.REWORDED, "a", {"Target": ("20", "25")}),
    ]
    assert changed(plan) == expected
    assert [branch.node for branch in tree.branches_of(plan, TODAY)] == [first, third]
    with acting_as(pilar.acting()):
        assert [row[1] for row in spreadsheet.line_rows(plan)][1:] == ["1", "2"]


def test_another_language_is_no_change(plan, pilar):
    with translation.override("es"):
        sent(plan, pilar)
        rules.return_to_draft(plan, by=pilar)
    assert changed(plan) == []


def test_a_line_with_something_below_it_stays_and_only_a_draft_is_changed(plan, pilar, ministry, ana):
    first, second = plan.nodes.order_by("pk")
    with pytest.raises(Refused, match="below this line"):
        rules.remove_node(first, by=pilar)
    with pytest.raises(Refused, match="already"):
        rules.change_node(second, kind="axis", number="1", text="x", by=pilar)
    with pytest.raises(Refused, match="not for your role"):
        rules.remove_node(second, by=ana)
    indicator = Indicator.objects.get()
    wrong = {**INDICATOR, "due_on": TODAY - YEAR}
    with pytest.raises(Refused, match="after the day"):
        rules.change_indicator(indicator, number="a", **wrong, responsible=ministry, by=pilar)
    sent(plan, pilar)
    for act in (
        lambda: rules.change_node(first, kind="axis", number="1", text="x", by=pilar),
        lambda: rules.remove_node(second, by=pilar),
        lambda: rules.change_indicator(indicator, number="a", **INDICATOR, responsible=ministry, by=pilar),
        lambda: rules.remove_indicator(indicator, by=pilar),
    ):
        with pytest.raises(Refused, match="Only a draft"):
            act()
    rules.return_to_draft(plan, by=pilar)
    rules.remove_indicator(indicator, by=pilar)
    rules.remove_node(first, by=pilar)  # the control
    assert [node.number for node in plan.nodes.all()] == ["2"]


@pytest.mark.django_db(transaction=True)
def test_the_database_lets_nobody_change_a_version(plan, pilar):
    sent(plan, pilar)
    for statement in ("update plan_version set document = '{}'", "delete from plan_version"):
        with as_process("web", pilar.acting()) as link, pytest.raises(Exception, match="permission denied"):
            link.execute(statement)
    assert Version.objects.get().document["nodes"]


def test_the_pages_change_a_draft_and_show_what_changed(plan, pilar, at, now):
    client, (first, second) = at(pilar), plan.nodes.order_by("pk")
    sent(plan, pilar)
    rules.comment_on_plan(second, "Sobra.", by=pilar, now=now)
    assert "no earlier version" in client.get(f"/plans/{plan.pk}/changes?language=en").content.decode()
    assert f"/plans/{plan.pk}/changes" not in client.get(f"/plans/{plan.pk}").content.decode()
    rules.return_to_draft(plan, by=pilar)
    assert "Nothing changed." in client.get(f"/plans/{plan.pk}/changes?language=en").content.decode()
    line = {"kind": "axis", "number": "1", "text": "Prevención y campañas"}
    assert client.post(f"/plans/nodes/{first.pk}/change", line).status_code == 302
    assert client.post(f"/plans/nodes/{first.pk}/change", {**line, "number": "2"}).status_code == 422
    assert client.post(f"/plans/nodes/{first.pk}/remove").status_code == 422
    assert client.post(f"/plans/nodes/{second.pk}/remove").status_code == 302
    indicator = Indicator.objects.get()
    given = {
        **INDICATOR, "number": "a", "unit": "por ciento", "baseline_on": "01/01/2026", "due_on": "01/01/2027",
        "responsible": indicator.responsible_id, "budget_amount": "12500.50", "budget_currency": "PEN",
    }  # fmt: skip
    assert client.post(f"/plans/indicators/{indicator.pk}/change", given).status_code == 302
    refused = client.post(f"/plans/indicators/{indicator.pk}/change", {**given, "due_on": "x", "text": "typed"})
    assert (refused.status_code, 'value="typed"' in refused.content.decode()) == (422, True)
    sent(plan, pilar)
    assert client.post(f"/plans/indicators/{indicator.pk}/remove").status_code == 422
    page = client.get(f"/plans/{plan.pk}/changes?language=en").content.decode()
    texts = "<td>Prevención</td><td>Prevención y campañas</td>"
    for words in ("Since version 1", texts, "removed", "por ciento", "soles (S/)"):
        assert words in page
    assert "PEN" not in page
    assert f"/plans/{plan.pk}/changes" in client.get(f"/plans/{plan.pk}").content.decode()
    kept = client.get(f"/plans/nodes/{second.pk}?language=en").content.decode()
    assert "Sobra." in kept
    assert "This line was removed." in kept
    assert Comment.objects.get().node_id == second.pk
    assert Node.objects.with_removed().count() == 2
