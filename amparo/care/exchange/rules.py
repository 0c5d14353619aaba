"""Verbs for HTCDS: export one case on a live basis, export all without text, and import cases."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from amparo.care.cases.models import Case, Task
from amparo.care.cases.picklists import CLOSED, Closing, EntryKind, State, TaskKind
from amparo.care.cases.rules import add_event, close_case, write_note
from amparo.care.cases.tasks_planning import add_entry
from amparo.care.cases.team import create_case
from amparo.care.consent.disclosure import CALLER_DATA, SUBJECT_DATA, Data, RecipientScope
from amparo.care.consent.rules import allows
from amparo.care.people.models import Identity, Person
from amparo.care.people.picklists import OLDEST, Certainty, Part
from amparo.care.people.rules import add_person, identify
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action, allowed
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.places import places
from amparo.foundation.vault.models import DataKey
from amparo.line.contacts.picklists import Urgency

from . import mapping
from .htcds_export import record_of, without_blanks
from .models import UnmappedData
from .outline import Extent, next_outlines
from .standard import Record, country_of

OF_ONE = frozenset({Data.INCIDENT_FACTS, *SUBJECT_DATA})
AT_ONCE = 1000  # cases read in one transaction
REVIEWED_WITHIN = timedelta(days=2)


@action(permissions.follow_cases)
def export_case(case: Case, whom: RecipientScope, *, by: User, now: datetime) -> dict[str, Any]:
    """Return the case as a record for this recipient: of each person at risk only what may be disclosed now, field by
    field.

    Notes and descriptions may concern anybody. They are included only if everything of every person at risk, and of
    every caller, may be disclosed.
    """
    case = Case.objects.visible_to(by).get_locked(case.pk)
    people = list(case.persons.filter(part=Part.AT_RISK))
    may_tell = {it.pk: frozenset(data for data in OF_ONE if allows(it, whom, data, now)) for it in people}
    told = {pk: data for pk, data in may_tell.items() if Data.INCIDENT_FACTS in data}
    if not told:
        raise Refused(_("Nothing allows to tell them now. Ask for her consent first, or write down another basis."))
    is_whole = all(data == OF_ONE for data in may_tell.values()) and _may_tell_of_who_called(case, whom, now)
    add_entry(case, EntryKind.DISCLOSED, by=by, now=now, words=f"HTCDS: {whom}")
    return record_of(case, Extent(words=is_whole, who=told, silent=frozenset(may_tell.keys() - told.keys())))


@allowed(permissions.supervise)
def export_all(*, purpose: Purpose, by: User, now: datetime) -> Iterator[str]:
    """Yield every case that this user may see, as JSON without names or text, in batches; each is logged."""
    acting, after = by.acting(purpose), 0
    while True:
        with acting_as(acting):
            outlines = next_outlines(after, AT_ONCE)
        if not outlines:
            return
        yield from (record for _number, record in outlines)
        after = outlines[-1][0]


@action(permissions.supervise)
def import_cases(records: list[dict[str, Any]], *, purpose: Purpose, by: User, now: datetime) -> list[Case]:
    """Import cases of another institution: all of them or, if one is refused, none."""
    return [_take_in(record, by, now) for record in records]


def _may_tell_of_who_called(case: Case, whom: RecipientScope, now: datetime) -> bool:
    """May everything of each caller be disclosed?

    A caller who is the person at risk counts as that person; others agree for themselves, because the file contains
    what each of them said.
    """
    others = case.persons.filter(part=Part.CALLER, same_human_as=None)
    return all(allows(it, whom, data, now) for it in others for data in CALLER_DATA)


def _take_in(record: dict[str, Any], by: User, now: datetime) -> Case:
    """Save one case in the state in which its sender left it; an open one gets a task to review it soon."""
    rest, told = dict(record), dict(record.get("Case", {}))
    case = create_case(Task(kind=TaskKind.REVIEW, due=now + REVIEWED_WITHIN), Urgency.ROUTINE, by=by, now=now)
    append("import_case", f"case {case.pk}", key=case.key_id)
    add_entry(case, EntryKind.OPENED, by=by, now=now, about=str(case.urgency), words="HTCDS")
    for comment in rest.pop("CaseComment", []):
        write_note(case, comment.get("cco_CaseComment", "HTCDS"), by=by, now=now)
    for person in rest.pop("Person", []):
        _add(case, dict(person), by, now)
    state = mapping.STATES[told.pop("cas_Status", "Active")]
    reason = told.pop("cas_ReasonForCaseClosure", "") if state in CLOSED else ""
    _keep(case, rest | {"Case": told})
    return _leave_as(case, state, reason, by, now)


def _leave_as(case: Case, state: State, reason: str, by: User, now: datetime) -> Case:
    if state in CLOSED:
        closing = mapping.CLOSINGS.get(reason, Closing.CLOSED_THERE)
        closing = Closing.HANDED_OVER if state == State.CLOSED_REFERRED else closing
        return close_case(case, closing, words="" if reason in mapping.CLOSINGS else reason, by=by, now=now)
    case.state = state
    case.save(update_fields=["state"])
    return case


def _add(case: Case, told: Record, by: User, now: datetime) -> None:
    part = Part.ALLEGED_PERPETRATOR if "PerpetratorContext" in told else Part.AT_RISK
    person = add_person(case.key, part, by=by, now=now, **_known(told))
    left = [event for event in told.pop("HistoricTraffickingEvent", []) if not _happened(person, event, by, now)]
    who = {name: told.pop(name) for name in list(told) if name.startswith("prs_") and name not in mapping.LIKE}
    if who:
        _identify(case, person, who, by, now)
    _keep(case, told | {"HistoricTraffickingEvent": left}, person)


def _known(told: Record) -> dict[str, Any]:
    """Take what our own columns can store out of the record."""
    known: dict[str, Any] = {}
    if gender := told.pop("prs_Gender", None):
        known["gender"] = mapping.GENDERS[gender]
    if len(told.get("prs_Citizenship", [])) == 1:
        known["citizenship"] = told.pop("prs_Citizenship")[0]
    spoken = [name for name in ("prs_PrimaryLanguage", "prs_SecondaryLanguage") if told.get(name) in mapping.LANGUAGES]
    known["languages"] = [mapping.LANGUAGES[told.pop(name)] for name in spoken]
    victim = told.get("VictimContext", {})
    age = victim.get("vic_AgeWhenTrafficked")
    if isinstance(age, int) and 0 <= age <= OLDEST:
        known |= {"age_at_events": victim.pop("vic_AgeWhenTrafficked"), "age_certainty": Certainty.ESTIMATED}
    return known


def _happened(person: Person, told: Record, by: User, now: datetime) -> bool:
    """Save an event if our own columns can store it completely; False: it stays as received."""
    country, where = told.get("hte_Country", ""), ", ".join(filter(None, (told.get("hte_City"), told.get("hte_State"))))
    place = places.meant(where) if country == "PE" else None
    fits = "hte_Type" in told and (country == "" or country_of(country)) and bool(place) == bool(where)
    if not fits or told.keys() - mapping.OF_AN_EVENT:
        return False
    add_event(
        person, mapping.EVENTS[told["hte_Type"]], country=country, ubigeo=place.ubigeo if place else "",
        since=told.get("hte_Date"), words=told.get("hte_Description"), by=by, now=now,
    )  # fmt: skip
    return True


def _identify(case: Case, person: Person, who: Record, by: User, now: datetime) -> None:
    columns = {column: who.pop(field) for column, field in mapping.IDENTITY.items() if field in who}
    columns["names"] = " ".join(who.pop(field) for field in mapping.NAMES if field in who) or None
    identity: Identity = identify(person, purpose=Purpose.CARE, by=by, now=now, **columns)
    if who:
        _keep(case, who, person, identity.key)


def _keep(case: Case, told: Record, person: Person | None = None, who: DataKey | None = None) -> None:
    if left := without_blanks(told):
        UnmappedData.objects.create(
            case=case, person=person, key=who or case.key, is_identity=who is not None, records=json.dumps(left)
        )
