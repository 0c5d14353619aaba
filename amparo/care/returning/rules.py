"""Verbs for a return code that belongs to a case: record its owner, and withdraw a consent with it."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.care.cases.models import Case, CaseContact, CaseRecordKey
from amparo.care.cases.picklists import EntryKind, TaskKind
from amparo.care.cases.tasks_planning import add_entry, end_task, lock_open_case_and_person, set_next_task
from amparo.care.consent.models import Consent
from amparo.care.consent.rules import withdraw_with_return_code
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import Actor, acting_as
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import ReturnCode, ReturnCodeMessage
from amparo.line.contacts.return_code_rules import open_return_code

from .case_status import live_consents_of, records_of_owner
from .models import ReturnCodeOwner


@action(permissions.follow_cases, label=gettext_lazy("said whose code it is"))
def set_code_owner(
    code: ReturnCode, person: Person, *, reads_words: bool = False, by: User, now: datetime
) -> ReturnCodeOwner:  # fmt: skip
    """Record that this code belongs to that person. It then shows what happened, and lets the person withdraw consents.

    `reads_words`: the owner chose to read the police unit's words on the page. Otherwise an operator reads them aloud.
    """
    case, person = lock_open_case_and_person(person, by)
    if person.part == Part.ALLEGED_PERPETRATOR or not CaseContact.objects.filter(case=case, contact=code.contact_id):
        raise Refused(_("A code belongs to the caller, or to the person at risk, in the case of that contact."))
    if before := ReturnCodeOwner.objects.filter(code=code).first():
        if before.person_id == person.pk:
            return before
        raise Refused(_("This code belongs to somebody already. End it, and give another one."))
    if code.ended_at is not None:
        raise Refused(_("This code opens nothing any more. Give another one."))
    besides = CaseRecordKey.objects.filter(case=case).select_related("beside")
    for key in (case.key, *(it.beside for it in besides)):
        key.give(code.bearer, purpose="return", basis=code.pk, until=code.until)
    add_entry(case, EntryKind.RETURN_CODE, by=by, now=now, words=f"{code.contact_code}: {person.code_name}")
    owner = ReturnCodeOwner.objects.create(code=code, person=person, key=case.key, reads_words=reads_words)
    _close_owner_task(case, by, now)
    notify("case", case.pk)
    return owner


def _close_owner_task(case: Case, by: User, now: datetime) -> None:
    """Close the task that asks for owners, once each code of the case has one.

    If it is the only open task, it stays: an open case always has a next task.
    """
    others = ReturnCode.objects.filter(contact__inclusion__case=case, ended_at=None, until__gt=now, owner=None)
    task = case.tasks.open().filter(kind=TaskKind.WHOSE).first()
    if task and not others.exists() and case.tasks.open().exclude(pk=task.pk).exists():
        end_task(task, "", True, by=by, now=now)
        set_next_task(case)


def withdraw_with_code(acting: Actor, consent: UUID, *, now: datetime) -> None:
    """Withdraw a consent with a code and without a name.

    What was disclosed on this consent can no longer be read from the next query on.
    """
    with acting_as(acting):
        code = open_return_code(acting)
        agreed = live_consents_of(records_of_owner(code), now).filter(pk=consent).first()
        if agreed is None:
            raise Refused(_("That was taken back already, or it is over. You need do nothing."))
        with translation.override(settings.LANGUAGE_CODE):
            to_the_shift = _withdrawal_text(agreed)
        # the bearer and the shift may read different languages
        text = "\n".join(dict.fromkeys((_withdrawal_text(agreed), to_the_shift)))
        # Write to the case first and withdraw then: every disclosure locks the case before the consent.
        ReturnCodeMessage.objects.create(code=code, key=code.key, from_bearer=True, text=text, at=now)
        withdraw_with_return_code(agreed, now=now)
        notify("messages")


def _withdrawal_text(agreed: Consent) -> str:
    what, whom = agreed.in_words(by_name=False)  # without names: whoever has the code reads it
    return _("Taken back with the code: %(what)s, to %(whom)s.") % {"what": what, "whom": whom}
