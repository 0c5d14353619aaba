"""Indicators of the plan that fill themselves: from the published figure, or grey where it is not shown."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.utils import timezone

from amparo.figures.publishing.plan_indicators import TOTAL, fill_indicators
from amparo.figures.publishing.rules import correct_edition, draft_edition, publish_edition
from amparo.figures.publishing.tasks import fill_the_plan
from amparo.figures.snapshot.months import Quarter
from amparo.figures.snapshot.tables import OF, OF_A_YEAR, Table
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Refused
from amparo.programme.plan import reviews, rules
from amparo.programme.plan.models import Indicator, Measurement, Plan
from amparo.programme.plan.picklists import Light, PublishedMeasure

BEFORE = date(2023, 12, 31)


@pytest.fixture
def pilar(db) -> User:
    ministry = Agency.objects.create(name="Ministerio inventado", kind=Kind.MINISTRY)
    return User.objects.create(username="pilar", role=Role.PLAN_COORDINATOR, agency=ministry)


@pytest.fixture
def approved(pilar, now) -> Callable[..., Plan]:
    """An approved plan with an indicator of each of these measures."""

    def approve(*measures: str, frequency: str = "quarterly", baseline_on: date = BEFORE) -> Plan:
        today = timezone.localdate(now)
        plan = rules.add_plan(title="Plan", starts_on=BEFORE, ends_on=today + timedelta(days=900), by=pilar)
        node = rules.add_node(plan, kind="axis", number="1", text="Prevención", by=pilar)
        for number, measure in enumerate(measures):
            rules.add_indicator(
                node, number=str(number), text="Que llamen", unit="contactos", baseline=0.0, baseline_on=baseline_on,
                target=100.0, due_on=today + timedelta(days=800), frequency=frequency, responsible=pilar.agency,
                measure=measure, by=pilar,
            )  # fmt: skip
        rules.send_to_review(plan, by=pilar, today=today)
        return rules.approve_plan(plan, approved_by="x", approved_through="x", on=today, by=pilar)

    return approve


def fill(now) -> int:
    with acting_as(WORKER):
        return fill_indicators(now)


def test_an_indicator_takes_the_published_number_and_a_hidden_one_leaves_it_grey(published, approved, quarter, now):
    plan = approved("contacts_by_department/total", "reports_by_answer/in_time", "")
    assert fill(now) == 2
    contacts, in_time, by_people = rules.leaves_of(plan, timezone.localdate(now))
    assert (contacts.value, contacts.as_of) == (
        95.0,
        quarter.first_day_after - timedelta(days=1),
    )  # 93, to the nearest five
    assert contacts.light != Light.GREY
    assert (in_time.value, in_time.is_hidden, in_time.light) == (None, True, Light.GREY)
    assert (by_people.newest, by_people.light) == (None, Light.GREY)
    assert contacts.newest.author is None
    assert contacts.newest.figure["editions"] == [published.pk]
    assert fill(now) == 0
    assert reviews.review_document(plan, now.year)["indicators"][1]["is_hidden"]


def test_a_draft_of_an_edition_fills_nothing(draft, approved, bruno, now):
    approved("contacts_by_department/total")
    assert fill(now) == 0
    publish_edition(draft, by=bruno, now=now)
    assert fill(now) == 1


def test_a_correction_takes_the_place_of_the_figure(published, approved, called, paula, bruno, now):
    plan = approved("contacts_by_department/total")
    fill(now)
    called(300, "08")
    called(200, "15")
    called(50)
    corrected = publish_edition(
        correct_edition(published, "invented: days were missing", by=paula, now=now), by=bruno, now=now
    )
    assert fill(now) == 1
    (leaf,) = rules.leaves_of(plan, timezone.localdate(now))
    assert (leaf.value, leaf.newest.figure["editions"]) == (645.0, [corrected.pk])
    assert Measurement.objects.count() == 2


def test_a_yearly_indicator_waits_for_the_year(approved, called, paula, bruno, now):
    approved("contacts_by_department/total", frequency="yearly")
    editions = []
    for number in (1, 4, 7, 10):
        assert fill(now) == 0
        of = Quarter(date(2024, number, 1))
        called(30, "15", at=of.ends - timedelta(days=40))
        editions.append(publish_edition(draft_edition(of, by=paula, now=now), by=bruno, now=now).pk)
    assert fill(now) == 1
    found = Measurement.objects.get()
    assert (found.value, found.as_of, found.figure["editions"]) == (120.0, date(2024, 12, 31), editions)


def test_what_was_before_the_baseline_or_in_a_draft_of_a_plan_is_not_filled(published, approved, quarter, now, pilar):
    plan = approved("contacts_by_department/total", baseline_on=quarter.first_day_after)
    assert fill(now) == 0
    with acting_as(pilar.acting()):
        Indicator.objects.update(baseline_on=BEFORE)
        Plan.objects.filter(pk=plan.pk).update(state="draft")
    assert fill(now) == 0
    with acting_as(pilar.acting()):
        Plan.objects.filter(pk=plan.pk).update(state="approved")
    assert fill(now) == 1


def test_no_person_reports_a_value_of_it_and_nobody_is_asked(published, approved, pilar, now):
    plan = approved("contacts_by_department/total", "")
    automatic, by_people = Indicator.objects.order_by("pk")
    given = {"value": 1.0, "as_of": BEFORE + timedelta(days=9), "evidence": "acta", "by": pilar, "now": now}
    with pytest.raises(Refused, match="fills itself"):
        rules.report_measurement(automatic, **given)
    rules.report_measurement(by_people, **given)
    with acting_as(pilar.acting()):
        Plan.objects.filter(pk=plan.pk).update(state="operational", law=_law(pilar), operational_on=BEFORE)
    running = Plan.objects.get(pk=plan.pk)
    quarter = reviews.callable_quarters(running, timezone.localdate(now))[0]
    rules.open_data_call(running, quarter, timezone.localdate(now) + timedelta(days=9), by=pilar, now=now)
    assert list(Indicator.objects.to_report()) == [by_people]


def _law(pilar):
    return rules.write_law(
        None, kind="law", number="Ley 0", title="x", in_effect_from=BEFORE, by=pilar, now=timezone.now()
    )


def test_a_person_cannot_write_what_looks_like_a_published_figure(published, approved, pilar, now):
    approved("contacts_by_department/total")
    row = {"indicator": Indicator.objects.get(), "value": 1.0, "as_of": BEFORE, "evidence": "x", "written_at": now}
    with pytest.raises(ProgrammingError, match="row-level"), transaction.atomic(), acting_as(pilar.acting()):
        Measurement.objects.create(**row, figure={"measure": "x"})
    with pytest.raises(IntegrityError, match="a_person_s"), transaction.atomic(), acting_as(pilar.acting()):
        Measurement.objects.create(**{**row, "value": None}, author=pilar)
    with acting_as(pilar.acting()):  # the control
        assert Measurement.objects.create(**row, author=pilar).pk


def test_the_job_fills_and_the_ledger_says_so(published, approved, now):
    approved("contacts_by_department/total")
    fill_the_plan(int(now.timestamp()))
    assert Measurement.objects.get().value == 95.0
    assert list(Entry.objects.filter(what="fill_indicator").values_list("about", "role")) == [
        (f"indicator {Indicator.objects.get().pk}", "system/worker")
    ]


def test_the_page_leads_from_the_value_to_its_definition(published, approved, pilar, ana, now):
    approved("contacts_by_department/total", "reports_by_answer/in_time")
    hers = Client()
    hers.force_login(pilar)
    node = f"/plans/nodes/{Indicator.objects.first().node_id}?language=en"
    assert "No edition of these months is published yet." in hers.get(node).content.decode()
    fill(now)
    page = hers.get(node).content.decode()
    assert "No edition of these months" not in page
    assert "Published figures until" in page
    assert "Cifras publicadas hasta el" in hers.get(node.replace("=en", "=es")).content.decode()
    assert "Too few, or it would give away another number" in page
    contacts, in_time = Measurement.objects.order_by("pk")
    shown = hers.get(f"/plans/figures/{contacts.pk}?language=en").content.decode()
    assert f"/plans/figures/{contacts.pk}" in page
    for words in ("<b>95</b>", str(OF[Table.BY_DEPARTMENT].population), f"Edition {published.pk}:"):
        assert words in shown
    hidden = hers.get(f"/plans/figures/{in_time.pk}?language=en").content.decode()
    assert "Not shown." in hidden
    assert str(OF[Table.REPORTS].caution) in hidden
    assert "#contacts_by_department" in shown
    assert ("#reports_by_answer" in hidden, "(too few people to show any of it)" in hidden) == (False, True)
    by_a_person = Client()
    by_a_person.force_login(ana)
    assert by_a_person.get(f"/plans/figures/{contacts.pk}").status_code == 404


def test_the_page_of_a_year_s_value_leads_to_the_year_and_to_what_shows_it(approved, called, pilar, paula, bruno, now):
    approved("contacts_by_department/total", frequency="yearly")
    editions = []
    for number, many in ((1, 3), (4, 40), (7, 40), (10, 40)):
        of = Quarter(date(2024, number, 1))
        called(many, "15", at=of.ends - timedelta(days=40))
        editions.append(publish_edition(draft_edition(of, by=paula, now=now), by=bruno, now=now).pk)
    fill(now)
    hers = Client()
    hers.force_login(pilar)
    page = hers.get(f"/plans/figures/{Measurement.objects.get().pk}?language=en").content.decode()
    links = re.findall(r'href="[^"]*/figures/([\w-]+)#contacts_by_department"', page)
    assert links == ["2024-1", *map(str, editions[1:])]
    assert f"Edition {editions[0]}: January to March 2024 (too few people to show any of it)" in page


def test_an_indicator_of_persons_waits_for_a_year(approved):
    with pytest.raises(Refused, match="choose “yearly”"):
        approved("persons_by_age/child", frequency="quarterly")
    Plan.objects.all().update(title="another")
    assert approved("persons_by_age/child", frequency="yearly")


@pytest.mark.parametrize("measure", PublishedMeasure)
def test_every_measure_has_a_table_and_a_definition(measure):
    assert measure.cell == TOTAL or measure.cell in Table(measure.table).cells
    assert OF[Table(measure.table)].caution
    assert measure.is_yearly == (Table(measure.table) in OF_A_YEAR)
    assert measure.cell == TOTAL or measure.cell in OF[Table(measure.table)].cells
