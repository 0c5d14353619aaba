"""A witness: a folder outside the database, best on another agency's disk, where checkpoints are only ever added.

Each file begins with the public key, followed by one checkpoint a line. It is named by the number of its first
checkpoint. A new file begins at each start, and when the last one is full; old ones never change, so the folder may
forbid overwriting.
"""

import errno
import json
import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from amparo.foundation.core.atomic_files import sync_folder

from .chain import Checkpoint

LONGEST_FILE = 1_000_000  # bytes: some four thousand checkpoints


class Witness:
    """One folder of signed checkpoints. The sealer writes them, and the verification of the ledger reads them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: Path | None = None

    def add(self, checkpoint: Checkpoint, key: Ed25519PublicKey) -> None:
        """Add a checkpoint; it is on disk when this returns. Raises `OSError` if the witness cannot be reached."""
        try:
            if self._file is None or self._file.stat().st_size > LONGEST_FILE:
                self._file = self._begin(checkpoint.number, key)
            _append_line(self._file, _line_of_checkpoint(checkpoint))
        except OSError:
            self._file = None  # a line may be torn: the next one goes into a new file
            raise

    def checkpoints(self) -> Iterator[Checkpoint]:
        """Yield all checkpoints in order, without one that a power cut tore. Raises `ValueError` for an invalid one."""
        for file in self._files():
            with file.open("rb") as lines:
                lines.readline()  # the head
                yield from (_parse_checkpoint(line) for line in lines if line.endswith(b"\n"))

    def public_keys(self) -> set[str]:
        """Return the public keys of all files, in hexadecimal; more than one means that the key was changed."""
        return {_public_key_of_file(file) for file in self._files()} - {""}

    def last(self) -> Checkpoint | None:
        for file in reversed(self._files()):
            lines = file.read_bytes().splitlines(keepends=True)
            complete = [line for line in lines[1:] if line.endswith(b"\n")]
            if complete:
                return _parse_checkpoint(complete[-1])
        return None

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.jsonl"))

    def _begin(self, number: int, key: Ed25519PublicKey) -> Path:
        file = self.folder / f"{number:012}-{secrets.token_hex(3)}.jsonl"
        _append_line(file, json.dumps({"ledger": "amparo 1", "public_key": key.public_bytes_raw().hex()}))
        sync_folder(self.folder)
        return file


def _append_line(file: Path, line: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        text = line.encode() + b"\n"
        if os.write(handle, text) < len(text):
            raise OSError(errno.ENOSPC, "the witness is full")
        os.fsync(handle)
    finally:
        os.close(handle)


def _line_of_checkpoint(checkpoint: Checkpoint) -> str:
    return json.dumps(
        {
            "number": checkpoint.number,
            "hash": checkpoint.hash.hex(),
            "at": checkpoint.at.isoformat(),
            "signature": checkpoint.signature.hex(),
        }
    )


def _parse_checkpoint(line: bytes) -> Checkpoint:
    try:
        data = json.loads(line)
        at = datetime.fromisoformat(data["at"])
        return Checkpoint(int(data["number"]), bytes.fromhex(data["hash"]), at, bytes.fromhex(data["signature"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("not a checkpoint") from error


def _public_key_of_file(file: Path) -> str:
    with file.open("rb") as lines:
        head = lines.readline()
    try:
        return str(json.loads(head)["public_key"])
    except (KeyError, TypeError, ValueError):
        return ""
