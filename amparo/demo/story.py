"""The story of one invented woman with a real call: heard, believed, helped and informed; with `erase`, also erased."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from amparo.care.cases import consents, rules
from amparo.care.cases.erasure import erase_case
from amparo.care.cases.models import Case
from amparo.care.cases.picklists import Closing
from amparo.care.cases.team import add_member
from amparo.care.consent.models import Consent
from amparo.care.consent.picklists import Data, InformedItem, Recipient
from amparo.care.people.models import Person
from amparo.care.people.rules import describe_person
from amparo.care.police_reports.models import Report
from amparo.care.police_reports.picklists import Decision, Source
from amparo.care.police_reports.rules import receive_report, record_decision, report_to_police
from amparo.care.returning.case_status import case_status
from amparo.care.returning.rules import set_code_owner, withdraw_with_code
from amparo.care.screening.rules import answer
from amparo.care.shelters.models import House, Placement
from amparo.care.shelters.rules import approve_placement, arrive, hold_bed, leave_house, request_placement
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Misconfigured, Refused
from amparo.line.contacts.models import Contact, ReturnCode
from amparo.line.contacts.models.return_codes import actor_of_code
from amparo.line.contacts.return_code_rules import add_code_message, give_code
from amparo.line.contacts.rights import receive_request
from amparo.line.practice_phone.voices.callers import callers

from .day import OPERATOR, Day
from .desk import Desk
from .rhythm import Arrival, Pace

CALLER, PATIENCE, HOUSE = "condor", 120.0, "Casa Queñual"
PACE = Pace(hour=1.0, patience=(PATIENCE, PATIENCE), talk=(15, 18), wrap=(0.3, 1))
READERS = (OPERATOR, "ines", "marta", "teo")  # everybody who could open her records at some time
HEARD = ("act.harbouring", "means.deprivation_of_liberty", "purpose.forced_labour")

type Tell = Callable[[str], None]


class OneCall(Day):
    """A day with one call."""

    def __init__(self) -> None:
        super().__init__(settings.ENVIRONMENT, 0, PACE)
        self.arrivals = [Arrival(0.0, callers()[CALLER], 0, PATIENCE)]

    async def _shift(self, desk: Desk) -> None:
        """Work until the caller has gone. A day's shift could end before the opening words do."""
        await desk.work()


def play_story(tell: Tell, *, erase: bool = False) -> None:
    """Act each step of the story with the actions behind the pages, and leave the case open to look at.

    With `erase`, the person then withdraws consent and asks for erasure: their records cannot be opened any more.
    """
    since = timezone.now()
    tell(f"{callers()[CALLER].name} calls; {_user(OPERATOR)} answers, listens and writes.")
    asyncio.run(OneCall().run())
    operator = _user(OPERATOR)
    contact = _newest_contact(operator, since)
    code = give_code(contact, by=operator, now=timezone.now())
    tell(f"{contact} is kept. Before she goes she is read a code: {code}.")
    case, person = _open_case(contact, operator, tell)
    agreed = _screen_and_agree(person, operator, tell)
    report = _report_to_police(person, operator, tell)
    placement = _give_a_bed(case, person, operator, tell)
    _come_back(code, case, person, tell)
    if not erase:
        tell(
            f"Look at it: sign in as {operator.username} and open {case.code}, {report.code} and {contact}. They stay."
        )
        return
    _withdraw_consent(code, agreed, report, tell)
    if placement:
        _leave_the_house(placement, tell)
    _close_case(case, operator, tell)
    _erase_case(case, contact, report, code, tell)


def _open_case(contact: Contact, by: User, tell: Tell) -> tuple[Case, Person]:
    now = timezone.now()
    case = rules.open_case(contact, by=by, now=now)
    add_member(case, _user("ines"), by=by, now=now)
    with acting_as(by.acting()):
        person = case.persons.get(part="at_risk")
    describe_person(person, age_at_events=24, age_certainty="sure", gender="feminine", by=by, now=now)
    tell(f"{case.code}: «{person.code_name}», followed by {by} and {_user('ines')}; the next step has a date.")
    return case, person


def _screen_and_agree(person: Person, by: User, tell: Tell) -> Consent:
    now = timezone.now()
    answer(person, dict.fromkeys(HEARD, "yes"), by=by, now=now)
    assessment = rules.sign_assessment(person, by=by, now=now)
    tell(f"What she told points to: {assessment.get_result_display()}. It is nobody's verdict.")
    agreed = consents.record_consent_in_case(
        person,
        data=[Data.INCIDENT_FACTS],
        recipients=[Recipient.POLICE],
        purpose="inventado",
        informed=list(InformedItem.values),
        given_how="voice",
        expires_at=now + timedelta(days=30),
        by=by,
        now=now,
    )
    tell("Six things were told to her; she agrees that the facts go to the police, without her name, for 30 days.")
    return agreed


