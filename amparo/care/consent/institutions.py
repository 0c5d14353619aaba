"""Single institutions to which somebody may agree, and to no other of their kind: `agency-7`, `organization-<uuid>`."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from amparo.ground.access.models import Agency, Kind

from .disclosure import Recipient

TOLD_AS = {
    Kind.POLICE: Recipient.POLICE,
    Kind.PROSECUTOR: Recipient.PROSECUTOR,
    Kind.SHELTER: Recipient.SERVICE_PROVIDER,
}  # the others are told as what the directory knows them by
# Attribute of an AppConfig: its model of institutions, each with `name`, `told_as` and `is_suspended`.
NAME = "consent_may_name"


@dataclass(frozen=True)
class Whom:
    """Who would be told: a kind of recipient, and which one of it; blank: it is not said."""

    recipient: Recipient
    institution: str = ""


@dataclass(frozen=True)
class Institution:
    code: str
    told_as: Recipient
    name: str


def code_of(row: models.Model) -> str:
    return f"{row._meta.model_name}-{row.pk}"


def find(code: str) -> Institution | None:
    """None: it is not here, nobody is told it as any recipient, or nobody is sent there now."""
    kind, _dash, pk = code.partition("-")
    model = _models().get(kind)
    if model is None:
        return None
    try:
        row = model._default_manager.filter(pk=pk).first()
    except (ValueError, ValidationError):
        return None
    return _of(row) if row else None


def offered() -> dict[Recipient, list[Institution]]:
    """By what they are told as, and their names."""
    rows = (_of(row) for model in _models().values() for row in model._default_manager.order_by("name", "pk"))
    found = [it for it in rows if it]
    return {who: of_it for who in Recipient if (of_it := [it for it in found if it.told_as == who])}


def _models() -> dict[str, type[models.Model]]:
    named = [(config, getattr(config, NAME, None)) for config in apps.get_app_configs()]
    found: list[type[models.Model]] = [Agency, *(config.get_model(name) for config, name in named if name)]
    return {str(model._meta.model_name): model for model in found}


def _of(row: Any) -> Institution | None:
    if isinstance(row, Agency):
        told_as = TOLD_AS.get(Kind(row.kind))
    else:
        told_as = None if row.is_suspended else Recipient(row.told_as)
    return Institution(code_of(row), told_as, row.name) if told_as else None
