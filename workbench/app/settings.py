"""The settings that the app was started with. All pages of this server process share them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from workbench import paths
from workbench.app.hosts import is_loopback
from workbench.errors import RequestError

# The port that the app listens on unless another is given.
PORT = 8501
_NO_PATHS = ("sample:", "hub:")


@dataclass(frozen=True)
class AppSettings:
    """home: where runs lie. data_root: the folder that paths must lie in; without one, any path may
    be read, or none if the app is shared. token: for admins. room: the code that visitors from
    other machines enter; empty for none. proxied: a proxy may pass on requests of others."""

    home: Path
    host: str = "127.0.0.1"
    data_root: Path | None = None
    token: str = ""
    room: str = ""
    proxied: bool = False

    @property
    def shared(self) -> bool:
        """Whether others than the person at this machine may reach the app."""
        return self.proxied or not is_loopback(self.host)

    @property
    def where_files_go(self) -> str:
        """Where the files that a visitor gives are kept, in one sentence."""
        if self.shared:
            return "Files that you upload go to the computer that runs this app, and no further."
        return "Files that you upload are copied to the app's folder and stay on this computer."

    def check_source(self, source: str) -> None:
        """Raise RequestError for a path that users of this app may not read.

        A browser on another machine must not read arbitrary files of this one, so its paths must
        lie below ``--data-root`` or be uploads.
        """
        if not source.startswith(_NO_PATHS):
            self.check_path(source)

    def check_path(self, name: str) -> None:
        """As ``check_source``, for the name of a file; ``sample:`` and ``hub:`` have no meaning."""
        if not self._limited:
            return
        try:
            path = Path(name).expanduser().resolve()
            inside = any(path.is_relative_to(root) for root in self._roots)
        except (OSError, RuntimeError, ValueError):
            # A loop of links, the home of an unknown user, or a character that no name may have.
            inside = False
        if not inside:
            where = f"below {self.data_root}" if self.data_root else "as an upload"
            raise RequestError(
                "this app does not read paths outside its data folder.",
                field="Path",
                remedy=f"Give data {where}, or start the app with --data-root DIR.",
            )

    def check_folder(self, source: str) -> None:
        """As ``check_source``, for a folder: no file in it may be a link that leads outside."""
        self.check_source(source)
        root = None if source.startswith(_NO_PATHS) else self.within(source)
        if root is not None and (folder := Path(source).expanduser()).is_dir():
            for path in folder.iterdir():
                if not path.resolve().is_relative_to(root):
                    raise RequestError(
                        f"'{path.name}' is a link that leads outside the data folder.",
                        field="Path",
                        remedy="Put the file itself there.",
                    )

    def within(self, source: str) -> Path | None:
        """The folder in which all files must lie that ``source`` leads to by names or links: an
        upload's own folder, else the data root. None for no limit.

        A data set of the hub may also name files in the hub's cache.
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
        return self.data_root is not None or self.shared

    @property
    def _roots(self) -> list[Path]:
        """The folder of uploads, and the data root if there is one."""
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
