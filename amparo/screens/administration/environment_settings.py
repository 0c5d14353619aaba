"""The settings that the environment gives to this process, for a page that only shows them. Secrets are never shown."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.core.environment import Environment


@dataclass(frozen=True)
class Setting:
    name: str
    about: str | Promise
    value: str  # blank: it is not set


def all_settings() -> list[Setting]:
    here = settings.ENVIRONMENT
    return [Setting(name, about, read(here)) for name, about, read in SETTINGS]


def _with_commas(values: tuple[object, ...]) -> str:
    return ", ".join(map(str, values))


def _yes_or_no(value: bool) -> str:
    return _("yes") if value else _("no")


def _set_or_blank(value: object) -> str:
    return _("set") if value else ""


def _sip_hosts(here: Environment) -> tuple[str, ...]:
    listed = {place: at for place, at in here.sip_hosts.items() if place.rpartition(":")[0] in here.sip_hosts}
    return tuple(
        place if at else f"{place} ({_('no address')})"
        for place, at in listed.items()
        if at is None or at != here.trunk
    )


SETTINGS: tuple[tuple[str, str | Promise, Callable[[Environment], str]], ...] = (
    ("AMPARO_TRUNK", gettext_lazy("where return calls leave"), lambda it: ":".join(map(str, it.trunk or ()))),
    ("AMPARO_TRUNKS", gettext_lazy("who may bring calls; none: everybody who reaches the port"),
     lambda it: _with_commas(it.trunks)),
    ("AMPARO_SIP_HOSTS", gettext_lazy("hosts whose SIP addresses may be called into a call"),
     lambda it: _with_commas(_sip_hosts(it))),
    ("AMPARO_TRUNK_USER", gettext_lazy("our name at the carrier"), lambda it: it.trunk_user or ""),
    ("AMPARO_TIME_ZONE", gettext_lazy("time zone"), lambda it: it.time_zone),
    ("AMPARO_PUBLIC_HOST", gettext_lazy("name of the public pages"), lambda it: it.public_host or ""),
    ("AMPARO_STAFF_HOST", gettext_lazy("name of the staff pages"), lambda it: it.staff_host or ""),
    ("AMPARO_HOST", gettext_lazy("addresses of telephones and sound"), lambda it: _with_commas(it.hosts)),
    ("AMPARO_WEB_HOST", gettext_lazy("addresses of the pages"), lambda it: _with_commas(it.web_hosts)),
    ("AMPARO_PROXIES", gettext_lazy("web servers before Amparo"), lambda it: _with_commas(it.proxies)),
    ("AMPARO_SIP_CERTIFICATE", gettext_lazy("certificate for telephones"), lambda it: _set_or_blank(it.sip_tls)),
    ("AMPARO_HOME", gettext_lazy("folder of data and keys"), lambda it: str(it.home)),
    ("DATABASE_URL", gettext_lazy("database server; none: the embedded one"),
     lambda it: _set_or_blank(it.database_url)),
    ("AMPARO_KEYS", gettext_lazy("where keys are kept"), lambda it: it.keys),
    ("AMPARO_WITNESSES", gettext_lazy("witnesses of the audit log"), lambda it: _with_commas(it.witnesses)),
    ("AMPARO_BACKUP_RECIPIENTS", gettext_lazy("how many people can open a backup"),
     lambda it: str(len(it.backup_recipients) or "")),
    ("AMPARO_BACKUP_KEYS", gettext_lazy("folder for backups of the keys"), lambda it: str(it.backup_keys or "")),
    ("AMPARO_DEMO", gettext_lazy("demonstration with invented people"), lambda it: _yes_or_no(it.demo)),
)  # fmt: skip
