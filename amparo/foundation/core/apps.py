from django.apps import AppConfig
from django.contrib.postgres.signals import register_type_handlers
from django.db.backends.signals import connection_created


class CoreConfig(AppConfig):
    name = "amparo.foundation.core"
    label = "core"

    def ready(self) -> None:
        """Remove Django's handler that queries the hstore and citext types on each new connection: we use neither."""
        connection_created.disconnect(register_type_handlers)
