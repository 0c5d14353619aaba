"""Is everything there? For the administrator's monitor, and for `amparo run` itself."""

from django.db import OperationalError, connection
from django.http import HttpRequest, JsonResponse

from amparo.foundation.audit.rules import sealer_status
from amparo.foundation.core import jobs
from amparo.line.switchboard import control


def healthz(request: HttpRequest) -> JsonResponse:
    """200 when all parts are well, else 503; never who or what. A late ledger takes nobody off the line."""
    parts = {"database": _ok(_database), "switchboard": _ok(control.is_answering), "worker": _ok(jobs.is_working)}
    well = all(state == "ok" for state in parts.values())
    status = "ok" if well else "degraded"
    return JsonResponse({"status": status, **parts, "ledger": _ledger()}, status=200 if well else 503)


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return True


def _ledger() -> str:
    """How many seconds behind its sealer is, or which witness it cannot reach."""
    try:
        return str(sealer_status())
    except OperationalError:
        return "missing"


def _ok(question: object) -> str:
    try:
        return "ok" if question() else "missing"  # type: ignore[operator]
    except OperationalError:
        return "missing"
