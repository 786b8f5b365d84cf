"""What the app was started with, for every page of this server process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from workbench import paths
from workbench.errors import RequestError

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_NO_PATHS = ("sample:", "hub:")


@dataclass(frozen=True)
class AppSettings:
    """home: where runs live. data_root: the folder that paths stay in, None for any path on
    loopback and for no path at all elsewhere. token: what "stop all" asks for."""

    home: Path
    host: str = "127.0.0.1"
    data_root: Path | None = None
    token: str = ""

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the app."""
        return self.host in _LOOPBACK

    def check_source(self, source: str) -> None:
        """Raise RequestError for a path that people on this app may not read.

        A browser on another machine must not reach any file of this one: there, paths lie below
        ``--data-root`` or are uploads.
        """
        if not source.startswith(_NO_PATHS):
            self.check_path(source)

    def check_path(self, name: str) -> None:
        """As ``check_source``, for the name of one file, whatever it begins with."""
        if not self._limited:
            return
        try:
            path = Path(name).expanduser().resolve()
            inside = any(path.is_relative_to(root) for root in self._roots)
        except (OSError, RuntimeError, ValueError):
            # A loop of links, an unknown user's home, or a sign that no name may hold.
            inside = False
        if not inside:
            where = f"below {self.data_root}" if self.data_root else "as an upload"
            raise RequestError(
                "this app does not read paths outside its data folder.",
                field="Path",
                remedy=f"Give data {where}, or start the app with --data-root DIR.",
            )

    def check_folder(self, source: str) -> None:
        """As ``check_source``, for a folder of files that are read whole: none of them may be a
        link that leads outside."""
        self.check_source(source)
        root = None if source.startswith(_NO_PATHS) else self.within(source)
        folder = Path(source).expanduser()
        if root is not None and folder.is_dir():
            for path in folder.iterdir():
                if not path.resolve().is_relative_to(root):
                    raise RequestError(
                        f"'{path.name}' is a link that leads outside the data folder.",
                        field="Path",
                        remedy="Put the file itself there.",
                    )

    def within(self, source: str) -> Path | None:
        """The folder below which all files must lie that ``source`` leads to, by the names in a
        table or by links: an upload's own folder, else the data root. None: no limit.

        A data set of the hub may name files in the hub's own cache besides.
        """
        if source.startswith("sample:") or not self._limited:
            return None
        path = Path(source).expanduser().resolve()
        uploads = self._roots[0]
        if path.is_relative_to(uploads) and path != uploads:
            return uploads / path.relative_to(uploads).parts[0]
        return self._roots[-1]

    @property
    def _limited(self) -> bool:
        return self.data_root is not None or not self.loopback

    @property
    def _roots(self) -> list[Path]:
        """Uploads, and the data root if there is one."""
        roots = [paths.uploads_dir(self.home)]
        if self.data_root is not None:
            roots.append(self.data_root.expanduser())
        return [root.resolve() for root in roots]


_current: AppSettings | None = None


def current() -> AppSettings:
    """The settings of this process; without ``workbench app``, from the environment."""
    global _current
    if _current is None:
        root = os.environ.get("WORKBENCH_DATA_ROOT")
        _current = AppSettings(paths.default_home(), data_root=Path(root) if root else None)
    return _current


def use(chosen: AppSettings | None) -> None:
    """Make ``chosen`` the settings of this process (None: from the environment)."""
    global _current
    _current = chosen
