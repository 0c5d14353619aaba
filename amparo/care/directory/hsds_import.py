"""Import HSDS 3.0 JSON: all of a file or nothing, with one sentence for what is wrong.

A row with the id of an existing one replaces it; rows that the file does not name stay. Confidential places are in no
file, so a service keeps the one it has. No file says whether a service may be named publicly: a service that the file
replaces is off the public pages until an editor decides again.
"""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from amparo.foundation.core.dates import midnight
from amparo.foundation.core.refusal import Refused
from amparo.foundation.places import languages, places

from . import public_services
from .hsds_export import COUNTRY
from .models import Location, Organization, Phone, Schedule, Service, ServiceArea
from .picklists import Accepts, Day

LARGEST = 20_000_000  # bytes of a file
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
SHOWN = 60  # characters of a wrong value
EXTENT = re.compile(rf"{COUNTRY}(?: (\d{{2}}|\d{{4}}|\d{{6}}))?")
CHILDREN = ("phones", "schedules", "service_areas", "languages", "attributes", "service_at_locations")
TEXTS = ("name", "description", "status", "application_process", "wait_time", "fees_description", "alert")
KNOWN = {
    "organization": {"id", "name", "alternate_name", "description", "email", "website", "services", "amparo"},
    "service": {"id", "organization_id", *TEXTS, "minimum_age", "maximum_age", "assured_date", *CHILDREN, "amparo"},
}


class InvalidRecord(Refused):
    """An error in a file, in one sentence that names the record, the field and the value."""


@dataclass
class ImportResult:
    """How much was imported, and which fields were not."""

    now: datetime
    organizations: int = 0
    services: int = 0
    left_out: set[str] = field(default_factory=set)  # fields that have no place here, such as "service.funding"


def import_document(text: bytes, *, now: datetime) -> ImportResult:
    """Import everything within the open transaction, or raise `InvalidRecord`."""
    document = _parse_json(text)
    contents = document.get("contents", [document]) if isinstance(document, dict) else document
    if not isinstance(contents, list):
        raise InvalidRecord(_("The file has no list of organizations: HSDS 3.0 calls it `contents`."))
    result = ImportResult(now)
    try:
        with transaction.atomic():
            for each in contents:
                _import_organization(Record(each, "organization"), result)
    except IntegrityError as clash:
        raise InvalidRecord(_("The file uses one id for two things, or one that is something else here.")) from clash
    public_services.rewrite_public_files()
    return result


class Record:
    """One object of the file. Its methods return checked values, or raise `InvalidRecord` that names the field."""

    def __init__(self, value: Any, kind: str) -> None:
        self.kind, self.fields = kind, value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            raise InvalidRecord(
                _("A record %(kind)s is no object: %(value)s.") % {"kind": kind, "value": _quoted(value)}
            )

    @property
    def name(self) -> str:
        return f"{self.kind} {_quoted(self.fields.get('name') or self.fields.get('id') or '')}"

    def error(self, what: str, why: object) -> InvalidRecord:
        """Return the error that says why this field is invalid."""
        ours = self.fields.get("amparo")
        value = self.fields.get(what, ours.get(what) if isinstance(ours, dict) else None)
        words = {"record": self.name, "field": what, "value": _quoted(value), "why": str(why).rstrip(".")}
        return InvalidRecord(_("%(record)s: %(field)s is %(value)s: %(why)s.") % words)

    def text(self, what: str) -> str:
        text = str(self.value(what, str, ""))
        if "\0" in text or (not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)):
            raise self.error(what, _("it cannot be read"))
        return text

    def value(self, what: str, kind: type | tuple[type, ...], otherwise: Any = None) -> Any:
        value = self.fields.get(what)
        if value is None:
            return otherwise
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.error(what, _("it is of another type than HSDS says"))
        return value

    def number(self, what: str) -> float | None:
        value = self.value(what, (int, float))
        try:
            return None if value is None else float(value)
        except OverflowError as error:
            raise self.error(what, _("it cannot be read")) from error

    def records(self, what: str, kind: str) -> list["Record"]:
        return [Record(each, kind) for each in self.value(what, list, [])]

    def nested(self, what: str) -> "Record":
        return Record(self.value(what, dict, {}), f"{self.kind} {what}")

    def id(self) -> uuid.UUID:
        try:
            return uuid.UUID(self.text("id"))
        except ValueError as error:
            raise self.error("id", _("it is no UUID")) from error

    def parsed[T](self, what: str, parse: Callable[[str], T | None]) -> T | None:
        text = self.text(what)
        try:
            value = parse(text) if text else None
        except (ValueError, OverflowError):
            value = None
        if text and value is None:
            raise self.error(what, _("it cannot be read"))
        return value

    def save(self, row: models.Model, is_new: bool) -> None:
        """Save the row, or raise `InvalidRecord` with the name of the invalid field."""
        try:
            row.full_clean(exclude=["organization", "service"], validate_unique=False)
        except ValidationError as error:
            what, why = next(iter(error.message_dict.items()))
            raise self.error(what, why[0]) from error
        row._state.adding = is_new
        row.save()


def _import_organization(record: Record, result: ImportResult) -> None:
    ours = record.nested("amparo")
    row = Organization(
        id=record.id(),
        **{name: record.text(name) for name in ("name", "alternate_name", "description", "email", "website")},
    )
    row.trust, row.recipient_kind = ours.text("trust") or row.trust, ours.text("recipient_kind") or row.recipient_kind
    row.is_invented = ours.value("is_invented", bool, False)
    record.save(row, not Organization.objects.filter(pk=row.pk).exists())
    result.organizations += 1
    result.left_out |= {f"organization.{name}" for name in record.fields.keys() - KNOWN["organization"]}
    for service in record.records("services", "service"):
        _import_service(service, row, result)


