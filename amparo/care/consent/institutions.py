"""Institutions that a person can name in a consent, instead of a whole kind of recipients.

An institution has a code: `agency-7`, `organization-<uuid>`.
"""

from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from amparo.foundation.access.models import Agency, Kind

from .disclosure import RecipientScope
from .picklists import Recipient

RECIPIENT_KINDS = {
    Kind.POLICE: Recipient.POLICE,
    Kind.PROSECUTOR: Recipient.PROSECUTOR,
    Kind.SHELTER: Recipient.SERVICE_PROVIDER,
}  # institutions of the directory have their own field `recipient_kind`
# Attribute of an AppConfig: the name of its model of institutions. The model has `name`, `recipient_kind` and
# `is_suspended`; `objects.for_consent()` loads only these.
NAME = "consent_may_name"


def institution_code(row: models.Model) -> str:
    """Return the code of an agency or institution, such as `agency-7`."""
    return f"{row._meta.model_name}-{row.pk}"


def scope_of(row: Any) -> RecipientScope:
    """Return this one agency or institution as a recipient. It must have a kind of recipient."""
    recipient_kind = _recipient_kind(row)
    assert recipient_kind is not None
    return RecipientScope(recipient_kind, (institution_code(row),), row.name)


def find_institution(code: str) -> RecipientScope | None:
    """Return the institution with this code. None: it does not exist, has no kind of recipient, or is suspended."""
    kind, _dash, pk = code.partition("-")
    model = _institution_models().get(kind)
    if model is None:
        return None
    try:
        row = model._default_manager.filter(pk=pk).first()
    except (ValueError, ValidationError):
        return None
    return scope_of(row) if row and _recipient_kind(row) and not getattr(row, "is_suspended", False) else None


def institutions_by_kind() -> dict[Recipient, list[tuple[str, str]]]:
    """Return code and name of every institution that is not suspended, by kind of recipient."""
    entries = [it for model in _institution_models().values() if model is not Agency for it in _rows_for_consent(model)]
    agencies = Agency.objects.filter(kind__in=RECIPIENT_KINDS).only("name", "kind").order_by("name", "pk")
    rows = [*agencies, *(it for it in entries if not it.is_suspended)]
    by_kind = {
        kind: [(institution_code(it), it.name) for it in rows if _recipient_kind(it) == kind] for kind in Recipient
    }
    return {kind: choices for kind, choices in by_kind.items() if choices}


def _rows_for_consent(model: Any) -> Any:
    return model.objects.for_consent().order_by("name", "pk")


def _institution_models() -> dict[str, type[models.Model]]:
    named = [(config, getattr(config, NAME, None)) for config in apps.get_app_configs()]
    found: list[type[models.Model]] = [Agency, *(config.get_model(name) for config, name in named if name)]
    return {str(model._meta.model_name): model for model in found}


def _recipient_kind(row: Any) -> Recipient | None:
    return RECIPIENT_KINDS.get(Kind(row.kind)) if isinstance(row, Agency) else Recipient(row.recipient_kind)
