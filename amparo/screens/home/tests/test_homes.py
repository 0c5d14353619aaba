"""Everybody's home says what waits for them and how to go on; it shows nothing of files that are not theirs."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from amparo.care.cases.rules import add_member, open_case
from amparo.care.cases.tests.agreeing import agree
from amparo.care.consent.picklists import Data, Recipient
from amparo.care.directory.models import Organization, Service
from amparo.care.people.rules import describe_person
from amparo.care.referrals.by_link import answer_by_link
from amparo.care.referrals.models import Referral
from amparo.care.referrals.picklists import ReferralEventKind
from amparo.care.referrals.rules import cancel_referral, issue_link, link_actor, record_referral_event, refer
from amparo.figures.publishing.models import Edition
from amparo.figures.publishing.rules import draft_edition, publish_edition
from amparo.figures.snapshot.months import Quarter
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.rules import open_contact, wrap_up
from amparo.line.quality.models import Sample
from amparo.line.quality.rubric import NAMES
from amparo.line.quality.rules import ask_for_review, review
from amparo.line.switchboard.models import Call, State
from amparo.programme.campaigns.rules import add_campaign
from amparo.programme.events.rules import add_pledge, record_event
from amparo.programme.news.rules import draft_note
from amparo.programme.plan import rules as plan_rules
from amparo.programme.plan.models import Indicator, Plan
from amparo.programme.plan.picklists import Light
from amparo.programme.plan.reviews import callable_quarters
from amparo.programme.texts.rules import return_text, send_text, write_text
from amparo.screens.desk.tests import scenes
from amparo.screens.home.home import Home
from amparo.screens.home.homes import home_of
from amparo.screens.home.navigation import Bar
from amparo.screens.home.rows import SOON, Row
from amparo.screens.home.rows import indicator as indicator_row

from .test_navigation import everybody

NOW, DAY = timezone.now(), timedelta(days=1)


def home(user: User) -> Home:
    with acting_as(user.acting()):
        return home_of(user, NOW)


def page(user: User) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get("/home")
    assert answer.status_code == 200, user.username
    return answer.content.decode()


@pytest.fixture
def case_with_referral(ana, ines, now) -> tuple[Referral, str]:
    """A service was asked, and has a link."""
    call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk])
    case = open_case(open_contact(call, by=ana, now=now), by=ana, now=now)
    add_member(case, ines, by=ana, now=now)
    person = describe_person(case.persons[0], age_at_events=30, age_certainty="sure", by=ana, now=now)
    agree(person, Data.INCIDENT_FACTS, to=Recipient.SERVICE_PROVIDER, by=ana, now=now)
    of = Organization.objects.create(name="Organización de Ejemplo", description="inventada", trust="vetted")
    service = Service.objects.create(organization=of, name="Servicio de Ejemplo", answer_hours=24)
    referral = refer(person, service, facts="hechos inventados", by=ana, now=now)
    return referral, issue_link(referral, by=ana, now=now)


@pytest.fixture
def late_case(ana):
    """A case of Ana's whose next task is late."""
    then = NOW - timedelta(days=40)
    call = Call.objects.create(arrived_at=then, answered_at=then, state=State.TALKING, operators=[ana.pk])
    return open_case(open_contact(call, by=ana, now=then), by=ana, now=then)


def test_what_a_service_answered_by_its_link_stands_on_the_home_until_the_person_is_told(case_with_referral, ines, now):
    referral, link = case_with_referral
    words = f"{referral.code}: {referral.service}"
    assert words not in page(ines)
    answer_by_link(link_actor(link), ReferralEventKind.ACCEPTED, why_not=None, words="a las diez", now=now)
    shown = page(ines)
    assert (words in shown, f'href="/referrals/{referral.pk}"' in shown) == (True, True)
    assert "a las diez" not in shown
    client = Client()
    client.force_login(ines)
    tasks = client.get(f"/cases/{referral.case_id}/tasks").content.decode()
    assert tasks.count(f'href="/referrals/{referral.pk}"') == 2  # in the list, and above as the next task
    record_referral_event(referral, ReferralEventKind.INFORMED, words="Se lo dije.", by=ines, now=now)
    assert words not in page(ines)


