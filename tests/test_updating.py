"""Another version of the program, and the way back. deploy/debian/try does it with two packages, in a Debian."""

import subprocess

import pytest
from django.conf import settings
from django.db import connection, migrations, models

from amparo.foundation.core import taking_back
from amparo.foundation.core.refusal import Misconfigured
from amparo.foundation.core.taking_back import Rollback
from amparo.updating import CheckoutVersions, PackageVersions, versions_of

NEWEST = "amparo/line/chat/migrations/0002_chat_claimed_sender.py"


@pytest.mark.parametrize(
    ("operation", "is_taken_back"),
    [
        (migrations.AddField("chat", "colour", models.TextField(null=True)), True),
        (migrations.RemoveField("chat", "colour"), False),
        (migrations.DeleteModel("chat"), False),
        (migrations.RunSQL("create index i on t (c)", migrations.RunSQL.noop), False),
        (migrations.RunSQL("create index i on t (c)", "drop index i"), True),
    ],
)
def test_only_what_adds_is_taken_back(operation, is_taken_back):
    assert taking_back.is_taken_back(operation) is is_taken_back


def test_what_the_version_before_does_not_know_is_taken_back(db):
    rollback = Rollback(lambda path: path != NEWEST)
    assert rollback.lost == ["chat.chat.claimed_sender"]
    rollback.refuse_what_cannot_be_taken_back()
    rollback.take()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from information_schema.columns where column_name = 'claimed_sender'")
        assert cursor.fetchone() == (0,)


def test_a_version_that_knows_all_needs_nothing_taken_back(db):
    """Positive control."""
    assert (Rollback(lambda path: True).migrations, Rollback(lambda path: True).lost) == ([], [])


def test_what_is_more_than_adding_is_refused_in_a_sentence(db):
    with pytest.raises(Misconfigured, match=r"There is no way back: the migration .* backup"):
        Rollback(lambda path: "line/chat" not in path).refuse_what_cannot_be_taken_back()


def test_the_package_returns_to_the_folder_of_the_version_before(tmp_path):
    folder = tmp_path / "amparo-versions"
    for version in ("0.3.0-20261201T000000", "0.4.0-20261202T000000"):
        (folder / version).mkdir(parents=True)
    (folder / "0.3.0-20261201T000000" / "old").touch()
    (folder / "current").symlink_to("0.4.0-20261202T000000")
    versions = versions_of((folder / "current").resolve(), settings.ENVIRONMENT)
    assert isinstance(versions, PackageVersions)
    assert (versions.name("current"), versions.name("previous")) == ("0.4.0", "")
    (folder / "previous").symlink_to("0.3.0-20261201T000000")
    assert (versions.name("previous"), versions.has_file("old"), versions.has_file("new")) == ("0.3.0", True, False)
    versions.return_to_previous()
    assert (versions.name("current"), versions.name("previous")) == ("0.3.0", "")


def test_a_checkout_takes_a_tag_and_returns(tmp_path):
    def git(*words):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words], cwd=tmp_path, check=True)

    git("init", "--quiet")
    (tmp_path / "Makefile").write_text(".venv/run:\n\t@true\n")
    for tag in ("v1", "v2"):
        (tmp_path / f"{tag}.py").touch()
        git("add", ".")
        git("commit", "--quiet", "-m", tag)
        git("tag", tag)
    git("checkout", "--quiet", "v1")
    versions = versions_of(tmp_path, settings.ENVIRONMENT)
    assert isinstance(versions, CheckoutVersions)
    with pytest.raises(Misconfigured, match="no version v3"):
        versions.take("v3")
    versions.take("v2")
    assert (versions.name("current"), versions.name("previous")) == ("v2", "v1")
    assert (versions.has_file("v1.py"), versions.has_file("v2.py")) == (True, False)
    (tmp_path / "Makefile").write_text("")
    with pytest.raises(Misconfigured, match="were changed"):
        versions.refuse_changed_files()
    git("checkout", "--quiet", ".")
    versions.return_to_previous()
    assert (versions.name("current"), versions.name("previous")) == ("v1", "")


def test_a_program_that_is_neither_is_updated_otherwise(tmp_path):
    with pytest.raises(Misconfigured, match="neither"):
        versions_of(tmp_path, settings.ENVIRONMENT)
