"""Verbs for the directory: keep its entries correct, and ask its editors for what is missing."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Refused

from . import public_services
from .criteria import SearchCriteria
from .hsds_export import export_document
from .models import Location, Organization, Phone, Schedule, Service, ServiceArea, VerificationTask
from .picklists import Status
from .public_services import PublicService, named_publicly
from .search_results import SearchResults

__all__ = ["PublicService", "named_publicly"]  # read by the public pages, beside the verbs of this module

type Hours = tuple[list[str], time, time]  # days, from, to


@action(permissions.edit_directory, label=gettext_lazy("added an institution to the directory"))
def add_organization(*, by: User, **known: Any) -> Organization:
    """Add an institution; its services are added next."""
    return _save_valid(Organization(**known))


@action(permissions.edit_directory, label=gettext_lazy("changed an institution of the directory"))
def change_organization(organization: Organization, *, by: User, **known: Any) -> Organization:
    """Change an institution, and the public files of its services."""
    found = _save_valid(Organization.objects.select_for_update().get(pk=organization.pk), known)
    for service in found.services.exclude(public_since=None):
        public_services.update_public_file(service, by)
    return found


@action(permissions.edit_directory, label=gettext_lazy("added a service"))
def add_service(
    organization: Organization, *, areas: Iterable[str], hours: Iterable[Hours], phones: Iterable[tuple[str, str]],
    door: dict[str, Any], by: User, now: datetime, **known: Any,
) -> Service:  # fmt: skip
    """Add a service. Whoever adds it has just asked the institution, so it counts as verified.

    `areas`: ubigeo codes. `phones`: (number, who answers). `door`: columns of its location; all blank: by telephone.
    """
    service = _save_valid(Service(organization=organization, verified_at=now, **known))
    _replace_details(service, areas, hours, phones)
    _set_location(service, door)
    return service


@action(permissions.edit_directory, label=gettext_lazy("changed a service"))
def change_service(
    service: Service, *, areas: Iterable[str], hours: Iterable[Hours], phones: Iterable[tuple[str, str]],
    door: dict[str, Any], by: User, **known: Any,
) -> Service:  # fmt: skip
    """Change a service; `add_service` explains the arguments. A correction does not count as verification."""
    service = _save_valid(_lock_service(service), known)
    _replace_details(service, areas, hours, phones)
    _set_location(service, door)
    public_services.update_public_file(service, by)
    return service


@action(permissions.edit_directory, label=gettext_lazy("verified a service"))
def verify(service: Service, *, by: User, now: datetime) -> Service:
    """Record that somebody asked the institution and that everything here is right.

    It closes the tasks to verify this service.
    """
    service = _lock_service(service)
    service.verified_at = now
    service.save(update_fields=["verified_at"])
    service.verification_tasks.filter(done_at=None).update(done_at=now, done_by=by)
    public_services.update_public_file(service, by)
    return service


@action(permissions.edit_directory, label=gettext_lazy("let a service be named on the public pages"))
def name_publicly(service: Service, phone: str, *, by: User, now: datetime) -> Service:
    """Name the service on the public pages, without an address. `phone` is for everybody; blank: none is shown.

    Raises `Refused` for a place where people live, for a service to which nobody is sent now, and for a stale one.
    """
    service = _lock_service(service)
    if public_services.is_residence(service):
        raise Refused(_("People live there, or its place is confidential: it is never named."))
    if service.status != Status.ACTIVE or service.organization.is_suspended:
        raise Refused(_("Nobody is sent there now, so it is not named."))
    if service.is_stale_at(now):
        raise Refused(_("Verify it first: ask the institution, and whether it may be named."))
    service = _save_valid(service, {"public_since": now, "public_by": by, "public_phone": phone})
    public_services.update_public_file(service, by)
    return service


@action(permissions.edit_directory, label=gettext_lazy("took a service off the public pages"))
def take_off_public_pages(service: Service, *, by: User) -> Service:
    """Remove the service from every public page, in every language, before the commit."""
    service = _save_valid(_lock_service(service), {"public_since": None, "public_by": None, "public_phone": ""})
    public_services.update_public_file(service, by)
    return service


@action(permissions.edit_directory, label=gettext_lazy("did what the directory lacked"))
def close_verification_task(task: VerificationTask, *, by: User, now: datetime) -> VerificationTask:
    """Close a verification task. Doing it twice changes nothing."""
    if VerificationTask.objects.filter(pk=task.pk, done_at=None).update(done_at=now, done_by=by):
        task.refresh_from_db()
    return task


@action(permissions.read_directory, label=gettext_lazy("looked for a service"))
def request_verification(
    sought: SearchCriteria, offered: SearchResults, *, by: User, now: datetime
) -> list[VerificationTask]:
    """If a search found no service verified recently, ask the editors to verify those it found, or to find one.

    Return the open tasks for it, old and new; empty: the search found a fresh service.
    """
    if not offered.lacks_fresh_service:
        return []
    if offered.found:
        return [_verification_task(now, by, service=it) for it in offered.found]
    groups = sorted({*sought.accepted_groups, *sought.needs}) if sought.accepted_groups or sought.needs else []
    return [
        _verification_task(
            now, by, service=None, department=sought.ubigeo[:2], accepts=groups, language=sought.language
        )
    ]


@action(permissions.edit_directory, label=gettext_lazy("took the directory along"))
def export_directory(*, by: User) -> dict[str, Any]:
    """Return the directory as HSDS 3.0, without any confidential place."""
    return export_document()


def _verification_task(now: datetime, by: User, **what: Any) -> VerificationTask:
    return VerificationTask.objects.get_or_create(done_at=None, **what, defaults={"asked_at": now, "asked_by": by})[0]


def _lock_service(service: Service) -> Service:
    locked: Service = Service.objects.select_for_update().get(pk=service.pk)
    return locked


def _save_valid[Row: (Organization, Service, Location)](row: Row, known: dict[str, Any] | None = None) -> Row:
    """Set the values in `known` and save the row. Raises `Refused` with one sentence if it is invalid."""
    for name, value in (known or {}).items():
        setattr(row, name, value)
    try:
        row.full_clean(exclude=["organization"])
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    row.save()
    return row


def _set_location(service: Service, door: dict[str, Any]) -> None:
    """Set the service's location: a public one, a confidential one of which nothing is stored, or none (by telephone).

    The form edits the first public location. Further ones came from a file, and stay while the service has a public
    one. If the place is confidential now, all its locations are deleted, also for services that share them.
    """
    public, is_somewhere = service.public_places, any(value not in ("", None, False) for value in door.values())
    if public and all(getattr(public[0], name) == value for name, value in door.items()):
        return
    if door["is_confidential"]:
        service.locations.all().delete()  # nothing of it is kept, whoever shares it
    for place in public[: 1 if is_somewhere else None]:
        service.locations.remove(place)
    service.locations.filter(is_confidential=True).delete()
    if is_somewhere:
        service.locations.add(_save_valid(Location(organization_id=service.organization_id, **door)))
    Location.objects.filter(organization=service.organization_id, services=None).delete()


def _replace_details(
    service: Service, areas: Iterable[str], hours: Iterable[Hours], phones: Iterable[tuple[str, str]]
) -> None:
    """Replace the service's areas, hours and telephones."""
    if not (served := sorted(set(areas))):
        raise Refused(_("Say where it serves: a place, or the whole country."))
    for before in (service.areas, service.schedules, service.phones):
        before.all().delete()
    ServiceArea.objects.bulk_create(ServiceArea(service=service, ubigeo=ubigeo) for ubigeo in served)
    Schedule.objects.bulk_create(
        Schedule(service=service, byday=days, opens_at=opens, closes_at=closes) for days, opens, closes in hours
    )
    Phone.objects.bulk_create(Phone(service=service, number=number, description=of) for number, of in phones)
