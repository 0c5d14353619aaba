"""Read HTCDS records from a file: all of it is read and every value checked before anything is saved."""

import csv
import io
import json
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.spreadsheets import would_compute

from . import standard
from .htcds_export import END, FIRST
from .standard import Record, UnknownValue, check_record, entities, quoted, unknown_entity

LARGEST = 5_000_000  # bytes of a file
MOST, MOST_RECORDS = 5_000, 20_000  # cases in a file; records of all of them: each becomes at least one row
MOST_BRACKETS = 100_000  # of JSON, with those in texts: each record has one, and each list of records
OF_A_CASE = {"Case": dict, "Consent": dict}  # its other parts are lists of records
OF_A_PERSON = {"VictimContext": dict, "PerpetratorContext": dict, "Consent": dict, "HistoricTraffickingEvent": list}
PLACE = re.compile(r"(\w+)\.([1-9][0-9]{0,4})(?:/(\w+)\.([1-9][0-9]{0,4}))?")


def read_file(file: bytes) -> list[dict[str, Any]]:
    """Return the cases of a JSON or CSV file.

    Raises `Refused`, with the case, the field and the value, if anything is unknown.
    """
    if len(file) > LARGEST:
        raise Refused(_("The file is larger than 5 MB. Send it in parts."))
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(_("The file is no text in UTF-8. Save it again as UTF-8.")) from None
    cases = _cases_from_json(text) if text.lstrip().startswith(("{", "[")) else _cases_from_csv(text)
    if not cases or len(cases) > MOST:
        raise Refused(_("A file holds from 1 to 5,000 cases."))
    checked = [_checked_case(number, case) for number, case in enumerate(cases, 1)]
    if sum(map(_count_records, checked)) > MOST_RECORDS:
        raise _too_many_records()
    return checked


def _too_many_records() -> Refused:
    return Refused(_("The file has more than 20,000 records. Send it in parts."))


def _cases_from_json(text: str) -> list[Any]:
    """Read the cases. Records beyond those that may be kept are counted first: millions would take hundreds of MB."""
    if text.count("{") + text.count("[") > MOST_BRACKETS:
        raise _too_many_records()
    try:
        found = json.loads(text, object_pairs_hook=_refuse_repeated_names)
    except (ValueError, RecursionError):
        raise Refused(_("The file is no JSON. Send one that was written as JSON or CSV.")) from None
    if not isinstance(found, dict) or (found.get("standard"), found.get("version")) != (
        standard.NAME,
        standard.VERSION,
    ):
        raise Refused(_("The file does not say that it is HTCDS 2.0: its first lines name standard and version."))
    cases = found.get("cases")
    return cases if isinstance(cases, list) else []


def _cases_from_csv(text: str) -> list[Any]:
    """Read one record from each row; the first columns give its place.

    A row without a valid place is refused, never dropped.
    """
    try:  # no more rows than may be kept: millions of empty ones would take hundreds of megabytes
        rows = list(islice(csv.reader(io.StringIO(text, newline=""), strict=True), MOST_RECORDS + 3))
    except csv.Error:
        raise Refused(_("The file is no CSV. Send one that was written as JSON or CSV.")) from None
    if len(rows) > MOST_RECORDS + 2:  # with the first and the last row
        raise _too_many_records()
    if not rows or tuple(rows[0][:3]) != FIRST:
        raise Refused(_("The first row of a CSV names its columns: case, place, entity, and then the fields."))
    if len(set(rows[0])) < len(rows[0]):
        raise Refused(_("Two columns have the same name. Send each once."))
    last = rows.pop()
    if last[:1] != [END] or any(last[1:]):  # a case may have this name
        raise Refused(_("The file was cut off: the last row of a CSV says «end». Have it sent again."))
    cases: dict[str, dict[str, Any]] = {}
    for number, cells in enumerate(rows[1:], 2):
        try:
            _add_row(cases.setdefault(cells[0], {}), cells, rows[0])
        except (UnknownValue, IndexError, KeyError):
            words = _("Row %(row)s: its place cannot be read, or is not the next one. Keep the rows in their order.")
            raise Refused(words % {"row": number}) from None
    return list(cases.values())


def _add_row(case: dict[str, Any], cells: list[str], names: list[str]) -> None:
    record: Record = {name: _text_of_cell(cell) for name, cell in zip(names[3:], cells[3:], strict=False) if cell}
    place = PLACE.fullmatch(cells[1])
    if place is None or any(cells[len(names) :]):
        raise UnknownValue
    entity, number, inner, inner_number = place.groups()
    if (inner or entity) != cells[2]:
        raise UnknownValue
    if inner:
        _add_record(case[entity][int(number) - 1], inner, int(inner_number), OF_A_PERSON[inner], record)
    else:
        _add_record(case, entity, int(number), OF_A_CASE.get(entity, list), record)


def _add_record(to: dict[str, Any], entity: str, number: int, shape: type, record: Record) -> None:
    """Add the record of this entity. Raises `UnknownValue` unless its number is the next one.

    In another order, one person's data could become another's.
    """
    before = to.setdefault(entity, []) if shape is list else [to[entity]] if entity in to else []
    if number != len(before) + 1 or (before and shape is dict):
        raise UnknownValue
    if shape is dict:
        to[entity] = record
    else:
        before.append(record)


def _refuse_repeated_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build a JSON object and refuse a repeated name; Python's reader would silently keep the last value."""
    record: Record = {}
    for name, value in pairs:
        if name in record:
            raise Refused(_("%(what)s stands twice in one record. Send each once.") % {"what": quoted(name)})
        record[name] = value
    return record


def _count_records(part: Any) -> int:
    """Return the number of records: this one and those within it."""
    if isinstance(part, list):
        return sum(map(_count_records, part))
    return 1 + sum(map(_count_records, part.values())) if isinstance(part, dict) else 0


def _text_of_cell(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and would_compute(cell[1:]) else cell


def _checked_case(number: int, case: Any) -> dict[str, Any]:
    try:
        return _checked_parts(case, OF_A_CASE, list)
    except UnknownValue as wrong:
        words = {"number": number, "what": str(wrong)}
        raise Refused(_("Case %(number)s. %(what)s Nothing of the file was kept.") % words) from None


def _checked_parts(case: Any, shapes: Mapping[str, type], otherwise: type | None) -> dict[str, Any]:
    if not isinstance(case, dict):
        raise UnknownValue(_("A case has names of entities and their records."))
    checked: dict[str, Any] = {}
    for entity, part in case.items():
        shape = shapes.get(entity, otherwise if entity in entities() else None)
        if shape is None:
            raise unknown_entity(entity)
        if not isinstance(part, shape):
            raise UnknownValue(_("%(entity)s: its records stand in the wrong place.") % {"entity": entity})
        records = [_checked_record(entity, each) for each in (part if isinstance(part, list) else [part])]
        checked[entity] = records if shape is list else records[0]
    return checked


def _checked_record(entity: str, record: Any) -> Record:
    """Return the record with its values checked. A person contains further records."""
    if entity != "Person" or not isinstance(record, dict):
        return check_record(entity, record)
    own = {name: value for name, value in record.items() if name not in entities()}
    inner = {name: value for name, value in record.items() if name in entities()}
    return check_record(entity, own) | _checked_parts(inner, OF_A_PERSON, None)
