"""A police report before it is sent: exactly what the unit would read, and on which basis.

A draft is refused if nothing allows the disclosure.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from amparo.care.cases.models import Case
from amparo.care.consent.disclosure import RecipientScope
from amparo.care.consent.institutions import RECIPIENT_KINDS, scope_of
from amparo.care.consent.models import PolicyVersion
from amparo.care.consent.picklists import SUBJECT_DATA, Data
from amparo.care.consent.picklists import Decision as Ruled
from amparo.care.consent.rules import is_disclosure_allowed
from amparo.care.consent.table import DisclosureRow, disclosure_row
from amparo.care.disclosures.rules import (
    Details,
    names_of_left_out,
    refuse_item,
    set_bases,
    set_basis,
    without_blank_items,
)
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.foundation.access.models import Agency, Kind, User
from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings.rules import current
from amparo.line.contacts.picklists import Urgency

from .models import Report, ReportDetail
from .picklists import OF_A_REPORT, Source
from .source_rules import RULES, check_source_rule

REQUIRED_FIRST = (Ruled.REQUIRE, Ruled.ALLOW, Ruled.FORBID)
RECIPIENTS = [RECIPIENT_KINDS[kind] for kind in (Kind.POLICE, Kind.PROSECUTOR)]


@dataclass(frozen=True)
class Draft:
    """A report and its details as unsaved rows, so that a preview leaves nothing in the database."""

    report: Report
    details: list[ReportDetail]
    line: DisclosureRow  # the row of the consent table for this unit

    @property
    def rows(self) -> list[Report | ReportDetail]:
        return [self.report, *self.details]

    @property
    def left_out(self) -> str:
        return names_of_left_out(self.details, OF_A_REPORT)

    @property
    def why_left_out(self) -> list[tuple[Ruled, list[Data]]]:
        """The items that are left out, by what the consent table says of them: required, allowed or forbidden."""
        known = {it.data for it in self.details}
        missing = [data for data in OF_A_REPORT if data not in known]
        decided = [(decision, self.line.decided(decision, of=missing)) for decision in REQUIRED_FIRST]
        return [(decision, data) for decision, data in decided if data]


def draft_report(
    person: Person, case: Case, unit: Agency, *, facts: str, source: Source, known_how: str = "", ubigeo: str = "",
    details: Details | None = None, traces: str = "", by: User, now: datetime,
) -> Draft:  # fmt: skip
    """Build the report as it would be sent now. Raises `Refused` if it may not be sent."""
    items = without_blank_items(details or {})
    check_source_rule(source, names="".join(items.values()), known_how=known_how, ubigeo=ubigeo)
    if RECIPIENT_KINDS.get(Kind(unit.kind)) not in RECIPIENTS:
        raise Refused(_("A police report goes to the police or to a prosecutor."))
    if not facts.strip():
        raise Refused(_("Write the facts that are sent. They are read without the case."))
    recipient, is_danger = scope_of(unit), case.urgency == Urgency.IMMEDIATE
    report = Report(
        case=case, person=person, to_agency=unit, source=source, ubigeo=ubigeo, facts=facts,
        known_how=known_how if RULES[source].says_how else "", traces=traces.strip() or None, is_danger=is_danger,
        policy=PolicyVersion.objects.in_force(now).version, sent_at=now, sent_by=by, **_deadlines(is_danger, now),
    )  # fmt: skip
    if not set_basis(report, person, recipient, Data.INCIDENT_FACTS, report.pk, now):
        raise Refused(
            _("There is no legal basis to disclose it now. Ask for the person's consent first, or note another basis.")
        )
    return Draft(report, _draft_details(report, recipient, items, now), disclosure_row(person, recipient, now))


def _deadlines(is_danger: bool, now: datetime) -> dict[str, datetime]:
    """Return the deadlines of the unit: to receive the report and to decide on it."""
    clocks = current()
    receive = timedelta(minutes=clocks.receive_in_danger_minutes if is_danger else clocks.receive_minutes)
    return {"receive_by": now + receive, "decide_by": now + timedelta(minutes=clocks.decide_minutes)}


def _draft_details(
    report: Report, recipient: RecipientScope, words_of: dict[Data, str], now: datetime
) -> list[ReportDetail]:
    """Build the rows of the items. Each has its own basis, of the person it is about, and can be withdrawn alone."""
    of_who_called = [data for data in words_of if data not in SUBJECT_DATA]
    caller = _caller_who_agreed(report.person, recipient, of_who_called, now) if of_who_called else None
    items = [data for data in OF_A_REPORT if data in words_of]
    details = {data: ReportDetail(report=report, data=data, words=words_of[data]) for data in items}
    of_subject = {data: it for data, it in details.items() if data in SUBJECT_DATA}
    of_caller = {data: it for data, it in details.items() if data not in SUBJECT_DATA}
    refused = set_bases(of_subject, report.person, recipient, report.pk, now)
    refused += set_bases(of_caller, caller or report.person, recipient, report.pk, now)
    for data in details:
        if data in refused:
            refuse_item(data)
    return list(details.values())


def _caller_who_agreed(about: Person, recipient: RecipientScope, items: list[Data], now: datetime) -> Person:
    """Return the caller who agreed to each of these items. Raises `Refused` unless there is exactly one."""
    of_case = Person.objects.filter(key=about.key_id, part=Part.CALLER)
    agreed = [it for it in of_case if all(is_disclosure_allowed(it, recipient, data, now) for data in items)]
    if not agreed:
        refuse_item(items[0])
    if len(agreed) > 1:
        raise Refused(_("More than one who called agreed to that. Send the report without it."))
    return agreed[0]
