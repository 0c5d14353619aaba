"""`amparo keys keep`, as the administrator types it; what it refuses, without a program for each."""

import subprocess
import sys

import pytest
from django.conf import settings

from amparo.foundation.core.refusal import Misconfigured
from amparo.foundation.vault.commands import set_retention
from amparo.foundation.vault.models import Retention
from tests.vaults import process_environment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept():
    """A flushed database has lost the defaults."""
    return Retention.objects.update_or_create(kind="card", defaults={"days": 90})[0]


def keep(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "amparo", "keys", "keep", *words],
        env=process_environment(settings.ENVIRONMENT.home), capture_output=True, text=True,
    )  # fmt: skip


def test_the_command_sets_the_retention_of_a_class(kept):
    done = keep("card", "30")
    assert (done.returncode, done.stdout) == (0, "card: kept 30 days after it is closed.\n")
    kept.refresh_from_db()
    assert kept.days == 30


@pytest.mark.parametrize(("words", "message"), [(("cards", 30), "one of"), (("card", 0), "1 or more")])
def test_an_unusable_argument_is_refused_in_one_sentence(kept, words, message):
    with pytest.raises(Misconfigured, match=message) as refusal:
        set_retention(*words)
    assert "\n" not in str(refusal.value)
    kept.refresh_from_db()
    assert kept.days == 90