def test_the_task_to_tell_the_person_leads_to_all_answers_when_there_are_two(case_with_referral, ana, ines, now):
    referral, link = case_with_referral
    other = Service.objects.create(organization=referral.service.organization, name="Otro servicio", answer_hours=24)
    second = refer(referral.person, other, facts="hechos inventados", by=ana, now=now)
    for each in (link, issue_link(second, by=ana, now=now)):
        answer_by_link(link_actor(each), ReferralEventKind.ACCEPTED, why_not=None, words="", now=now)
    client = Client()
    client.force_login(ines)
    tasks = client.get(f"/cases/{referral.case_id}/tasks").content.decode()
    of_each = [tasks.count(f'href="/referrals/{it.pk}"') for it in (referral, second)]
    assert max(of_each) <= 2  # the task of having asked it, and the nearest of them above
    assert f'href="/cases/{referral.case_id}/help">' in tasks


def test_an_answer_stands_on_the_home_although_the_person_was_told_before_that_the_service_was_asked(
    case_with_referral, ines, now
):
    referral, link = case_with_referral
    words, before = f"{referral.code}: {referral.service}", now - timedelta(minutes=1)
    record_referral_event(referral, ReferralEventKind.INFORMED, words="Que preguntamos.", by=ines, now=before)
    answer_by_link(link_actor(link), ReferralEventKind.ACCEPTED, why_not=None, words="a las diez", now=now)
    assert words in page(ines)
    cancel_referral(referral, why="Encontró otro lugar.", by=ines, now=now)
    assert words not in page(ines)


def test_what_is_not_due_today_is_shown_ten_at_a_time():
    late = [Row("", "", "", "", NOW - DAY)] * 12
    later = [Row("", "", "", "", NOW + 5 * DAY)] * 12
    now, after = Home(rows=[*late, *later]).sections(NOW)
    assert (len(now.rows), len(now.others), len(after.rows), len(after.others)) == (12, 0, 10, 2)


@pytest.mark.django_db
def test_a_draft_that_was_just_made_waits_since_now_and_names_its_author(paula, bruno):
    now = timezone.now()
    edition = draft_edition(Quarter.of(now.date() - 120 * DAY), by=paula, now=now)
    shown = page(bruno)
    assert "borrador de Paula N.; lo publica otra persona" in shown
    assert "<small>ahora</small>" in shown
    assert "hace 0\xa0minutos" not in shown
    Edition.objects.filter(pk=edition.pk).update(drafted_at=now - timedelta(minutes=5))
    assert "hace 5\xa0minutos" in page(bruno), "control"


@pytest.mark.django_db
def test_every_home_opens_and_says_how_to_begin():
    for user in everybody():
        text = page(user)
        found = home(user)
        assert len(found.numbers) in (0, 3), user.username
        if found.numbers:
            assert ('<div class="empty">' in text) == (not found.rows), user.username


def test_a_late_case_stands_first_and_says_why(ana, late_case):
    found = home(ana)
    [row] = found.rows
    assert row.address == f"/cases/{late_case.pk}"
    assert late_case.code in row.why
    assert [section.label for section in found.sections(NOW)] == ["Ahora"]
    assert f'href="/cases/{late_case.pk}"' in page(ana)


def test_a_supervisor_sees_the_late_cases_of_everybody(marta, late_case):
    assert [row.address for row in home(marta).rows] == [f"/cases/{late_case.pk}"]
    assert home(marta).numbers[2].value == 1


def test_somebody_elses_case_is_on_no_other_home(rufino, late_case):
    ines = User.objects.create(username="ines", role=Role.CASE_WORKER)
    for user in (rufino, ines):
        assert late_case.code not in page(user)
        assert home(user).rows == []


def test_the_list_is_in_the_order_of_its_deadlines():
    due = [NOW + timedelta(days=3), NOW + SOON / 2, NOW - timedelta(hours=1)]
    rows = [Row(str(at), "", "/", "", at) for at in due] + [Row("someday", "", "/", "")]
    sections = Home(rows=rows).sections(NOW)
    now, soon, later = sorted(due)
    assert [row.due for section in sections for row in section.rows] == [now, soon, None, later]
    assert [len(section.rows) for section in sections] == [2, 1, 1]


