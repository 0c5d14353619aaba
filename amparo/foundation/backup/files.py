"""The two files of a backup, encrypted with age (age-encryption.org/v1) and never on the disk in plain form.

Decrypted, a file is one line of JSON, its head, and then the rows in pg_dump's custom format.
"""

import base64
import io
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, cast

import pyrage

from amparo.foundation.core.refusal import Misconfigured

from .progress import ProgressLine

FORM = 2  # version of the head
DATA, KEYS = "data", "keys"
LONGEST_HEAD = 64 * 2**20  # bytes

# Tables without rows in a backup: either each start makes them again, or only a thief could use them. After a restore
# everybody signs in again.
LEFT_OUT = ("acting.secret", "acting.gate", "public.access_session", "public.access_throttleentry")


@dataclass(frozen=True)
class Head:
    """The first line of a backup's file: what the file contains."""

    what: str  # DATA or KEYS
    made_at: str  # ISO 8601, UTC: both files of a backup show the database at this moment
    database: str
    owner: str  # the role that owned its tables
    rows: dict[str, int]  # of each table
    kind: str = ""  # what its home was (core/home_kind.py); blank: it did not say
    schema: str = ""  # in DATA: pg_dump's output about tables, indexes and privileges: gzip, in base64
    files: dict[str, str] = field(default_factory=dict)  # in KEYS: of AMPARO_HOME/keys, in base64
    ledger: str = ""  # in KEYS: the sealer's public key, as each witness file begins

    def line(self) -> bytes:
        return json.dumps({"amparo backup": FORM, **asdict(self)}).encode() + b"\n"


def parse_head(line: bytes) -> Head:
    """Parse a head. Raises `ValueError` for any other line."""
    try:
        words = json.loads(line)
        if words.pop("amparo backup") != FORM:
            raise ValueError("of another form")
        return Head(**words)
    except (TypeError, AttributeError, KeyError, ValueError, RecursionError) as error:
        raise ValueError("no head") from error


def unpack_keys(keys: Head, folder: Path) -> None:
    """Write the key files of a backup into `folder`. Raises `Misconfigured` if one would lie outside it."""
    for name, content in keys.files.items():
        path = folder / name
        if folder not in path.resolve().parents:
            raise Misconfigured("The backup of the keys names a file outside its folder: it is not one of ours.")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(base64.b64decode(content))
            file.flush()
            os.fsync(file.fileno())


class HeadAndRows:
    """A readable stream: the head, and then the rows."""

    def __init__(self, head: Head, rows: IO[bytes]) -> None:
        self._head, self._rows = io.BytesIO(head.line()), rows

    def read(self, size: int) -> bytes:
        return self._head.read(size) or self._rows.read(size)


class EncryptedOutput:
    """A writable stream that puts encrypted bytes into a file.

    `trouble` is the exception of a failed write, because pyrage passes on only its text.
    """

    def __init__(self, file: IO[bytes], progress: ProgressLine) -> None:
        self._file, self._progress = file, progress
        self.trouble: BaseException | None = None

    def write(self, piece: bytes) -> int:
        try:
            self._file.write(piece)
        except BaseException as trouble:
            self.trouble = trouble
            raise
        self._progress.add(len(piece))
        return len(piece)

    def flush(self) -> None:
        self._file.flush()


class HeadComplete(Exception):
    """Raised to stop the decryption: the head was read, and nothing else is needed."""


class DecryptedOutput:
    """A writable stream for decrypted bytes: it parses the first line as the head, and writes the rest to `rows`.

    Without `rows` it raises `HeadComplete` after the head. `trouble` is the exception of a failed write.
    """

    def __init__(self, rows: IO[bytes] | None) -> None:
        self._rows, self._line = rows, bytearray()
        self.head: Head | None = None
        self.trouble: BaseException | None = None

    def write(self, piece: bytes) -> int:
        try:
            self._accept(piece)
        except BaseException as trouble:
            self.trouble = trouble
            raise
        return len(piece)

    def flush(self) -> None:
        """Do nothing: this stream has no buffer."""

    def _accept(self, piece: bytes) -> None:
        if self.head is None:
            start, newline, piece = piece.partition(b"\n")
            self._line += start
            if len(self._line) > LONGEST_HEAD:
                raise ValueError("no head")
            if not newline:
                return
            self.head = parse_head(bytes(self._line))
            if self._rows is None:
                raise HeadComplete
        assert self._rows
        self._rows.write(piece)


@contextmanager
def partial_file(path: Path) -> Iterator[Path]:
    """Yield the name of an incomplete file; it is deleted unless the block renames it."""
    part = path.with_name(f"{path.name}.part")
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def write_encrypted(path: Path, head: Head, rows: IO[bytes], recipients: Sequence[str]) -> int:
    """Write a head and rows to a new file, encrypted to these recipients; returns its size in bytes.

    Raises `Misconfigured` if the disk or the database fails. The caller deletes the file then (`partial_file`).
    """
    to = [pyrage.x25519.Recipient.from_str(each) for each in recipients]
    out: EncryptedOutput | None = None
    try:
        with (
            ProgressLine(f"the {head.what}") as progress,
            os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
        ):
            out = EncryptedOutput(file, progress)
            pyrage.encrypt_io(cast(Any, HeadAndRows(head, rows)), cast(Any, out), to)
            file.flush()
            os.fsync(file.fileno())
            return file.tell()
    except (OSError, pyrage.EncryptError) as error:
        cause = out.trouble if out and out.trouble else error
        if isinstance(cause, KeyboardInterrupt):
            raise cause from None
        why = cause.strerror if isinstance(cause, OSError) else "the database fell silent"
        raise Misconfigured(f"{path.parent} cannot take the backup ({why}): nothing of it was kept.") from error


def read_head(path: Path, identities: Sequence[str]) -> Head:
    split = DecryptedOutput(None)
    try:
        _decrypt(path, identities, split, None)
    except HeadComplete:
        assert split.head
        return split.head
    raise _unreadable_backup(path)


def decrypt_rows(path: Path, identities: Sequence[str], rows: IO[bytes]) -> None:
    """Decrypt a backup, and write its rows to `rows`. Raises `Misconfigured` if any piece was changed or is missing.

    An exception of `rows` is passed on.
    """
    with ProgressLine(path.name, total=path.stat().st_size) as progress:
        _decrypt(path, identities, DecryptedOutput(rows), progress)


class EncryptedInput:
    """A readable stream of the encrypted file. Each read moves the progress line."""

    def __init__(self, file: IO[bytes], progress: ProgressLine | None) -> None:
        self._file, self._progress = file, progress

    def read(self, size: int) -> bytes:
        piece = self._file.read(size)
        if self._progress:
            self._progress.add(len(piece))
        return piece


def _decrypt(path: Path, identities: Sequence[str], split: DecryptedOutput, progress: ProgressLine | None) -> None:
    ours: list[Any] = [pyrage.x25519.Identity.from_str(each) for each in identities]
    try:
        with path.open("rb") as file:
            pyrage.decrypt_io(cast(Any, EncryptedInput(file, progress)), cast(Any, split), ours)
    except (OSError, pyrage.DecryptError) as error:
        if split.trouble and not isinstance(split.trouble, ValueError):
            raise split.trouble from None
        if "No matching keys" in str(error):
            raise Misconfigured(f"The identity does not open {path.name}: it was encrypted to others.") from error
        raise _unreadable_backup(path) from error


def _unreadable_backup(path: Path) -> Misconfigured:
    return Misconfigured(f"{path.name} is damaged, cut off or no backup of Amparo: take another. Nothing was changed.")
