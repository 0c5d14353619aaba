"""Health check for the administrator's monitoring and for `amparo run`."""

from django.db import OperationalError, connection
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from amparo.foundation.audit.rules import sealer_status
from amparo.foundation.core import jobs
from amparo.line.switchboard import control


def failing_parts() -> list[str]:
    """Return the names of the parts that do not work as they should, by the checks of /healthz. Empty: all is well."""
    checks = {
        _("Switchboard"): _state_of(control.is_answering),
        _("Nightly and background work"): _state_of(jobs.is_worker_alive),
    }
    return [name for name, state in (checks | {_("Audit log"): _state_of_ledger()}).items() if state != "ok"]


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if all parts work, else 503, without any detail. A late ledger does not take the hotline down."""
    parts = {
        "database": _state_of(_database_answers),
        "switchboard": _state_of(control.is_answering),
        "worker": _state_of(jobs.is_worker_alive),
    }
    well = all(state == "ok" for state in parts.values())
    status = "ok" if well else "degraded"
    return JsonResponse({"status": status, **parts, "ledger": _state_of_ledger()}, status=200 if well else 503)


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
