"""The archive under a folder that changes while it is read."""

import tarfile
from pathlib import Path
from typing import Any

import pytest

from ops.archive import pack, unpack
from ops.errors import OpsError


def test_a_file_that_vanished_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"kept")
    target, out = tmp_path / "a.tar", tmp_path / "out"
    pack(target, [("gone", tmp_path / "gone"), ("kept", tmp_path / "kept")])
    unpack(target, out, lambda name: True)
    assert (out / "kept").read_bytes() == b"kept"
    assert not (out / "gone").exists()


def test_a_file_that_shrinks_is_left_out_and_the_rest_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("before", "shrinks", "after"):
        (tmp_path / name).write_bytes(name.encode() * 1000)
    looked = tarfile.TarFile.gettarinfo

    def larger(tar: tarfile.TarFile, name: Any = None, arcname: Any = None, fileobj: Any = None) -> tarfile.TarInfo:
        member = looked(tar, name, arcname, fileobj)
        member.size += 20_000 * (member.name == "shrinks")
        return member

    monkeypatch.setattr(tarfile.TarFile, "gettarinfo", larger)
    pack(tmp_path / "a.tar", [(name, tmp_path / name) for name in ("before", "shrinks", "after")])
    unpack(tmp_path / "a.tar", tmp_path / "out", lambda name: True)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["after", "before", "manifest.json"]
    assert (tmp_path / "out" / "after").read_bytes() == b"after" * 1000


def test_a_manifest_of_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("ops.archive.FORMAT", 99)
        pack(tmp_path / "a.tar", [])
    with pytest.raises(OpsError, match="another version"):
        unpack(tmp_path / "a.tar", tmp_path / "out", lambda name: True)
