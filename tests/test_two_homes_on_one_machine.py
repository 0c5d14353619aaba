"""Started as root, homes share accounts: a real hotline's home shares them with no other."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from amparo.foundation.core.account_homes import LIST, refuse_shared_accounts
from amparo.foundation.core.home_kind import FILE
from amparo.foundation.core.refusal import Misconfigured

from .hotline import CHECKOUT, Hotline


@pytest.fixture
def homes():
    """Two homes outside the folder of temporary files."""
    made = [Path(tempfile.mkdtemp(prefix="amparo-home-", dir="/var/tmp")) for _ in range(2)]
    yield made
    for home in made:
        shutil.rmtree(home, ignore_errors=True)


def start(home: Path, kind: str, known: Path) -> None:
    refuse_shared_accounts(home, demo=kind == "demonstration", known=known)
    (home / FILE).write_text(kind)


@pytest.mark.parametrize("kinds", [("real", "real"), ("real", "demonstration"), ("demonstration", "real")])
def test_a_real_hotlines_home_shares_accounts_with_no_other(homes, tmp_path, kinds):
    (first, second), known = homes, tmp_path / "known"
    start(first, kinds[0], known)
    with pytest.raises(Misconfigured, match=f"{second} and {first} would run under the same accounts"):
        start(second, kinds[1], known)
    start(first, kinds[0], known)  # the controls: itself again, and the second once the first is gone
    shutil.rmtree(first)
    start(second, kinds[1], known)
    assert str(known.read_text()).split() == [str(first), str(second)]


def test_one_home_of_two_names_is_one(homes, tmp_path):
    start(homes[0], "real", tmp_path / "known")
    name = homes[1] / "name"
    name.symlink_to(homes[0])
    start(name, "real", tmp_path / "known")


def test_a_home_that_says_nothing_readable_may_be_a_real_one(homes, tmp_path):
    start(homes[0], "demonstration", tmp_path / "known")
    (homes[0] / FILE).write_text("?")
    with pytest.raises(Misconfigured, match="would run under the same accounts"):
        start(homes[1], "demonstration", tmp_path / "known")


def test_a_list_that_cannot_be_written_is_named(homes, tmp_path):
    with pytest.raises(Misconfigured, match="cannot be written"):
        start(homes[0], "real", tmp_path / "nowhere" / "known")


def test_demonstrations_share_them(homes, tmp_path):
    for home in homes:
        start(home, "demonstration", tmp_path / "known")


def test_a_trial_in_the_temporary_folder_keeps_no_home_out(homes, tmp_path):
    start(tmp_path, "real", tmp_path / "known")
    start(homes[0], "real", tmp_path / "known")
    with pytest.raises(Misconfigured):
        start(tmp_path, "real", tmp_path / "known")


@pytest.mark.as_root
def test_the_start_as_root_is_refused_in_a_sentence():
    """In a mount namespace, where /var/lib is empty but for a real hotline's home."""
    it = Hotline()
    other = (
        f"mount -t tmpfs tmpfs /var/lib; mkdir /var/lib/first; echo real > /var/lib/first/kind; "
        f"echo /var/lib/first > {LIST}; exec {sys.executable} -m amparo run"
    )
    try:
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", other], cwd=CHECKOUT, env=it.environment, capture_output=True, text=True
        )
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done
        assert "would run under the same accounts" in done.stderr
        assert not (it.home / "postgres").exists()
    finally:
        it.clear_away()
