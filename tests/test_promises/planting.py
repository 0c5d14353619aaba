"""A whole case with planted words in every field that is sealed, told through the verbs of its rooms."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.utils import timezone

from amparo.care.cases import consents, rules
from amparo.care.cases.models import Case
from amparo.care.cases.picklists import Closing, EventKind, TaskKind
from amparo.care.cases.tasks_planning import finish_task, plan_task
from amparo.care.consent.picklists import CALLER_DATA, SUBJECT_DATA, Data, InformedItem, OverrideGround, Recipient
from amparo.care.directory.models import Organization, Service
from amparo.care.exchange.rules import import_cases
from amparo.care.people.models import Person
from amparo.care.people.rules import describe_person, identify
from amparo.care.police_reports.by_telephone import note_received
from amparo.care.police_reports.models import Report
from amparo.care.police_reports.picklists import Decision, Source
from amparo.care.police_reports.rules import receive_report, record_decision, report_to_police
from amparo.care.referrals.by_link import answer_by_link
from amparo.care.referrals.models import Referral
from amparo.care.referrals.picklists import ReferralEventKind
from amparo.care.referrals.rules import issue_link, refer
from amparo.care.referrals.rules import link_actor as with_link
from amparo.care.screening.models import Body, Status
from amparo.care.screening.rules import answer, quote
from amparo.care.shelters.house_rules import add_bed, add_house, seal_address
from amparo.care.shelters.models import House
from amparo.care.shelters.picklists import Region
from amparo.care.shelters.rules import decline_placement, hold_bed, request_placement
from amparo.foundation.access.models import HOTLINE, Agency, User
from amparo.foundation.access.spoken_codes import new_code
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.actor import WORKER, acting_as, user_holder
from amparo.foundation.vault.fields import SealedBytes
from amparo.foundation.vault.models import DataKey
from amparo.line.channels.channel import Arrival
from amparo.line.channels.email.channel import Email
from amparo.line.channels.rules import take_in
from amparo.line.chat.models import Chat
from amparo.line.chat.receipts import acting_with as with_receipt
from amparo.line.chat.rules import answer_chat, begin_chat
from amparo.line.contacts.models import Contact
from amparo.line.contacts.models.return_codes import actor_of_code
from amparo.line.contacts.return_code_rules import add_code_message, give_code
from amparo.line.contacts.rules import take_chat, wrap_up
from amparo.line.quality.models import Sample
from amparo.line.quality.rubric import NAMES
from amparo.line.quality.rules import answer_feedback, ask_for_review, review
from amparo.line.roster.rules import ShiftCounts, hand_over_shift
from amparo.line.switchboard.models import Language
from amparo.programme.events.picklists import Outlet
from amparo.programme.events.rules import add_testimony
from amparo.screens.notices.models import NoticeAddress

# Sealed elsewhere than in a conversation and its case: by the roster and by the switchboard (their own tests).
GENDERS = ["feminine"]
ELSEWHERE = {"roster_seat.phone_secret", "switchboard_message.number", "switchboard_message.sound"}


@dataclass
class Planted:
    case: Case
    person: Person
    report: Report
    code: str
    referral: Referral
    link: str


def plant_case(contact: Contact, words: Callable[[str], str], *, by: User, liaison: User) -> Planted:
    """`words` gives what is planted of each kind: "name", "number", "address" and "words"."""
    now = timezone.now()
    text, doing = words("words"), {"by": by, "now": now}
    plant_chat(text, by=by)
    plant_email(text, words("address"), by=by)
    code = give_code(contact, **doing)
    add_code_message(actor_of_code(code), text, now=now)
    case = rules.open_case(contact, **doing)
    with acting_as(by.acting()):
        person = case.persons.get(part="at_risk")
    describe_person(person, age_at_events=30, age_certainty="sure", gender=GENDERS[0], remarks=text, **doing)
    identify(
        person, names=words("name"), phone=words("number"), address=words("address"), document=words("number"),
        born="1996-02-03", purpose=Purpose.CARE, **doing,
    )  # fmt: skip
    rules.change_case(case, situation=text, based_on=0, **doing)
    rules.write_note(case, text, **doing)
    rules.add_document(case, text, b"%PDF-1.7 " + text.encode(), **doing)
    rules.add_event(person, EventKind.TRANSIT, words=text, **doing)
    finish_task(
        plan_task(case, TaskKind.CALL, now + timedelta(days=1), words=text, **doing),
        result=text,
        **doing,
    )
    rules.hand_over(case, where_it_stands=text, what_next=text, what_not_to_ask=text, **doing)
    answer(person, {"act.transportation": "yes"}, **doing)
    quote(person, "act.transportation", text, **doing)
    rules.sign_assessment(person, remark=text, **doing)
    rules.write_decision(
        person, Status.NOT_A_VICTIM, Body.POLICE, document=text, decided_on=timezone.localdate(now), **doing
    )
    consents.record_basis_in_case(person, OverrideGround.DUTY_TO_REPORT, text, **doing)
    consents.record_consent_in_case(
        person, data=[Data.INCIDENT_FACTS, *SUBJECT_DATA],
        recipients=[Recipient.POLICE, Recipient.SERVICE_PROVIDER], purpose=text,
        informed=list(InformedItem.values), given_how="voice", expires_at=now + timedelta(days=30), **doing,
    )  # fmt: skip
    with acting_as(by.acting()):
        caller = case.persons.get(part="caller")
    agreed = consents.record_consent_in_case(
        caller, data=list(CALLER_DATA), recipients=[Recipient.POLICE], purpose=text, informed=list(InformedItem.values),
        given_how="voice", guardian="consents", expires_at=now + timedelta(days=30), **doing,
    )  # fmt: skip
    report = report_to_police(
        person, liaison.agency, facts=text, source=Source.VICTIM,
        details={**_details(words), Data.CALLER_IDENTITY: words("name"), Data.CALLER_CONTACT: words("number")},
        traces=words("number"), **doing,
    )  # fmt: skip
    consents.withdraw_consent_in_case(
        agreed, **doing
    )  # who called stays unnamed, as with everybody who says nothing of it
    note_received(report, folio=text, speaker=words("name"), **doing)
    receive_report(report, text, by=liaison, now=now)
    record_decision(report, Decision.INVESTIGATED, words=text, may_tell=text, by=liaison, now=now)
    of = Organization.objects.create(name="Organización de Ejemplo", description="inventada")
    service = Service.objects.create(organization=of, name="Servicio de Ejemplo")
    referral = refer(person, service, facts=text, details=_details(words), **doing)
    link = issue_link(referral, **doing)
    answer_by_link(with_link(link), ReferralEventKind.ACCEPTED, why_not=None, words=text, now=now)
    return Planted(case, person, report, code, referral, link)


def _details(words: Callable[[str], str]) -> dict[Data, str]:
    kinds = ("name", "number", "number", "address", "words")
    return {data: words(kind) for data, kind in zip(SUBJECT_DATA, kinds, strict=True)}


def plant_chat(words: str, *, by: User) -> str:
    """Somebody writes from the public page, and is answered; the receipt of it."""
    now, receipt, name = timezone.now(), new_code(), uuid.uuid4
    chat = begin_chat(with_receipt(receipt), words, pk=name(), language=Language.SPANISH, behind=0, work=None, now=now)
    take_chat(chat, by=by, now=now)
    answer_chat(chat, words, pk=name(), by=by, now=now)
    return receipt


def plant_email(words: str, address: str, *, by: User) -> None:
    """Somebody writes from an address; one of us has it in hand."""
    now = timezone.now()
    arrival = Arrival(id=address, address=address, text=words, at=now, envelope={"address": address, "subject": words})
    take_in(Email(), arrival, now=now)
    for waiting in Chat.objects.waiting_in_order().filter(channel=Email.name):
        take_chat(waiting, by=by, now=now)


def plant_house(words: Callable[[str], str], *, officer: User, shelter: Agency) -> House:
    """A safe house with its address."""
    now = timezone.now()
    house = add_house("Casa Tucán", shelter, region=Region.COAST_SOUTH, genders=GENDERS, by=officer, now=now)
    add_bed(house, room=1, number=1, by=officer, now=now)
    seal_address(house, words("address"), by=officer, now=now)
    return house


def plant_placement(planted: Planted, house: House, words: str, *, by: User, officer: User) -> None:
    """A bed asked for, and declined."""
    now = timezone.now()
    placement = hold_bed(planted.case, [planted.person], house, by=by, now=now)
    until = timezone.localdate(now) + timedelta(days=9)
    placement_request = request_placement(placement, planned_to=until, escort=words, briefing=words, by=by, now=now)
    decline_placement(placement_request, reason=words, by=officer, now=now)


def plant_file(words: str, *, by: User) -> None:
    """A case that came in as a file, with what we have no field for."""
    plan = {"SupportPlan": [{"spl_Objectives": words}], "Person": [{"prs_FirstName": words, "prs_Title": words}]}
    import_cases([plan], purpose=Purpose.CARE, by=by, now=timezone.now())


def plant_shift(words: str, *, by: User) -> None:
    counts = ShiftCounts(alerts=0, in_danger=0, urgent=0, promises=0, return_calls=0)
    hand_over_shift(counts, words, by=by, now=timezone.now())


def plant_address(number: str, *, by: User) -> None:
    """A private number of somebody who works here, with the code that is on its way there."""
    with acting_as(by.acting()):
        key = DataKey.objects.make(user_holder(by.pk), WORKER.holders[1], agency=HOTLINE, kind="notice_address")
        NoticeAddress.objects.create(key=key, user=by, route="sms", address=number, code=number, code_at=timezone.now())


def plant_feedback(contact: Contact, words: str, *, by: User, reviewer: User) -> None:
    """A conversation of `by` that was reviewed, and what they answered."""
    now = timezone.now()
    contact = wrap_up(contact, type="information", key=uuid.uuid4(), by=by, now=now)
    ask_for_review(contact, by=by, now=now)
    with acting_as(by.acting()):
        sample = Sample.objects.get(contact=contact)
    review(sample, dict.fromkeys(NAMES, "3"), words, by=reviewer, now=now)
    answer_feedback(sample, words, by=by, now=now)


def plant_testimony(words: str, name: str, *, by: User) -> None:
    """A survivor's words in both languages, with the name under which she lets them be read."""
    now = timezone.now()
    add_testimony(
        None, text_es=words, text_en=words, signed_as=name, outlets=[Outlet.SITE_ES], until=timezone.localdate(now),
        was_explained=True, by=by, now=now,
    )  # fmt: skip


def close(planted: Planted, words: str, *, by: User) -> None:
    now = timezone.now()
    with acting_as(by.acting()):
        critical = list(planted.case.tasks.filter(is_critical=True, is_open=True))
    for task in critical:
        finish_task(task, by=by, now=now)
    rules.close_case(planted.case, Closing.SAFE, words=words, by=by, now=now)


def without_words() -> set[str]:
    """The sealed columns in which nothing stands in any row: what planting has forgotten."""
    return {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, SealedBytes) and not model._default_manager.exclude(**{field.name: None}).exists()
    }
