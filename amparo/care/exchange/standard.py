"""HTCDS v2.0: the fields of each entity, and the values of each field. Names and values are the standard's own."""

import difflib
import functools
import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pycountry
from django.utils.translation import gettext as _

NAME, VERSION = "HTCDS", "2.0"
DATA = Path(__file__).parent / "data" / "htcds_v2.json"
LONGEST = 20_000  # characters of a text
LONGEST_COMPARED = 100  # characters of a name or value that is compared with the valid ones
UNWRITABLE = re.compile("[\0\ud800-\udfff]")  # NUL and lone surrogates: JSON may contain them, UTF-8 may not

type Record = dict[str, Any]  # field of one entity -> its value; a missing field says nothing


class UnknownValue(ValueError):
    """An unknown field or value, in one sentence that says what to write instead."""


@dataclass(frozen=True)
class Field:
    """One field of an entity, with the values that the standard allows."""

    name: str
    type: str  # "text", "longtext", "number", "date", "boolean", "picklist", "multipicklist", "geo", "lookup"
    values: tuple[str, ...]  # of a picklist; empty: any
    codelist: str  # blank: none
    pattern: str  # blank: none


@functools.cache
def entities() -> dict[str, dict[str, Field]]:
    """Return the fields of each entity, by entity and field name."""
    found = json.loads(DATA.read_text())["entities"]
    return {entity: {name: _field(name, it) for name, it in each["fields"].items()} for entity, each in found.items()}


def check_record(entity: str, record: Any) -> Record:
    """Return the record with each value checked and converted, without blank values. Raises `UnknownValue`."""
    fields = entities().get(entity)
    if fields is None:
        raise UnknownValue(
            _("%(what)s is no entity. %(hint)s") % {"what": quoted(entity), "hint": nearest_hint(entity, entities())}
        )
    if not isinstance(record, dict):
        raise UnknownValue(_("%(entity)s: a record has names of fields and their values.") % {"entity": entity})
    checked = {}
    for name, value in record.items():
        if name not in fields:
            words = {"what": quoted(name), "entity": entity, "hint": nearest_hint(name, fields)}
            raise UnknownValue(_("%(what)s is no field of %(entity)s. %(hint)s") % words)
        if (value.strip() if isinstance(value, str) else value) not in (None, "", []):
            checked[name] = _value(fields[name], value)
    return checked


def unknown_entity(name: str) -> UnknownValue:
    """Return the error for an entity that the standard does not have."""
    return UnknownValue(
        _("%(what)s is no entity. %(hint)s") % {"what": quoted(name), "hint": nearest_hint(name, entities())}
    )


def nearest_hint(wrong: str, valid: Any) -> str:
    """Return a sentence with the most similar valid value; blank: none is similar, or `wrong` is far too long."""
    if len(str(wrong)) > LONGEST_COMPARED:  # of megabytes it would take seconds
        return ""
    by_fold = {str(each).casefold(): str(each) for each in valid}
    found = difflib.get_close_matches(str(wrong).casefold(), by_fold, 1, 0.4)
    return _("The nearest one is %(what)s.") % {"what": by_fold[found[0]]} if found else ""


def quoted(value: Any) -> str:
    """Quote a value as it was written, shortened to fit into a sentence."""
    text = UNWRITABLE.sub("?", str(value))
    return f"«{text[:60]}…»" if len(text) > 60 else f"«{text}»"


def _field(name: str, it: dict[str, Any]) -> Field:
    values = tuple(value["value"] for value in it.get("picklist", []))
    kind = it["type"] or "text"
    return Field(name, kind, values, it.get("codelist", ""), it.get("pattern", ""))


def _value(field: Field, value: Any) -> Any:
    if field.type == "multipicklist":
        return [_single_value(field, each) for each in (value if isinstance(value, list) else str(value).split(";"))]
    return _single_value(field, value)


def _single_value(field: Field, value: Any) -> Any:
    match field.type:
        case "boolean":
            return _boolean(field, value)
        case "number" | "geo":
            return _number(field, value)
        case "date":
            return _date(field, value)
    text = value.strip() if isinstance(value, str) else value
    if not isinstance(text, str) or len(text) > LONGEST or UNWRITABLE.search(text):
        _refuse(field, value, _("Write it as text."))
    if field.values and text not in field.values:
        _refuse(field, value, nearest_hint(text, field.values))
    if field.codelist and not _is_in_codelist(field.codelist, text):
        _refuse(field, value, _("Write its code by %(list)s.") % {"list": field.codelist})
    if field.pattern and not re.fullmatch(field.pattern, text):
        _refuse(field, value, _("Write a number with its country: +51987654321."))
    return text


def _boolean(field: Field, value: Any) -> bool:
    words = {"true": True, "1": True, "false": False, "0": False}
    if isinstance(value, bool):
        return value
    if (known := words.get(str(value).strip().casefold())) is None:
        _refuse(field, value, _("Write true or false."))
    return bool(known)


def _number(field: Field, value: Any) -> float | int:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if isinstance(value, bool) or not abs(number) < 1e9:
        _refuse(field, value, _("Write a number."))
    return int(number) if number == int(number) else number


def _date(field: Field, value: Any) -> Any:
    """Return the date as ISO 8601 text."""
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        return _refuse(field, value, _("Write a date as 2026-11-25."))


def _is_in_codelist(codelist: str, text: str) -> bool:
    if codelist.startswith("ISO 3166"):
        return is_country_code(text)
    if codelist.startswith("ISO 639"):
        return len(text) == 3 and pycountry.languages.get(alpha_3=text) is not None
    return True


def is_country_code(code: str) -> bool:
    return len(code) == 2 and code.isupper() and pycountry.countries.get(alpha_2=code) is not None


def _refuse(field: Field, value: Any, hint: str) -> Any:
    words = {"field": field.name, "value": quoted(value), "hint": hint}
    raise UnknownValue(_("%(field)s: %(value)s is no valid value. %(hint)s") % words)
