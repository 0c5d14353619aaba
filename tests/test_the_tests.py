"""What must be true of the tests themselves."""

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import URLResolver

from amparo.urls import urlpatterns


def test_no_test_touches_a_home_that_people_use():
    assert settings.ENVIRONMENT.home.is_relative_to(tempfile.gettempdir())
    if not settings.ENVIRONMENT.database_url:
        assert Path(settings.DATABASES["default"]["HOST"]).is_relative_to(tempfile.gettempdir())


@pytest.mark.django_db
def test_every_change_of_a_table_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def names(urls=urlpatterns) -> list[str]:
    """Of every page of every table."""
    return [name for url in urls for name in (names(url.url_patterns) if isinstance(url, URLResolver) else [url.name])]


def test_no_two_pages_have_one_name():
    """A redirect would go to whichever comes last."""
    assert [name for name, often in Counter(names()).items() if often > 1] == []
