"""One person proposes a plan for the public page, another reads it and shows it, and one takes it down at once."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.programme.plan import correction_rules, public, publication_rules, rules
from amparo.programme.plan.models import Indicator, Plan, Publication

TODAY = date(2026, 11, 27)
NOW = timezone.make_aware(datetime(2026, 11, 27, 12))
LATER, LAST = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
DAYS = {"starts_on": date(2025, 1, 1), "ends_on": date(2028, 1, 1)}


@pytest.fixture
def petra(ministry) -> User:
    """Another plan coordinator."""
    return User.objects.create(username="petra", role=Role.PLAN_COORDINATOR, agency=ministry)


@pytest.fixture
def rosa(ministry) -> User:
    return User.objects.create(username="rosa", role=Role.PLAN_RESPONDENT, agency=ministry)


@pytest.fixture
def draft(pilar, ministry) -> Plan:
    plan = rules.add_plan(title="Plan inventado", **DAYS, by=pilar)
    node = rules.add_node(plan, kind="axis", number="1", text="Que se conozca la línea", by=pilar)
    rules.add_indicator(
        node, number="a", text="Llamadas", unit="%", baseline=0.0, baseline_on=TODAY - timedelta(days=99), target=9.0,
        due_on=TODAY + timedelta(days=99), frequency="quarterly", responsible=ministry, by=pilar,
    )  # fmt: skip
    return plan


@pytest.fixture
def plan(draft, pilar) -> Plan:
    return approve(draft, pilar)


@pytest.fixture
def committing(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def approve(plan: Plan, by: User) -> Plan:
    rules.send_to_review(plan, by=by, today=TODAY)
    return rules.approve_plan(plan, approved_by="Comisión inventada", approved_through="RS 000", on=TODAY, by=by)


def seen(plan: Plan) -> str:
    return public.digest_of(public.public_document(Plan.objects.select_related("law").get(pk=plan.pk), NOW))


def propose(plan: Plan, by: User) -> Publication:
    return publication_rules.propose_publication(plan, seen=seen(plan), by=by, now=NOW)


def show(proposed: Publication, by: User) -> Publication:
    return publication_rules.show_publication(proposed, seen=seen(proposed.plan), by=by, now=LATER)


def take_down(by: User) -> Publication | None:
    return publication_rules.take_plan_down(by=by, now=LAST)


def correct_title(plan: Plan, title: str, by: User) -> None:
    given = {**DAYS, "title": title, "law": None, "reason": "Errata"}
    correction_rules.correct_plan(plan, **given, seen=plan.corrections.count(), by=by, now=LATER)


def public_page() -> str:
    return Client().get("/plan?language=en").content.decode()


def state_of(publication: Publication) -> str:
    return Publication.objects.get(pk=publication.pk).state


def column_titles() -> list[str]:
    """The titles in the columns that the version before reads."""
    return [it["title"] for it in Plan.objects.exclude(published_at=None).values_list("document", flat=True)]


def test_two_people_show_a_plan_to_everybody(plan, pilar, bruno, committing):
    with committing():
        proposed = propose(plan, pilar)
    assert "Plan inventado" not in public_page()
    with pytest.raises(Refused, match="Another person shows"):
        show(proposed, pilar)
    with committing():
        show(proposed, bruno)
    assert all(words in public_page() for words in ("Plan inventado", "Que se conozca la línea"))
    assert column_titles() == ["Plan inventado"]
    assert show(proposed, bruno).shown_at == LATER  # twice is once
    assert proposed.version.number == 1
    of_both = Entry.objects.filter(about__in=(f"plan {plan.pk}", f"publication {proposed.pk}"))
    assert {"propose_publication", "show_publication"} <= set(of_both.values_list("what", flat=True))


def test_another_coordinator_is_a_second_person(plan, pilar, petra):
    assert show(propose(plan, pilar), petra).is_shown


def test_a_draft_and_a_plan_under_review_are_shown_to_nobody(draft, pilar, at):
    for _state in ("draft", "under review"):
        with pytest.raises(Refused, match="Only an approved plan"):
            propose(draft, pilar)
        page = at(pilar).get(f"/plan-publications/propose/{draft.pk}?language=en").content.decode()
        assert "Only an approved plan is shown to everybody." in page
        assert 'name="seen"' not in page
        if draft.versions.count() == 0:
            rules.send_to_review(draft, by=pilar, today=TODAY)
    assert not Publication.objects.exists()


def test_who_may_not_neither_proposes_nor_shows_nor_takes_down(plan, pilar, bruno, rosa, carla):
    for person in (bruno, rosa):
        with pytest.raises(Refused, match="not for your role"):
            propose(plan, person)
    proposed = propose(plan, pilar)
    for person in (rosa, carla):
        for act in (show, lambda _proposed, by: take_down(by)):
            with pytest.raises(Refused, match="not for your role"):
                act(proposed, person)
        with pytest.raises(ProgrammingError), acting_as(person.acting()):
            Publication.objects.create(
                plan=plan, version=plan.versions.get(), document={}, proposed_at=NOW, proposed_by=person
            )
    assert state_of(proposed) == "proposed"


def test_what_is_shown_is_what_the_second_person_read(plan, pilar, bruno, at, committing):
    proposed = propose(plan, pilar)
    before = seen(plan)
    correct_title(plan, "Plan corregido", pilar)
    with pytest.raises(Refused, match="Read it again"):
        publication_rules.show_publication(proposed, seen=before, by=bruno, now=LATER)
    page = at(bruno).get(f"/plan-publications/{proposed.pk}?language=en").content.decode()
    assert "The plan changed after it was proposed." in page
    assert "Different now: Title." in page
    assert f'name="seen" value="{seen(plan)}"' in page
    with committing():
        show(proposed, bruno)
    assert "Plan corregido" in public_page()
    correct_title(plan, "Plan de hoy", pilar)
    assert "Plan corregido" in public_page()  # until two people show it again


def test_who_changed_the_plan_after_it_was_proposed_is_no_second_person(plan, pilar, petra, bruno):
    proposed = propose(plan, pilar)
    correct_title(plan, "Plan corregido", petra)
    with pytest.raises(Refused, match="You changed the plan"):
        show(proposed, petra)
    assert show(proposed, bruno).document["title"] == "Plan corregido"


def test_who_reported_a_value_since_is_no_second_person_either(plan, pilar, petra):
    proposed = propose(plan, pilar)
    indicator = Indicator.objects.get()
    rules.report_measurement(indicator, value=4.0, as_of=TODAY, evidence="acta", by=petra, now=LATER)
    with pytest.raises(Refused, match="You changed the plan"):
        show(proposed, petra)


def test_a_law_changed_since_is_read_and_shown_by_a_publisher(plan, pilar, petra, bruno):
    law = rules.write_law(None, kind="law", number="Ley inventada", title="x", by=pilar, now=NOW)
    Plan.objects.filter(pk=plan.pk).update(law=law)
    proposed = propose(plan, pilar)
    rules.write_law(law, based_on=law.version, kind="law", number="Otra", title="x", by=petra, now=LATER)
    with pytest.raises(Refused, match="state or law changed"):
        show(proposed, petra)
    assert show(proposed, bruno).is_shown


def test_a_plan_closed_since_is_shown_by_a_publisher(plan, pilar, petra, bruno):
    law = rules.write_law(None, kind="law", number="x", title="x", in_effect_from=TODAY, by=pilar, now=NOW)
    Plan.objects.filter(pk=plan.pk).update(law=law)
    rules.put_into_operation(plan, by=petra, today=TODAY)
    proposed = propose(plan, pilar)
    rules.close_plan(plan, by=petra, today=TODAY)
    with pytest.raises(Refused, match="state or law changed"):
        show(proposed, petra)
    assert show(proposed, bruno).is_shown


def test_a_proposal_changed_on_the_page_of_who_proposes_is_read_again(plan, pilar, at):
    before = seen(plan)
    correct_title(plan, "Plan corregido", pilar)
    refused = at(pilar).post(f"/plan-publications/propose/{plan.pk}?language=en", {"seen": before})
    assert (refused.status_code, "Read it again" in refused.content.decode()) == (409, True)
    assert not Publication.objects.exists()


def test_a_proposal_is_withdrawn_by_who_made_it_and_refused_with_a_reason_by_another(plan, pilar, petra, bruno):
    proposed, by = propose(plan, pilar), {"now": LATER}
    assert propose(plan, pilar) == proposed
    with pytest.raises(Refused, match="has proposed it already"):
        propose(plan, petra)
    with pytest.raises(Refused, match="Who proposed it withdraws it"):
        publication_rules.withdraw_publication(proposed, by=petra, **by)
    with pytest.raises(Refused, match="you can withdraw it"):
        publication_rules.refuse_publication(proposed, "x", by=pilar, **by)
    with pytest.raises(Refused, match="Say why"):
        publication_rules.refuse_publication(proposed, " ", by=bruno, **by)
    for _twice in range(2):
        publication_rules.refuse_publication(proposed, "Falta la norma.", by=bruno, **by)
    with pytest.raises(Refused, match="has ended"):
        show(proposed, petra)
    again = propose(plan, pilar)
    for _twice in range(2):
        publication_rules.withdraw_publication(again, by=pilar, **by)
    assert [state_of(it) for it in (proposed, again)] == ["refused", "withdrawn"]


def test_one_person_takes_it_down_at_once_and_the_version_before_is_shown_again(plan, pilar, bruno, committing):
    with committing():
        first = show(propose(plan, pilar), bruno)
    correct_title(plan, "Plan corregido", pilar)
    with committing():
        second = show(propose(plan, pilar), bruno)
    with pytest.raises(Refused, match="Take it down first"):
        publication_rules.show_again(first, by=pilar, now=LAST)
    with transaction.atomic():
        take_down(pilar)
        assert "Plan corregido" not in public_page()  # before the commit
    assert column_titles() == []
    take_down(pilar)
    with pytest.raises(Refused, match="public last"):
        publication_rules.show_again(second, by=pilar, now=LAST)
    with committing():
        publication_rules.show_again(first, by=bruno, now=LAST)
    publication_rules.show_again(first, by=bruno, now=LAST)
    assert "Plan inventado" in public_page()
    assert column_titles() == ["Plan inventado"]
    assert [state_of(it) for it in (first, second)] == ["shown", "taken_down"]


def test_a_plan_taken_down_before_its_file_was_written_stays_down(
    plan, pilar, bruno, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=False) as waiting:
        show(propose(plan, pilar), bruno)
    take_down(pilar)
    for write in waiting:
        write()
    assert "Plan inventado" not in public_page()


def test_what_the_version_before_published_is_taken_down_too_also_by_a_publisher(plan, bruno, pilar):
    document = public.public_document(plan, NOW)
    Plan.objects.filter(pk=plan.pk).update(published_at=NOW, document=document)
    public.rewrite()
    assert "Plan inventado" in public_page()
    take_down(bruno)
    assert "Plan inventado" not in public_page()
    public.rewrite()  # the next start
    assert "Plan inventado" not in public_page()


def test_each_start_writes_what_is_public(plan, pilar, bruno):
    show(propose(plan, pilar), bruno)
    assert "Plan inventado" not in public_page()
    public.rewrite()
    assert "Plan inventado" in public_page()


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ({"state": "shown", "shown_by": "pilar", "shown_at": NOW}, "two_people_show_a_plan"),
        ({"state": "shown"}, "says_who_did_what"),
        ({"state": "proposed", "shown_by": "bruno", "shown_at": NOW}, "says_who_did_what"),
        ({"state": "taken_down", "shown_by": "bruno", "shown_at": NOW}, "says_who_did_what"),
        ({"state": "lost"}, "says_who_did_what"),
        ({"state": "refused", "ended_by": "bruno", "ended_at": NOW}, "says_why"),
        ({"state": "refused", "ended_by": "pilar", "ended_at": NOW, "reason": "x"}, "says_why"),
        ({"state": "withdrawn", "ended_by": "bruno", "ended_at": NOW}, "says_why"),
    ],
)
def test_the_database_keeps_the_states_and_the_two_people(plan, pilar, bruno, columns, name):
    proposed = propose(plan, pilar)
    people = {"pilar": pilar, "bruno": bruno}
    given = {key: people.get(value, value) for key, value in columns.items()}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Publication.objects.filter(pk=proposed.pk).update(**given)


def test_the_database_keeps_one_public_plan_and_one_proposal(plan, pilar, bruno):
    show(propose(plan, pilar), bruno)
    proposed = propose(plan, pilar)
    with pytest.raises(IntegrityError, match="one_plan_is_public"), transaction.atomic():
        Publication.objects.filter(pk=proposed.pk).update(state="shown", shown_by=bruno, shown_at=NOW)
    with pytest.raises(IntegrityError, match="proposed_once"), transaction.atomic():
        Publication.objects.create(plan=plan, version=proposed.version, document={}, proposed_at=NOW, proposed_by=bruno)


def test_the_pages_lead_two_people_through_it(plan, pilar, bruno, at, committing):
    first, second = at(pilar), at(bruno)
    assert f'href="/plan-publications/propose/{plan.pk}"' in first.get(f"/plans/{plan.pk}").content.decode()
    page = first.get(f"/plan-publications/propose/{plan.pk}?language=en").content.decode()
    assert "Que se conozca la línea" in page
    assert "anyone can read it" in page
    made = first.post(f"/plan-publications/propose/{plan.pk}", {"seen": seen(plan)}).headers["Location"]
    assert "Plan inventado" in second.get("/home").content.decode()
    assert made in second.get("/plan-publications").content.decode()
    assert "Cualquier persona podrá leerlo" in second.get(made).content.decode()
    own = first.get(f"{made}?language=en").content.decode()
    assert ("Withdraw the proposal" in own, "Show it to everybody" in own) == (True, False)
    refused = second.post(f"{made}/decide?language=en", {"to": "refuse", "reason": ""})
    assert (refused.status_code, "Say why" in refused.content.decode()) == (409, True)
    assert second.post(f"{made}/decide", {"to": "x"}).status_code == 409
    with committing():
        assert second.post(f"{made}/decide", {"to": "show", "seen": seen(plan)}).status_code == 302
    assert "Plan inventado" in public_page()
    assert first.post("/plan-publications/down").headers["Location"] == "/plan-publications"
    assert "Plan inventado" not in public_page()
    assert "Taken down" in second.get(f"{made}?language=en").content.decode()


def test_a_draft_says_how_many_lines_nobody_answers_for(draft, pilar, at):
    words = "Nobody answers for 2 lines"
    assert "Nobody answers for" not in at(pilar).get(f"/plans/{draft.pk}?language=en").content.decode()
    axis = rules.add_node(draft, kind="axis", number="2", text="Persecución", by=pilar)
    rules.add_node(draft, parent=axis, kind="goal", number="2.1", text="Meta", by=pilar)
    assert words in at(pilar).get(f"/plans/{draft.pk}?language=en").content.decode()
    rules.send_to_review(draft, by=pilar, today=TODAY)
    assert words not in at(pilar).get(f"/plans/{draft.pk}?language=en").content.decode()
