"""Verbs for a referral: ask a service on a live basis, issue a link, record the answers."""

import secrets
from base64 import b32encode
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.care.cases.models import Case
from amparo.care.cases.picklists import EntryKind, TaskKind
from amparo.care.cases.tasks_planning import (
    add_entry,
    insert_task,
    lock_case_of,
    lock_open_case_and_person,
    set_next_task,
)
from amparo.care.cases.team import make_record_key
from amparo.care.consent.institutions import scope_of
from amparo.care.consent.models import DisclosureBasis, PolicyVersion
from amparo.care.consent.picklists import Data
from amparo.care.consent.picklists import Decision as Ruled
from amparo.care.consent.picklists import LegalBasis as Because
from amparo.care.consent.rules import is_covered_by, ruling_on
from amparo.care.directory.models import Service
from amparo.care.disclosures.rules import Details, refuse_item, set_bases, set_basis, without_blank_items
from amparo.care.people.models import Person
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.bearers import bearer_of
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import Actor
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.picklists import Urgency

from .models import DisclosedItem, Link, ProgramShare, Referral, ReferralEvent
from .picklists import OF_A_REFERRAL, SERVICE_EVENTS, DeclineReason, ReferralEventKind
from .program_shares import revoke_shares, share_with_programs

LINK_LASTS = timedelta(days=30)
BYTES, GROUP = 20, 4  # of a link's secret, too long to guess; written in groups of letters


@action(permissions.follow_cases, label=gettext_lazy("asked a service to take the person"))
def refer(
    person: Person, service: Service, *, facts: str, details: Details | None = None, by: User, now: datetime
) -> Referral:
    """Ask a service to accept the person, on a basis that is live now.

    Raises `Refused` if the facts, or one of the items in `details`, may not be disclosed.
    """
    case, person = lock_open_case_and_person(person, by)
    if not Service.objects.offered().filter(pk=service.pk).exists():
        raise Refused(_("Nobody is sent to this service now. Look for another one."))
    if not facts.strip():
        raise Refused(_("Write what they need to know. It is read without the case."))
    referral = _new_referral(case, person, service, facts, by, now)
    items = _new_items(referral, without_blank_items(details or {}), now)
    rows: list[Referral | DisclosedItem] = [referral, *items]
    for row in rows:
        row.key = make_record_key(case, "referral")
        row.save(force_insert=True)
    share_with_programs(referral, items, min(referral.until, now + LINK_LASTS), now)
    add_entry(case, EntryKind.REFERRED, by=by, now=now, about=str(referral.pk), words=f"{referral.code}: {service}")
    insert_task(case, TaskKind.ASK, referral.answer_by, words=f"{referral.code}: {service}", pk=referral.pk, now=now)
    set_next_task(case)
    notify("referrals")
    return referral


@action(permissions.follow_cases, label=gettext_lazy("gave a link to a service"))
def issue_link(referral: Referral, *, by: User, now: datetime) -> str:
    """Return a new link secret for the service, to be shown once. The previous link stops working."""
    referral = _lock_referral(referral, by)
    if referral.events.filter(kind__in=(ReferralEventKind.DECLINED, ReferralEventKind.CANCELLED)).exists():
        raise Refused(_("This referral is over. Ask another service."))
    if referral.events.filter(kind=ReferralEventKind.SERVED).exists():
        raise Refused(_("This referral is over: the person got what they were sent for."))
    if referral.service.organization.is_suspended:
        raise Refused(_("Nobody is sent to this service now. Look for another one."))
    if not _is_basis_live(referral, referral, Data.INCIDENT_FACTS, now):
        raise Refused(
            _("The legal basis of this disclosure has ended. Ask for the person's consent, and send a new referral.")
        )
    end_links(referral, now)
    secret = b32encode(secrets.token_bytes(BYTES)).decode().lower()
    until = min(referral.until, now + LINK_LASTS)
    link = Link.objects.create(
        referral=referral, key=referral.key, bearer=link_actor(secret).holders[1], given_at=now, given_by=by,
        until=until,
    )  # fmt: skip
    referral.key.give(link.bearer, purpose="referral", basis=referral.basis, until=until)
    for it in referral.details:
        if _is_basis_live(it, referral, Data(it.data), now):
            it.key.give(link.bearer, purpose="referral", basis=it.basis, until=min(it.until, until))
    return "-".join(secret[at : at + GROUP] for at in range(0, len(secret), GROUP))


