"""The way of a plan: draft, under review, approved, operational only when its law is in effect; values and lights."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.programme.plan import public, publication_rules, rules, tree
from amparo.programme.plan.models import Law, Node, Plan
from amparo.programme.plan.picklists import Light, Reason

TODAY = date(2026, 11, 27)
YEAR = timedelta(days=365)


@pytest.fixture
def law(pilar) -> Law:
    return rules.write_law(None, kind="law", number="Ley 00000", title="Ley inventada", by=pilar, now=timezone.now())


@pytest.fixture
def plan(pilar, law) -> Plan:
    return rules.add_plan(title="Plan inventado", starts_on=TODAY - YEAR, ends_on=TODAY + 3 * YEAR, law=law, by=pilar)


@pytest.fixture
def node(plan, pilar) -> Node:
    axis = rules.add_node(plan, kind="axis", number="1", text="Prevención", by=pilar)
    return rules.add_node(plan, parent=axis, kind="objective", number="1.1", text="Que se conozca la línea", by=pilar)


@pytest.fixture
def indicator(node, pilar, ministry):
    return rules.add_indicator(
        node, number="1.1.a", text="x", unit="%", baseline=0.0, baseline_on=TODAY - YEAR, target=100.0,
        due_on=TODAY + YEAR, frequency="yearly", responsible=ministry, by=pilar,
    )  # fmt: skip


@pytest.fixture
def rosa(ministry) -> User:
    """The plan respondent of the responsible ministry."""
    return User.objects.create(username="rosa", role=Role.PLAN_RESPONDENT, agency=ministry)


@pytest.fixture
def nora(db) -> User:
    """The plan respondent of another institution."""
    other = Agency.objects.create(name="ONG inventada", kind=Kind.NGO)
    return User.objects.create(username="nora", role=Role.PLAN_RESPONDENT, agency=other)


def review(plan, pilar) -> Plan:
    return rules.send_to_review(plan, by=pilar, today=TODAY)


def approve(plan, pilar) -> Plan:
    given = {"approved_by": "Comisión inventada", "approved_through": "Resolución 000-EJEMPLO"}
    return rules.approve_plan(review(plan, pilar), **given, on=TODAY, by=pilar)


def test_a_plan_becomes_operational_only_when_its_law_is_in_effect(plan, node, law, pilar, at):
    with pytest.raises(Refused, match="not approved"):
        rules.put_into_operation(plan, by=pilar, today=TODAY)
    approved = approve(plan, pilar)
    assert approved.why_not_operational(TODAY) == Reason.LAW_NOT_IN_EFFECT
    page = at(pilar).get(f"/plans/{plan.pk}?language=en").content.decode()
    assert "Approved; waits for Ley 00000." in page
    assert "Approved on 27 November 2026 by Comisión inventada, through Resolución 000-EJEMPLO." in page
    assert at(pilar).post(f"/plans/{plan.pk}/move", {"to": "operational"}).status_code == 409
    law = rules.write_law(
        law, published_on=TODAY, in_effect_from=TODAY + timedelta(days=1), by=pilar, now=timezone.now()
    )
    with pytest.raises(Refused, match="not yet in effect"):
        rules.put_into_operation(plan, by=pilar, today=TODAY)
    running = rules.put_into_operation(plan, by=pilar, today=TODAY + timedelta(days=1))
    assert (running.state, running.operational_on) == ("operational", TODAY + timedelta(days=1))
    assert rules.close_plan(running, by=pilar, today=TODAY + YEAR).state == "closed"


def test_nothing_is_approved_on_a_day_to_come(plan, node, pilar, at):
    review(plan, pilar)
    sent = {"approved_by": "x", "approved_through": "x", "on": f"{timezone.localdate() + timedelta(days=1):%d/%m/%Y}"}
    refused = at(pilar).post(f"/plans/{plan.pk}/approve?language=en", sent)
    assert (refused.status_code, "That day is still to come." in refused.content.decode()) == (422, True)


def test_an_indicator_s_number_stands_once(plan, indicator, node, pilar, at):
    sent = {
        "number": "1.1.a", "text": "x", "unit": "%", "baseline_on": "01/01/2026", "target": "1", "due_on": "01/02/2026",
        "frequency": "yearly", "responsible": indicator.responsible_id,
    }  # fmt: skip
    refused = at(pilar).post(f"/plans/nodes/{node.pk}/indicators?language=en", sent)
    assert (refused.status_code, "stands in this plan already" in refused.content.decode()) == (422, True)


def test_a_repealed_law_carries_no_plan(plan, node, law, pilar):
    rules.write_law(
        law, published_on=TODAY - YEAR, in_effect_from=TODAY - YEAR, repealed_on=TODAY, by=pilar, now=timezone.now()
    )
    with pytest.raises(Refused, match="not in effect"):
        rules.put_into_operation(approve(plan, pilar), by=pilar, today=TODAY)


def test_a_plan_whose_law_ended_says_so(plan, node, law, pilar, at):
    """The plan stays operational: people decide when it is closed."""
    rules.write_law(law, in_effect_from=TODAY - YEAR, by=pilar, now=timezone.now())
    rules.put_into_operation(approve(plan, pilar), by=pilar, today=TODAY)
    sentence = "The plan is in operation, and its law is not in effect."
    assert sentence not in at(pilar).get(f"/plans/{plan.pk}?language=en").content.decode()
    rules.write_law(law, repealed_on=TODAY, by=pilar, now=timezone.now())
    assert f"{sentence}</b> Ley 00000: repealed." in at(pilar).get(f"/plans/{plan.pk}?language=en").content.decode()


def test_the_database_keeps_no_operational_plan_without_law_or_approval(plan, pilar):
    for columns in ({"state": "operational"}, {"state": "approved"}):
        with pytest.raises(IntegrityError), acting_as(pilar.acting()), transaction.atomic():
            Plan.objects.filter(pk=plan.pk).update(**columns)


def test_from_review_back_to_draft_and_only_a_draft_is_changed(plan, node, pilar):
    review(plan, pilar)
    with pytest.raises(Refused, match="Only a draft"):
        rules.add_node(plan, kind="axis", number="2", text="x", by=pilar)
    rules.return_to_draft(plan, by=pilar)
    rules.add_node(plan, kind="axis", number="2", text="x", by=pilar)
    with pytest.raises(Refused, match="stands in this plan already"):
        rules.add_node(plan, kind="axis", number="2", text="y", by=pilar)


def test_a_line_that_a_colleague_has_removed_takes_nothing_more(plan, pilar, ministry, at):
    gone = rules.add_node(plan, kind="objective", number="9", text="x", by=pilar)
    rules.remove_node(gone, by=pilar)
    with pytest.raises(Refused, match="removed this line"):
        rules.add_node(plan, parent=gone, kind="goal", number="9.1", text="y", by=pilar)
    sent = {
        "number": "9.a", "text": "x", "unit": "%", "baseline": "0", "baseline_on": "01/01/2026", "target": "1",
        "due_on": "01/02/2026", "frequency": "yearly", "responsible": ministry.pk,
    }  # fmt: skip
    refused = at(pilar).post(f"/plans/nodes/{gone.pk}/indicators?language=en", sent)
    assert (refused.status_code, "removed this line" in refused.content.decode()) == (422, True)
    assert at(pilar).get(f"/plans/{plan.pk}").status_code == 200


def test_an_empty_plan_is_not_reviewed(plan, pilar):
    with pytest.raises(Refused, match="no line yet"):
        review(plan, pilar)


def test_institutions_comment_line_by_line_while_it_is_reviewed(plan, node, pilar, nora, ana, now, at):
    with pytest.raises(Refused, match="not under review"):
        rules.comment_on_plan(node, "x", by=nora, now=now)
    review(plan, pilar)
    assert at(nora).post(f"/plans/nodes/{node.pk}/comments", {"text": "Falta el quechua."}).status_code == 302
    page = at(pilar).get(f"/plans/nodes/{node.pk}").content.decode()
    assert "Falta el quechua." in page
    assert "ONG inventada" in page
    with pytest.raises(Refused):
        rules.comment_on_plan(node, "x", by=ana, now=now)


def test_the_responsible_institution_reports_values_and_no_other(plan, indicator, pilar, rosa, nora, now, at):
    given = {"value": 45.0, "as_of": TODAY, "evidence": "registro inventado", "now": now}
    with pytest.raises(Refused, match="once the plan is approved"):
        rules.report_measurement(indicator, **given, by=rosa)
    approve(plan, pilar)
    with pytest.raises(Refused, match="Another institution"):
        rules.report_measurement(indicator, **given, by=nora)
    with pytest.raises(Refused, match="what shows"):
        rules.report_measurement(indicator, **{**given, "evidence": ""}, by=rosa)
    sent = {"value": "45", "as_of": "27/11/2026", "evidence": "registro inventado"}
    assert at(rosa).post(f"/plans/indicators/{indicator.pk}/measure", sent).status_code == 302
    with acting_as(rosa.acting()):
        (leaf,) = tree.leaves(tree.branches_of(plan, TODAY))
        assert (leaf.value, leaf.light, leaf.expected) == (45.0, Light.GREEN, 0.5)
        (late,) = tree.leaves(tree.branches_of(plan, TODAY + timedelta(days=398)))
        assert late.light == Light.GREY  # no fresh value


def test_what_was_typed_stays_when_a_value_is_refused(plan, indicator, pilar, rosa, at):
    approve(plan, pilar)
    sent = {"value": "12,5", "as_of": "27/11/2026", "evidence": "registro inventado"}
    refused = at(rosa).post(f"/plans/indicators/{indicator.pk}/measure", sent)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "punto decimal" in page
    assert all(f'value="{typed}"' in page for typed in sent.values())
    assert f'<details id="report-{indicator.pk}" open>' in page


def test_the_form_of_the_value_that_is_asked_for_is_open(plan, node, indicator, pilar, rosa, at):
    approve(plan, pilar)
    for query, is_open in (("", False), (f"?report={indicator.pk}", True)):
        page = at(rosa).get(f"/plans/nodes/{node.pk}{query}").content.decode()
        assert (f'<details id="report-{indicator.pk}" open>' in page) == is_open


def test_a_measurement_is_never_changed(plan, indicator, pilar, rosa, now):
    approve(plan, pilar)
    written = rules.report_measurement(indicator, value=1.0, as_of=TODAY, evidence="x", by=rosa, now=now)
    written.value = 2.0
    with pytest.raises(ProgrammingError), acting_as(rosa.acting()):
        written.save(update_fields=["value"])


def test_a_branch_counts_the_lights_below_it(plan, node, indicator, pilar, ministry, now):
    rules.add_indicator(
        node, number="1.1.b", text="y", unit="%", baseline=0.0, baseline_on=TODAY - YEAR, target=100.0,
        due_on=TODAY + YEAR, frequency="yearly", responsible=ministry, by=pilar,
    )  # fmt: skip
    approve(plan, pilar)
    rules.report_measurement(indicator, value=20.0, as_of=TODAY, evidence="x", by=pilar, now=now)
    with acting_as(pilar.acting()):
        (root,) = tree.branches_of(plan, TODAY)
    assert (root.light, root.counts_in_order) == (Light.RED, [0, 0, 1, 1])
    assert root.counts is root.counts  # added up once, however often a page asks


@pytest.mark.parametrize(
    ("dates", "state"),
    [
        ({}, "bill"), ({"enacted_on": TODAY}, "enacted"),
        ({"published_on": TODAY, "in_effect_from": TODAY + YEAR}, "published"),
        ({"in_effect_from": TODAY}, "in_effect"),
        ({"in_effect_from": TODAY - YEAR, "regulated_on": TODAY}, "regulated"),
        ({"in_effect_from": TODAY - YEAR, "repealed_on": TODAY}, "repealed"),
    ],
)  # fmt: skip
def test_the_state_of_a_law_follows_from_its_dates(law, pilar, dates, state):
    assert rules.write_law(law, **dates, by=pilar, now=timezone.now()).state(TODAY) == state


def test_the_dates_of_a_law_stand_in_order(law, pilar, at):
    with pytest.raises(Refused, match="Look at the dates"):
        rules.write_law(law, published_on=TODAY, in_effect_from=TODAY - YEAR, by=pilar, now=timezone.now())
    sent = {"kind": "law", "number": "Ley 2", "title": "x", "published_on": "02/01/2026", "enacted_on": "03/01/2026"}
    refused = at(pilar).post("/laws?language=en", sent)
    assert (refused.status_code, "Look at the dates" in refused.content.decode()) == (422, True)
    assert at(pilar).post("/laws", {**sent, "enacted_on": "01/01/2026"}).status_code == 302


def test_a_respondent_reads_the_plan_and_changes_nothing(plan, node, nora, at):
    page = at(nora).get(f"/plans/{plan.pk}?language=en").content.decode()
    assert "Send it to review" not in page
    refused = at(nora).post(f"/plans/{plan.pk}/move", {"to": "review"})
    assert refused.status_code == 409
    with pytest.raises(ProgrammingError), acting_as(nora.acting()):
        Node.objects.create(plan=plan, kind="axis", number="9", text="x")


@pytest.mark.parametrize(
    ("language", "words"),
    [("es", "Aprobado; pendiente de la norma Ley 00000."), ("en", "Approved; waits for Ley 00000.")],
)
def test_everybody_reads_the_published_plan(
    plan, node, pilar, bruno, now, django_capture_on_commit_callbacks, language, words
):
    approve(plan, pilar)
    assert words not in Client().get(f"/plan?language={language}").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        seen = public.digest_of(public.public_document(Plan.objects.get(pk=plan.pk), now))
        proposed = publication_rules.propose_publication(plan, seen=seen, by=pilar, now=now)
        publication_rules.show_publication(proposed, seen=seen, by=bruno, now=now)
    page = Client().get(f"/plan?language={language}").content.decode()
    assert words in page
    assert "Que se conozca la línea" in page


def test_a_new_draft_opens_and_says_how_many_lines_have_each_light(pilar, at):
    draft = {"title": "Plan nuevo", "starts_on": "01/01/2026", "ends_on": "31/12/2030"}
    address = at(pilar).post("/plans?language=en", draft).headers["Location"]
    shown = at(pilar).get(f"{address}?language=en").content.decode()
    assert "Plan nuevo" in shown
    assert '<span class="light" data-light="red">far behind</span> 0</span>' in shown.replace("\n", "")


def test_an_empty_form_is_refused_in_a_sentence(pilar, at):
    for address in ("/laws", "/plans"):
        assert at(pilar).post(address).status_code == 422


@pytest.mark.parametrize(
    ("address", "summary"),
    [
        ("nodes/{node}/indicators", "Add an indicator"),
        ("indicators/{indicator}/change", "Change indicator 1.1.a"),
        ("nodes/{node}/change", "Change this line"),
    ],
)
def test_a_refused_form_below_a_heading_stays_open_with_what_was_typed(node, indicator, pilar, at, address, summary):
    refused = at(pilar).post(
        f"/plans/{address.format(node=node.pk, indicator=indicator.pk)}?language=en", {"text": "Lo escrito"}
    )
    page = refused.content.decode()
    assert (refused.status_code, f"open><summary>{summary}" in page, "Lo escrito" in page) == (422, True, True)


def test_the_page_of_a_line_leads_to_the_lines_below_it(plan, node, pilar, at):
    below = rules.add_node(plan, kind="activity", number="9.9", text="Una actividad", parent=node, by=pilar)
    assert f'<a href="/plans/nodes/{below.pk}"><b>9.9 Una actividad</b></a>' in (
        at(pilar).get(f"/plans/nodes/{node.pk}").content.decode()
    )
    assert "Lines below it" not in at(pilar).get(f"/plans/nodes/{below.pk}?language=en").content.decode()


def test_a_branch_is_fetched_when_somebody_opens_it(plan, node, indicator, pilar, at):
    """A plan of hundreds of lines draws its axes and what stands directly below them; a link leads to each line."""
    below = rules.add_node(plan, kind="activity", number="9.9", text="Una actividad", parent=node, by=pilar)
    desk = at(pilar)
    page = (
        desk.get(f"/plans/{plan.pk}").content.decode().partition('<section class="tree')[2].partition("</section>")[0]
    )
    assert f'data-fetches="/plans/nodes/{node.pk}/below"' in page
    assert f'href="/plans/nodes/{node.pk}"' in page
    assert "Una actividad" not in page
    assert "1.1.a" not in page
    part = desk.get(f"/plans/nodes/{node.pk}/below").content.decode()
    assert "Una actividad" in part
    assert "1.1.a" in part
    assert f'data-fetches="/plans/nodes/{below.pk}/below"' in part
    everything = desk.get(f"/plans/{plan.pk}?all").content.decode()
    assert "data-fetches" not in everything
    assert all(each in everything for each in ("Una actividad", "1.1.a"))
