from django.apps import AppConfig
from django.contrib.postgres.signals import register_type_handlers
from django.db.backends.signals import connection_created


class CoreConfig(AppConfig):
    name = "amparo.foundation.core"
    label = "core"

    def ready(self) -> None:
        """Do not ask for hstore and citext types: otherwise each new connection would, even that of a public page."""
        connection_created.disconnect(register_type_handlers)
