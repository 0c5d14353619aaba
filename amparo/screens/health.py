"""Health check for the administrator's monitoring and for `amparo run`."""

import math
import time
from dataclasses import dataclass
from ipaddress import ip_address

from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, JsonResponse
from django.http.request import split_domain_port
from django.utils import timezone

from amparo.foundation.audit.rules import sealer_status
from amparo.foundation.core import jobs
from amparo.line.switchboard import control

from .administration import machine, ports, rules, version
from .administration.part import AMBER, GREEN, RED

STATES = {GREEN: "ok", AMBER: "look", RED: "failed"}
REPEATED = 5  # seconds for which strangers get the same answer


@dataclass
class LatestAnswer:
    """What strangers were last answered, in this process."""

    at: float = -math.inf  # time.monotonic()
    is_well: bool = False


_latest = LatestAnswer()


def failing_parts() -> list[str]:
    """Return the names of the parts that do not work, or seal too late, of those that the line cannot do without."""
    found = rules.vital_parts(timezone.now())
    return [part.name for part in found if part.light == RED or (part.key == "ledger" and part.light != GREEN)]


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if the line answers, else 503. Requests from this machine or to the staff name also get each part.

    What does not take the line off is named, too: a late ledger, a trunk that refuses us, an old backup, a full disk,
    a clock that nothing sets. Each is "ok", "look" or "failed", as on the page *Installation*. A stranger learns
    whether the line answers, and nothing else.
    """
    if not _may_know(request):
        return _answer({}, is_well=_lately_well())
    parts = _vital_parts()
    is_well = _is_well(parts)
    return _answer(parts | {"ledger": _state_of_ledger(), **_other_parts()}, is_well=is_well)


def _may_know(request: HttpRequest) -> bool:
    """Whether the request comes from this machine, by no web server, or under the staff name."""
    here = settings.ENVIRONMENT
    name = split_domain_port(request.get_host())[0].rstrip(".")
    if here.staff_host is not None and name == here.staff_host:
        return True
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False  # for a stranger, by a web server of this machine that AMPARO_PROXIES may not name
    address = ip_address(request.META["REMOTE_ADDR"])
    return address.is_loopback or str(address) in here.web_hosts


def _lately_well() -> bool:
    """Whether the line answers, or did `REPEATED` seconds ago: many strangers ask the database no more than one."""
    now = time.monotonic()
    if now - _latest.at > REPEATED:
        _latest.at, _latest.is_well = now, _is_well(_vital_parts())
    return _latest.is_well


def _vital_parts() -> dict[str, str]:
    return {
        "database": _state_of(_database_answers),
        "switchboard": _state_of(control.is_answering),
        "worker": _state_of(jobs.is_worker_alive),
    }


def _is_well(parts: dict[str, str]) -> bool:
    return all(state == "ok" for state in parts.values())


def _answer(parts: dict[str, str], *, is_well: bool) -> JsonResponse:
    return JsonResponse({"status": "ok" if is_well else "degraded", **parts}, status=200 if is_well else 503)


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
