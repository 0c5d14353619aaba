"""What the web asks about the switchboard itself: whether it is well, how full it is, whether a phone is encrypted."""

from collections.abc import Callable
from importlib import metadata
from typing import Any

from .distribution import Distribution
from .prompts.library import Library
from .telephones import Telephones
from .visitors import Visitors

VERSION = metadata.version("amparo")  # which this process began with


class Condition:
    def __init__(
        self,
        telephones: Telephones,
        library: Library,
        distribution: Distribution,
        visitors: Visitors,
        count_calls: Callable[[], int],
    ) -> None:
        self._telephones, self._library, self._count_calls = telephones, library, count_calls
        self._distribution, self._visitors = distribution, visitors

    # Commands of the web: they return JSON.

    async def ping(self) -> dict[str, Any]:
        in_surge = self._distribution.surge.is_on or self._visitors.is_crowded
        ports = self._telephones.ports.taken_count
        return {"ok": True, "calls": self._count_calls(), "ports": ports, "surge": in_surge}

    async def status(self) -> dict[str, Any]:
        """Return what the administrator's pages show: calls, ports for sound, the trunk, opening prompts, version."""
        ports = self._telephones.ports
        return {
            "calls": self._count_calls(), "ports_taken": ports.taken_count,
            "ports": ports.taken_count + ports.free_count, "trunk": self._telephones.trunk_state,
            "opening": self._library.opening_prompts(), "version": VERSION,
        }  # fmt: skip

    async def desk_phone_encryption(self, username: str) -> dict[str, Any]:
        return self._telephones.desk_phone_encryption(username)
