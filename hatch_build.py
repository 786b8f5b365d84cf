"""Maps the top-level folders that the app reads into the wheel.

An editable install reads them where they lie: copies made at install time would go stale.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = {"pages": "workbench/_pages", "sample_data": "workbench/_sample_data"}


class Hook(BuildHookInterface):  # type: ignore[type-arg]
    """Called by hatchling for every wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"].update(FOLDERS)