def _report_to_police(person: Person, by: User, tell: Tell) -> Report:
    teo, now = _user("teo"), timezone.now()
    facts = "Hechos inventados: una persona encerrada en un segundo piso inventado."
    report = report_to_police(person, teo.agency, facts=facts, source=Source.VICTIM, by=by, now=now)
    receive_report(report, "F-INVENTADO-1", by=teo, now=now)
    record_decision(report, Decision.ACTED, words="dato inventado", by=teo, now=now)
    tell(f"{report.code} reached {teo.agency}: {teo} received it with a folio, and they went there.")
    return report


def _give_a_bed(case: Case, person: Person, by: User, tell: Tell) -> Placement | None:
    """Hold a bed and place the person. None: no bed was free."""
    olga, luz, now = _user("olga"), _user("luz"), timezone.now()
    with acting_as(by.acting()):
        house = House.objects.get(code_name=HOUSE)
    try:
        reservation = hold_bed(case, [person], house, by=by, now=now)
    except Refused as full:
        tell(f"No bed in {house} tonight: {full}")
        return None
    until = timezone.localdate(now) + timedelta(days=30)
    requested = request_placement(reservation, planned_to=until, escort="Equipo de Ejemplo", by=by, now=now)
    placement = arrive(approve_placement(requested, by=olga, now=now), by=luz, now=now)
    tell(
        f"A bed in {house} was held, approved by {by} and {olga}, and she has arrived. Where it is stands nowhere here."
    )
    return placement


def _come_back(code: str, case: Case, person: Person, tell: Tell) -> None:
    now, operator = timezone.now(), _user(OPERATOR)
    with acting_as(operator.acting()):
        given = ReturnCode.objects.get(contact__inclusion__case=case)
    set_code_owner(given, person, by=operator, now=now)
    add_code_message(actor_of_code(code), "Palabras inventadas: estoy bien.", now=now)
    tell("She comes back with the code, on the page /again and without a name, and adds a line. It tells her:")
    for line in case_status(actor_of_code(code), now).lines:
        tell(f"    {line.text}")


def _withdraw_consent(code: str, agreed: Consent, report: Report, tell: Tell) -> None:
    withdraw_with_code(actor_of_code(code), agreed.pk, now=timezone.now())
    with acting_as(_user("teo").acting()):
        is_gone = not Report.objects.filter(pk=report.pk).exists()
    tell(f"She takes her consent back with it: {report.code} is {'gone' if is_gone else 'still there'} for the police.")


def _leave_the_house(placement: Placement, tell: Tell) -> None:
    luz = _user("luz")
    with acting_as(luz.acting()):
        stays = placement.ordered_stays
    for stay in stays:
        leave_house(stay, by=luz, now=timezone.now())
    tell(f"Later she goes, as she wishes. {luz} says so, and the bed is free.")


def _close_case(case: Case, by: User, tell: Tell) -> None:
    """Finish all open tasks but the last, which an open case must have, and close the case."""
    now = timezone.now()
    with acting_as(by.acting()):
        planned = list(case.tasks.open())
    for task in sorted(planned, key=lambda task: task.is_critical, reverse=True)[:-1]:
        rules.finish_task(task, result="dato inventado", by=by, now=now)
    closed = rules.close_case(case, Closing.SAFE, words="dato inventado", by=by, now=now)
    tell(f"What was planned is done, and {by} closes {case.code}: {closed.get_closing_display()}.")


def _erase_case(case: Case, contact: Contact, report: Report, code: str, tell: Tell) -> None:
    now, marta, records = timezone.now(), _user("marta"), (contact, case, report)
    receive_request(contact, "erase", by=_user(OPERATOR), now=now)
    tell("She asks to be erased. Until then these people open what is hers:")
    _tell_who_opens(records, tell)
    erase_case(case, code=case.code, by=marta, now=now)
    tell(f"{marta} does it, with the code of the case, and the keys of all of it are destroyed. Who opens it now:")
    _tell_who_opens(records, tell)
    try:
        case_status(actor_of_code(code), now)
    except Refused as refusal:
        tell(f"    the code that was read to her: {refusal}")
    tell("That there was a call, a case and a report is counted, and stays. Who she was, and her words, do not.")


def _tell_who_opens(records: Iterable[Contact | Case | Report], tell: Tell) -> None:
    for record in records:
        openers = [str(user) for user in map(_user, READERS) if _opens(record, user)]
        tell(f"    {record.code}: {', '.join(openers) or 'nobody'}")


def _opens(record: Contact | Case | Report, user: User) -> bool:
    with acting_as(user.acting()):
        return type(record).objects.filter(pk=record.pk).exists()


def _newest_contact(by: User, since: datetime) -> Contact:
    with acting_as(by.acting()):
        found = Contact.objects.visible_to(by).filter(started__gte=since).order_by("-number").first()
    if found is None:
        raise Misconfigured("Nobody answered the call: is somebody else taking calls? Try again.")
    return found


def _user(name: str) -> User:
    return User.objects.get(username=name)
