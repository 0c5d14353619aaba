"""Health check for the administrator's monitoring and for `amparo run`."""

from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.audit.rules import sealer_status
from amparo.foundation.core import jobs
from amparo.line.switchboard import control

from .administration import machine, rules
from .administration.part import AMBER, GREEN, RED

STATES = {GREEN: "ok", AMBER: "look", RED: "failed"}


def failing_parts() -> list[str]:
    """Return the names of the parts that do not work as they should, by the checks of /healthz. Empty: all is well."""
    checks = {
        _("Switchboard"): _state_of(control.is_answering),
        _("Nightly and background work"): _state_of(jobs.is_worker_alive),
    }
    return [name for name, state in (checks | {_("Audit log"): _state_of_ledger()}).items() if state != "ok"]


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if the line answers, else 503, without any detail.

    What does not take the line off is named, too: a late ledger, a trunk that refuses us, an old backup, a full disk,
    a clock that nothing sets. Each is "ok", "look" or "failed", as on the page *Installation*.
    """
    parts = {
        "database": _state_of(_database_answers),
        "switchboard": _state_of(control.is_answering),
        "worker": _state_of(jobs.is_worker_alive),
    }
    well = all(state == "ok" for state in parts.values())
    status = "ok" if well else "degraded"
    parts |= {"ledger": _state_of_ledger(), **_other_parts()}
    return JsonResponse({"status": status, **parts}, status=200 if well else 503)


def _other_parts() -> dict[str, str]:
    now, home = timezone.now(), settings.ENVIRONMENT.home
    parts = [*rules.line(), rules.backup(now), machine.disk(home), machine.memory(), machine.clock()]
    return {part.key: STATES[part.light] for part in parts if part.key != "switchboard"}


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return True


def _state_of_ledger() -> str:
    """Return "ok", or what is wrong: how many seconds the sealer is behind, which witnesses it cannot reach."""
    try:
        return str(sealer_status())
    except OperationalError:
        return "missing"


def _state_of(check: object) -> str:
    try:
        return "ok" if check() else "missing"  # type: ignore[operator]
    except OperationalError:
        return "missing"