@action(permissions.follow_cases, label=gettext_lazy("wrote down what a service said"))
def record_referral_event(
    referral: Referral,
    kind: ReferralEventKind,
    *,
    words: str = "",
    why_not: str | None = None,
    by: User,
    now: datetime,
) -> ReferralEvent:
    """Record what the service said by telephone and who said it, or that the person was informed."""
    referral = _lock_referral(referral, by)
    if not words.strip():
        raise Refused(_("Write who said it, and what."))
    turn = add_referral_event(referral, kind, words=words, why_not=why_not, by=by, now=now)
    if kind == ReferralEventKind.DECLINED:
        revoke_access(referral, now)
    return turn


@action(permissions.follow_cases, label=gettext_lazy("called a referral off"))
def cancel_referral(referral: Referral, *, why: str, by: User, now: datetime) -> ReferralEvent:
    """Cancel a referral: the person no longer needs it or goes elsewhere. The service can read nothing any more."""
    referral = _lock_referral(referral, by)
    if not why.strip():
        raise Refused(_("Write why it is cancelled."))
    revoke_access(referral, now)
    return add_referral_event(referral, ReferralEventKind.CANCELLED, words=why, by=by, now=now)


def add_referral_event(
    referral: Referral,
    kind: ReferralEventKind,
    *,
    words: str,
    why_not: str | None = None,
    by: User | None,
    now: datetime,
) -> ReferralEvent:
    """Add an event. Raises `Refused` if it may not follow the earlier ones, or was recorded before.

    It does not end the service's access.
    """
    _lock_events(referral)
    before = set(ReferralEvent.objects.filter(referral=referral).values_list("kind", flat=True))
    if kind != ReferralEventKind.INFORMED and before & {ReferralEventKind.DECLINED, ReferralEventKind.CANCELLED}:
        raise Refused(_("This referral is over. Ask another service."))
    if kind in (ReferralEventKind.ARRIVED, ReferralEventKind.SERVED) and ReferralEventKind.ACCEPTED not in before:
        raise Refused(_("They have not confirmed yet that they take the person."))
    if (kind == ReferralEventKind.DECLINED) != (why_not is not None and DeclineReason.has(why_not)):
        raise Refused(_("If you do not take the person, choose the reason from the list."))
    try:
        with transaction.atomic():
            turn = ReferralEvent.objects.create(
                referral=referral, key=referral.key, kind=kind, why_not=why_not or "", words=words.strip() or None,
                at=now, by=by,
            )  # fmt: skip
    except IntegrityError as twice:
        raise Refused(_("That was written down already.")) from twice
    notify("referrals")
    return turn


@action(permissions.answer_referrals, label=gettext_lazy("answered the referral"))
def answer_referral(
    referral: Referral,
    kind: ReferralEventKind,
    *,
    words: str = "",
    why_not: str | None = None,
    by: User,
    now: datetime,
) -> ReferralEvent:
    """Record an answer that a service's program sends: the same answers as by a link, and no others."""
    found = Referral.objects.visible_to(by).select_related("key").filter(pk=referral.pk).first()
    if found is None:
        raise Refused(_("It does not exist, or you have no access."))
    return add_answer(found, kind, words=words, why_not=why_not, by=by, now=now)


def add_answer(
    referral: Referral,
    kind: ReferralEventKind,
    *,
    words: str,
    why_not: str | None,
    by: User | None,
    now: datetime,
) -> ReferralEvent:
    """Add an event that only the service may add. Raises `Refused` for the hotline's own kinds."""
    if kind not in SERVICE_EVENTS:
        raise Refused(_("This is for the other side to say."))
    return add_referral_event(referral, kind, words=words, why_not=why_not, by=by, now=now)


