"""`amparo directory import | export`, as the administrator types it; what it refuses, without a program for each."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from amparo.care.directory.commands import export_file, import_file
from amparo.care.directory.models import Location, Organization, Service
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.refusal import Misconfigured
from tests.vaults import process_environment

pytestmark = pytest.mark.django_db(transaction=True)


def directory(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "amparo", "directory", *words],
        env=process_environment(settings.ENVIRONMENT.home), capture_output=True, text=True,
    )  # fmt: skip


def refused(command: Callable[[Path], None], file: Path) -> str:
    with pytest.raises(Misconfigured) as refusal:
        command(file)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "services.json"


def test_it_leaves_comes_back_and_is_in_the_ledger(offer, organization, file):
    Location.objects.create(organization=organization, is_confidential=True).services.add(
        offer(verified_at=datetime(2026, 11, 1, tzinfo=UTC))
    )
    done = directory("export", str(file))
    assert (done.returncode, "1 organizations are in" in done.stdout) == (0, True)
    before = file.read_text()
    Service.objects.update(name="another")
    done = directory("import", str(file))
    assert (done.returncode, done.stdout) == (0, "1 organizations and 1 services are in the directory.\n")
    assert (Service.objects.get().name, Service.objects.get().is_confidential) == ("Servicio de Ejemplo", True)
    directory("export", str(file))
    assert file.read_text() == before
    written = [entry.what for entry in Entry.objects.raw("select * from audit_entry where role = 'system/worker'")]
    assert {"export_directory", "import_directory"} <= set(written)


def test_a_bad_file_is_one_sentence_and_nothing_of_it_stays(file):
    wrong = {
        "contents": [{"id": "4b1c0e0a-6a5f-4f9e-8a53-0a8f6d0f7a11", "name": "Una", "description": "x"}, {"id": "7"}]
    }
    file.write_text(json.dumps(wrong))
    sentence = refused(import_file, file)
    assert all(word in sentence for word in ("organization", "id", "«7»", "Nothing was imported."))
    assert not Organization.objects.exists()


def test_a_file_that_cannot_be_is_one_sentence(file):
    nowhere = file.parent / "nowhere" / "x.json"
    assert "cannot be written" in refused(export_file, nowhere)
    done = directory("import", str(nowhere))
    assert (done.returncode, done.stderr.count("\n"), "Traceback" in done.stderr) == (2, 1, False)
