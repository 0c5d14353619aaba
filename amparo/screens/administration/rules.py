"""The checks of this hotline: the state of each part, as a light, a sentence, and what to do about it.

The page *Installation*, the home of administrators, `amparo doctor` and /healthz show the same list.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError, connection
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate.contrib.django.models import ProcrastinateJob

from amparo.foundation.access.models import HOTLINE, FirstRun, Role, Step, User
from amparo.foundation.audit.rules import sealer_status
from amparo.foundation.backup import last_run
from amparo.foundation.core import jobs
from amparo.foundation.core.refusal import Refused, Unreachable
from amparo.line.channels.models import ChannelState
from amparo.line.channels.rules import written_channels
from amparo.line.contacts.picklists import Channel
from amparo.line.switchboard.picklists import Trunk
from amparo.line.switchboard.rules import Status, status

from . import machine, ports, version
from .part import AMBER, GREEN, RED, Part

__all__ = ["AMBER", "GREEN", "RED", "Part", "backup", "line", "parts", "restore", "vital_parts"]

SILENT = timedelta(minutes=10)  # a provider is asked each minute
OLD = timedelta(days=2)  # a backup is made each night
TRIED = timedelta(days=366)  # a restore is tried each year


def parts(now: datetime) -> list[Part]:
    """Return the state of every part. Without a database, the parts that only it knows are left out."""
    environment, database = settings.ENVIRONMENT, _database()
    more_checks = [lambda: _channels(now)] if database.light == GREEN else []  # without a database it knows too little
    return [
        database,
        *(first_run_part(now) if database.light == GREEN else ()),
        *vital_parts(now),
        *_while_the_database_answers(*more_checks),
        backup(now),
        restore(now),
        *machine.certificates(environment, now),
        ports.open_ports(environment),
        machine.disk(environment.home),
        machine.memory(),
        machine.clock(),
        version.part(),
    ]


def first_run_part(now: datetime) -> Iterator[Part]:
    """Yield the part of the first run, as long as it is not finished and no administrator has entered otherwise."""
    run = FirstRun.objects.first()
    administrators = User.objects.filter(agency=HOTLINE, role=Role.ADMINISTRATOR, is_active=True)
    if run is None:
        if administrators.exists():
            return
        words, remedy = _("Nobody can sign in yet."), _("The command “amparo staff first-link NAME” prints a link.")
    elif run.finished_at or administrators.exclude(pk=run.user_id).filter(last_login__isnull=False).exists():
        return
    elif run.is_begun:
        step = {"n": run.step, "step": Step(run.step).label}
        words = _("Step %(n)s of 4 was not taken yet: %(step)s.") % step
        remedy = _("Sign in as its person, and go on. If that fails, “amparo staff first-link” prints a new link.")
    elif run.expires_at > now:
        words = _("Nobody has opened the link of the first administrator, which is good until %(at)s.")
        words %= {"at": _date_and_time(run.expires_at)}
        remedy = _("Open it. If it is lost, “amparo staff first-link” prints a new one.")
    else:
        words = _("The link of the first administrator is too old.")
        remedy = _("“amparo staff first-link” prints a new one.")
    yield Part("first_run", _("First run"), AMBER, (words,), remedy)


def vital_parts(now: datetime) -> list[Part]:
    """Return the parts without which calls, or what was asked of us, would be lost; the database is asked itself."""
    return [*line(), *_while_the_database_answers(lambda: _worker(now), _ledger)]


def _while_the_database_answers(*checks: Callable[[], Part]) -> Iterator[Part]:
    with suppress(OperationalError):
        for check in checks:
            yield check()


def _database() -> Part:
    try:
        version, size = _version_and_size()
    except OperationalError:
        remedy = _("Look at its log, at the disk, and at DATABASE_URL.")
        return Part("database", _("Database"), RED, (_("It does not answer: no page opens."),), remedy)
    kind = _("a server of its own") if settings.ENVIRONMENT.database_url else _("the embedded one")
    kept_in = _("PostgreSQL %(version)s, %(kind)s.") % {"version": version, "kind": kind}
    return Part("database", _("Database"), GREEN, (kept_in, _("It holds %(size)s.") % {"size": filesizeformat(size)}))


def _version_and_size() -> tuple[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('server_version'), pg_database_size(current_database())")
        version, size = cursor.fetchone()
    return version, size


def line() -> Iterator[Part]:
    """Yield the state of the switchboard and of the trunk, as the switchboard reports it."""
    try:
        switchboard = status()
    except (Refused, Unreachable) as reason:
        remedy = _("Amparo starts it again by itself. If it stays away, look at the log.")
        yield Part("switchboard", _("Switchboard"), RED, (str(reason),), remedy)
        yield Part("trunk", _("Trunk"), RED, (_("Only the switchboard knows how it is."),))
        return
    yield Part("switchboard", _("Switchboard"), GREEN, _calls(switchboard))
    yield _trunk(switchboard.trunk)


def _calls(switchboard: Status) -> tuple[str, ...]:
    calls = ngettext("%(n)s call now.", "%(n)s calls now.", switchboard.calls) % {"n": switchboard.calls}
    ports = {"taken": switchboard.ports_taken, "all": switchboard.ports}
    words = (calls, _("%(taken)s of %(all)s ports for sound are taken.") % ports)
    if switchboard.version in ("", version.running_version()):
        return words
    still = _("Amparo %(version)s still answers: it starts anew at the first moment without a call.")
    return (*words, still % {"version": switchboard.version})


def _trunk(trunk: Trunk) -> Part:
    own = settings.ENVIRONMENT.trunk  # None, in a command: that of the demonstration, which `amparo run` chose
    address = ":".join(map(str, own)) if own else _("the invented network")

    def part(light: str, words: str, remedy: str = "") -> Part:
        return Part("trunk", _("Trunk"), light, (words % {"address": address},), remedy)

    if trunk is Trunk.NONE:
        return part(
            AMBER, _("None is set: nobody can be called back."), _("Set AMPARO_TRUNK to your carrier's address.")
        )
    if trunk is Trunk.REFUSED:
        words = _("We are not registered at %(address)s: calls may not arrive.")
        return part(RED, words, _("Look at AMPARO_TRUNK_USER and its secret. If they are right, ring your carrier."))
    if trunk is Trunk.REGISTERED:
        return part(GREEN, _("We are registered at %(address)s."))
    return part(GREEN, _("Calls leave by %(address)s, which asks for no registration."))


def _worker(now: datetime) -> Part:
    key, name = "worker", _("Nightly and background work")
    if not jobs.is_worker_alive():
        words = _("The worker gives no sign of life: nothing is deleted, sent or reminded.")
        remedy = _("Amparo starts it again by itself. If it stays away, look at the log.")
        return Part(key, name, RED, (words,), remedy)
    failed = ProcrastinateJob.objects.filter(
        status="failed", procrastinateevent__type="failed", procrastinateevent__at__gt=now - timedelta(days=7)
    ).distinct().count()  # fmt: skip
    if failed:
        words = ngettext("%(n)s job failed in seven days.", "%(n)s jobs failed in seven days.", failed) % {"n": failed}
        return Part(key, name, AMBER, (words,), _("The log says why."))
    return Part(key, name, GREEN, (_("The worker works, and no job failed in seven days."),))


def _ledger() -> Part:
    sealer = sealer_status()
    if sealer.is_well:
        return Part("ledger", _("Audit log"), GREEN, (_("Sealed in time, and every witness is there."),))
    words = _("Sealing is late, or a witness is away: %(what)s.") % {"what": sealer}
    return Part(
        "ledger", _("Audit log"), AMBER, (words,), _("See whether each folder of AMPARO_WITNESSES can be written.")
    )


def backup(now: datetime) -> Part:
    """Return when the last backup was made, its size, and when this hotline was restored from one."""
    last = last_run.read_last_run(settings.ENVIRONMENT.home)
    made, checked, restored = (last.moment(name) for name in ("made_at", "checked_at", "restored_at"))
    words, remedy = [_("None was made by this Amparo.")], _("The command “amparo backup” makes one.")
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
    if made and now - made <= OLD:
        return Part("backup", _("Backup"), GREEN, tuple(words))
    if made:
        remedy = _("One should be made each night: see why it was not.")
    return Part("backup", _("Backup"), AMBER, tuple(words), remedy)


def restore(now: datetime) -> Part:
    """Return when somebody last opened a backup with the identity of the safe."""
    last = last_run.read_last_run(settings.ENVIRONMENT.home)
    moments = [at for name in ("tried_at", "restored_at") if (at := last.moment(name))]
    remedy = _("Take the identity out of the safe, and type “amparo backup” with --identity and its file.")
    if not moments:
        words = _("Nobody has tried yet whether the identity of the safe opens a backup.")
        return Part("restore", _("Tried restore"), AMBER, (words,), remedy)
    words = _("The identity of the safe opened a backup on %(at)s.") % {"at": _date_and_time(max(moments))}
    if now - max(moments) > TRIED:
        return Part("restore", _("Tried restore"), AMBER, (words, _("Try it each year.")), remedy)
    return Part("restore", _("Tried restore"), GREEN, (words,))


def _date_and_time(moment: datetime) -> str:
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT")


def _channels(now: datetime) -> Part:
    names = {channel.name: str(Channel(channel.name).label) for channel in written_channels()}
    if not names:
        return Part(
            "channels", _("In writing"), GREEN, (_("Only the chat of the public page; no other channel is set up."),)
        )
    words = [_("The chat of the public page, and %(names)s.") % {"names": ", ".join(names.values())}]
    for state in ChannelState.objects.filter(pk__in=names).order_by("pk"):
        if state.answered_at and now - state.answered_at > SILENT:
            silent = _("%(name)s: the provider has not answered since %(at)s.")
            words.append(silent % {"name": names[state.pk], "at": _date_and_time(state.answered_at)})
        if state.aside:
            words.append(_aside(state) % {"name": names[state.pk], "n": state.aside})
    return Part("channels", _("In writing"), AMBER if words[1:] else GREEN, tuple(words))


def _aside(state: ChannelState) -> str:
    """Return the sentence about the messages of a channel that wait aside."""
    if state.pk == Channel.EMAIL:
        return ngettext(
            "%(name)s: %(n)s message cannot be read, and waits in the folder Unreadable of the mailbox.",
            "%(name)s: %(n)s messages cannot be read, and wait in the folder Unreadable of the mailbox.",
            state.aside,
        )
    return ngettext(
        "%(name)s: %(n)s message cannot be stored, and waits here. It is tried again each minute.",
        "%(name)s: %(n)s messages cannot be stored, and wait here. They are tried again each minute.",
        state.aside,
    )
