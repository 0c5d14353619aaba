"""The machine around Amparo: its disk, memory and clock, and the certificates of its names."""

import ctypes
import shutil
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.foundation.core.environment import UNCERTIFIED, Environment

from .part import AMBER, GREEN, RED, Part

FULL, NEARLY_FULL = 95, 80  # per cent of the disk
LITTLE_MEMORY = 10  # per cent that is free
SOON = timedelta(days=21)  # certbot renews thirty days before the end, and tries each day
TIMEOUT = 1.0  # seconds
UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)


def disk(home: Path) -> Part:
    usage = shutil.disk_usage(home)
    used = round(100 * (usage.total - usage.free) / usage.total)
    light = RED if used >= FULL else AMBER if used >= NEARLY_FULL else GREEN
    free = {"free": filesizeformat(usage.free), "total": filesizeformat(usage.total)}
    words = _("%(free)s of %(total)s are free, where AMPARO_HOME is.") % free
    remedy = "" if light == GREEN else _("Move old backups to another machine, or give it a larger disk.")
    return Part("disk", _("Disk"), light, (_("%(used)s %% is used.") % {"used": used}, words), remedy)


def memory(file: Path = Path("/proc/meminfo")) -> Part:
    """`file` has the layout of proc_meminfo(5)."""
    kilobytes = {name: int(rest.split()[0]) for name, rest in (row.split(":") for row in file.read_text().splitlines())}
    free, total = kilobytes["MemAvailable"], kilobytes["MemTotal"]
    light = AMBER if 100 * free < LITTLE_MEMORY * total else GREEN
    sizes = {"free": filesizeformat(1024 * free), "total": filesizeformat(1024 * total)}
    remedy = _("See what else runs on this machine, or give it more memory.") if light == AMBER else ""
    return Part("memory", _("Memory"), light, (_("%(free)s of %(total)s are free.") % sizes,), remedy)


def clock() -> Part:
    """Whether the kernel's clock follows a time server, as the kernel knows it."""
    if _state_of_clock() == UNSYNCHRONISED:
        words = _("No time server sets this machine's clock: hours and deadlines may be wrong.")
        return Part("clock", _("Clock"), AMBER, (words,), _("Install chrony, or switch on systemd-timesyncd."))
    return Part("clock", _("Clock"), GREEN, (_("A time server sets it."),))


def _state_of_clock() -> int:
    read_only = ctypes.create_string_buffer(512)  # a struct timex with modes = 0; it has 208 bytes
    return int(ctypes.CDLL(None).adjtimex(read_only))


def certificates(environment: Environment, now: datetime) -> Iterator[Part]:
    """Yield the certificate of each name of the pages, and that of calls by TLS. None without names and TLS."""
    names = [environment.public_host, environment.staff_host]
    for host in dict.fromkeys(name for name in names if name and not UNCERTIFIED.fullmatch(name)):
        name = _("Certificate of %(host)s") % {"host": host}
        ends_at, trouble = _served_certificate(
            host, 443, now.replace(minute=now.minute // 10 * 10, second=0, microsecond=0)
        )
        if ends_at is not None:
            yield _lasting(name, ends_at, now, host)
        elif isinstance(trouble, ssl.SSLCertVerificationError):
            words = _("Browsers refuse it: callers and staff cannot come in.")
            remedy = _("Renew it: type `certbot renew`, and read what it says.")
            yield Part("certificate", name, RED, (words,), remedy, host)
        else:
            words = _("It cannot be read: nothing answers there by https.")
            remedy = _("See whether the name leads to this machine, and whether the web server runs.")
            yield Part("certificate", name, AMBER, (words,), remedy, host)
    if environment.sip_tls is not None:
        name = _("Certificate of telephone calls")
        try:
            ends_at = x509.load_pem_x509_certificate(environment.sip_tls[0].read_bytes()).not_valid_after_utc
        except (OSError, ValueError):
            yield Part("certificate", name, AMBER, (_("It cannot be read."),), _("Look at AMPARO_SIP_CERTIFICATE."))
        else:
            yield _lasting(name, ends_at, now)


@lru_cache(maxsize=4)
def _served_certificate(host: str, port: int, asked_at: datetime) -> tuple[datetime | None, OSError | None]:
    """Return when the served certificate ends, or why it cannot be told. It is asked for once for each `asked_at`."""
    try:
        with (
            socket.create_connection((host, port), TIMEOUT) as connection,
            ssl.create_default_context().wrap_socket(connection, server_hostname=host) as secured,
        ):
            seen = secured.getpeercert() or {}
    except OSError as trouble:  # an SSLError is one
        return None, trouble
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(seen["notAfter"])), UTC), None


def _lasting(name: str, ends_at: datetime, now: datetime, host: str = "") -> Part:
    left = ends_at - now
    remedy = _("Renew it: type `certbot renew`, and read what it says.")
    if left <= timedelta(0):
        words = _("It ended on %(date)s.") % {"date": date_format(ends_at, "SHORT_DATE_FORMAT")}
        return Part("certificate", name, RED, (words,), remedy, host)
    words = ngettext("It lasts %(days)s day more.", "It lasts %(days)s days more.", left.days) % {"days": left.days}
    return (
        Part("certificate", name, AMBER, (words,), remedy, host)
        if left < SOON
        else Part("certificate", name, GREEN, (words,), of=host)
    )