@pytest.mark.django_db
def test_a_campaign_officer_sees_what_was_promised_by_its_day():
    carla = User.objects.create(username="carla", role=Role.CAMPAIGN_OFFICER)
    today = timezone.localdate(NOW)
    campaign = add_campaign(
        name="Invented", goal="x", partners=[], starts=today - DAY, ends=today + DAY, cost=None, languages=[], by=carla
    )
    event = record_event(campaign=campaign, kind="talk", title="Invented", venue="x", starts_at=NOW - 9 * DAY, by=carla)
    add_pledge(event, text="later", made_by="An institution", due=today + 9 * DAY, by=carla)
    add_pledge(event, text="late", made_by="An institution", due=today - DAY, by=carla)
    found = home(carla)
    assert [number.value for number in found.numbers] == [1, 1, 0]
    assert [[row.title for row in section.rows] for section in found.sections(NOW)] == [["late"], ["later"]]
    assert f'href="/events/{event.pk}"' in page(carla)


@pytest.mark.django_db
def test_a_publisher_s_numbers_count_more_editions_than_the_list_shows(paula, bruno):
    now = timezone.now()
    drafts = [draft_edition(Quarter.of(now.date() - (120 + 92 * n) * DAY), by=paula, now=now) for n in range(10)]
    for draft in drafts[:-1]:
        publish_edition(draft, by=bruno, now=now)
    assert [number.value for number in home(bruno).numbers] == [1, 0, 9]
    assert [row.address for row in home(bruno).rows] == [f"/editions/{drafts[-1].pk}"]


def test_a_publisher_sees_the_notes_of_colleagues_and_a_writer_the_texts_that_were_returned(paula):
    carla = User.objects.create(username="carla", first_name="Carla D.", role=Role.CAMPAIGN_OFFICER)
    words = dict.fromkeys(("place", "title_en", "lead_es", "lead_en", "text_es", "text_en", "contact"), "x")
    note = draft_note(**words, title_es="Una nota", by=carla, now=NOW)
    text = write_text("signs", "es", "Señales", "Palabras.", based_on=0, by=carla, now=NOW)
    send_text(text, by=carla)
    assert [row.address for row in home(paula).rows] == ["/texts/signs/es", f"/notes/{note.pk}"]
    assert home(carla).rows == []
    return_text(text, "Falta el número", by=paula, now=NOW)
    assert [(row.address, "Falta el número" in row.why) for row in home(carla).rows] == [("/texts/signs/es", True)]
    assert [row.address for row in home(paula).rows] == [f"/notes/{note.pk}"]


@pytest.mark.parametrize(("measure", "address"), [("", "/plans/nodes/3?report=7"), ("x", "/plans/nodes/3")])
def test_nobody_is_asked_for_the_value_of_an_indicator_that_fills_itself(measure, address):
    indicator = Indicator(pk=7, node_id=3, text="x", responsible=Agency(name="Invented"), measure=measure)
    assert indicator_row(indicator, Light.GREY, None).address == address


@pytest.mark.django_db
def test_a_supervisor_sees_that_conversations_are_to_be_reviewed_and_an_operator_the_feedback(marta, ana):
    then = NOW - timedelta(days=1)
    call = Call.objects.create(arrived_at=then, answered_at=then, state=State.TALKING, operators=[ana.pk])
    contact = open_contact(call, by=ana, now=then)
    ask_for_review(wrap_up(contact, type="information", key=uuid4(), by=ana, now=then), by=ana, now=NOW)
    assert [row.address for row in home(marta).rows] == ["/quality"]
    assert home(ana).rows == []
    with acting_as(ana.acting()):
        sample = Sample.objects.get()
    review(sample, dict.fromkeys(NAMES, "3"), "Listened well.", by=marta, now=NOW)
    assert [row.address for row in home(ana).rows] == [f"/quality/{sample.pk}"]
    assert home(marta).rows == []


