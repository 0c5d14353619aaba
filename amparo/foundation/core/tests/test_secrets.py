"""A foreign account on the machine, or a full disk, against the secrets of this home and its socket."""

import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from amparo.foundation.core.environment import Environment, read_environment, short_socket_folder
from amparo.foundation.core.refusal import Misconfigured


@pytest.fixture
def environment(tmp_path) -> Environment:
    return replace(read_environment(), home=tmp_path)


@contextmanager
def full_disk() -> Iterator[None]:
    """Let files of this process grow by no byte."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_secret_is_made_once_and_for_our_account_alone(environment):
    secret = environment.secret("acting")
    assert len(secret) == 64
    assert environment.secret("acting") == secret
    assert (environment.home / "keys" / "acting").stat().st_mode & 0o077 == 0


def test_a_full_disk_leaves_no_secret_that_everybody_knows(environment):
    with pytest.raises(OSError, match="too large"), full_disk():
        environment.secret("acting")
    assert list((environment.home / "keys").iterdir()) == []
    assert len(environment.secret("acting")) == 64


def test_an_empty_secret_is_refused(environment):
    (environment.home / "keys").mkdir()
    (environment.home / "keys" / "acting").touch()
    with pytest.raises(Misconfigured, match="is empty"):
        environment.secret("acting")


def test_a_folder_that_somebody_laid_ready_for_our_socket_is_refused(monkeypatch, tmp_path):
    """The socket's name can be guessed, and reaching the socket would make an attacker the database's administrator."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    long = tmp_path / ("x" * 100)
    assert short_socket_folder(long).stat().st_mode & 0o077 == 0
    laid = short_socket_folder(long)
    laid.chmod(0o777)
    with pytest.raises(Misconfigured, match="open to others"):
        short_socket_folder(long)
    laid.rmdir()
    laid.symlink_to(Path("/"))
    with pytest.raises(Misconfigured, match="open to others"):
        short_socket_folder(long)


@pytest.mark.as_root
def test_a_folder_of_nobody_is_refused_by_root(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    laid = short_socket_folder(tmp_path / ("x" * 100))
    os.chown(laid, 65534, 65534)
    with pytest.raises(Misconfigured, match="or theirs"):
        short_socket_folder(tmp_path / ("x" * 100))
    os.chown(laid, 0, 0)  # the control
    assert short_socket_folder(tmp_path / ("x" * 100)) == laid
