from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

from amparo.ground.core import gate


class AccessConfig(AppConfig):
    name = "amparo.ground.access"
    label = "access"

    def ready(self) -> None:
        pre_migrate.connect(let_change, sender=self)
        post_migrate.connect(prepare, sender=self)  # once, when every room has its tables


def let_change(using: str, plan: list[Any], **signal: Any) -> None:
    """A migration may replace functions that were handed over to the keeper; afterwards the gate takes them back."""
    keeper = f"{connections[using].settings_dict['NAME']}_{gate.KEEPER}"
    with connections[using].cursor() as cursor:
        cursor.execute("select from pg_roles where rolname = %s", [keeper])
        if plan and cursor.fetchone() is not None:
            cursor.execute(f'grant "{keeper}" to current_user with inherit true')


def prepare(using: str, **signal: Any) -> None:
    from .models import Agency

    Agency.objects.using(using).found_hotline()
    gate.close(using)
