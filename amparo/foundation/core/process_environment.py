"""What each process may keep of the environment. Nothing else stays in it, nor in /proc/<pid>/environ.

A new setting is added to `OPEN`, or to `SECRETS` with the processes that use it.
"""

import ctypes
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

PROCESSES = ("web", "worker", "switchboard", "sealer", "network")
SYSTEM = {  # of the operating system, of Python and of its packages
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "DJANGO_SETTINGS_MODULE",
    "GLIBC_TUNABLES", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "PGCTLTIMEOUT",
    "LD_PRELOAD",  # another allocator, or another clock in tests
}  # fmt: skip
SYSTEM_PREFIXES = ("LC_", "PYTHON", "NUMBA_", "FAKETIME", "PGSSL")  # how a database elsewhere is checked; no password
OPEN = {f"AMPARO_{name}" for name in (
    "AGE_IDENTITY", "AGE_RECIPIENTS", "ANSWER_DAYS", "BACKUP_KEYS", "BACKUP_KEY_RECIPIENTS", "BACKUP_RECIPIENTS",
    "CONF", "DEMO", "DEMO_HISTORY", "DEMO_TELEPHONES", "EMAIL", "EMAIL_AUTHSERV", "EMAIL_IMAP", "EMAIL_SMTP",
    "EMAIL_USER", "HOME", "HOOKS_INSIDE", "HOST", "HTTP_PORT", "KEYS", "LEASH", "LINE_NUMBER", "LISTENING",
    "MEDIA_NETWORKS", "PICTURES", "POLICE_NUMBER", "PROCESS", "PROXIES", "PUBLIC_HOST", "REPORT_CLOCKS",
    "RTP_PORTS", "SIP_CERTIFICATE", "SIP_HOSTS", "SIP_KEY", "SIP_PORT", "SIP_TLS_PORT", "SMS", "SMS_NUMBER",
    "SMS_USER", "STAFF_HOST", "TEST_DB", "TIME_ZONE", "TRUNK", "TRUNKS", "TRUNK_USER", "WEB_HOST", "WHATSAPP",
    "WHATSAPP_API", "WITNESSES",
)}  # fmt: skip
SECRETS = {  # each with the processes that use it
    "AMPARO_TRUNK_SECRET": {"switchboard"},
    "AMPARO_EMAIL_PASSWORD": {"worker"},
    "AMPARO_SMS_PASSWORD": {"worker"},
    "AMPARO_SMS_SECRET": {"web", "worker"},  # it signs what comes, and what goes
    "AMPARO_WHATSAPP_TOKEN": {"worker"},
    "AMPARO_WHATSAPP_SECRET": {"web"},
    "AMPARO_WHATSAPP_VERIFY": {"web"},
}
SEALED = Path("/etc/credstore.encrypted")  # systemd-creds(1): secrets that units alone are given
DATABASE = "DATABASE_URL"  # without the owner's password: each process has a role of its own
ENV_START, ENV_END = 50 - 3, 51 - 3  # proc_pid_stat(5), counted from the field after the program's name


def kept_for_programs(environment: Mapping[str, str]) -> dict[str, str]:
    """What a program that is not ours may keep, such as PostgreSQL: none of our settings."""
    return {name: it for name, it in environment.items() if name in SYSTEM or name.startswith(SYSTEM_PREFIXES)}


def kept_for_process(process: str, environment: Mapping[str, str]) -> dict[str, str]:
    """What the process of this name may keep."""
    kept = kept_for_programs(environment)
    kept |= {name: it for name, it in environment.items() if name in OPEN or process in SECRETS.get(name, ())}
    if address := environment.get(DATABASE):
        kept[DATABASE] = without_password(address)
    return kept


def is_withheld(setting: str) -> bool:
    """True if this process does not get this secret, so that its absence is no mistake of the administrator's."""
    is_sealed = (SEALED / setting).exists()  # a command gets none of these, nor does a process that does not use it
    return is_sealed or os.environ.get("AMPARO_PROCESS", "") in {*PROCESSES} - SECRETS[setting]


def limit_environment(process: str) -> None:
    """Keep only what this process may have. What it may not is also overwritten where the kernel shows it: a forked
    process would show the environment of its parent.
    """
    kept = kept_for_process(process, os.environ)
    for name in os.environ.keys() - kept.keys():
        del os.environ[name]
    os.environ.update(kept)
    _wipe_first_environment({f"{name}={value}".encode() for name, value in kept.items()})


def without_password(address: str) -> str:
    """The address of a database without the password in it."""
    parts = urlsplit(address)
    user, at, host = parts.netloc.rpartition("@")
    query = urlencode([each for each in parse_qsl(parts.query) if each[0] != "password"], safe="/")
    return parts._replace(netloc=user.partition(":")[0] + at + host, query=query).geturl()


def _wipe_first_environment(kept: set[bytes]) -> None:
    """Overwrite what is not kept in the memory where this program, or the one it was forked from, was given its
    environment.
    """
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[ENV_START]), int(fields[ENV_END])
    for entry in ctypes.string_at(start, end - start).split(b"\0"):
        if entry not in kept:
            ctypes.memset(start, 0, len(entry))
        start += len(entry) + 1
