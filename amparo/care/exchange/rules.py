"""Verbs for HTCDS: export one case on a live basis, export all without text, and import cases."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.care.cases.models import Case, Task
from amparo.care.cases.picklists import CLOSED, Closing, EntryKind, State, TaskKind
from amparo.care.cases.rules import add_event, close_case, write_note
from amparo.care.cases.tasks_planning import add_entry
from amparo.care.cases.team import create_case
from amparo.care.consent.disclosure import RecipientScope
from amparo.care.consent.picklists import CALLER_DATA, SUBJECT_DATA, Data
from amparo.care.consent.rules import is_disclosure_allowed
from amparo.care.people.models import Identity, Person
from amparo.care.people.picklists import OLDEST, Certainty, Part
from amparo.care.people.rules import add_person, identify
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action, allowed
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import Purpose, label_verb
from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.places import places
from amparo.foundation.vault.models import DataKey
from amparo.line.contacts.picklists import Urgency

from . import mapping
from .htcds_export import exported_record, without_blanks
from .models import UnmappedData
from .outline import ExportScope, next_outlines
from .standard import Record, is_country_code

OF_ONE = frozenset({Data.INCIDENT_FACTS, *SUBJECT_DATA})
BATCH = 1000  # cases read in one transaction
REVIEWED_WITHIN = timedelta(days=2)


@action(permissions.follow_cases, label=gettext_lazy("wrote the case into a file"))
def export_case(case: Case, scope: RecipientScope, *, by: User, now: datetime) -> dict[str, Any]:
    """Return the case as a record for this recipient. Of each person at risk it has only what may be disclosed now.

    Notes and descriptions may concern anybody. They are included only if everything of every person at risk, and of
    every caller, may be disclosed.
    """
    case = Case.objects.visible_to(by).get_locked(case.pk)
    people = list(case.persons.filter(part=Part.AT_RISK))
    may_tell = {
        it.pk: frozenset(data for data in OF_ONE if is_disclosure_allowed(it, scope, data, now)) for it in people
    }
    disclosed = {pk: data for pk, data in may_tell.items() if Data.INCIDENT_FACTS in data}
    if not disclosed:
        raise Refused(
            _("There is no legal basis to disclose it now. Ask for the person's consent first, or note another basis.")
        )
    includes_text = all(data == OF_ONE for data in may_tell.values()) and _may_disclose_callers(case, scope, now)
    add_entry(case, EntryKind.DISCLOSED, by=by, now=now, words=f"HTCDS: {scope}")
    return exported_record(
        case,
        ExportScope(
            words=includes_text, identity_data=disclosed, excluded=frozenset(may_tell.keys() - disclosed.keys())
        ),
    )


@allowed(permissions.supervise)
def export_all(*, purpose: Purpose, by: User, now: datetime) -> Iterator[str]:
    """Yield every case that this user may see, as JSON without names or text. Reads in batches and logs each case."""
    acting, after = by.acting(purpose), 0
    while True:
        with acting_as(acting):
            outlines = next_outlines(after, BATCH)
        if not outlines:
            return
        yield from (record for _number, record in outlines)
        after = outlines[-1][0]


@action(permissions.supervise, label=gettext_lazy("took cases out of a file"))
def import_cases(records: list[dict[str, Any]], *, purpose: Purpose, by: User, now: datetime) -> list[Case]:
    """Import cases of another institution: all of them or, if one is refused, none."""
    return [_import_case(record, by, now) for record in records]


def _may_disclose_callers(case: Case, scope: RecipientScope, now: datetime) -> bool:
    """May everything of each caller be disclosed?

    A caller who is the person at risk counts as that person; others agree for themselves, because the file contains
    what each of them said.
    """
    others = case.persons.filter(part=Part.CALLER, same_human_as=None)
    return all(is_disclosure_allowed(it, scope, data, now) for it in others for data in CALLER_DATA)


def _import_case(record: dict[str, Any], by: User, now: datetime) -> Case:
    """Save one case in the state in which its sender left it; an open one gets a task to review it soon."""
    rest, fields = dict(record), dict(record.get("Case", {}))
    case = create_case(Task(kind=TaskKind.REVIEW, due=now + REVIEWED_WITHIN), Urgency.ROUTINE, by=by, now=now)
    append("import_case", f"case {case.pk}", key=case.key_id)
    add_entry(case, EntryKind.OPENED, by=by, now=now, about=str(case.urgency), words="HTCDS")
    for comment in rest.pop("CaseComment", []):
        write_note(case, comment.get("cco_CaseComment", "HTCDS"), by=by, now=now)
    for person in rest.pop("Person", []):
        _import_person(case, dict(person), by, now)
    state = mapping.STATES[fields.pop("cas_Status", "Active")]
    reason = fields.pop("cas_ReasonForCaseClosure", "") if state in CLOSED else ""
    _store_unmapped(case, rest | {"Case": fields})
    return _set_state(case, state, reason, by, now)


label_verb("import_case", gettext_lazy("took the case out of a file"))


def _set_state(case: Case, state: State, reason: str, by: User, now: datetime) -> Case:
    """Close the case if its sender had closed it, else set the state that the sender had given it."""
    if state in CLOSED:
        closing = mapping.CLOSINGS.get(reason, Closing.CLOSED_THERE)
        closing = Closing.HANDED_OVER if state == State.CLOSED_REFERRED else closing
        return close_case(case, closing, words="" if reason in mapping.CLOSINGS else reason, by=by, now=now)
    case.state = state
    case.save(update_fields=["state"])
    return case


def _import_person(case: Case, record: Record, by: User, now: datetime) -> None:
    """Save one person with events and identity. What has no field here is stored as received."""
    part = Part.ALLEGED_PERPETRATOR if "PerpetratorContext" in record else Part.AT_RISK
    person = add_person(case.key, part, by=by, now=now, **_take_known_columns(record))
    left = [
        event for event in record.pop("HistoricTraffickingEvent", []) if not _add_complete_event(person, event, by, now)
    ]
    identity = {
        name: record.pop(name)
        for name in list(record)
        if name.startswith("prs_") and name not in mapping.NOT_IDENTIFYING
    }
    if identity:
        _import_identity(case, person, identity, by, now)
    _store_unmapped(case, record | {"HistoricTraffickingEvent": left}, person)


def _take_known_columns(record: Record) -> dict[str, Any]:
    """Remove from the record the values that columns of `Person` can store, and return these by column."""
    known: dict[str, Any] = {}
    if gender := record.pop("prs_Gender", None):
        known["gender"] = mapping.GENDERS[gender]
    if len(record.get("prs_Citizenship", [])) == 1:
        known["citizenship"] = record.pop("prs_Citizenship")[0]
    spoken = [
        name for name in ("prs_PrimaryLanguage", "prs_SecondaryLanguage") if record.get(name) in mapping.LANGUAGES
    ]
    known["languages"] = [mapping.LANGUAGES[record.pop(name)] for name in spoken]
    victim = record.get("VictimContext", {})
    age = victim.get("vic_AgeWhenTrafficked")
    if isinstance(age, int) and 0 <= age <= OLDEST:
        known |= {"age_at_events": victim.pop("vic_AgeWhenTrafficked"), "age_certainty": Certainty.ESTIMATED}
    return known


def _add_complete_event(person: Person, record: Record, by: User, now: datetime) -> bool:
    """Save an event if our own columns can store it completely. Return False if they cannot: it stays as received."""
    country, where = (
        record.get("hte_Country", ""),
        ", ".join(filter(None, (record.get("hte_City"), record.get("hte_State")))),
    )
    place = places.place_meant(where) if country == "PE" else None
    fits = "hte_Type" in record and (country == "" or is_country_code(country)) and bool(place) == bool(where)
    if not fits or record.keys() - mapping.OF_AN_EVENT:
        return False
    add_event(
        person, mapping.EVENTS[record["hte_Type"]], country=country, ubigeo=place.ubigeo if place else "",
        since=record.get("hte_Date"), words=record.get("hte_Description"), by=by, now=now,
    )  # fmt: skip
    return True


def _import_identity(case: Case, person: Person, fields: Record, by: User, now: datetime) -> None:
    """Save the identity of a person. Fields without a column are stored as received, under the identity's key."""
    columns = {column: fields.pop(field) for column, field in mapping.IDENTITY.items() if field in fields}
    columns["names"] = " ".join(fields.pop(field) for field in mapping.NAMES if field in fields) or None
    identity: Identity = identify(person, purpose=Purpose.CARE, by=by, now=now, **columns)
    if fields:
        _store_unmapped(case, fields, person, identity.key)


def _store_unmapped(
    case: Case, record: Record, person: Person | None = None, identity_key: DataKey | None = None
) -> None:
    if left := without_blanks(record):
        UnmappedData.objects.create(
            case=case,
            person=person,
            key=identity_key or case.key,
            is_identity=identity_key is not None,
            records=json.dumps(left),
        )
