"""Key-encryption keys: one per agency and period. They wrap the data keys, and are never in the database or its backup.

There are two key stores. `file` keeps each key in a file that only our account can read. `age` encrypts each key to age
recipients, and opens it with an identity that is read at the start. Both wrap in this process. A key service or a
hardware module (PKCS#11) would be a third one: it implements `KeyStore`, its wrappers call the module to wrap and
unwrap, and the names of its keys begin with its own kind. One rotation moves every copy from one store to another.
"""

import functools
import os
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from amparo.foundation.core.atomic_files import sync_folder, write_once
from amparo.foundation.core.derived_keys import derive_key

from .keys import NONCE, Tampered

BYTES = 32
FIRST = "0"  # the period of an agency's very first key: the first process that needs it makes it, and all make the same
OLD = "file:vault"  # before agencies had keys of their own: one secret wrapped everything
SEARCH = "search"


class WrappingKeyMissing(Exception):
    """No store has this key-encryption key: it was destroyed, or its store is not set up here."""


class Wrapper(Protocol):
    """One key-encryption key. `context` is bound into what it wraps, and needed again to unwrap it."""

    name: str  # stored beside all it wrapped: store, agency and period, such as "file:1:20261125T031200"

    def wrap(self, data_key: bytes, context: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap a data key. Raises `Tampered` if it was altered or wrapped for another context."""
        ...


class KeyStore(Protocol):
    """Keeps key-encryption keys, and for each agency the one key of its search tokens."""

    kind: str  # the first word of the names of its keys

    def names(self, agency: int | None = None) -> list[str]:
        """Return the names of an agency's keys. None: of all agencies."""
        ...

    def make(self, name: str) -> None:
        """Make a key with this name. Idempotent: an existing key stays as it is."""
        ...

    def open(self, name: str) -> Wrapper:
        """Open the key with this name. Raises `WrappingKeyMissing` if this store does not have it."""
        ...

    def destroy(self, name: str) -> None:
        """Destroy this key. Afterwards nobody can unwrap what it wrapped. Idempotent."""
        ...

    def search_key(self, agency: int) -> bytes | None:
        """Return the key of an agency's search tokens; None: this store does not have it."""
        ...

    def keep_search_key(self, agency: int, key: bytes | None) -> None:
        """Store an agency's search key; an existing one stays as it is. None: destroy it."""
        ...


class LocalKey:
    """A key-encryption key that is in our own memory while it is used."""

    def __init__(self, name: str, secret: bytes) -> None:
        self.name, self._box = name, AESGCM(secret)

    def wrap(self, data_key: bytes, context: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._box.encrypt(nonce, data_key, self._bound(context))

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        try:
            return self._box.decrypt(wrapped[:NONCE], wrapped[NONCE:], self._bound(context))
        except (InvalidTag, ValueError) as error:
            raise Tampered("a wrapped key") from error

    def _bound(self, context: bytes) -> bytes:
        return context if self.name == OLD else self.name.encode() + b"|" + context


class FolderKeyStore:
    """A key store with one file for each key. `lock` turns a key into the content of its file, `unlock` reverses it."""

    def __init__(
        self, kind: str, folder: Path, lock: Callable[[bytes], bytes] = bytes, unlock: Callable[[bytes], bytes] = bytes
    ) -> None:
        self.kind, self._folder, self._lock, self._unlock = kind, folder, lock, unlock
        self._opened: dict[str, LocalKey] = {}

    def names(self, agency: int | None = None) -> list[str]:
        agencies = [n for n in _complete_files(self._folder) if n.isdigit()] if agency is None else [str(agency)]
        return [f"{self.kind}:{a}:{period}" for a in agencies for period in _complete_files(self._folder / a)]

    def make(self, name: str) -> None:
        write_once(Path(self._path(name)), self._lock(secrets.token_bytes(BYTES)))

    def open(self, name: str) -> LocalKey:
        path = self._path(name)
        if not os.path.exists(path):  # checked each time: a key that another process destroyed is gone in this one too
            self._opened.pop(name, None)
            raise WrappingKeyMissing(name)
        if name not in self._opened:
            self._opened[name] = LocalKey(name, self._unlock(Path(path).read_bytes()))
        return self._opened[name]

    def destroy(self, name: str) -> None:
        self._opened.pop(name, None)
        _overwrite_and_delete(Path(self._path(name)))

    def search_key(self, agency: int) -> bytes | None:
        try:
            return self._unlock((self._folder / SEARCH / str(agency)).read_bytes())
        except FileNotFoundError:
            return None

    def keep_search_key(self, agency: int, key: bytes | None) -> None:
        path = self._folder / SEARCH / str(agency)
        _overwrite_and_delete(path) if key is None else write_once(path, self._lock(key))

    def _path(self, name: str) -> str:
        """Return the path of a key's file. It is text and not a `Path` for speed: every opening of a key needs it."""
        return os.path.join(self._folder, *name.split(":")[1:])


class FirstSecret:
    """The store of the one secret that wrapped everything before agencies had keys; the first rotation destroys it."""

    kind = "file"

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        return [OLD] if self._path.exists() else []

    def open(self, name: str) -> LocalKey:
        try:
            secret = self._path.read_text().strip().encode()
        except FileNotFoundError:
            raise WrappingKeyMissing(name) from None
        return LocalKey(OLD, derive_key(secret, "key-encryption key"))

    def destroy(self, name: str) -> None:
        _overwrite_and_delete(self._path)


class Keyring:
    """The key-encryption keys of all stores. New keys are made in `keeper`; the other stores still unwrap."""

    def __init__(self, keeper: KeyStore, *others: KeyStore, first: FirstSecret) -> None:
        self._keeper, self._keepers, self._first = keeper, {k.kind: k for k in (keeper, *others)}, first

    def current(self, agency: int) -> Wrapper:
        """Return the key that wraps data keys for this agency now. An agency's first key is made here, on first use."""
        name = max(self._keeper.names(agency), default=None)
        if name is None:
            name = f"{self._keeper.kind}:{agency}:{FIRST}"
            self._keeper.make(name)
        return self._keeper.open(name)

    def named(self, name: str) -> Wrapper:
        """Return the key with this name. Raises `WrappingKeyMissing` if no store has it."""
        if name == OLD:
            return self._first.open(name)
        if (keeper := self._keepers.get(name.partition(":")[0])) is None:
            raise WrappingKeyMissing(name)
        return keeper.open(name)

    def make(self, agency: int, now: datetime) -> str:
        """Make a new key for this agency, the current one from now on; returns its name."""
        newest = max(self._keeper.names(agency), default="").rpartition(":")[2]
        period = f"{now:%Y%m%dT%H%M%S}"
        name = f"{self._keeper.kind}:{agency}:{period if period > newest else newest + '+'}"  # the clock may go back
        self._keeper.make(name)
        self._move_search_key(agency)
        return name

    def newest(self) -> dict[int, str]:
        """Return the newest key of each agency in the store in use, by the agency's id."""
        newest: dict[int, str] = {}
        for name in self._keeper.names():
            agency = int(name.split(":")[1])
            newest[agency] = max(name, newest.get(agency, ""))
        return newest

    def older(self) -> list[str]:
        """Return the names of all keys of all stores except the newest ones."""
        newest = set(self.newest().values())
        kept = [name for keeper in self._keepers.values() for name in keeper.names()]
        return [name for name in [*kept, *self._first.names()] if name not in newest]

    def destroy(self, name: str) -> None:
        (self._first if name == OLD else self._keepers[name.partition(":")[0]]).destroy(name)

    def search_key(self, agency: int) -> bytes:
        """Return the agency's search key, and make it at the first use.

        It is never rotated: all fields would have to be decrypted to make every search token again.
        """
        for keeper in (self._keeper, *self._keepers.values()):
            if key := keeper.search_key(agency):
                return key
        self._keeper.keep_search_key(agency, secrets.token_bytes(BYTES))
        return self.search_key(agency)

    def _move_search_key(self, agency: int) -> None:
        """Move the search key from another store as it is, so that its tokens stay valid."""
        for other in self._keepers.values():
            if other is not self._keeper and (key := other.search_key(agency)):
                self._keeper.keep_search_key(agency, key)
                other.keep_search_key(agency, None)


@functools.cache
def keyring() -> Keyring:
    """Return the keys of this installation, in the store that AMPARO_KEYS names."""
    return keyring_in(settings.ENVIRONMENT.home / "keys")


def keyring_in(folder: Path) -> Keyring:
    """Return the keys in this folder, such as AMPARO_HOME/keys or one with the keys of a backup."""
    environment = settings.ENVIRONMENT
    keepers: dict[str, KeyStore] = {"file": FolderKeyStore("file", folder / "file")}
    if environment.age_identities:
        keepers["age"] = age_folder(folder / "age", environment.age_identities, environment.age_recipients)
    keeper = keepers.pop(environment.keys)
    return Keyring(keeper, *keepers.values(), first=FirstSecret(folder / "vault"))


def age_folder(folder: Path, identities: tuple[str, ...], recipients: tuple[str, ...]) -> FolderKeyStore:
    """Return a store whose files are encrypted with age: to our own identities, and to recipients who have a safe."""
    own = [pyrage.x25519.Identity.from_str(each) for each in identities]
    to = [*(each.to_public() for each in own), *(pyrage.x25519.Recipient.from_str(each) for each in recipients)]
    return FolderKeyStore(
        "age", folder, lock=lambda key: pyrage.encrypt(key, to), unlock=lambda locked: pyrage.decrypt(locked, own)
    )


def _complete_files(folder: Path) -> list[str]:
    """Names of complete files; empty if the folder does not exist yet."""
    try:
        return [name for name in os.listdir(folder) if not name.startswith(".")]
    except FileNotFoundError:
        return []


def _overwrite_and_delete(path: Path) -> None:
    """Overwrite, then unlink. We cannot reach what a disk or its snapshot keeps beneath: see the documentation."""
    try:
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return
    sync_folder(path.parent)
