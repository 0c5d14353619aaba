"""Export a case as HTCDS records: only what the standard has a field and a value for."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from amparo.care.cases.models import Case
from amparo.care.cases.picklists import Closing, EntryKind
from amparo.care.consent.picklists import SUBJECT_DATA
from amparo.care.people.models import Person
from amparo.foundation.core.spreadsheets import csv_lines

from . import mapping, standard
from .models import UnmappedData
from .outline import NOTHING_WRITTEN, ExportScope, case_outline
from .standard import Record

FIRST = ("case", "place", "entity")  # columns of a CSV: which case, the record's place in it, its entity
END = "end"  # in the first column of the last row of a CSV: without it, nobody could see that a file was cut off
BLANK: tuple[Any, ...] = (None, "", [], {})


def exported_record(case: Case, extent: ExportScope = NOTHING_WRITTEN) -> Record:
    """Return a case as an HTCDS record: the name of an entity -> its record (`Case`), or a list of its records."""
    outline, ids = case_outline(case, extent)
    record: Record = json.loads(outline)
    people = Person.objects.filter(pk__in=ids).defer("remarks").order_by("number")
    outlines = zip(record.get("Person", []), people, strict=True)
    record["Person"] = [_with_identity(outline, case, person, extent) for outline, person in outlines]
    if extent.words:
        record = _with_notes(record, case)
    cleaned: Record = without_blanks(record)
    return cleaned


def _with_notes(record: Record, case: Case) -> Record:
    """Add the notes of the case, another institution's closing words, and what was imported without a field here."""
    if case.closing == Closing.CLOSED_THERE and case.closing_words:
        record["Case"]["cas_ReasonForCaseClosure"] = case.closing_words  # written by the institution that closed it
    notes = case.entries.filter(kind=EntryKind.NOTE).select_related("key").order_by("at", "number")
    record["CaseComment"] = [{"cco_CaseComment": entry.words} for entry in notes if entry.words]
    return merge_records(record, _stored_unmapped_data(case))


def json_file(records: Iterable[str]) -> Iterator[bytes]:
    """Yield a JSON file, record by record; only one is in memory at a time."""
    yield b'{"standard": "%s", "version": "%s", "cases": [' % (standard.NAME.encode(), standard.VERSION.encode())
    for number, record in enumerate(records):
        yield (b",\n" if number else b"\n") + record.encode()
    yield b"\n]}\n"


def csv_file(records: Iterable[str]) -> Iterator[bytes]:
    """Yield a CSV file with a row for each record; several values in one cell are separated by semicolons."""
    return (line.encode() for line in csv_lines(_csv_rows(records)))


def _csv_rows(records: Iterable[str]) -> Iterator[list[str]]:
    fields = [name for entity in standard.entities().values() for name in entity]
    yield [*FIRST, *fields]
    for number, record in enumerate(records, 1):
        for place, entity, part in _records_by_place(json.loads(record)):
            cells = {name: _cell_text(value) for name, value in part.items()}
            yield [str(number), place, entity, *(cells.get(name, "") for name in fields)]
    yield [END]


def record_as_json(record: Record) -> str:
    """Return a record as the JSON text that stands in a file."""
    return json.dumps(record, ensure_ascii=False)


def _with_identity(record: Record, case: Case, person: Person, extent: ExportScope) -> Record:
    """Add identity and free text to a person's outline, as far as they may be disclosed."""
    contexts = {name: record.pop(name) for name in mapping.CONTEXTS if name in record}  # these stand last
    allowed = extent.identity_data.get(person.pk, frozenset())
    if allowed & mapping.IDENTITY_FIELDS.keys() and (identity := person.identity):
        for data in allowed & mapping.IDENTITY_FIELDS.keys():
            record |= {field: getattr(identity, column) for column, field in mapping.IDENTITY_FIELDS[data].items()}
        record = (
            merge_records(record, _stored_unmapped_data(case, person, is_identity=True))
            if allowed >= set(SUBJECT_DATA)
            else record
        )
    if extent.words and (events := contexts.get("HistoricTraffickingEvent")):
        for event, it in zip(events, person.events.select_related("key").order_by("since", "pk"), strict=True):
            event["hte_Description"] = it.words
    record |= contexts
    return merge_records(record, _stored_unmapped_data(case, person)) if extent.words else record


def _stored_unmapped_data(case: Case, person: Person | None = None, *, is_identity: bool = False) -> Record:
    """Return what was imported of the case or the person and has no field here."""
    found = UnmappedData.objects.filter(case=case, person=person, is_identity=is_identity).select_related("key").first()
    rest: Record = json.loads(found.records) if found else {}
    return rest


def merge_records(ours: Record, rest: Record) -> Record:
    """Merge two records; if they differ in a field, `ours` wins. Lists are joined without duplicates."""
    both = {**rest, **{name: value for name, value in ours.items() if value not in BLANK or name not in rest}}
    for name in ours.keys() & rest.keys():
        own, other = ours[name], rest[name]
        if isinstance(own, dict) and isinstance(other, dict):
            both[name] = merge_records(own, other)
        elif isinstance(own, list) and isinstance(other, list):
            both[name] = [*own, *(each for each in other if each not in own)]
    return both


def without_blanks(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: without_blanks(each) for name, each in value.items()}
        return {name: each for name, each in kept.items() if each not in BLANK}
    return [without_blanks(each) for each in value] if isinstance(value, list) else value


def _records_by_place(record: dict[str, Any], place: str = "") -> Iterator[tuple[str, str, Record]]:
    """Yield every record of a case with its place: "Person.2/Consent.1" is the consent of the second person."""
    for entity, part in record.items():
        for number, each in enumerate(part if isinstance(part, list) else [part], 1):
            own = {name: value for name, value in each.items() if name not in standard.entities()}
            inner = {name: value for name, value in each.items() if name in standard.entities()}
            here = f"{place}{entity}.{number}"
            yield here, entity, own
            yield from _records_by_place(inner, f"{here}/")


def _cell_text(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
