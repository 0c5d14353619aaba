from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from amparo.foundation.core import row_security


class AccessConfig(AppConfig):
    name = "amparo.foundation.access"
    label = "access"

    def ready(self) -> None:
        post_migrate.connect(prepare, sender=self)  # once, when every room has its tables


def prepare(using: str, **signal: Any) -> None:
    from amparo.foundation.vault.models import Retention

    from .models import Agency

    Agency.objects.using(using).create_hotline()
    row_security.apply(using)
    Retention.objects.using(using).create_defaults()
