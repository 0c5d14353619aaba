"""What followed from some of the invented calls: a case, with its reports, referrals and beds.

Each case has a list of steps, each some days after the case was opened. Steps in the future are left out, so recent
cases are unfinished. Steps with a negative number of days are counted back from the present.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from amparo.care.cases import consents, rules
from amparo.care.cases.models import Case
from amparo.care.cases.picklists import Closing, EventKind, TaskKind
from amparo.care.consent.picklists import Data, Guardian, InformedItem, OverrideGround, Recipient
from amparo.care.directory.models import Service
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.police_reports.by_telephone import note_decided, note_received
from amparo.care.police_reports.models import Report
from amparo.care.police_reports.picklists import Decision, ReportEventKind, Source
from amparo.care.police_reports.rules import add_message, receive_report, record_decision, report_to_police
from amparo.care.referrals.models import Referral
from amparo.care.referrals.picklists import DeclineReason, ReferralEventKind
from amparo.care.referrals.rules import cancel_referral, record_referral_event, refer
from amparo.care.screening.models import Body, Status
from amparo.care.screening.rules import answer
from amparo.care.shelters.models import House, Placement
from amparo.care.shelters.rules import approve_placement, arrive, hold_bed, leave_house, request_placement
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import Contact

DAY, YEAR, MOST_OF_A_YEAR = timedelta(days=1), timedelta(days=365), timedelta(days=300)
HEARD = (
    ("act.recruitment", "means.deception", "purpose.forced_labour", "deceptive_recruitment.wages",
     "coercion_destination.documents_taken"),
    ("act.harbouring", "means.deprivation_of_liberty", "purpose.forced_labour", "coercion_destination.isolation"),
    ("act.recruitment", "act.transportation", "means.fraud", "means.deception", "purpose.sexual",
     "coercive_recruitment.debt_bondage"),
)  # fmt: skip
ROUTES = (("080101", "170101"), ("080101", "170101"), ("210101", "150101"), ("160101", "250101"), ("", "BO"))
CITIZENSHIPS = ("PE", "PE", "VE", "PE", "PE", "BO", "PE", "")
AGES, GENDERS = (24, 31, 19, 16, 27, 42, 22, 35), ("feminine", "feminine", "feminine", "masculine")
HOUSES = {True: "Casa Tucán", False: "Casa Queñual"}  # for a girl, and for a woman
FACTS = "Hechos inventados: trabajo sin pago en un local inventado, con el documento retenido."


@dataclass
class File:
    """A case of the invented past, while its steps are being written."""

    case: Case
    person: Person
    number: int  # of the case in the recipe
    by: User
    people: dict[str, User]
    now: datetime  # the present, for the end of what is still running
    report: Report | None = None
    referral: Referral | None = None
    placement: Placement | None = None

    @property
    def is_child(self) -> bool:
        return self.age < 18

    @property
    def age(self) -> int:
        return AGES[self.number % len(AGES)]

    def others_read(self, at: datetime) -> bool:
        """Whether what was shared then can still be read: other institutions have access for a year at most."""
        return at + YEAR > self.now + DAY


type Step = Callable[[File, datetime], Any]
type Courses = tuple[tuple[tuple[float, Step], ...], ...]  # each a list of days and steps


def screen(file: File, at: datetime) -> None:
    answer(file.person, dict.fromkeys(HEARD[file.number % len(HEARD)], "yes"), by=file.by, now=at)
    rules.sign_assessment(file.person, by=file.by, now=at)


def happened(file: File, at: datetime) -> None:
    """Write where the person was recruited and exploited, and of every second case who is accused."""
    places = zip((EventKind.RECRUITMENT, EventKind.EXPLOITATION), ROUTES[file.number % len(ROUTES)], strict=True)
    for kind, place in places:
        known = {"ubigeo": place, "country": "PE"} if place.isdigit() else {"country": place}
        rules.add_event(file.person, kind, by=file.by, now=at, **known)
    if file.number % 2:
        gender = GENDERS[-1 - file.number // 2 % len(GENDERS)]
        rules.add_person_to_case(file.case, Part.ALLEGED_PERPETRATOR, gender=gender, by=file.by, now=at)


def recognised(file: File, at: datetime) -> None:
    rules.write_decision(
        file.person, Status.ACTUAL_VICTIM, Body.PROSECUTION, document=f"Disposición inventada {file.number}",
        decided_on=timezone.localdate(at), by=file.by, now=at,
    )  # fmt: skip


def agree(file: File, at: datetime) -> None:
    """Record that the person agrees: the facts may go to the police and to services, without their name."""
    consents.record_consent_in_case(
        file.person, data=[Data.INCIDENT_FACTS], recipients=[Recipient.POLICE, Recipient.SERVICE_PROVIDER],
        purpose="inventado", informed=list(InformedItem.values), given_how="voice",
        guardian=Guardian.CONSENTS if file.is_child else "", expires_at=at + YEAR, by=file.by, now=at,
    )  # fmt: skip


def mark_danger(file: File, at: datetime) -> None:
    """Record danger as a ground for disclosure without consent; a supervisor reviews it within a day."""
    facts = "Hechos inventados: dijo que la buscan esta noche."
    consents.record_basis_in_case(file.person, OverrideGround.IMMINENT_DANGER, facts, by=file.by, now=at)


def note(file: File, at: datetime) -> None:
    rules.write_note(file.case, "Nota inventada: sigue acompañada y pide que la llamen de tarde.", by=file.by, now=at)


def report(file: File, at: datetime) -> None:
    file.report = report_to_police(
        file.person, file.people["teo"].agency, facts=FACTS, source=Source.VICTIM, ubigeo=file.person.ubigeo_now,
        by=file.by, now=at,
    )  # fmt: skip


def receive(file: File, at: datetime) -> None:
    assert file.report
    folio = f"F-INVENTADO-{file.number}"
    if file.others_read(file.report.sent_at):
        receive_report(file.report, folio, by=file.people["teo"], now=at)
    else:
        note_received(file.report, folio=folio, speaker="Suboficial inventado", by=file.by, now=at)


def ask(file: File, at: datetime) -> None:
    if file.report and file.others_read(file.report.sent_at):
        words = "Pregunta inventada: ¿en qué turno se encuentra a la persona?"
        add_message(file.report, ReportEventKind.QUESTION, words, by=file.people["teo"], now=at)


def reply(file: File, at: datetime) -> None:
    if file.report and file.others_read(file.report.sent_at):
        add_message(file.report, ReportEventKind.ANSWERED, "Respuesta inventada: de noche.", by=file.by, now=at)


def decide(file: File, at: datetime) -> None:
    assert file.report
    decision = (Decision.INVESTIGATED, Decision.ACTED, Decision.PASSED_ON, Decision.SHELVED)[file.number % 4]
    if file.others_read(file.report.sent_at):
        record_decision(file.report, decision, words="dato inventado", by=file.people["teo"], now=at)
    else:
        note_decided(file.report, decision, speaker="Suboficial inventado", words="dato inventado", by=file.by, now=at)


def outcome(file: File, at: datetime) -> None:
    if file.report and file.others_read(file.report.sent_at):
        words, may_tell = "Resultado inventado.", "Inventado: el local fue visitado."
        add_message(file.report, ReportEventKind.OUTCOME, words, may_tell=may_tell, by=file.people["teo"], now=at)


def inform(file: File, at: datetime) -> None:
    assert file.report
    add_message(file.report, ReportEventKind.INFORMED, "Se le contó lo inventado.", by=file.by, now=at)


def ask_service(file: File, at: datetime) -> None:
    services = list(Service.objects.offered().filter(organization__recipient_kind="service_provider").order_by("name"))
    nth = file.number + (1 if file.referral else 0)
    file.referral = refer(file.person, services[nth % len(services)], facts=FACTS, by=file.by, now=at)


def _service_says(kind: ReferralEventKind, why_not: DeclineReason | None = None) -> Step:
    def step(file: File, at: datetime) -> None:
        assert file.referral
        words = "Coordinadora inventada, por teléfono."
        record_referral_event(file.referral, kind, words=words, why_not=why_not, by=file.by, now=at)

    return step


accepted, arrived = _service_says(ReferralEventKind.ACCEPTED), _service_says(ReferralEventKind.ARRIVED)
served = _service_says(ReferralEventKind.SERVED)
declined = _service_says(ReferralEventKind.DECLINED, DeclineReason.FULL)


def call_off(file: File, at: datetime) -> None:
    assert file.referral
    cancel_referral(file.referral, why="Inventado: ya no lo necesita.", by=file.by, now=at)


def hold(file: File, at: datetime) -> None:
    """Hold a bed, if one is free. A house has access for a year, so older stays cannot be written."""
    if not file.others_read(at):
        return
    with acting_as(file.by.acting()):
        house = House.objects.get(code_name=HOUSES[file.is_child])
    try:
        file.placement = hold_bed(file.case, [file.person], house, by=file.by, now=at)
    except Refused:
        file.placement = None


def request(file: File, at: datetime) -> None:
    if file.placement:
        until = timezone.localdate(at) + 45 * DAY
        file.placement = request_placement(
            file.placement, planned_to=until, escort="Equipo de Ejemplo", by=file.by, now=at
        )


def approve(file: File, at: datetime) -> None:
    if file.placement:
        file.placement = approve_placement(file.placement, by=file.people["olga"], now=at)


def enter(file: File, at: datetime) -> None:
    if file.placement:
        try:
            file.placement = arrive(file.placement, by=file.people["luz"], now=at)
        except Refused:  # another person took the last bed that fits: nobody arrives
            file.placement = None


def leave(file: File, at: datetime) -> None:
    luz = file.people["luz"]
    if file.placement:
        with acting_as(luz.acting()):
            stays = list(file.placement.ordered_stays)
        for stay in stays:
            leave_house(stay, by=luz, now=at)


def hand_over(file: File, at: datetime) -> None:
    rules.hand_over(
        file.case, where_it_stands="Inventado: espera la respuesta de un servicio.",
        what_next="Llamarla por la tarde.", by=file.by, now=at,
    )  # fmt: skip


def tend(file: File, at: datetime) -> None:
    """Finish the tasks that are due, and plan the next call for some days from now."""
    due = max(at, file.now) + (1 + file.number % 6) * DAY
    rules.plan_task(file.case, TaskKind.CALL, due, by=file.by, now=at)
    for task in _tasks(file):
        if task.due < due:
            rules.finish_task(task, result="dato inventado", by=file.by, now=at)


def close(closing: Closing) -> Step:
    """Finish the planned tasks, then close the case: a case with an open critical task cannot be closed."""

    def step(file: File, at: datetime) -> None:
        for task in _tasks(file)[:-1]:
            rules.finish_task(task, result="dato inventado", by=file.by, now=at)
        rules.close_case(file.case, closing, words="dato inventado", by=file.by, now=at)

    return step


def only_follow(file: File, at: datetime) -> None:
    """Move the case to follow-up, and close it after most of a year."""
    if file.now - at > MOST_OF_A_YEAR:
        close(Closing.SAFE)(file, at)
    else:
        tend(file, at)
        rules.follow_up(file.case, only=True, by=file.by, now=at)


def _tasks(file: File) -> list[Any]:
    with acting_as(file.by.acting()):
        return sorted(file.case.tasks.open(), key=lambda task: task.is_critical, reverse=True)


SOON = ((0.02, screen), (0.025, happened), (0.03, agree))
REPORTED = (*SOON, (0.05, report), (0.2, receive))
OVER: Courses = (
    (*REPORTED, (2, decide), (14, outcome), (15, inform), (20, recognised), (40, close(Closing.SAFE))),
    (*SOON, (1, ask_service), (2, accepted), (4, arrived), (20, served), (45, close(Closing.HANDED_OVER))),
    ((3, note), (12, close(Closing.ELSEWHERE))),
    (*REPORTED, (0.8, ask), (1.2, reply), (2.5, decide), (25, recognised), (30, close(Closing.SAFE))),
    (*SOON, (0.1, hold), (0.11, request), (0.13, approve), (0.4, enter), (24, leave),
     (32, close(Closing.RETURNED))),
    (*SOON, (1, ask_service), (2, declined), (2.2, ask_service), (4, accepted), (6, arrived),
     (30, close(Closing.SAFE))),
    ((0.02, screen), (5, note), (50, close(Closing.LOST))),
    (*SOON, (1, ask_service), (18, call_off), (25, close(Closing.WITHDREW))),
    (*SOON, (1, ask_service), (2, accepted), (4, arrived), (20, served), (30, only_follow)),
)  # fmt: skip
RUNNING: Courses = (
    (*REPORTED, (0.5, ask), (-0.3, tend)),
    (*SOON, (1, ask_service), (2, accepted), (4, arrived), (-0.2, tend)),
    (*SOON, (0.05, report), (-0.45, tend)),  # the unit does not answer
    (*SOON, (-0.6, hold), (-0.59, request), (-0.57, approve), (-0.2, enter), (-0.1, tend)),
    (*SOON, (1, ask_service), (-0.35, tend)),  # nor does the service
    (*REPORTED, (2, decide), (-0.5, tend)),
    ((0.02, screen), (-0.5, mark_danger), (-0.4, hand_over)),
    (*SOON, (-0.25, tend), (-0.05, hold), (-0.04, request)),
    (*SOON, (1, ask_service), (2, declined), (-0.3, tend)),
    (*SOON, (-0.15, tend), (-0.11, hold), (-0.1, request), (-0.08, approve)),
    ((0.02, screen), (3, note), (-0.1, only_follow)),
    (),  # just opened
)
EARLIER: Courses = (  # of the months of which only figures are made
    ((0.02, screen), (0.025, happened), (20, recognised), (40, close(Closing.SAFE))),
    ((0.025, happened), (30, close(Closing.LOST))),
    ((0.02, screen), (0.025, happened), (32, close(Closing.RETURNED))),
)
YOUNG = timedelta(days=50)  # cases opened since then still run


def write(
    contact: Contact, number: int, people: dict[str, User], now: datetime, courses: Courses | None = None
) -> Case:
    """Open a case for this contact, and do those of its steps whose day has come."""
    assert contact.ended
    by, opened = contact.operator, contact.ended + timedelta(minutes=1)
    case = rules.open_case(contact, by=by, now=opened)
    if number % 2:
        rules.add_member(case, people["ines"], by=by, now=opened)
    with acting_as(by.acting()):
        person = case.persons.get(part="at_risk")
    file = File(case, person, number, by, people, now)
    gender = "feminine" if file.is_child else GENDERS[number % len(GENDERS)]
    file.person = consents.describe_person_in_case(
        person, age_at_events=file.age, age_certainty="sure", gender=gender,
        citizenship=CITIZENSHIPS[number % len(CITIZENSHIPS)], by=by, now=opened,
    )  # fmt: skip
    courses = courses or (RUNNING if opened + YOUNG > now else OVER)
    for days, step in courses[number % len(courses)]:
        at = opened + days * DAY if days >= 0 else now + days * DAY
        if opened < at < now:
            step(file, at)
    return case
