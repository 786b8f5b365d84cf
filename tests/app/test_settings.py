"""What an app may read: anything on loopback, else only its data folder and uploads."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench import paths
from workbench.app.settings import AppSettings
from workbench.errors import RequestError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    (folder / "flowers").mkdir(parents=True)
    return folder


def app(tmp_path: Path, host: str = "0.0.0.0", data_root: Path | None = None) -> AppSettings:
    return AppSettings(tmp_path / "home", host, data_root)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_on_loopback_everything_may_be_read(tmp_path: Path, host: str) -> None:
    own = app(tmp_path, host)
    for source in ("/etc/passwd", "sample:digits", "hub:owner/name"):
        own.check_source(source)
        assert own.within(source) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_a_data_root_is_the_limit_on_every_host(tmp_path: Path, root: Path, host: str) -> None:
    own = app(tmp_path, host, root)
    inside = str(root / "flowers")
    own.check_source(inside)
    assert own.within(inside) == root.resolve()
    (root / "link").symlink_to(tmp_path)
    for source in (str(tmp_path), f"{root}/../x", f"{root}er", str(root / "link"), "/etc"):
        with pytest.raises(RequestError, match="outside its data folder"):
            own.check_source(source)


@pytest.mark.parametrize("begin", ["", "sample:", "hub:"])
def test_a_file_is_below_the_root_whatever_its_name_begins_with(
    tmp_path: Path, root: Path, begin: str
) -> None:
    own = app(tmp_path, data_root=root)
    own.check_path(str(root / "flowers" / "words.txt"))
    for name in (f"{begin}/etc/passwd", f"{begin}{root}/../x", f"{begin}~nobody-here/x", "a\0b"):
        with pytest.raises(RequestError, match="outside its data folder"):
            own.check_path(name)
    app(tmp_path, "127.0.0.1").check_path(f"{begin}/etc/passwd")


def test_behind_a_proxy_only_uploads_are_read_on_loopback(tmp_path: Path) -> None:
    own = AppSettings(tmp_path / "home", proxied=True)
    own.check_source("sample:digits")
    with pytest.raises(RequestError, match="outside its data folder"):
        own.check_source("/etc/passwd")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_the_home_of_an_unknown_user_is_no_foreign_error(tmp_path: Path, host: str) -> None:
    own = app(tmp_path, host)
    if own.shared:
        with pytest.raises(RequestError):
            own.check_folder("~nobody-of-this-name/x")
    else:
        own.check_folder("~nobody-of-this-name/x")


def test_off_loopback_without_a_root_only_uploads_are_read(tmp_path: Path, root: Path) -> None:
    own = app(tmp_path)
    upload = paths.uploads_dir(own.home) / "0123" / "photos" / "a.csv"
    own.check_source(str(upload))
    with pytest.raises(RequestError, match="as an upload"):
        own.check_source(str(root))


def test_an_upload_reaches_its_own_folder_only(tmp_path: Path, root: Path) -> None:
    for own in (app(tmp_path), app(tmp_path, data_root=root), app(tmp_path, data_root=tmp_path)):
        upload = paths.uploads_dir(own.home) / "0123"
        assert own.within(str(upload)) == upload.resolve()
        assert own.within(str(upload / "table.csv")) == upload.resolve()


def test_samples_are_ours_and_the_hub_reaches_no_file_of_this_machine(
    tmp_path: Path, root: Path
) -> None:
    for own, limit in (
        (app(tmp_path), paths.uploads_dir(tmp_path / "home")),
        (app(tmp_path, data_root=root), root),
    ):
        assert own.within("sample:digits") is None
        assert own.within("hub:owner/name") == limit.resolve()


def test_a_folder_read_whole_holds_no_link_that_leads_outside(tmp_path: Path, root: Path) -> None:
    own = app(tmp_path, data_root=root)
    own.check_folder("hub:owner/name")
    own.check_folder(str(root / "flowers"))
    (tmp_path / "secret.safetensors").write_bytes(b"")
    (root / "flowers" / "model.safetensors").symlink_to(tmp_path / "secret.safetensors")
    with pytest.raises(RequestError, match="leads outside"):
        own.check_folder(str(root / "flowers"))
    with pytest.raises(RequestError, match="outside its data folder"):
        own.check_folder(str(tmp_path))
    app(tmp_path, "127.0.0.1").check_folder(str(root / "flowers"))
