from dataclasses import replace

import pytest


@pytest.fixture
def settings_with_hosts(settings):
    """As in production: each side has its own host name."""
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, public_host="help.example", staff_host="staff.example")
