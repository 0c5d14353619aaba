"""Actions of the consent room, within a case: they also write to the timeline and plan tasks."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from amparo.care.consent import rules as consent
from amparo.care.consent.models import Consent, DisclosureBasis
from amparo.care.consent.picklists import Data, OverrideGround
from amparo.care.consent.picklists import Decision as Ruled
from amparo.care.consent.table import disclosure_table
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.people.rules import describe_person
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify

from .consent_forms import ProposedConsent
from .models import Case
from .picklists import EntryKind, TaskKind
from .tasks_planning import add_entry, insert_task, lock_case_of, lock_open_case, set_next_task

A_DAY = timedelta(days=1)


@action(permissions.follow_cases, label=gettext_lazy("wrote down a consent"))
def record_consent_in_case(person: Person, *, by: User, now: datetime, **terms: Any) -> Consent:
    """Record a consent of the person. `terms` are the arguments of `consent.record_consent`."""
    case = _locked_case_of(person, by)
    agreed = consent.record_consent(person, **terms, by=by, now=now)
    data, recipients = agreed.in_words()
    add_entry(case, EntryKind.CONSENTED, by=by, now=now, about=str(agreed.pk), words=f"{data}: {recipients}")
    notify("case", case.pk)
    return agreed


@action(permissions.follow_cases, label=gettext_lazy("wrote down a consent"))
def record_consents_in_case(
    person: Person, allowed: Iterable[ProposedConsent], *, by: User, now: datetime, **terms: Any
) -> list[Consent]:
    """Record the consents that the person has just given. If one is refused, none is recorded."""
    return [
        record_consent_in_case(
            person, recipients=list(it.recipients), institution=it.institution, data=list(it.data), by=by, now=now,
            **terms,
        ) for it in allowed
    ]  # fmt: skip


@action(permissions.follow_cases, label=gettext_lazy("wrote down that it was taken back"))
def withdraw_consent_in_case(agreed: Consent, *, by: User, now: datetime) -> Consent:
    """Withdraw a consent. This works in a closed case too, because access given on it may still be open.

    A second withdrawal adds no entry to the timeline.
    """
    visible = Case.objects.visible_to(by)
    case = visible.get_locked(visible.get(key=agreed.key_id).pk)
    was_live = Consent.objects.filter(pk=agreed.pk, withdrawn_at=None).exists()
    agreed = consent.withdraw_consent(agreed, by=by, now=now)
    if was_live:
        add_entry(case, EntryKind.WITHDRAWN, by=by, now=now, about=str(agreed.pk))
        notify("case", case.pk)
    return agreed


@action(permissions.follow_cases, label=gettext_lazy("wrote down a reason to tell"))
def record_basis_in_case(
    person: Person, kind: OverrideGround, facts: str, *, by: User, now: datetime, **more: Any
) -> DisclosureBasis:
    """Record a ground for disclosure without consent, with its facts. See `consent.write_basis`."""
    case = _locked_case_of(person, by)
    basis = consent.write_basis(person, kind, facts, **more, by=by, now=now)
    add_entry(case, EntryKind.BASIS, by=by, now=now, about=str(kind), words=facts)
    plan_required_report(case, person, by=by, now=now)
    notify("case", case.pk)
    return basis


@action(permissions.follow_cases, label=gettext_lazy("wrote what is known of somebody"))
def describe_person_in_case(person: Person, *, by: User, now: datetime, **known: Any) -> Person:
    """Update the columns of a person, and return the person.

    If the law now requires a report to an authority, as for a child at risk, plan a task for it.
    """
    case = lock_case_of(person, by)
    person = describe_person(person, by=by, now=now, **known)
    if case.is_open and person.part == Part.AT_RISK:
        plan_required_report(case, person, by=by, now=now)
    return person


def plan_required_report(case: Case, person: Person, *, by: User, now: datetime) -> None:
    """If the law requires the facts to be reported to an authority, plan a critical task due within a day.

    At most one per case. Call it within another action.
    """
    kinds = [row for row in disclosure_table(person, now) if not row.recipient.codes]
    required = [str(row.recipient) for row in kinds if row.rulings[Data.INCIDENT_FACTS][0] == Ruled.REQUIRE]
    if not required or case.tasks.filter(kind=TaskKind.PROTECT).exists():
        return
    words = f"{person.code_name}: {', '.join(required)}"
    insert_task(case, TaskKind.PROTECT, now + A_DAY, words=words, is_critical=True, now=now)
    add_entry(case, EntryKind.TASK, by=by, now=now, about=TaskKind.PROTECT, words=words)
    set_next_task(case)


def _locked_case_of(person: Person, by: User) -> Case:
    return lock_open_case(Case.objects.visible_to(by).get(key=person.key_id), by)
