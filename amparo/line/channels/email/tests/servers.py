"""The provider of a mailbox, real and on this machine: Dovecot for IMAP, aiosmtpd for SMTP."""

import contextlib
import getpass
import grp
import imaplib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

ADDRESS, PASSWORD = "ayuda@linea.example", "secret of the tests"
PATIENCE = 20  # seconds

CONFIGURATION = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
{tls}
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = {folder}/mail/%{{user}}
first_valid_uid = 1
mail_uid = {user}
mail_gid = {group}
{accounts}
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    home = {folder}/mail/%{{user}}
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mailbox:
    """Dovecot, with any account, all with the same password."""

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        """`certificate` is a file with a key and its certificate, for TLS on `tls_port`."""
        self.folder, self.port, self.tls_port = folder, free_port(), free_port() if certificate else 0
        self._server: subprocess.Popen[bytes] | None = None
        (folder / "mail").mkdir(parents=True)
        own = getpass.getuser()
        user, group = ("nobody", "nogroup") if os.geteuid() == 0 else (own, grp.getgrgid(os.getegid()).gr_name)
        if os.geteuid() == 0:
            shutil.chown(folder / "mail", user, group)
        accounts = "" if os.geteuid() == 0 else f"default_internal_user = {own}\ndefault_login_user = {own}\n"
        files = f"ssl_server_cert_file = {certificate}\nssl_server_key_file = {certificate}"
        (folder / "dovecot.conf").write_text(
            CONFIGURATION.format(
                folder=folder, user=user, group=group, accounts=accounts, password=PASSWORD, port=self.port,
                tls_port=self.tls_port, tls=f"ssl = yes\n{files}" if certificate else "ssl = no",
            )
        )  # fmt: skip

    def start(self) -> None:
        if self._server is not None:
            return
        self._server = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", str(self.folder / "dovecot.conf")])
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait(PATIENCE)
            self._server = None

    @contextlib.contextmanager
    def opened(self) -> Iterator[imaplib.IMAP4]:
        box = imaplib.IMAP4("127.0.0.1", self.port, timeout=PATIENCE)
        box.login(ADDRESS, PASSWORD)
        yield box
        box.logout()

    def deliver(self, raw: bytes, at: datetime) -> None:
        """Put an e-mail into the mailbox, as the provider does."""
        with self.opened() as box:
            answer = box.append("INBOX", "", imaplib.Time2Internaldate(at), raw.replace(b"\n", b"\r\n"))
            assert answer[0] == "OK", f"{answer[1]}\n{(self.folder / 'log').read_text()[-2000:]}"

    def count(self, folder: str = "INBOX") -> int:
        """How many messages a folder has; it may not exist."""
        with self.opened() as box:
            status, found = box.select(folder, readonly=True)
            return int(found[0]) if status == "OK" else 0


class Handler:
    def __init__(self) -> None:
        self.received: list[Message] = []
        self.recipients: list[str] = []
        self.by_tls: list[bool] = []  # for each message
        self.sender_answer = "250 OK"
        self.answer = "250 OK"  # to each recipient
        self.answers: dict[str, str] = {}  # to some recipients another
        self.hangs_up = False  # takes an e-mail, and ends the connection without an answer

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender_answer.startswith("250"):
            envelope.mail_from = address
        return self.sender_answer

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address, self.answer)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.received.append(message_from_bytes(envelope.content))
        self.recipients += envelope.rcpt_tos
        self.by_tls.append(session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None)
        if self.hangs_up:
            server.transport.abort()
        return "250 OK"


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    fits = isinstance(data, LoginPassword) and (data.login, data.password) == (ADDRESS.encode(), PASSWORD.encode())
    return AuthResult(success=fits)


@contextlib.contextmanager
def reachable_folder() -> Iterator[Path]:
    """Make a folder that the account of Dovecot may enter. pytest closes its own folders to other accounts."""
    with tempfile.TemporaryDirectory(prefix="amparo-dovecot-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@contextlib.contextmanager
def running_mailbox() -> Iterator[Mailbox]:
    """Start Dovecot without TLS, in a folder of its own."""
    with reachable_folder() as folder:
        box = Mailbox(folder)
        box.start()
        yield box
        box.stop()


class Relay:
    """The provider's SMTP server; it wants the mailbox's user and password.

    `more` are settings of aiosmtpd: `ssl_context` for TLS from the first byte, or `tls_context` for STARTTLS.
    """

    def __init__(self, **more: Any) -> None:
        self.port, self.handler, self._more = free_port(), Handler(), more
        self._server: Controller | None = None

    def start(self) -> None:
        self._server = Controller(
            self.handler, hostname="127.0.0.1", port=self.port, authenticator=_authenticate, auth_required=True,
            auth_require_tls="tls_context" in self._more, **self._more,
        )  # fmt: skip
        self._server.start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None