@pytest.mark.django_db
def test_the_plan_stands_on_the_home_of_its_coordinator_and_an_institution_sees_its_own_part():
    ministry = Agency.objects.create(name="Invented ministry", kind=Kind.MINISTRY)
    other = Agency.objects.create(name="Invented other", kind=Kind.MINISTRY)
    pilar = User.objects.create(username="pilar", role=Role.PLAN_COORDINATOR, agency=ministry)
    rosa = User.objects.create(username="rosa", role=Role.PLAN_RESPONDENT, agency=other)
    today = timezone.localdate(NOW)
    plan = plan_rules.add_plan(title="Invented", starts_on=today - 300 * DAY, ends_on=today + 300 * DAY, by=pilar)
    node = plan_rules.add_node(plan, kind="axis", number="1", text="x", by=pilar)
    own = [
        plan_rules.add_indicator(
            node, number=f"1.{n}", text=f"indicator {n}", unit="%", baseline=0.0, baseline_on=today - 300 * DAY,
            target=100.0, due_on=today + 300 * DAY, frequency="yearly", responsible=of, by=pilar,
        )
        for n, of in enumerate((ministry, other))
    ]  # fmt: skip
    plan_rules.send_to_review(plan, by=pilar, today=today)
    plan_rules.approve_plan(plan, approved_by="x", approved_through="x", on=today, by=pilar)
    plan_rules.report_measurement(own[0], value=1.0, as_of=today, evidence="x", by=pilar, now=NOW)
    assert [number.value for number in home(pilar).numbers] == [1, 1, 2]
    assert [row.title for row in home(pilar).rows] == ["indicator 0", "indicator 1"]
    assert [row.title for row in home(rosa).rows] == ["indicator 1"]
    shown = page(pilar)
    assert f'href="/plans/{plan.pk}"' in shown
    assert [number.label for number in home(pilar).numbers] == [
        "indicador muy atrasado", "sin valor reciente", "indicadores",
    ]  # fmt: skip
    assert "Informar un valor" in shown
    assert "Denuncia" not in shown
    plan_rules.add_plan(title="The next", starts_on=today + 300 * DAY, ends_on=today + 900 * DAY, by=pilar)
    assert [number.value for number in home(pilar).numbers] == [1, 1, 2], "a draft of the next plan hides nothing"
    assert [row.title for row in home(rosa).rows] == ["indicator 1"]
    year = (today + 300 * DAY).year
    assert (f"</b> <small>{year}</small>" in shown) == (year != today.year)


def plan_in_operation(pilar: User) -> tuple[Plan, Indicator]:
    """A plan with one indicator, of Pilar's institution."""
    today = timezone.localdate(NOW)
    law = plan_rules.write_law(
        None, kind="law", number="Ley 00000", title="Invented", in_effect_from=today - 300 * DAY, by=pilar,
        now=timezone.now(),
    )  # fmt: skip
    days = {"starts_on": today - 300 * DAY, "ends_on": today + 300 * DAY}
    plan = plan_rules.add_plan(title="Invented", law=law, by=pilar, **days)
    node = plan_rules.add_node(plan, kind="axis", number="1", text="x", by=pilar)
    indicator = plan_rules.add_indicator(
        node, number="1.1", text="an indicator", unit="%", baseline=0.0, baseline_on=today - 300 * DAY, target=100.0,
        due_on=today + 300 * DAY, frequency="quarterly", responsible=pilar.agency, by=pilar,
    )  # fmt: skip
    plan_rules.send_to_review(plan, by=pilar, today=today)
    plan_rules.approve_plan(plan, approved_by="x", approved_through="x", on=today, by=pilar)
    plan_rules.put_into_operation(plan, by=pilar, today=today)
    return plan, indicator


@pytest.mark.django_db
def test_a_data_call_stands_on_the_home_of_the_institution_by_its_day():
    ministry = Agency.objects.create(name="Invented ministry", kind=Kind.MINISTRY)
    pilar = User.objects.create(username="pilar", role=Role.PLAN_COORDINATOR, agency=ministry)
    rosa = User.objects.create(username="rosa", role=Role.PLAN_RESPONDENT, agency=ministry)
    today = timezone.localdate(NOW)
    plan, indicator = plan_in_operation(pilar)
    assert [row.due for row in home(rosa).rows] == [None]
    quarter = callable_quarters(plan, today)[0]
    plan_rules.open_data_call(plan, quarter, today + 9 * DAY, by=pilar, now=NOW)
    [row] = home(rosa).rows
    assert (row.title, timezone.localdate(row.due)) == ("an indicator", today + 9 * DAY)
    with acting_as(rosa.acting()):
        [plans] = [link for link in Bar.of(rosa, "home", NOW).places if link.address == "/plans"]
    assert plans.number == 1
    plan_rules.report_measurement(indicator, value=9.0, as_of=today, evidence="x", by=rosa, now=NOW)
    assert [row.due for row in home(rosa).rows if row.due and row.due.date() < today + 30 * DAY] == []


