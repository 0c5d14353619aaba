"""A public file for each service that may be named. No house is ever named, and no address is published.

Without an editor's decision a service has no file. The editor writes the telephone that everybody may have. The file is
removed by itself when the service becomes inactive, suspended or confidential, or gets a shelter's name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime, parse_time

from amparo.foundation.access.models import User
from amparo.foundation.core import published_documents as documents
from amparo.foundation.core.actor import acting_as
from amparo.foundation.places import languages

from .models import Organization, Service
from .picklists import Accepts, Day, Status

FOLDER = "services"
# Words of a name that say that people live there. It refuses too much rather than too little.
HOUSE = re.compile(
    r"\b(albergue|refugio|hogar(es)?|acogida|acogimiento|residencia(l)?|casas? (hogar|refugio|de acogida)|car"
    r"|shelter|safe house)\b",
    re.IGNORECASE,
)


def is_residence(service: Service) -> bool:
    """Return whether people live there, by the directory: a confidential place, or a name that says so."""
    names = service.name, service.organization.name, service.organization.alternate_name
    return service.is_confidential or any(HOUSE.search(name) for name in names)


def update_public_file(service: Service, by: User) -> None:
    """Write or remove the public file of a service: remove it before the commit, or write it after the commit.

    Writing first locks the service and its institution and reads them again, so that a removal meanwhile wins.
    """

    def write() -> None:
        with acting_as(by.acting()):
            Organization.objects.select_for_update().get(pk=service.organization_id)
            Service.objects.select_for_update().get(pk=service.pk)
            if document := _current_document(service):
                documents.write_document(FOLDER, str(service.pk), document)

    if _current_document(service):
        transaction.on_commit(write)
    else:
        documents.remove_document(FOLDER, str(service.pk))


def _current_document(service: Service) -> documents.Document | None:
    return public_document(Service.objects.with_details().get(pk=service.pk))


def rewrite_public_files() -> None:
    """Write the public files of all services again: at each start, and after an import."""
    found = Service.objects.exclude(public_since=None).with_details()
    documents.replace_documents(FOLDER, {str(each.pk): written for each in found if (written := public_document(each))})


def public_document(service: Service) -> documents.Document | None:
    """Return what the public may know of a service, without its address, its description or the number for referrals.

    None: the service may not be named.
    """
    may_be = service.public_since and service.status == Status.ACTIVE and not service.organization.is_suspended
    due = service.due_at()
    if not may_be or due is None or is_residence(service):
        return None
    return {
        "name": service.name, "institution": service.organization.name, "phone": service.public_phone,
        "accepts": service.accepts, "languages": service.languages, "always": service.open_always,
        "hours": [
            {"days": each.byday, "from": each.opens_at.isoformat(), "to": each.closes_at.isoformat()}
            for each in service.schedules.all()
        ],
        "departments": sorted({each.ubigeo[:2] for each in service.areas.all()}), "until": due.isoformat(),
        "is_invented": service.organization.is_invented,
    }  # fmt: skip


@dataclass(frozen=True)
class PublicService:
    """A service as the public pages show it."""

    document: dict[str, Any]

    @property
    def departments(self) -> list[str]:
        """The departments that it serves, as two digits each; blank: the whole country."""
        return list(self.document["departments"])

    @property
    def phone_to_dial(self) -> str:
        return re.sub(r"[^\d+*#]", "", self.document["phone"])

    @property
    def taken(self) -> list[str]:
        return [str(Accepts(it).label) for it in Accepts if it in self.document["accepts"]]

    @property
    def spoken(self) -> list[str]:
        return [languages.language_name(code) or code for code in self.document["languages"]]

    @property
    def hours(self) -> list[tuple[list[str], Any, Any]]:
        return [
            ([str(day.label) for day in Day if day in each["days"]], parse_time(each["from"]), parse_time(each["to"]))
            for each in self.document["hours"]
        ]


def named_publicly(now: datetime) -> list[PublicService]:
    """Return the services that may be named and whose verification has not expired, by name."""
    return sorted(_read_valid(now), key=lambda each: (each.document["name"].casefold(), each.document["institution"]))


def _read_valid(now: datetime) -> Iterator[PublicService]:
    for name in documents.document_names(FOLDER):
        document = documents.read_document(FOLDER, name)
        if document and (until := parse_datetime(document["until"])) and until >= now:
            yield PublicService(document)
