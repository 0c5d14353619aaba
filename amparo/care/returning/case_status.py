"""What a return code shows its bearer: short lines, without names, facts or folios."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.care.cases.models import Case
from amparo.care.consent.disclosure import Policy
from amparo.care.consent.models import Consent, PolicyVersion, same_human_records
from amparo.care.people.models import Person
from amparo.care.police_reports.models import Report, ReportEvent
from amparo.care.police_reports.picklists import ReportEventKind
from amparo.care.referrals.picklists import ReferralEventKind
from amparo.foundation.core.actor import Actor, acting_as
from amparo.foundation.vault.fields import log_reads_together
from amparo.line.contacts.models import ReturnCode
from amparo.line.contacts.return_code_rules import open_return_code

from .models import ReturnCodeOwner

type Sentences = dict[str, Promise]

ON_THE_PAGE: Sentences = {
    ReportEventKind.RECEIVED: _("They received it."),
    ReportEventKind.DECIDED: _("They decided about it."),
    ReportEventKind.OUTCOME: _("There is news. Call us, and we tell you."),
    ReportEventKind.RECALLED: _(
        "Your report had gone to the wrong unit. It is not dropped: call us, and we send it to the right one."
    ),
    "requested": _("We asked a service to help you. It has to answer yet."),
    ReferralEventKind.ACCEPTED: _("A service said yes. Call us, and we tell you which and how."),
    ReferralEventKind.DECLINED: _("A service said that it cannot. Call us, and we look for another with you."),
    ReferralEventKind.ARRIVED: _("The service told us that you are with them."),
    ReferralEventKind.SERVED: _("The service told us that it helped you."),
    ReferralEventKind.CANCELLED: _("We no longer ask that service."),
}
ALOUD: Sentences = ON_THE_PAGE | {  # the bearer is on the telephone with us already
    ReportEventKind.OUTCOME: _("There is news. Those who follow your case tell you."),
    ReferralEventKind.ACCEPTED: _("A service said yes. Those who follow your case tell you which and how."),
    ReferralEventKind.DECLINED: _(
        "A service said that it cannot. Those who follow your case look for another with you."
    ),
}


@dataclass(frozen=True)
class StatusLine:
    """One line of what a return code shows."""

    at: datetime
    text: str
    from_bearer: bool = False  # the bearer said it with the code
    is_free_text: bool = False  # free text, written by the bearer or by staff


@dataclass(frozen=True)
class LiveConsent:
    """A live consent that the bearer of the code can withdraw with it."""

    pk: UUID
    what: str
    recipient: str
    until: datetime


@dataclass(frozen=True)
class CaseStatus:
    """All that a return code shows."""

    code: ReturnCode
    lines: list[StatusLine]  # oldest first
    agreements: list[LiveConsent]
    policy: Policy  # who is informed without consent
    # the case whose team can say more, if staff read the lines aloud. None: the code has no known owner
    case: Case | None = None


def case_status(acting: Actor, now: datetime, *, is_aloud: bool = False) -> CaseStatus:
    """Return what this code shows now. Raises `Refused` if it opens nothing.

    `is_aloud`: an operator reads it to the bearer. Then, or if the owner chose to read them, it includes the words of
    the police unit.
    """
    with acting_as(acting):
        code = open_return_code(acting)
        people = records_of_owner(code)
        words = list(code.messages.select_related("key").order_by("at", "pk"))
        log_reads_together(code, words)
        lines = [StatusLine(code.given_at, str(_("You talked with us.")))]
        lines += [StatusLine(word.at, word.text, from_bearer=word.from_bearer, is_free_text=True) for word in words]
        in_words = is_aloud or ReturnCodeOwner.objects.filter(code=code, reads_words=True).exists()
        sentences = ALOUD if is_aloud else ON_THE_PAGE
        for report in _reports(people):
            lines += _report_lines(report, sentences, in_words=in_words)
        lines += _referral_lines(people, sentences)
        agreed = live_consents_of(people, now)
        agreements = [LiveConsent(it.pk, *it.in_words(by_name=False), it.expires_at) for it in agreed]
        lines.sort(key=lambda line: line.at)
        case = _case_of(code) if is_aloud else None
        return CaseStatus(code, lines, agreements, PolicyVersion.objects.in_force(now), case)


def records_of_owner(code: ReturnCode) -> list[UUID]:
    """Return the ids of all records of the code's owner, as caller and as person at risk. Empty: no owner is known."""
    if (owner := ReturnCodeOwner.objects.filter(code=code).first()) is None:
        return []
    person = Person.objects.only("pk", "key", "same_human_as").get(pk=owner.person_id)
    return list(same_human_records(person).values_list("pk", flat=True))


def live_consents_of(people: list[UUID], now: datetime) -> QuerySet[Consent]:
    """Return the live consents of these people, with the columns that the public side may read."""
    stands = Consent.objects.live(now).filter(person__in=people)
    return stands.only("pk", "key", "data", "recipients", "institution", "expires_at").order_by("given_at", "pk")


def _reports(people: list[UUID]) -> QuerySet[Report]:
    return (
        Report.objects.filter(person__in=people)
        .select_related("key")
        .only("pk", "key", "sent_at")
        .order_by("sent_at", "pk")
    )


def _case_of(code: ReturnCode) -> Case | None:
    if (owner := ReturnCodeOwner.objects.filter(code=code).first()) is None:
        return None
    return Case.objects.filter(key=owner.key_id).only("pk", "number", "key", "holder").order_by().first()


def _report_lines(report: Report, sentences: Sentences, *, in_words: bool) -> list[StatusLine]:
    """Return one line for each event of the report; a decision or an outcome adds what the person may be told of it.

    Questions between the institutions are left out.
    """
    kinds = (ReportEventKind.RECEIVED, ReportEventKind.DECIDED, ReportEventKind.OUTCOME, ReportEventKind.RECALLED)
    found = ReportEvent.objects.filter(report=report, kind__in=kinds).select_related("key").order_by("at", "pk")
    steps = list(found.only("pk", "report", "key", "kind", "at", "may_tell"))
    log_reads_together(report, steps if in_words else [])
    lines = [StatusLine(report.sent_at, str(_("Your report was sent.")))]
    for step in steps:
        lines.append(StatusLine(step.at, str(sentences[step.kind])))
        if in_words and step.may_tell:
            lines.append(StatusLine(step.at, _("They let you know: %(words)s") % {"words": step.may_tell}))
    return lines


def _referral_lines(people: list[UUID], sentences: Sentences) -> list[StatusLine]:
    """Return one line for each step of the referrals, without the service's name. "Asked" never reads as "arranged"."""
    with connection.cursor() as cursor:
        cursor.execute("select at, kind from referrals_events_for_bearer(%s)", [people])
        return [StatusLine(at, str(sentences[kind])) for at, kind in cursor.fetchall()]
