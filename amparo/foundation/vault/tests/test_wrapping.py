import stat
from datetime import UTC, datetime

import pyrage
import pytest

from amparo.foundation.vault.keys import Tampered
from amparo.foundation.vault.wrapping import OLD, FirstSecret, FolderKeyStore, Keyring, WrappingKeyMissing, age_folder

DATA_KEY, CONTEXT = b"d" * 32, b"record"
JULY, AUGUST = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)


def file_keeper(at):
    return FolderKeyStore("file", at / "file")


def age_keeper(at, identity=None, custodian=None):
    identity = identity or pyrage.x25519.Identity.generate()
    return age_folder(at / "age", (str(identity),), (str(custodian.to_public()),) if custodian else ())


@pytest.fixture(params=[file_keeper, age_keeper])
def keeper(request, tmp_path):
    return request.param(tmp_path)


def ring(keeper, *others, at):
    return Keyring(keeper, *others, first=FirstSecret(at / "vault"))


def test_what_a_key_wrapped_it_unwraps_in_the_same_context_alone(keeper, tmp_path):
    wrapper = ring(keeper, at=tmp_path).current(3)
    wrapped = wrapper.wrap(DATA_KEY, CONTEXT)
    assert DATA_KEY not in wrapped
    assert ring(keeper, at=tmp_path).named(wrapper.name).unwrap(wrapped, CONTEXT) == DATA_KEY
    with pytest.raises(Tampered):
        wrapper.unwrap(wrapped, b"another record")


def test_each_agency_has_a_key_of_its_own(keeper, tmp_path):
    keys = ring(keeper, at=tmp_path)
    wrapped = keys.current(3).wrap(DATA_KEY, CONTEXT)
    assert keys.current(3).name == f"{keeper.kind}:3:0"
    with pytest.raises(Tampered):
        keys.current(4).unwrap(wrapped, CONTEXT)


def test_a_new_period_wraps_and_the_older_still_opens_until_it_is_destroyed(keeper, tmp_path):
    keys = ring(keeper, at=tmp_path)
    wrapped = keys.current(3).wrap(DATA_KEY, CONTEXT)
    name = keys.make(3, JULY)
    assert keys.current(3).name == name == f"{keeper.kind}:3:20260701T000000"
    assert keys.older() == [f"{keeper.kind}:3:0"]
    assert keys.named(f"{keeper.kind}:3:0").unwrap(wrapped, CONTEXT) == DATA_KEY
    keys.destroy(f"{keeper.kind}:3:0")
    keys.destroy(f"{keeper.kind}:3:0")
    assert keys.older() == []
    with pytest.raises(WrappingKeyMissing):
        keys.named(f"{keeper.kind}:3:0")


def test_a_key_that_another_process_destroyed_is_forgotten_here_too(keeper, tmp_path):
    here, there = ring(keeper, at=tmp_path), ring(FolderKeyStore(keeper.kind, tmp_path / keeper.kind), at=tmp_path)
    name = here.current(3).name
    there.destroy(name)
    with pytest.raises(WrappingKeyMissing):
        here.named(name)


def test_a_clock_that_goes_back_does_not_bring_back_an_old_key(keeper, tmp_path):
    keys = ring(keeper, at=tmp_path)
    august, later = keys.make(3, AUGUST), keys.make(3, JULY)
    assert keys.newest() == {3: later}
    assert later != august
    assert keys.make(3, AUGUST) > later  # and twice in a second there are two


def test_making_a_key_twice_leaves_it_as_it_is(keeper):
    keeper.make("x:3:0")
    wrapped = keeper.open("x:3:0").wrap(DATA_KEY, CONTEXT)
    keeper.make("x:3:0")
    assert keeper.open("x:3:0").unwrap(wrapped, CONTEXT) == DATA_KEY


def test_nobody_else_may_read_the_file_of_a_key(keeper, tmp_path):
    keeper.make("x:3:0")
    path = tmp_path / keeper.kind / "3" / "0"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_age_keeps_keys_that_only_its_identities_open(tmp_path):
    own, custodian, thief = (pyrage.x25519.Identity.generate() for _ in range(3))
    wrapper = ring(age_keeper(tmp_path, own, custodian), at=tmp_path).current(3)
    locked = (tmp_path / "age" / "3" / "0").read_bytes()
    assert locked.startswith(b"age-encryption.org/v1")
    wrapped = wrapper.wrap(DATA_KEY, CONTEXT)
    for identity in (own, custodian):
        assert age_keeper(tmp_path, identity).open("age:3:0").unwrap(wrapped, CONTEXT) == DATA_KEY
    with pytest.raises(pyrage.DecryptError):
        age_keeper(tmp_path, thief).open("age:3:0")


def test_from_one_keeper_to_another_the_search_key_moves_along(tmp_path):
    file, age = file_keeper(tmp_path), age_keeper(tmp_path)
    before = ring(file, at=tmp_path).search_key(3)
    keys = ring(age, file, at=tmp_path)
    assert keys.search_key(3) == before
    keys.make(3, JULY)
    assert keys.search_key(3) == age.search_key(3) == before
    assert file.search_key(3) is None
    assert keys.search_key(4) != before


def test_the_one_secret_from_before_still_opens_until_it_is_destroyed(tmp_path):
    (tmp_path / "vault").write_text("secret of the first version")
    keys = ring(file_keeper(tmp_path), at=tmp_path)
    wrapped = keys.named(OLD).wrap(DATA_KEY, CONTEXT)
    assert keys.older() == [OLD]
    assert keys.named(OLD).unwrap(wrapped, CONTEXT) == DATA_KEY
    keys.destroy(OLD)
    with pytest.raises(WrappingKeyMissing):
        keys.named(OLD)
