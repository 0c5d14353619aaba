"""Root hands files to accounts and follows no link on the way; nobody else lists the home."""

import pwd
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from amparo.foundation.core import accounts
from amparo.foundation.core.database import DatabaseServer
from amparo.foundation.core.home import close_home_to_others, set_permissions
from amparo.foundation.core.refusal import Misconfigured


@pytest.fixture
def home():
    """A home with a short path, so that its sockets fit; other accounts may pass through the folders above it."""
    home = Path(tempfile.mkdtemp(prefix="amparo-home-", dir="/tmp"))
    (home / "run" / "switchboard").mkdir(parents=True)
    for folder in (home, home / "run"):
        folder.chmod(0o711)
    if accounts.may_switch_accounts():
        accounts.create_accounts()
    yield home
    shutil.rmtree(home)


@pytest.fixture
def environment(home):
    return replace(settings.ENVIRONMENT, home=home, witnesses=(home / "witnesses" / "first",), keys="file")


@pytest.fixture
def foreign(tmp_path):
    """A folder of root's, with a file that only root reads."""
    folder = tmp_path / "foreign"
    folder.mkdir(mode=0o700)
    (folder / "shadow").touch(0o600)
    return folder


def access(path: Path) -> tuple[str, int]:
    stat = path.stat()
    return pwd.getpwuid(stat.st_uid).pw_name, stat.st_mode & 0o777


@pytest.mark.as_root
@pytest.mark.parametrize("name", ["published", "witnesses", "witnesses/first", "run/switchboard", "keys/file", "keys"])
def test_a_folder_that_is_a_link_is_refused(environment, foreign, name):
    place = environment.home / name
    place.parent.mkdir(exist_ok=True)
    if place.exists():
        place.rmdir()
    place.symlink_to(foreign)
    with pytest.raises(Misconfigured, match="no link"):
        set_permissions(environment)
    assert access(foreign) == ("root", 0o700)
    assert access(foreign / "shadow") == ("root", 0o600)


@pytest.mark.as_root
def test_a_link_below_a_folder_is_left_alone(environment, foreign):
    published = environment.home / "published"
    (published / "drafts").mkdir(parents=True)
    (published / "drafts" / "current.json").touch(0o644)
    (published / "drafts" / "link").symlink_to(foreign)
    (published / "shadow").symlink_to(foreign / "shadow")
    set_permissions(environment)
    assert access(foreign) == ("root", 0o700)
    assert access(foreign / "shadow") == ("root", 0o600)
    assert access(published / "drafts") == ("root", 0o770)  # the control
    assert access(published / "drafts" / "current.json") == ("root", 0o660)


@pytest.mark.as_root
def test_the_worker_removes_what_the_web_published(environment):
    folder = environment.home / "published" / "testimonies"
    folder.mkdir(parents=True)
    (folder / "abc123.json").touch(0o600)
    set_permissions(environment)
    rights = ["-w", str(folder), "-a", "-x", str(folder), "-a", "-r", str(folder / "abc123.json")]
    accessible = {
        each: accounts.may_access(f"amparo-{each}", *rights) for each in ("web", "worker", "switchboard", "sealer")
    }
    assert accessible == {"web": True, "worker": True, "switchboard": False, "sealer": False}


@pytest.mark.as_root
@pytest.mark.parametrize("name", ["postgres.log", "run/database"])
def test_the_database_gets_no_file_behind_a_link(home, foreign, name):
    target = foreign / "shadow" if name == "postgres.log" else foreign
    (home / name).symlink_to(target)
    server = DatabaseServer(home)
    with pytest.raises(Misconfigured, match="no link"):
        server.start()
    assert access(foreign) == ("root", 0o700)
    assert access(foreign / "shadow") == ("root", 0o600)


def test_a_home_of_our_own_is_closed(home):
    home.chmod(0o755)
    close_home_to_others(home)
    assert home.stat().st_mode & 0o044 == 0


def test_a_home_with_foreign_files_that_others_list_is_refused_in_a_sentence(home):
    (home / "letters").touch()
    home.chmod(0o755)
    with pytest.raises(Misconfigured, match="choose a folder of its own"):
        close_home_to_others(home)
    assert home.stat().st_mode & 0o777 == 0o755
    home.chmod(0o711)  # the control: what the sentence says to type
    close_home_to_others(home)