def revoke_access(referral: Referral, now: datetime) -> None:
    """Revoke the link and the shares of a referral, from the next query on."""
    end_links(referral, now)
    revoke_shares(ProgramShare.objects.filter(referral=referral))


def end_links(referral: Referral, now: datetime) -> None:
    """Revoke the links of a referral, from the next query on."""
    keys = [referral.key, *(it.key for it in referral.details)]
    for link in referral.links.filter(ended_at=None):
        for key in keys:
            key.take(link.bearer)
    referral.links.filter(ended_at=None).update(ended_at=now)


def link_actor(text: str) -> Actor:
    """Return the actor for this link secret, typed with or without dashes."""
    return bearer_of("link", "".join(sign for sign in text.lower() if sign.isalnum())[:64])


def _new_referral(case: Case, person: Person, service: Service, facts: str, by: User, now: datetime) -> Referral:
    referral = Referral(
        case=case, person=person, service=service, recipient=service.organization.recipient_kind, facts=facts,
        policy=PolicyVersion.objects.in_force(now).version,
        is_danger=case.urgency == Urgency.IMMEDIATE, sent_at=now, sent_by=by,
        answer_by=now + timedelta(hours=service.answer_hours),
    )  # fmt: skip
    if not set_basis(referral, person, scope_of(referral.service.organization), Data.INCIDENT_FACTS, referral.pk, now):
        raise Refused(
            _("There is no legal basis to disclose it now. Ask for the person's consent first, or note another basis.")
        )
    return referral


def _new_items(referral: Referral, words_of: dict[Data, str], now: datetime) -> list[DisclosedItem]:
    """Build the rows of the items. Each has a basis of its own and can be withdrawn alone."""
    person, recipient = referral.person, scope_of(referral.service.organization)
    details = {Data(data): DisclosedItem(referral=referral, data=data, words=words) for data, words in words_of.items()}
    refused = set_bases(details, person, recipient, referral.pk, now)
    for data in details:
        if data not in OF_A_REFERRAL or data in refused:
            refuse_item(data)
    return list(details.values())


def _is_basis_live(row: Referral | DisclosedItem, referral: Referral, data: Data, now: datetime) -> bool:
    """Is the basis on which this row was disclosed still live? A newer basis does not count: it needs a new referral.

    The basis is locked until the transaction ends.
    """
    person, recipient = referral.person, scope_of(referral.service.organization)
    if row.until <= now:
        return False
    if row.because == Because.CONSENT:
        return is_covered_by(row.basis, person, recipient, data, now)
    if row.basis == referral.pk:
        ruling, legal_basis = ruling_on(person, recipient, data, now)
        return ruling != Ruled.FORBID and legal_basis == row.because
    found = DisclosureBasis.objects.filter(pk=row.basis).defer("facts").select_for_update().first()
    return found is not None and found.is_live(now)


def _lock_events(referral: Referral) -> None:
    """Lock the referral until the transaction ends, so that nobody accepts one that was cancelled meanwhile."""
    with connection.cursor() as cursor:
        lock = "select pg_advisory_xact_lock('referrals_referralevent'::regclass::int, hashtext(%s))"
        cursor.execute(lock, [str(referral.pk)])
    if not Referral.objects.filter(pk=referral.pk).exists():  # row-level security checks that its key is still held
        raise Refused(_("It does not exist, or you have no access."))


def _lock_referral(referral: Referral, by: User) -> Referral:
    """Lock the referral, its case and its person until the transaction ends, so that a withdrawal of consent waits.

    The referral comes first, because a service's answer locks the referral before the case.
    """
    _lock_events(referral)
    visible = Referral.objects.visible_to(by).select_related("key", "person", "service__organization")
    found = visible.filter(pk=referral.pk).first()
    if found is None:
        raise Refused(_("It does not exist, or you have no access."))
    lock_case_of(found.person, by)
    Person.objects.visible_to(by).get_locked(found.person_id)
    return found