@pytest.mark.django_db
def test_comments_of_a_review_wait_for_the_coordinator_and_the_answer_for_those_who_wrote_them():
    ministry = Agency.objects.create(name="Invented ministry", kind=Kind.MINISTRY)
    other = Agency.objects.create(name="Invented other", kind=Kind.NGO)
    pilar = User.objects.create(username="pilar", role=Role.PLAN_COORDINATOR, agency=ministry)
    rosa, nora = (
        User.objects.create(username=name, first_name=name.title(), role=Role.PLAN_RESPONDENT, agency=other)
        for name in ("rosa", "nora")
    )
    today = timezone.localdate(NOW)
    plan = plan_rules.add_plan(title="Invented", starts_on=today, ends_on=today + 300 * DAY, by=pilar)
    first, second = (plan_rules.add_node(plan, kind="axis", number=n, text="x", by=pilar) for n in ("1", "2"))

    def waiting(user: User) -> list[str]:
        with acting_as(user.acting()):
            [plans] = [link for link in Bar.of(user, "home", NOW).places if link.address == "/plans"]
        return [row.address for row in home(user).rows] + ["bar"] * (plans.number or 0)

    plan_rules.send_to_review(plan, by=pilar, today=today)
    assert waiting(pilar) == []
    plan_rules.comment_on_plan(first, "No Quechua.", by=rosa, now=NOW)
    plan_rules.comment_on_plan(second, "No money.", by=rosa, now=NOW)
    plan_rules.comment_on_plan(first, "No Aymara.", by=rosa, now=NOW)
    both = [f"/plans/nodes/{node.pk}#comments" for node in (first, second)]
    assert waiting(pilar) == [*both, "bar", "bar", "bar"]
    assert "Rosa, Invented other" in page(pilar)
    assert waiting(rosa) == waiting(nora) == []
    plan_rules.comment_on_plan(first, "We add it.", by=pilar, now=NOW)
    assert waiting(pilar) == [both[1], "bar"]
    assert waiting(rosa) == [both[0], "bar"]
    assert waiting(nora) == []
    plan_rules.return_to_draft(plan, by=pilar)
    assert waiting(pilar) == waiting(rosa) == []
    client = Client()
    client.force_login(pilar)
    listed = client.get(f"/plans/{plan.pk}").content.decode()
    assert all(f'href="{address}"' in listed for address in both), "they are needed to change the draft"
    plan_rules.send_to_review(plan, by=pilar, today=today + DAY)
    assert waiting(pilar) == [], "comments of the review before"


@pytest.mark.django_db
def test_many_comments_hide_no_asked_value():
    ministry = Agency.objects.create(name="Invented ministry", kind=Kind.MINISTRY)
    pilar = User.objects.create(username="pilar", role=Role.PLAN_COORDINATOR, agency=ministry)
    rosa = User.objects.create(username="rosa", role=Role.PLAN_RESPONDENT, agency=ministry)
    today = timezone.localdate(NOW)
    plan, _indicator = plan_in_operation(pilar)
    plan_rules.open_data_call(plan, callable_quarters(plan, today)[0], today + 9 * DAY, by=pilar, now=NOW)
    days = {"starts_on": today + 300 * DAY, "ends_on": today + 900 * DAY}
    following = plan_rules.add_plan(title="The next", by=pilar, **days)
    lines = [plan_rules.add_node(following, kind="axis", number=str(n), text="x", by=pilar) for n in range(1, 46)]
    plan_rules.send_to_review(following, by=pilar, today=today)
    due, everything = home(pilar).rows[0].address, f"/plans/{following.pk}#commented"
    for line in lines[:10]:
        plan_rules.comment_on_plan(line, "No Quechua.", by=rosa, now=NOW)
    ten = [f"/plans/nodes/{line.pk}#comments" for line in reversed(lines[:10])]
    assert [row.address for row in home(pilar).rows] == [due, *ten]
    for line in lines[10:]:
        plan_rules.comment_on_plan(line, "No Quechua.", by=rosa, now=NOW)
    ten = [f"/plans/nodes/{line.pk}#comments" for line in reversed(lines[35:])]
    assert [row.address for row in home(pilar).rows] == [due, *ten, everything]
    assert "35" in home(pilar).rows[-1].title
    assert everything in page(pilar)


def test_who_waits_in_writing_waits_on_the_line(ana, marta):
    assert [home(user).numbers[0].value for user in (ana, marta)] == [0, 0]
    scenes.begin_chat()
    assert [home(user).numbers[0].value for user in (ana, marta)] == [1, 1]
