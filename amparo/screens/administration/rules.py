"""The state of each part of the hotline, as a light and a sentence."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate.contrib.django.models import ProcrastinateJob

from amparo.foundation.audit.rules import sealer_status
from amparo.foundation.backup import last_run
from amparo.foundation.core import jobs
from amparo.foundation.core.refusal import Refused, Unreachable
from amparo.line.channels.models import ChannelState
from amparo.line.channels.rules import written_channels
from amparo.line.contacts.picklists import Channel
from amparo.line.switchboard.picklists import Trunk
from amparo.line.switchboard.rules import Status, status

FULL, NEARLY_FULL = 95, 80  # per cent of the disk
SILENT = timedelta(minutes=10)  # a provider is asked each minute
OLD = timedelta(days=2)  # a backup is made each night
GREEN, AMBER, RED = "green", "amber", "red"


@dataclass(frozen=True)
class Part:
    name: str
    light: str
    sentences: tuple[str, ...]  # the first one says it briefly

    @property
    def words(self) -> str:
        return " ".join(self.sentences)

    @property
    def verdict(self) -> str:
        return {GREEN: _("well"), AMBER: _("look at it"), RED: _("does not work")}[self.light]


def parts(now: datetime) -> list[Part]:
    return [_database(), *_line(), _worker(now), _ledger(), _backup(now), _disk(), _channels(now)]


def _database() -> Part:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('server_version'), pg_database_size(current_database())")
        version, size = cursor.fetchone()
    kind = _("a server of its own") if settings.ENVIRONMENT.database_url else _("the embedded one")
    kept_in = _("PostgreSQL %(version)s, %(kind)s.") % {"version": version, "kind": kind}
    return Part(_("Database"), GREEN, (kept_in, _("It holds %(size)s.") % {"size": filesizeformat(size)}))


def _line() -> Iterator[Part]:
    """Yield the state of the switchboard and of the trunk, as the switchboard reports it."""
    try:
        switchboard = status()
    except (Refused, Unreachable) as reason:
        yield Part(_("Switchboard"), RED, (str(reason),))
        yield Part(_("Trunk"), RED, (_("Only the switchboard knows how it is."),))
        return
    yield Part(_("Switchboard"), GREEN, _calls(switchboard))
    yield _trunk(switchboard.trunk)


def _calls(switchboard: Status) -> tuple[str, str]:
    calls = ngettext("%(n)s call now.", "%(n)s calls now.", switchboard.calls) % {"n": switchboard.calls}
    ports = {"taken": switchboard.ports_taken, "all": switchboard.ports}
    return calls, _("%(taken)s of %(all)s ports for sound are taken.") % ports


def _trunk(trunk: Trunk) -> Part:
    name, address = _("Trunk"), ":".join(map(str, settings.ENVIRONMENT.trunk or ()))
    if trunk is Trunk.NONE:
        return Part(name, AMBER, (_("None is set: nobody can be called back."), _("The setting is AMPARO_TRUNK.")))
    if trunk is Trunk.REFUSED:
        words = _("We are not registered at %(address)s: calls may not arrive.") % {"address": address}
        return Part(name, RED, (words, _("Look at AMPARO_TRUNK_USER and its secret.")))
    if trunk is Trunk.REGISTERED:
        return Part(name, GREEN, (_("We are registered at %(address)s.") % {"address": address},))
    words = _("Calls leave by %(address)s, which asks for no registration.")
    return Part(name, GREEN, (words % {"address": address},))


def _worker(now: datetime) -> Part:
    name = _("Nightly and background work")
    if not jobs.is_worker_alive():
        return Part(name, RED, (_("The worker gives no sign of life: nothing is deleted, sent or reminded."),))
    failed = ProcrastinateJob.objects.filter(
        status="failed", procrastinateevent__type="failed", procrastinateevent__at__gt=now - timedelta(days=7)
    ).distinct().count()  # fmt: skip
    if failed:
        words = ngettext("%(n)s job failed in seven days: the log says why.",
                         "%(n)s jobs failed in seven days: the log says why.", failed)  # fmt: skip
        return Part(name, AMBER, (words % {"n": failed},))
    return Part(name, GREEN, (_("The worker works, and no job failed in seven days."),))


def _ledger() -> Part:
    sealer = sealer_status()
    if sealer.is_well:
        return Part(_("Audit log"), GREEN, (_("Sealed in time, and every witness is there."),))
    words = _("Sealing is late, or a witness is away: %(what)s.") % {"what": sealer}
    return Part(_("Audit log"), AMBER, (words,))


def _backup(now: datetime) -> Part:
    """Return when the last backup was made, its size, and when this hotline was restored from one."""
    last = last_run.read_last_run(settings.ENVIRONMENT.home)
    made, checked, restored = (last.moment(name) for name in ("made_at", "checked_at", "restored_at"))
    words = [_("None was made by this Amparo."), _("The command “amparo backup” makes one.")]
    if made:
        words = [
            _("Made on %(at)s: %(size)s in two files.")
            % {"at": _date_and_time(made), "size": filesizeformat(last.size)}
        ]
        words.append(
            _("It was restored on %(at)s to check that it opens.") % {"at": _date_and_time(checked)}
            if checked
            else _("It was not restored to check that it opens.")
        )
    if restored:
        moments = {"at": _date_and_time(restored), "as_of": _date_and_time(last.moment("restored_as_of") or restored)}
        words.append(_("This hotline was restored on %(at)s, as it was on %(as_of)s.") % moments)
    return Part(_("Backup"), GREEN if made and now - made <= OLD else AMBER, tuple(words))


def _date_and_time(moment: datetime) -> str:
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT")


def _disk() -> Part:
    usage = shutil.disk_usage(settings.ENVIRONMENT.home)
    used = round(100 * (usage.total - usage.free) / usage.total)
    light = RED if used >= FULL else AMBER if used >= NEARLY_FULL else GREEN
    free = {"free": filesizeformat(usage.free), "total": filesizeformat(usage.total)}
    words = _("%(free)s of %(total)s are free, where AMPARO_HOME is.") % free
    return Part(_("Disk"), light, (_("%(used)s %% is used.") % {"used": used}, words))


def _channels(now: datetime) -> Part:
    names = {channel.name: str(Channel(channel.name).label) for channel in written_channels()}
    if not names:
        return Part(_("In writing"), GREEN, (_("Only the chat of the public page; no other channel is set up."),))
    words = [_("The chat of the public page, and %(names)s.") % {"names": ", ".join(names.values())}]
    for state in ChannelState.objects.filter(pk__in=names).order_by("pk"):
        if state.answered_at and now - state.answered_at > SILENT:
            silent = _("%(name)s: the provider has not answered since %(at)s.")
            words.append(silent % {"name": names[state.pk], "at": _date_and_time(state.answered_at)})
        if state.aside:
            aside = ngettext(
                "%(name)s: %(n)s message cannot be read, and waits in the folder Unreadable of the mailbox.",
                "%(name)s: %(n)s messages cannot be read, and wait in the folder Unreadable of the mailbox.",
                state.aside,
            )
            words.append(aside % {"name": names[state.pk], "n": state.aside})
    return Part(_("In writing"), AMBER if words[1:] else GREEN, tuple(words))
