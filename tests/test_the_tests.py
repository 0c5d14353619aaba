"""What must be true of the tests themselves."""

import os
import signal
import tempfile
import threading
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import URLResolver

from amparo.foundation.access.models import User
from amparo.urls import urlpatterns
from conftest import SPLIT, TOGETHER, ByFile

from .emptying import empty
from .hotline import CHECKOUT


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


def test_a_folder_whose_files_share_a_hotline_goes_to_one_worker():
    for folder in TOGETHER:
        files = [str(file.relative_to(CHECKOUT)) for file in (CHECKOUT / folder).glob("test_*.py")]
        assert len(files) > 1
        assert {unit(file) for file in files} == {folder}
    assert unit("tests/test_audit.py") == "tests/test_audit.py"  # the control: any other file goes by itself
    assert {unit(file) for file in SPLIT} == {f"{file}::test" for file in SPLIT}


def unit(file: str) -> str:
    """Return the group of tests that one worker runs, with the tests of this file."""
    return ByFile._split_scope(None, f"{file}::test")


def prepared() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("select statement from pg_prepared_statements")
        return {statement for (statement,) in cursor.fetchall()}


def look_thrice() -> None:
    for _ in range(3):
        assert not User.objects.filter(username="nobody who is there").exists()


@pytest.mark.django_db(transaction=True)
def test_a_statement_stays_prepared_after_a_rollback():
    with transaction.atomic():
        look_thrice()
        before = prepared()
        transaction.set_rollback(True)
    assert any("access_user" in statement for statement in before)
    assert before <= prepared()


@pytest.mark.django_db(transaction=True)
def test_after_a_table_was_changed_and_the_change_undone_none_stays_prepared():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("alter table access_user add column invented text")
        look_thrice()
        assert any("access_user" in statement for statement in prepared())
        transaction.set_rollback(True)
    assert not any("access_user" in statement for statement in prepared())


class Stopped(BaseException):
    pass


def stop(*_: object) -> None:
    raise Stopped


@pytest.mark.django_db(transaction=True)
def test_one_that_is_stopped_in_the_middle_of_a_statement_spoils_no_other():
    """As its time limit stops it: by a signal, while it waits for the database."""
    User.objects.create(username="left")
    before = signal.signal(signal.SIGUSR2, stop)
    threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGUSR2]).start()
    try:
        with connection.cursor() as cursor, pytest.raises(Stopped):
            cursor.execute("select pg_sleep(10)")
    finally:
        signal.signal(signal.SIGUSR2, before)
    empty()
    assert not User.objects.exists()
