"""Invented cases for the browser tests; each is made in a hotline's process, by the rooms' actions."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from amparo.care.cases import consents, rules, team
from amparo.care.cases.models import Case
from amparo.care.cases.picklists import Closing
from amparo.care.consent.institutions import institution_code
from amparo.care.consent.picklists import Data, InformedItem, OverrideGround, Recipient
from amparo.care.directory.models import Service
from amparo.care.people.models import Person
from amparo.care.people.rules import describe_person, identify
from amparo.care.police_reports import rules as reports
from amparo.care.police_reports.models import Report
from amparo.care.police_reports.picklists import Decision, ReportEventKind, Source
from amparo.care.referrals.models import Referral
from amparo.care.referrals.rules import refer
from amparo.care.screening.models import Body, Status
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call
from amparo.line.switchboard.models import State as Of

WORDS = "invented words of nobody"


def contact_of_ana() -> str:
    """In the process of a hotline: the address of a contact of hers."""
    ana, now = User.objects.get(username="ana"), timezone.now()
    call = Call.objects.create(arrived_at=now, answered_at=now, ended_at=now, state=Of.ENDED, operators=[ana.pk])
    return f"/contacts/{open_contact(call, by=ana, now=now).pk}"


def one_that_went_on() -> dict[str, str]:
    """A case that began two days ago, so that much of it is late; returns addresses by page."""
    then = timezone.now() - timedelta(days=2)
    ana = User.objects.get(username="ana")
    case, person = _opened(ana, then)
    team.add_member(case, User.objects.get(username="ines"), by=ana, now=then)
    rules.write_decision(
        person,
        Status.ACTUAL_VICTIM,
        Body.PROSECUTION,
        document=WORDS,
        decided_on=timezone.localdate(then),
        by=ana,
        now=then,
    )
    named = [Recipient.POLICE]
    consents.record_basis_in_case(person, OverrideGround.COURT_ORDER, WORDS, recipients=named, by=ana, now=then)
    consents.record_basis_in_case(person, OverrideGround.DUTY_TO_REPORT, WORDS, by=ana, now=then)
    report, referral = _reported(person, ana, then), _referred(person, ana, then)
    identify(person, names=WORDS, purpose=Purpose.CARE, by=ana, now=then)
    recipients = User.objects.get(username="ines")
    team.hand_over(case, where_it_stands=WORDS, what_next=WORDS, what_not_to_ask=WORDS, to=recipients, by=ana, now=then)
    again, closed = _heard(ana, then), _closed_case(ana, then)
    at = f"/cases/{case.pk}"
    return {
        "case": at, "person": f"{at}/people/{person.pk}", "report": f"/reports/{report.pk}",
        "referral": f"/referrals/{referral.pk}", "closed": f"/cases/{closed.pk}", "belongs": f"/cases/with/{again.pk}",
    }  # fmt: skip


def _heard(by: User, now: datetime) -> Contact:
    call = Call.objects.create(arrived_at=now, answered_at=now, ended_at=now, state=Of.ENDED, operators=[by.pk])
    return open_contact(call, by=by, now=now)


def _opened(by: User, now: datetime) -> tuple[Case, Person]:
    case = rules.open_case(_heard(by, now), by=by, now=now)
    with acting_as(by.acting()):
        person = case.persons.get(part="at_risk")
    return case, describe_person(person, age_at_events=24, age_certainty="sure", by=by, now=now)


def _closed_case(by: User, now: datetime) -> Case:
    case, _person = _opened(by, now)
    return rules.close_case(case, Closing.SAFE, words=WORDS, by=by, now=now)


def _reported(person: Person, by: User, now: datetime) -> Report:
    """A report that is consented, sent, received, decided, and asked about."""
    teo = User.objects.get(username="teo")
    informed = {Data.SUBJECT_IDENTITY: WORDS, Data.SUBJECT_HEALTH: WORDS}
    usual = _agreed_until(now)
    to_one = {"recipients": [], "institution": institution_code(teo.agency)}
    consents.record_consent_in_case(
        person, data=[Data.INCIDENT_FACTS], recipients=[Recipient.POLICE], by=by, now=now, **usual
    )
    consents.record_consent_in_case(person, data=list(informed), by=by, now=now, **to_one, **usual)
    sent = {"facts": WORDS, "source": Source.VICTIM, "details": informed}
    report = reports.report_to_police(person, teo.agency, **sent, by=by, now=now)
    reports.receive_report(report, "F-1", by=teo, now=now)
    reports.record_decision(report, Decision.ACTED, words=WORDS, may_tell=WORDS, by=teo, now=now)
    reports.add_message(report, ReportEventKind.QUESTION, WORDS, by=teo, now=now)
    return report


def _referred(person: Person, by: User, now: datetime) -> Referral:
    """A referral that is consented and sent."""
    service = Service.objects.offered().order_by("pk")[0]
    recipients = [service.organization.recipient_kind]
    consents.record_consent_in_case(
        person, data=[Data.INCIDENT_FACTS], recipients=recipients, by=by, now=now, **_agreed_until(now)
    )
    return refer(person, service, facts=WORDS, by=by, now=now)


def _agreed_until(now: datetime) -> dict[str, Any]:
    lasts = now + timedelta(days=30)
    return {"purpose": WORDS, "informed": list(InformedItem.values), "given_how": "voice", "expires_at": lasts}
