"""The directory of the demonstration, from services.toml. Nothing in it exists."""

import tomllib
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from amparo.care.directory.models import Organization, Service
from amparo.care.directory.picklists import Day
from amparo.care.directory.rules import Hours, add_organization, add_service, name_publicly
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.places import places

FILE = Path(__file__).parent / "services.toml"
EVERY_DAY, WEEKDAYS = list(Day.values), list(Day.values)[:5]
HOURS: dict[str, list[Hours]] = {
    "always": [(EVERY_DAY, time(0), time(0))], "office": [(WEEKDAYS, time(8), time(17))],
    "nights": [(EVERY_DAY, time(19), time(7))],
}  # fmt: skip
DEPARTMENT = 2  # digits of a department's ubigeo
FIRST_OF_MORE = 101  # their telephone numbers
LATELY = 10  # days ago, unless the service says otherwise


def invent_services(editor: User, now: datetime) -> None:
    """Create the services once. Later changes by editors stay."""
    with acting_as(editor.acting()):
        if Organization.objects.filter(is_invented=True).exists():
            return
        for number, listed in enumerate(tomllib.loads(FILE.read_text(encoding="utf-8"))["service"], 1):
            _invent_service(listed, number, editor, now)


def _invent_service(listed: dict[str, Any], number: int, editor: User, now: datetime) -> None:
    with transaction.atomic():
        organization = add_organization(
            name=listed["organization"], description="Inventada para la demostración: no existe.", trust="vetted",
            is_invented=True, recipient_kind=listed.get("recipient_kind", "service_provider"), by=editor,
        )  # fmt: skip
        service = add_service(organization, **_service_fields(listed, number), by=editor, now=now)
        with acting_as(editor.acting()):
            verified = now - timedelta(days=listed.get("verified_days_ago", LATELY))
            Service.objects.filter(pk=service.pk).update(verified_at=verified)
        if listed.get("public"):
            name_publicly(service, f"000 000 {number:03}", by=editor, now=now)


def _service_fields(listed: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        **{name: listed[name] for name in ("name", "areas", "accepts", "languages")}, "hours": HOURS[listed["hours"]],
        "minimum_age": listed.get("youngest"), "maximum_age": listed.get("oldest"), "fees_description": "Gratuito.",
        "phones": [(f"000 000 {number:03}", "número inventado")], "door": _address_of(listed.get("door", "")),
        "application_process": "Llame al número de ejemplo y diga que es de la línea.",
    }  # fmt: skip


def _address_of(ubigeo: str) -> dict[str, Any]:
    if not ubigeo.isdigit():
        return {"is_confidential": ubigeo == "confidential"}
    latitude, longitude = places.place_position(ubigeo) or (None, None)
    return {
        "is_confidential": False, "address_1": "Calle Inventada 123", "ubigeo": ubigeo, "latitude": latitude,
        "longitude": longitude,
    }  # fmt: skip


EVERYBODY = ["women", "men", "girls", "boys", "lgbtiq", "families", "disability", "no_documents"]
# The services that each department gets besides the listed ones, in turn: name, what it does, the groups that it
# accepts, its opening hours, and whether its address is public.
IN_EACH = (
    ("Centro de Ejemplo", "Acompañamiento y psicología", ["women", "girls", "boys", "lgbtiq"], "office", "public"),
    ("Casa de Ejemplo", "Acogida de mujeres con sus hijas e hijos", ["women", "families", "no_documents"], "always",
     "confidential"),
    ("Consultorio Inventado", "Asesoría legal gratuita", EVERYBODY, "office", "public"),
    ("Puesto de Ejemplo", "Atención médica", EVERYBODY, "always", "public"),
    ("Taller Inventado", "Formación y trabajo digno", ["women", "men", "lgbtiq", "disability"], "office", "public"),
)  # fmt: skip
A_DEPARTMENT = 2  # services more in each
SINCE_VERIFIED = (6, 25, 48, 70, 84, 110)  # days, in turn: a few are due


def invent_more_services(editor: User, now: datetime) -> None:
    """Create two more services in each department, once: a directory as large as a country's."""
    departments = sorted(ubigeo for ubigeo in places.place_names() if len(ubigeo) == DEPARTMENT)
    for number in range(A_DEPARTMENT * len(departments)):
        ubigeo = departments[number // A_DEPARTMENT]
        organization, name, accepts, hours, door = IN_EACH[number % len(IN_EACH)]
        listed = {
            "organization": f"{organization} {places.place_label(ubigeo)}", "name": name, "areas": [ubigeo],
            "accepts": accepts, "languages": ["es", "qu"] if number % 3 else ["es"], "hours": hours,
            "door": f"{ubigeo}0101" if door == "public" else door,
            "verified_days_ago": SINCE_VERIFIED[number % len(SINCE_VERIFIED)],
        }  # fmt: skip
        with acting_as(editor.acting()):
            is_known = Organization.objects.filter(name=listed["organization"]).exists()
        if not is_known:
            _invent_service(listed, FIRST_OF_MORE + number, editor, now)