def _import_service(record: Record, organization: Organization, result: ImportResult) -> None:
    row = Service(id=record.id(), organization=organization, **{name: record.text(name) for name in TEXTS})
    if (before := Service.objects.filter(pk=row.pk).first()) and before.organization_id != organization.pk:
        raise record.error("id", _("it is a service of another organization here"))
    row.minimum_age, row.maximum_age = record.value("minimum_age", int), record.value("maximum_age", int)
    row.accepts = [_accepted_group(each) for each in record.records("attributes", "attribute") if _is_own_term(each)]
    row.languages = [_known_language(each) for each in record.records("languages", "language")]
    _set_own_fields(record, row, result.now)
    record.save(row, before is None)
    _replace_children(record, row)
    doors = [
        _import_location(each.nested("location"), organization)
        for each in record.records("service_at_locations", "door")
    ]
    row.locations.set([*row.locations.filter(is_confidential=True), *doors])
    result.services += 1
    result.left_out |= {f"service.{name}" for name in record.fields.keys() - KNOWN["service"]}


def _replace_children(record: Record, service: Service) -> None:
    """Replace the service's telephones, opening hours and areas."""
    for rows in (service.areas, service.schedules, service.phones):
        rows.all().delete()
    makes = {"phones": _phone, "schedules": _schedule, "service_areas": _area}
    for name, make in makes.items():
        for each in record.records(name, name.removesuffix("s")):
            each.save(make(each, service), is_new=True)


def _set_own_fields(record: Record, row: Service, now: datetime) -> None:
    """Set when the service was verified, and its fields that stand under `amparo` in the file."""
    ours = record.nested("amparo")
    day = record.parsed("assured_date", parse_date)
    moment = ours.parsed("verified_at", datetime.fromisoformat)
    if moment is not None and moment.tzinfo is None:
        raise ours.error("verified_at", _("it says no time zone"))
    row.verified_at = moment or (midnight(day) if day else None)
    if row.verified_at and not EARLIEST < row.verified_at <= now:
        what = (ours, "verified_at") if moment else (record, "assured_date")
        raise what[0].error(what[1], _("it is to come, or too long ago: nobody has verified it then"))
    row.agreement_until = ours.parsed("agreement_until", parse_date)
    row.verify_every_days = ours.value("verify_every_days", int, row.verify_every_days)
    row.answer_hours = ours.value("answer_hours", int, row.answer_hours)


def _is_own_term(attribute: Record) -> bool:
    """Is this a term of our own taxonomy? Terms of others have no field here."""
    return attribute.nested("taxonomy_term").text("code") in Accepts.values


def _accepted_group(attribute: Record) -> str:
    return attribute.nested("taxonomy_term").text("code")


def _known_language(record: Record) -> str:
    if not languages.language_name(code := record.text("code")):
        raise record.error("code", _("it is no language that is known here"))
    return code


def _phone(record: Record, service: Service) -> Phone:
    return Phone(id=record.id(), service=service, number=record.text("number"), description=record.text("description"))


def _schedule(record: Record, service: Service) -> Schedule:
    days = [day.strip() for day in record.text("byday").split(",")]
    if record.text("freq") not in ("", "WEEKLY"):
        raise record.error("freq", _("only weekly hours are kept here"))
    if not set(days) <= set(Day.values):
        raise record.error("byday", _("write days as MO, TU, WE, TH, FR, SA, SU"))
    hours: dict[str, Any] = {name: record.parsed(name, time.fromisoformat) for name in ("opens_at", "closes_at")}
    return Schedule(id=record.id(), service=service, byday=days, **hours)


def _area(record: Record, service: Service) -> ServiceArea:
    if found := EXTENT.fullmatch(record.text("extent")):
        ubigeo = found[1] or ""
    elif place := places.place_meant(record.text("name")):
        ubigeo = place.ubigeo
    else:
        raise record.error("extent", _("it is no place of Peru: write PE, or PE and an ubigeo"))
    if ubigeo and not places.place_label(ubigeo):
        raise record.error("extent", _("there is no such ubigeo"))
    return ServiceArea(id=record.id(), service=service, ubigeo=ubigeo)


def _import_location(record: Record, organization: Organization) -> Location:
    before = Location.objects.filter(pk=record.id()).first()
    if before and (before.is_confidential or before.organization_id != organization.pk):
        raise record.error("id", _("it is another place here"))
    address = next(iter(record.records("addresses", "address")), Record({}, "address"))
    row = Location(
        id=record.id(), organization=organization, name=record.text("name"),
        transportation=record.text("transportation"),
        address_1=address.text("address_1"), latitude=record.number("latitude"),
        longitude=record.number("longitude"),
    )  # fmt: skip
    if record.text("external_identifier_type") == "UBIGEO":
        row.ubigeo = record.text("external_identifier")
    elif place := places.place_meant(address.text("city")):
        row.ubigeo = place.ubigeo
    record.save(row, before is None)
    return row


def _parse_json(text: bytes) -> Any:
    if len(text) > LARGEST:
        raise InvalidRecord(_("The file is larger than 20 MB."))
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidRecord(_("The file is no JSON.")) from error


def _refuse_constant(text: str) -> None:
    raise ValueError(text)


def _quoted(value: object) -> str:
    text = "".join(sign if sign.isprintable() else "·" for sign in (value if isinstance(value, str) else str(value)))
    return f"«{text[:SHOWN]}{'…' if len(text) > SHOWN else ''}»"
