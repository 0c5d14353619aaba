"""A case as HTCDS records: only what the standard has a field and a value for."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone

from amparo.care.cases.models import Case, Event
from amparo.care.cases.picklists import Closing, EntryKind, EventKind, State
from amparo.care.people.models import Person
from amparo.care.people.picklists import Gender, Part
from amparo.care.referrals.models import Report
from amparo.care.screening.determination import Result
from amparo.ground.places import places
from amparo.line.contacts.picklists import Language

from . import mapping, standard
from .models import Rest
from .parts import NOTHING_WRITTEN, Parts, Told, parts_of
from .standard import Record

FIRST = ("case", "place", "entity")  # columns of a CSV: which case, which record of it, of what
COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n")  # a spreadsheet computes what begins so (CWE-1236)


BLANK: tuple[Any, ...] = (None, "", [], {})


def record_of(case: Case, told: Told = NOTHING_WRITTEN) -> dict[str, Any]:
    """One case: its own record, and lists of records of its parts. Keys are the standard's entities."""
    [record] = records_of([case], told)
    return record


def records_of(cases: list[Case], told: Told = NOTHING_WRITTEN) -> list[dict[str, Any]]:
    """The same of several cases, with as many questions as of one."""
    parts = parts_of(cases, told)
    return [_record(case, parts, told) for case in cases]


def _record(case: Case, parts: Parts, told: Told) -> dict[str, Any]:
    record: dict[str, Any] = {
        "Case": {"cas_Status": mapping.STATUS[State(case.state)], "cas_ReasonForCaseClosure": _why_closed(case, told)},
        "Person": [_person(case, person, parts, told) for person in parts.people[case.key_id]],
        "ReferralDetails": [_referral(report) for report in parts.reports[case.pk]],
        "Consent": {"con_Consent": case.key_id in parts.agreed},
    }
    if told.words:
        notes = case.entries.filter(kind=EntryKind.NOTE).select_related("key").order_by("at", "number")
        record["CaseComment"] = [{"cco_CaseComment": entry.words} for entry in notes if entry.words]
        record = joined(record, _rest(case))
    whole: dict[str, Any] = without_blanks(record)
    return whole


def _why_closed(case: Case, told: Told) -> str:
    """The words of who closed it elsewhere, where words leave; else our code for the reason."""
    theirs = case.closing_words if told.words and case.closing == Closing.CLOSED_THERE else None
    return theirs or case.closing


