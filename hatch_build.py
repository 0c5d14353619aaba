"""Packaging: compile the catalogues, which are not committed, and take them into the wheel."""

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledCatalogues(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sys.path.insert(0, self.root)
        from amparo.catalogues import compile_stale

        compile_stale()
        build_data["artifacts"].append("/amparo/locale/**/*.mo")
