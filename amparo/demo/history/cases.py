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
class PastCase:
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

    def is_readable_by_others(self, at: datetime) -> bool:
        """True if another institution can still read what was shared then: it has access for a year at most."""
        return at + YEAR > self.now + DAY


type Step = Callable[[PastCase, datetime], Any]
type Courses = tuple[tuple[tuple[float, Step], ...], ...]  # each a list of days and steps


def sign_screening(file: PastCase, at: datetime) -> None:
    answer(file.person, dict.fromkeys(HEARD[file.number % len(HEARD)], "yes"), by=file.by, now=at)
    rules.sign_assessment(file.person, by=file.by, now=at)


def add_events(file: PastCase, at: datetime) -> None:
    """Record where the person was recruited and exploited; in every second case also an alleged perpetrator."""
    places = zip((EventKind.RECRUITMENT, EventKind.EXPLOITATION), ROUTES[file.number % len(ROUTES)], strict=True)
    for kind, place in places:
        known = {"ubigeo": place, "country": "PE"} if place.isdigit() else {"country": place}
        rules.add_event(file.person, kind, by=file.by, now=at, **known)
    if file.number % 2:
        gender = GENDERS[-1 - file.number // 2 % len(GENDERS)]
        rules.add_person_to_case(file.case, Part.ALLEGED_PERPETRATOR, gender=gender, by=file.by, now=at)


def recognise_victim(file: PastCase, at: datetime) -> None:
    rules.write_decision(
        file.person, Status.ACTUAL_VICTIM, Body.PROSECUTION, document=f"Disposición inventada {file.number}",
        decided_on=timezone.localdate(at), by=file.by, now=at,
    )  # fmt: skip


def give_consent(file: PastCase, at: datetime) -> None:
    """Record the person's consent: the facts may go to the police and to services, without their name."""
    consents.record_consent_in_case(
        file.person, data=[Data.INCIDENT_FACTS], recipients=[Recipient.POLICE, Recipient.SERVICE_PROVIDER],
        purpose="inventado", informed=list(InformedItem.values), given_how="voice",
        guardian=Guardian.CONSENTS if file.is_child else "", expires_at=at + YEAR, by=file.by, now=at,
    )  # fmt: skip


def mark_danger(file: PastCase, at: datetime) -> None:
    """Record danger as a ground for disclosure without consent; a supervisor reviews it within a day."""
    facts = "Hechos inventados: dijo que la buscan esta noche."
    consents.record_basis_in_case(file.person, OverrideGround.IMMINENT_DANGER, facts, by=file.by, now=at)


def add_note(file: PastCase, at: datetime) -> None:
    rules.write_note(file.case, "Nota inventada: sigue acompañada y pide que la llamen de tarde.", by=file.by, now=at)


def send_report(file: PastCase, at: datetime) -> None:
    file.report = report_to_police(
        file.person, file.people["teo"].agency, facts=FACTS, source=Source.VICTIM, ubigeo=file.person.ubigeo_now,
        by=file.by, now=at,
    )  # fmt: skip


def police_receive_report(file: PastCase, at: datetime) -> None:
    assert file.report
    folio = f"F-INVENTADO-{file.number}"
    if file.is_readable_by_others(file.report.sent_at):
        receive_report(file.report, folio, by=file.people["teo"], now=at)
    else:
        note_received(file.report, folio=folio, speaker="Suboficial inventado", by=file.by, now=at)


def police_ask(file: PastCase, at: datetime) -> None:
    if file.report and file.is_readable_by_others(file.report.sent_at):
        words = "Pregunta inventada: ¿en qué turno se encuentra a la persona?"
        add_message(file.report, ReportEventKind.QUESTION, words, by=file.people["teo"], now=at)


def answer_police(file: PastCase, at: datetime) -> None:
    if file.report and file.is_readable_by_others(file.report.sent_at):
        add_message(file.report, ReportEventKind.ANSWERED, "Respuesta inventada: de noche.", by=file.by, now=at)


def police_decide(file: PastCase, at: datetime) -> None:
    assert file.report
    decision = (Decision.INVESTIGATED, Decision.ACTED, Decision.PASSED_ON, Decision.SHELVED)[file.number % 4]
    if file.is_readable_by_others(file.report.sent_at):
        record_decision(file.report, decision, words="dato inventado", by=file.people["teo"], now=at)
    else:
        note_decided(file.report, decision, speaker="Suboficial inventado", words="dato inventado", by=file.by, now=at)


def police_tell_outcome(file: PastCase, at: datetime) -> None:
    if file.report and file.is_readable_by_others(file.report.sent_at):
        words, may_tell = "Resultado inventado.", "Inventado: el local fue visitado."
        add_message(file.report, ReportEventKind.OUTCOME, words, may_tell=may_tell, by=file.people["teo"], now=at)


def inform_person(file: PastCase, at: datetime) -> None:
    assert file.report
    add_message(file.report, ReportEventKind.INFORMED, "Se le contó lo inventado.", by=file.by, now=at)


def send_referral(file: PastCase, at: datetime) -> None:
    services = list(Service.objects.offered().filter(organization__recipient_kind="service_provider").order_by("name"))
    nth = file.number + (1 if file.referral else 0)
    file.referral = refer(file.person, services[nth % len(services)], facts=FACTS, by=file.by, now=at)


def _service_step(kind: ReferralEventKind, why_not: DeclineReason | None = None) -> Step:
    def step(file: PastCase, at: datetime) -> None:
        assert file.referral
        words = "Coordinadora inventada, por teléfono."
        record_referral_event(file.referral, kind, words=words, why_not=why_not, by=file.by, now=at)

    return step


accepted, arrived = _service_step(ReferralEventKind.ACCEPTED), _service_step(ReferralEventKind.ARRIVED)
served = _service_step(ReferralEventKind.SERVED)
declined = _service_step(ReferralEventKind.DECLINED, DeclineReason.FULL)


def withdraw_referral(file: PastCase, at: datetime) -> None:
    assert file.referral
    cancel_referral(file.referral, why="Inventado: ya no lo necesita.", by=file.by, now=at)


def reserve_bed(file: PastCase, at: datetime) -> None:
    """Hold a bed, if one is free and the house can still read the case: it has access for a year at most."""
    if not file.is_readable_by_others(at):
        return
    with acting_as(file.by.acting()):
        house = House.objects.get(code_name=HOUSES[file.is_child])
    try:
        file.placement = hold_bed(file.case, [file.person], house, by=file.by, now=at)
    except Refused:
        file.placement = None


def ask_for_placement(file: PastCase, at: datetime) -> None:
    if file.placement:
        until = timezone.localdate(at) + 45 * DAY
        file.placement = request_placement(
            file.placement, planned_to=until, escort="Equipo de Ejemplo", by=file.by, now=at
        )


def approve_stay(file: PastCase, at: datetime) -> None:
    if file.placement:
        file.placement = approve_placement(file.placement, by=file.people["olga"], now=at)


def move_in(file: PastCase, at: datetime) -> None:
    if file.placement:
        try:
            file.placement = arrive(file.placement, by=file.people["luz"], now=at)
        except Refused:  # another person took the last bed that fits: nobody arrives
            file.placement = None


def move_out(file: PastCase, at: datetime) -> None:
    luz = file.people["luz"]
    if file.placement:
        with acting_as(luz.acting()):
            stays = list(file.placement.ordered_stays)
        for stay in stays:
            leave_house(stay, by=luz, now=at)


def hand_case_over(file: PastCase, at: datetime) -> None:
    rules.hand_over(
        file.case, where_it_stands="Inventado: espera la respuesta de un servicio.",
        what_next="Llamarla por la tarde.", by=file.by, now=at,
    )  # fmt: skip


def do_due_tasks(file: PastCase, at: datetime) -> None:
    """Plan a call to the person some days after `at` or the present, whichever is later; finish tasks due before."""
    due = max(at, file.now) + (1 + file.number % 6) * DAY
    rules.plan_task(file.case, TaskKind.CALL, due, by=file.by, now=at)
    for task in _open_tasks(file):
        if task.due < due:
            rules.finish_task(task, result="dato inventado", by=file.by, now=at)


def close_as(closing: Closing) -> Step:
    """Return a step that finishes all open tasks but the last, and closes the case in this way."""

    def step(file: PastCase, at: datetime) -> None:
        for task in _open_tasks(file)[:-1]:
            rules.finish_task(task, result="dato inventado", by=file.by, now=at)
        rules.close_case(file.case, closing, words="dato inventado", by=file.by, now=at)

    return step


def move_to_follow_up(file: PastCase, at: datetime) -> None:
    """Move the case to follow-up; close it instead if `at` is most of a year ago."""
    if file.now - at > MOST_OF_A_YEAR:
        close_as(Closing.SAFE)(file, at)
    else:
        do_due_tasks(file, at)
        rules.follow_up(file.case, only=True, by=file.by, now=at)


def _open_tasks(file: PastCase) -> list[Any]:
    with acting_as(file.by.acting()):
        return sorted(file.case.tasks.open(), key=lambda task: task.is_critical, reverse=True)


SOON = ((0.02, sign_screening), (0.025, add_events), (0.03, give_consent))
REPORTED = (*SOON, (0.05, send_report), (0.2, police_receive_report))
OVER: Courses = (
    (*REPORTED, (2, police_decide), (14, police_tell_outcome), (15, inform_person), (20, recognise_victim),
     (40, close_as(Closing.SAFE))),
    (*SOON, (1, send_referral), (2, accepted), (4, arrived), (20, served), (45, close_as(Closing.HANDED_OVER))),
    ((3, add_note), (12, close_as(Closing.ELSEWHERE))),
    (*REPORTED, (0.8, police_ask), (1.2, answer_police), (2.5, police_decide), (25, recognise_victim),
     (30, close_as(Closing.SAFE))),
    (*SOON, (0.1, reserve_bed), (0.11, ask_for_placement), (0.13, approve_stay), (0.4, move_in), (24, move_out),
     (32, close_as(Closing.RETURNED))),
    (*SOON, (1, send_referral), (2, declined), (2.2, send_referral), (4, accepted), (6, arrived),
     (30, close_as(Closing.SAFE))),
    ((0.02, sign_screening), (5, add_note), (50, close_as(Closing.LOST))),
    (*SOON, (1, send_referral), (18, withdraw_referral), (25, close_as(Closing.WITHDREW))),
    (*SOON, (1, send_referral), (2, accepted), (4, arrived), (20, served), (30, move_to_follow_up)),
)  # fmt: skip
RUNNING: Courses = (
    (*REPORTED, (0.5, police_ask), (-0.3, do_due_tasks)),
    (*SOON, (1, send_referral), (2, accepted), (4, arrived), (-0.2, do_due_tasks)),
    (*SOON, (0.05, send_report), (-0.45, do_due_tasks)),  # the unit does not answer
    (*SOON, (-0.6, reserve_bed), (-0.59, ask_for_placement), (-0.57, approve_stay), (-0.2, move_in),
     (-0.1, do_due_tasks)),
    (*SOON, (1, send_referral), (-0.35, do_due_tasks)),  # nor does the service
    (*REPORTED, (2, police_decide), (-0.5, do_due_tasks)),
    ((0.02, sign_screening), (-0.5, mark_danger), (-0.4, hand_case_over)),
    (*SOON, (-0.25, do_due_tasks), (-0.05, reserve_bed), (-0.04, ask_for_placement)),
    (*SOON, (1, send_referral), (2, declined), (-0.3, do_due_tasks)),
    (*SOON, (-0.15, do_due_tasks), (-0.11, reserve_bed), (-0.1, ask_for_placement), (-0.08, approve_stay)),
    ((0.02, sign_screening), (3, add_note), (-0.1, move_to_follow_up)),
    (),  # just opened
)  # fmt: skip
EARLIER: Courses = (  # for the months that have figures alone
    ((0.02, sign_screening), (0.025, add_events), (20, recognise_victim), (40, close_as(Closing.SAFE))),
    ((0.025, add_events), (30, close_as(Closing.LOST))),
    ((0.02, sign_screening), (0.025, add_events), (32, close_as(Closing.RETURNED))),
)
YOUNG = timedelta(days=50)  # cases opened since then still run


def write_case(
    contact: Contact, number: int, people: dict[str, User], now: datetime, courses: Courses | None = None
) -> Case:
    """Open a case for this contact, and do those steps of its course that are past. `number` chooses the course."""
    assert contact.ended
    by, opened = contact.operator, contact.ended + timedelta(minutes=1)
    case = rules.open_case(contact, by=by, now=opened)
    if number % 2:
        rules.add_member(case, people["ines"], by=by, now=opened)
    with acting_as(by.acting()):
        person = case.persons.get(part="at_risk")
    file = PastCase(case, person, number, by, people, now)
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