def as_json(records: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """One after the other; nothing but the one that is written is in memory."""
    yield b'{"standard": "%s", "version": "%s", "cases": [' % (standard.NAME.encode(), standard.VERSION.encode())
    for number, record in enumerate(records):
        yield (b",\n" if number else b"\n") + json.dumps(record, ensure_ascii=False).encode()
    yield b"\n]}\n"


def as_csv(records: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """A row for each record; several values in one cell stand between semicolons."""
    fields = [name for entity in standard.entities().values() for name in entity]
    yield _row([*FIRST, *fields])
    for number, record in enumerate(records, 1):
        for place, entity, part in _flat(record):
            cells = {name: _cell(value) for name, value in part.items()}
            yield _row([str(number), place, entity, *(cells.get(name, "") for name in fields)])


def _person(case: Case, person: Person, parts: Parts, told: Told) -> Record:
    record: Record = {"prs_Citizenship": [person.citizenship] if person.citizenship else []}
    record["prs_Gender"] = mapping.GENDER[Gender(person.gender)] if person.gender else ""
    spoken = [mapping.LANGUAGE[Language(it)] for it in person.languages if it in mapping.LANGUAGE]
    record |= dict(zip(("prs_PrimaryLanguage", "prs_SecondaryLanguage"), spoken, strict=False))
    if person.pk in told.names and (identity := person.identity):
        record["prs_FirstName"] = identity.names
        record |= {field: getattr(identity, column) for column, field in mapping.IDENTITY.items()}
        record = joined(record, _rest(case, person, is_identity=True))
    if person.part == Part.AT_RISK:
        events = [_event(event, told) for event in parts.events[person.pk]]
        record |= {"VictimContext": _victim(person, parts), "HistoricTraffickingEvent": events}
    if person.part == Part.ALLEGED_PERPETRATOR:
        record["PerpetratorContext"] = {"per_RoleInProcess": ["Other"]}
    return joined(record, _rest(case, person)) if told.words else record


def _victim(person: Person, parts: Parts) -> Record:
    record: Record = {"vic_AgeWhenTrafficked": person.age_at_events}
    signed, screening = parts.signed.get(person.pk), parts.screenings.get(person.pk)
    if signed and signed.result == Result.POSSIBLE_VICTIM:
        record["vic_TraffickingStatus"] = "PossibleVictimOfTrafficking"
    yes = [key for key, value in (screening.answers if screening else {}).items() if value == "yes"]
    for name, words in (("vic_TypeOfExploitation", mapping.EXPLOITATION), ("vic_MethodsOfControl", mapping.CONTROL)):
        record[name] = sorted({words[key] for key in yes if key in words})
    return record


def _event(event: Event, told: Told) -> Record:
    names = [places.named(event.ubigeo[:digits]).partition(",")[0] for digits in (2, 6)]
    return {
        "hte_Type": mapping.EVENT[EventKind(event.kind)], "hte_Country": event.country, "hte_State": names[0],
        "hte_City": names[1] if len(event.ubigeo) > 2 else "", "hte_Date": event.since and event.since.isoformat(),
        "hte_Description": event.words if told.words else None,
    }  # fmt: skip


def _referral(report: Report) -> Record:
    return {
        "cas_ReferredOrganisation": str(report.to_agency), "cas_ReasonForOutgoingReferral": "Other",
        "cas_OutgoingReferralDate": timezone.localdate(report.sent_at).isoformat(),
    }  # fmt: skip


def _rest(case: Case, person: Person | None = None, *, is_identity: bool = False) -> Record:
    found = Rest.objects.filter(case=case, person=person, is_identity=is_identity).select_related("key").first()
    rest: Record = json.loads(found.records) if found else {}
    return rest


def joined(ours: Record, rest: Record) -> Record:
    """Both; where both say something else of one field, ours stands. Lists are put together, none of it twice."""
    both = {**rest, **{name: value for name, value in ours.items() if value not in BLANK or name not in rest}}
    for name in ours.keys() & rest.keys():
        mine, other = ours[name], rest[name]
        if isinstance(mine, dict) and isinstance(other, dict):
            both[name] = joined(mine, other)
        elif isinstance(mine, list) and isinstance(other, list):
            both[name] = [*mine, *(each for each in other if each not in mine)]
    return both


def without_blanks(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: without_blanks(each) for name, each in value.items()}
        return {name: each for name, each in kept.items() if each not in BLANK}
    return [without_blanks(each) for each in value] if isinstance(value, list) else value


def _flat(record: dict[str, Any], place: str = "") -> Iterator[tuple[str, str, Record]]:
    """Every record of a case with its place in it, such as "2.1": the first part of the second person."""
    for entity, part in record.items():
        for number, each in enumerate(part if isinstance(part, list) else [part], 1):
            own = {name: value for name, value in each.items() if name not in standard.entities()}
            inner = {name: value for name, value in each.items() if name in standard.entities()}
            here = f"{place}{entity}.{number}"
            yield here, entity, own
            yield from _flat(inner, f"{here}/")


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _row(cells: list[str]) -> bytes:
    """A cell that a spreadsheet would compute is told to be text."""
    line = io.StringIO()
    csv.writer(line).writerow(f"'{cell}" if would_compute(cell) else cell for cell in cells)
    return line.getvalue().encode()


def would_compute(cell: str) -> bool:
    """Whatever number of our marks stands before it: one of them is ours, and the others came with it."""
    return cell.lstrip("'").startswith(COMPUTED)
