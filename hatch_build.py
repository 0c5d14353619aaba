"""Packaging: compile the catalogues and compress the static files, which are not committed, and take both along."""

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class MadeFiles(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sys.path.insert(0, self.root)
        from amparo.catalogues import compile_stale
        from amparo.static_files import compress_stale

        compile_stale()
        compress_stale()
        build_data["artifacts"] += ["/amparo/locale/**/*.mo", "/amparo/**/static/**/*.br", "/amparo/**/static/**/*.gz"]
