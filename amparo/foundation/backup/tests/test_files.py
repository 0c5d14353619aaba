"""The two files of a backup: a head, then rows; what cannot be read is refused, and nothing lies outside its folder."""

import base64
import io
from dataclasses import replace

import pyrage
import pytest

from amparo.foundation.core.refusal import Misconfigured

from ..files import DATA, KEYS, DecryptedOutput, Head, decrypt_rows, parse_head, read_head, unpack_keys, write_encrypted

HEAD = Head(DATA, "2026-12-01T03:00:00+00:00", "amparo", "owner", {"contacts_contact": 7}, kind="real")
ROWS = b"rows\nof a dump\n\x00" * 20_000  # more than one piece of age


@pytest.fixture
def identity() -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def file(tmp_path, identity):
    """A backup. Its size is what the function says."""
    path = tmp_path / "amparo-x.data.age"
    assert write_encrypted(path, HEAD, io.BytesIO(ROWS), [str(identity.to_public())]) == path.stat().st_size
    return path


def test_what_was_written_is_read_again(file, identity):
    rows = io.BytesIO()
    decrypt_rows(file, [str(identity)], rows)
    assert (read_head(file, [str(identity)]), rows.getvalue()) == (HEAD, ROWS)
    assert b"contacts_contact" not in file.read_bytes()


def test_another_identity_does_not_open_it(file):
    with pytest.raises(Misconfigured, match="encrypted to others"):
        read_head(file, [str(pyrage.x25519.Identity.generate())])


@pytest.mark.parametrize("share", [0.3, 0.9], ids=["in the middle", "near the end"])
@pytest.mark.parametrize("rest", ["nothing", "a changed byte"])
def test_a_file_that_is_cut_off_or_changed_is_refused(file, identity, share, rest):
    content = bytearray(file.read_bytes())
    place = int(len(content) * share)
    content[place] ^= 1
    file.write_bytes(content[:place] if rest == "nothing" else content)
    with pytest.raises(Misconfigured, match="damaged, cut off or no backup"):
        decrypt_rows(file, [str(identity)], io.BytesIO())


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b"7", b'{"amparo backup": 2}', b'{"amparo backup": 1}', b"\xff"])
def test_any_other_first_line_is_no_head(line):
    assert parse_head(HEAD.line()) == HEAD  # the control
    with pytest.raises(ValueError, match="no head"):
        parse_head(line)


def test_a_head_that_comes_in_pieces_is_one_head():
    rows = io.BytesIO()
    split = DecryptedOutput(rows)
    content = HEAD.line() + b"first\nsecond"
    for start in range(0, len(content), 7):
        split.write(content[start : start + 7])
    assert (split.head, rows.getvalue()) == (HEAD, b"first\nsecond")


def keys(*names: str) -> Head:
    return replace(HEAD, what=KEYS, files={name: base64.b64encode(name.encode()).decode() for name in names})


def test_keys_are_written_for_their_owner_alone(tmp_path):
    unpack_keys(keys("acting", "file/1"), tmp_path)
    for name in ("acting", "file/1"):
        assert (tmp_path / name).read_bytes() == name.encode()
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["../outside", "/tmp/amparo-outside", "a/../../outside", ".."])
def test_no_key_is_written_outside_the_folder(tmp_path, name):
    folder = tmp_path / "keys"
    folder.mkdir()
    with pytest.raises(Misconfigured, match="outside its folder"):
        unpack_keys(keys(name), folder)
    assert [path.name for path in tmp_path.rglob("*")] == ["keys"]
