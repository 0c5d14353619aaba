from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from amparo.foundation.core import row_security


class AccessConfig(AppConfig):
    name = "amparo.foundation.access"
    label = "access"

    def ready(self) -> None:
        post_migrate.connect(prepare_after_migrations, sender=self)  # once, when every room has its tables


def prepare_after_migrations(using: str, **signal: Any) -> None:
    """Create the hotline's agency and the retention periods if missing, and apply changed policies and functions."""
    from amparo.foundation.vault.models import Retention

    from .models import Agency

    Agency.objects.using(using).create_hotline()
    row_security.apply_row_security(using)
    Retention.objects.using(using).create_defaults()
