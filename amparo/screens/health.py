"""Health check for the administrator's monitoring and for `amparo run`."""

from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from amparo.foundation.audit.rules import sealer_status
from amparo.foundation.core import jobs
from amparo.line.switchboard import control

from .administration import machine, ports, rules, version
from .administration.part import AMBER, GREEN, RED

STATES = {GREEN: "ok", AMBER: "look", RED: "failed"}


def failing_parts() -> list[str]:
    """Return the names of the parts that do not work, or seal too late, of those that the line cannot do without."""
    found = rules.vital_parts(timezone.now())
    return [part.name for part in found if part.light == RED or (part.key == "ledger" and part.light != GREEN)]


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
    now, here = timezone.now(), settings.ENVIRONMENT
    parts = [
        *rules.line(), rules.backup(now), rules.restore(now), ports.open_ports(here),
        machine.disk(here.home), machine.memory(), machine.clock(), version.part(),
    ]  # fmt: skip
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
