"""A home of its own for a measurement, with an empty database that has the real access rules."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def home() -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder:
        os.chmod(folder, 0o755)
        os.environ.update(AMPARO_HOME=folder, DJANGO_SETTINGS_MODULE="amparo.settings")
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connection

        from amparo.foundation.core.database import DatabaseServer

        server = DatabaseServer(settings.ENVIRONMENT.home)
        server.start()
        try:
            call_command("migrate", verbosity=0)
            yield
        finally:
            connection.close()
            server.stop()
