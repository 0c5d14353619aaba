"""`amparo update`: which version runs and which stands before it, the way back, and another version in a checkout.

The Debian package goes forward by itself: its scripts back up, keep the version before, migrate and restart.
"""

import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

from django.conf import settings
from django.db import connections

from amparo.foundation.core import processes
from amparo.foundation.core.database import DatabaseServer
from amparo.foundation.core.environment import Environment
from amparo.foundation.core.refusal import Misconfigured, Unreachable
from amparo.foundation.core.taking_back import PROGRAM, Rollback
from amparo.line.switchboard import rules as switchboard

BACKUPS = Path("/var/backups/amparo/data")  # where the package backs up to, each night


class PackageVersions:
    """The versions of the Debian package: folders, of which one is `current` and one may be `previous`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def name(self, link: str) -> str:
        """The version of `current` or `previous`; blank: there is none."""
        path = self._folder / link
        return path.readlink().name.rpartition("-")[0] if path.is_symlink() and path.exists() else ""

    def has_file(self, path: str) -> bool:
        return (self._folder / "previous" / path).exists()

    def stop(self) -> None:
        _systemctl("stop", "amparo.target")

    def start(self) -> None:
        """Prepare the home, and start all processes."""
        subprocess.run(["/usr/bin/amparo", "prepare"], check=True)
        _systemctl("start", "amparo.target")

    def return_to_previous(self) -> None:
        """Make the version before the one that runs. The newer one stays installed."""
        (self._folder / "previous").rename(self._folder / "current")


class CheckoutVersions:
    """The versions of a checkout of git: HEAD, and a reference of ours for the one before."""

    PREVIOUS = "refs/amparo/previous"

    def __init__(self, folder: Path, environment: Environment) -> None:
        self._folder, self._environment = folder, environment

    def name(self, link: str) -> str:
        """The version of `current` or `previous`; blank: there is none."""
        return self._git("describe", "--tags", "--always", {"current": "HEAD", "previous": self.PREVIOUS}[link])

    def has_file(self, path: str) -> bool:
        return bool(self._git("ls-tree", "--name-only", self.PREVIOUS, "--", path))

    def stop(self) -> None:
        processes.stop(self._environment)
        if not self._environment.database_url:
            DatabaseServer(self._environment.home).start()

    def start(self) -> None:
        if not self._environment.database_url:
            DatabaseServer(self._environment.home).stop()
        print("Start it: make run")

    def take(self, wanted: str) -> None:
        """Check out a tag, a branch or a commit, and remember what was there. Raises `Misconfigured`."""
        self._git("fetch", "--quiet", "--tags")
        commit = self._git("rev-parse", "--quiet", "--verify", f"{wanted}^{{commit}}")
        if not commit:
            raise Misconfigured(f"Git knows no version {wanted}: `git tag` lists those that there are.")
        before = self._git("rev-parse", "HEAD")
        self._check_out(commit)
        self._git("update-ref", self.PREVIOUS, before)

    def return_to_previous(self) -> None:
        self._check_out(self._git("rev-parse", self.PREVIOUS))
        self._git("update-ref", "-d", self.PREVIOUS)

    def refuse_changed_files(self) -> None:
        if self._git("status", "--porcelain", "--untracked-files=no"):
            raise Misconfigured("Files of this checkout were changed: `git status` names them. Nothing was updated.")

    def _check_out(self, commit: str) -> None:
        before = self._git("rev-parse", "HEAD")
        for each in (commit, before):
            self._git("checkout", "--quiet", "--detach", each)
            if subprocess.run(["make", "--silent", ".venv/run"], cwd=self._folder, check=False).returncode == 0:
                break
        if self._git("rev-parse", "HEAD") != commit:
            raise Misconfigured("The packages of that version could not be installed: the one before is here again.")

    def _git(self, *words: str) -> str:
        done = subprocess.run(["git", "-C", self._folder, *words], capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""


type Versions = PackageVersions | CheckoutVersions


def update(arguments: Namespace) -> None:
    """Say which versions there are; with a version, take it (in a checkout); with --back, return to the one before."""
    environment = settings.ENVIRONMENT
    versions = versions_of(PROGRAM, environment)
    if arguments.back:
        go_back(versions, environment, arguments)
    elif not arguments.version:
        _describe(versions)
    elif isinstance(versions, PackageVersions):
        raise Misconfigured("Amparo is a package here: type `apt install ./amparo_VERSION.deb`, with the newer file.")
    else:
        versions.refuse_changed_files()
        _back_up(environment, arguments)
        processes.stop(environment)
        versions.take(arguments.version)
        print(f"Here is {versions.name('current')}. Start it, and it brings the database along: make run")


def versions_of(program: Path, environment: Environment) -> Versions:
    if (program / ".git").exists():
        return CheckoutVersions(program, environment)
    if program.parent.name != "amparo-versions":
        raise Misconfigured(
            "Amparo is neither a package of Debian here nor a checkout of git: update it as you installed it."
        )
    return PackageVersions(program.parent)


def go_back(versions: Versions, environment: Environment, arguments: Namespace) -> None:
    """Back up, take back what the version before does not know, and let it run. Raises `Misconfigured`."""
    before = versions.name("previous")
    if not before:
        raise Misconfigured("No version from before is kept here: there is no way back.")
    rollback = Rollback(versions.has_file)
    rollback.refuse_what_cannot_be_taken_back()
    _refuse_running_calls()
    _back_up(environment, arguments)
    connections.close_all()
    versions.stop()
    try:
        rollback.take()
        connections.close_all()
        versions.return_to_previous()
    finally:
        versions.start()
    print(f"{before} is here again." + _loss(rollback, "With it went, and is in the backup alone: "))


def _describe(versions: Versions) -> None:
    print(f"Amparo {versions.name('current')} is here.")
    if before := versions.name("previous"):
        rollback = Rollback(versions.has_file)
        rollback.refuse_what_cannot_be_taken_back()
        print(f"`amparo update --back` returns to {before}, until the next update.", end="")
        print(_loss(rollback, "It deletes what was written into: "))


def _loss(rollback: Rollback, words: str) -> str:
    return f" {words}{', '.join(rollback.lost)}." if rollback.lost else ""


def _refuse_running_calls() -> None:
    try:
        calls = switchboard.status().calls
    except Unreachable:
        return  # no switchboard, no calls
    if calls:
        raise Misconfigured(f"Calls are running ({calls}), and would be cut: try again once they have ended.")


def _back_up(environment: Environment, arguments: Namespace) -> None:
    if arguments.without_backup or environment.demo:
        return
    folder = arguments.backup or (BACKUPS if BACKUPS.is_dir() else None)
    if folder is None:
        raise Misconfigured("Say where the backup goes that is made first: --backup FOLDER.")
    command = [sys.executable, "-P", "-m", "amparo", "backup", str(folder)]
    if subprocess.run(command, cwd=PROGRAM, check=False).returncode:
        raise Misconfigured("The backup failed, so nothing changed: mend what stands above, or use --without-backup.")


def _systemctl(verb: str, unit: str) -> None:
    if os.path.isdir("/run/systemd/system"):
        subprocess.run(["systemctl", verb, unit], check=True)
