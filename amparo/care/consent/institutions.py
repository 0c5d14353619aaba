"""Single institutions to which somebody may agree, and to no other of their kind: `agency-7`, `organization-<uuid>`."""

from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from amparo.foundation.access.models import Agency, Kind

from .disclosure import Recipient, RecipientScope

TOLD_AS = {
    Kind.POLICE: Recipient.POLICE,
    Kind.PROSECUTOR: Recipient.PROSECUTOR,
    Kind.SHELTER: Recipient.SERVICE_PROVIDER,
}  # the others are told as what the directory knows them by
# Attribute of an AppConfig: its model of institutions, each with `name`, `told_as` and `is_suspended`;
# `objects.to_name()` loads no more than that.
NAME = "consent_may_name"


def code_of(row: models.Model) -> str:
    return f"{row._meta.model_name}-{row.pk}"


def whom_of(row: Any) -> RecipientScope:
    """An agency or an institution of the directory, as what it is told now. Only of one that is told as something."""
    told_as = _told_as(row)
    assert told_as is not None
    return RecipientScope(told_as, (code_of(row),), row.name)


def find(code: str) -> RecipientScope | None:
    """None: it is not here, nobody is told it as any recipient, or nobody is sent there now."""
    kind, _dash, pk = code.partition("-")
    model = _models().get(kind)
    if model is None:
        return None
    try:
        row = model._default_manager.filter(pk=pk).first()
    except (ValueError, ValidationError):
        return None
    return whom_of(row) if row and _told_as(row) and not getattr(row, "is_suspended", False) else None


def offered() -> dict[Recipient, list[tuple[str, str]]]:
    """Code and name of each, by what they are told as."""
    entries = [it for model in _models().values() if model is not Agency for it in _to_name(model)]
    agencies = Agency.objects.filter(kind__in=TOLD_AS).only("name", "kind").order_by("name", "pk")
    rows = [*agencies, *(it for it in entries if not it.is_suspended)]
    by_kind = {who: [(code_of(it), it.name) for it in rows if _told_as(it) == who] for who in Recipient}
    return {who: of_it for who, of_it in by_kind.items() if of_it}


def _to_name(model: Any) -> Any:
    return model.objects.to_name().order_by("name", "pk")


def _models() -> dict[str, type[models.Model]]:
    named = [(config, getattr(config, NAME, None)) for config in apps.get_app_configs()]
    found: list[type[models.Model]] = [Agency, *(config.get_model(name) for config, name in named if name)]
    return {str(model._meta.model_name): model for model in found}


def _told_as(row: Any) -> Recipient | None:
    return TOLD_AS.get(Kind(row.kind)) if isinstance(row, Agency) else Recipient(row.told_as)
