import pyrage
import pytest

from amparo.foundation.core.environment import read_environment
from amparo.foundation.core.refusal import Misconfigured

IDENTITY = pyrage.x25519.Identity.generate()


@pytest.fixture
def identity_file(tmp_path):
    path = tmp_path / "identity"
    path.write_text(f"# created: today\n# public key: {IDENTITY.to_public()}\n{IDENTITY}\n")
    return path


def test_keys_are_kept_in_files_by_default(monkeypatch):
    monkeypatch.delenv("AMPARO_KEYS", raising=False)
    assert read_environment().keys == "file"


def test_age_reads_its_identity_at_the_start_and_never_shows_it(monkeypatch, identity_file):
    monkeypatch.setenv("AMPARO_KEYS", "age")
    monkeypatch.setenv("AMPARO_AGE_IDENTITY", str(identity_file))
    monkeypatch.setenv("AMPARO_AGE_RECIPIENTS", f"{IDENTITY.to_public()}, {IDENTITY.to_public()}")
    environment = read_environment()
    assert (environment.keys, environment.age_identities) == ("age", (str(IDENTITY),))
    assert len(environment.age_recipients) == 2
    assert str(IDENTITY) not in repr(environment)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"AMPARO_KEYS": "cloud"}, "AMPARO_KEYS"),
        ({"AMPARO_KEYS": "age"}, "AMPARO_AGE_IDENTITY"),
        ({"AMPARO_AGE_IDENTITY": "/nowhere/at/all"}, "AMPARO_AGE_IDENTITY"),
        ({"AMPARO_AGE_IDENTITY": __file__}, "AMPARO_AGE_IDENTITY"),
        ({"AMPARO_AGE_RECIPIENTS": "age1nobody"}, "AMPARO_AGE_RECIPIENTS"),
    ],
)
def test_an_unusable_setting_is_refused_in_one_sentence(monkeypatch, settings, named):
    for name in ("AMPARO_KEYS", "AMPARO_AGE_IDENTITY", "AMPARO_AGE_RECIPIENTS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=named):
        read_environment()
