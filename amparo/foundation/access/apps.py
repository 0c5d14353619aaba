from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from amparo.foundation.core import row_security


class AccessConfig(AppConfig):
    name = "amparo.foundation.access"
    label = "access"

    def ready(self) -> None:
        post_migrate.connect(bring_up_to_date, sender=self)  # once, when every room has its tables


def bring_up_to_date(using: str, **signal: Any) -> None:
    """After the migrations: make the rows that everything needs, and apply policies and functions that changed."""
    from amparo.foundation.vault.models import Retention

    from .models import Agency

    Agency.objects.using(using).create_hotline()
    row_security.apply_row_security(using)
    Retention.objects.using(using).create_defaults()
