"""The directory as HSDS 3.0 JSON: organizations with their services, and nothing of a confidential place.

The format is `organization` of https://docs.openreferral.org, version 3.0.0. Whom a service accepts is written as terms
of a taxonomy of our own; fields that HSDS does not know are added under `amparo`.
"""

import uuid
from typing import Any

from django.utils import timezone

from amparo.foundation.places import languages, places

from .models import Location, Organization, Schedule, Service, ServiceArea
from .picklists import Accepts, Day

VERSION = "3.0"
COUNTRY = "PE"
SCHEME = "UBIGEO"
NO_POSTCODE = "00000"  # HSDS requires one, and few people in Peru know theirs
OURS = uuid.UUID("6d1f6a0e-6a2c-4a64-9f0e-0f3b9f2a7c11")  # namespace for the ids of rows that have none here
TAXONOMY = str(uuid.uuid5(OURS, "accepts"))


def export_document() -> dict[str, Any]:
    """Return the directory as an HSDS document: every institution with its services, but no confidential place."""
    found = Organization.objects.order_by("name", "pk").prefetch_related(
        "services", "services__schedules", "services__phones", "services__areas", "services__locations"
    )
    return {"version": VERSION, "contents": [_organization(it) for it in found]}


def _organization(it: Organization) -> dict[str, Any]:
    services = sorted(it.services.all(), key=lambda one: (one.name, one.pk))
    return _without_blanks(
        {
            "id": str(it.pk), "name": it.name, "alternate_name": it.alternate_name, "description": it.description,
            "email": it.email, "website": it.website, "services": [_service(one) for one in services],
            "amparo": {"trust": it.trust, "recipient_kind": it.recipient_kind, "is_invented": it.is_invented},
        }
    )  # fmt: skip


def _service(it: Service) -> dict[str, Any]:
    return _without_blanks(
        {
            "id": str(it.pk), "name": it.name, "description": it.description, "status": it.status,
            "application_process": it.application_process, "wait_time": it.wait_time,
            "fees_description": it.fees_description, "alert": it.alert, "minimum_age": it.minimum_age,
            "maximum_age": it.maximum_age,
            "assured_date": timezone.localdate(it.verified_at).isoformat() if it.verified_at else None,
            "phones": [_without_blanks({"id": str(p.pk), "number": p.number, "description": p.description})
                       for p in _by_id(it.phones.all())],
            "schedules": [_schedule(hours) for hours in _by_id(it.schedules.all())],
            "service_areas": [_area(area) for area in _by_id(it.areas.all())],
            "languages": [{"id": _derived_id(it, code), "code": code, "name": languages.language_name(code) or code}
                          for code in it.languages],
            "attributes": [_attribute(it, Accepts(who)) for who in it.accepts],
            "service_at_locations": [{"id": _derived_id(it, door.pk), "location": _location(door)}
                                     for door in _by_id(it.public_places)],
            "amparo": {
                "verified_at": it.verified_at.isoformat() if it.verified_at else None,
                "verify_every_days": it.verify_every_days, "answer_hours": it.answer_hours,
                "agreement_until": it.agreement_until.isoformat() if it.agreement_until else None,
            },
        }
    )  # fmt: skip


def _schedule(it: Schedule) -> dict[str, Any]:
    days = ",".join(day for day in Day if day in it.byday)
    hours = {"opens_at": it.opens_at.isoformat("seconds"), "closes_at": it.closes_at.isoformat("seconds")}
    return {"id": str(it.pk), "freq": "WEEKLY", "byday": days, **hours}


def _area(it: ServiceArea) -> dict[str, Any]:
    name = places.place_label(it.ubigeo) or "Perú"
    return {"id": str(it.pk), "name": name, "extent": f"{COUNTRY} {it.ubigeo}".strip(), "extent_type": "text"}


def _attribute(service: Service, accepted: Accepts) -> dict[str, Any]:
    taxonomy = {"id": TAXONOMY, "name": "Amparo: who is accepted", "description": "Whom a service takes."}
    words = {"code": str(accepted), "name": str(accepted), "description": str(accepted)}
    term = {"id": str(uuid.uuid5(OURS, accepted)), **words, "taxonomy": taxonomy}
    return {
        "id": _derived_id(service, accepted),
        "link_id": str(service.pk),
        "link_entity": "service",
        "taxonomy_term": term,
    }


def _location(it: Location) -> dict[str, Any]:
    return _without_blanks(
        {
            "id": str(it.pk), "location_type": "physical", "name": it.name, "transportation": it.transportation,
            "latitude": it.latitude, "longitude": it.longitude, "external_identifier": it.ubigeo,
            "external_identifier_type": SCHEME if it.ubigeo else "",
            "addresses": [_address(it)] if it.address_1 else [],
        }
    )  # fmt: skip


def _address(it: Location) -> dict[str, Any]:
    city, _, around = places.place_label(it.ubigeo).partition(", ")
    return {
        "id": _derived_id(it, "address"), "address_1": it.address_1, "city": city,
        "state_province": around.rpartition(", ")[2] or city,
        "postal_code": NO_POSTCODE, "country": COUNTRY, "address_type": "physical",
    }  # fmt: skip


def _by_id(rows: Any) -> list[Any]:
    return sorted(rows, key=lambda row: row.pk)


def _derived_id(of: Any, what: object) -> str:
    return str(uuid.uuid5(of.pk, str(what)))


def _without_blanks(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in ("", None, [])}
