"""A tar file that proves to be whole: its last member holds the SHA-256 of all the others."""

import hashlib
import json
import os
import tarfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

from ops.errors import OpsError

MANIFEST = "manifest.json"
FORMAT = 1


class _Hashing:
    """Reads or writes through `file` and hashes what passes."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self.file.read(size)
        self.sha256.update(chunk)
        return chunk


def pack(target: Path, files: Iterable[tuple[str, Path]]) -> None:
    """Write `files` (name in the archive, path) to `target`, readable by its owner only, and flush it to the disk.

    A file that vanishes or shrinks meanwhile is left out: uploads come and go while a backup runs.
    """
    digests: dict[str, str] = {}
    with open(os.open(target, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as output:
        with tarfile.open(fileobj=output, mode="w") as tar:
            for name, path in files:
                before = output.tell()
                try:
                    digests[name] = _add(tar, name, path)
                except FileNotFoundError:
                    continue
                except OSError as shrunk:
                    if output.tell() == before or "unexpected end of data" not in str(shrunk):
                        raise
                    output.truncate(before)
                    output.seek(before)
                    tar.offset = before
            about = {"callout_backup": FORMAT, "made_at": datetime.now(UTC).isoformat(), "sha256": digests}
            content = json.dumps(about, ensure_ascii=False).encode()
            member = tarfile.TarInfo(MANIFEST)
            member.size, member.mode = len(content), 0o600
            tar.addfile(member, BytesIO(content))
        output.flush()
        os.fsync(output.fileno())


def unpack(file: Path, folder: Path, known: Callable[[str], bool]) -> None:
    """Unpack `file` into `folder` and check that all of it is there, as it was written.

    Args:
        known: Says which names an archive may hold; a backup is data, whoever made it.

    Raises:
        OpsError: It is no archive of ours, is damaged, or holds something else.
    """
    digests: dict[str, str] = {}
    try:
        with tarfile.open(file, "r:") as tar:
            for member in tar:
                path = PurePosixPath(member.name)
                harmless = member.isreg() and not path.is_absolute() and ".." not in path.parts
                if not harmless or not (member.name == MANIFEST or known(member.name)):
                    raise OpsError(f"{file} holds {member.name!r}, which no backup of Callout does.")
                digests[member.name] = _extract(tar, member, folder / path)
        about = json.loads((folder / MANIFEST).read_text())
        if about["callout_backup"] != FORMAT:
            raise OpsError(f"{file} was made by another version of Callout.", "Restore it with that version.")
        whole = {name: digest for name, digest in digests.items() if name != MANIFEST} == about["sha256"]
    except (tarfile.TarError, ValueError, KeyError, TypeError, OSError) as damaged:
        raise OpsError(f"{file} is not a whole backup of Callout: {damaged}") from damaged
    if not whole:
        raise OpsError(f"{file} is damaged: its content is not what was backed up.")


def _add(tar: tarfile.TarFile, name: str, path: Path) -> str:
    with open(path, "rb") as file:
        member = tar.gettarinfo(name, name, file)
        hashing = _Hashing(file)
        tar.addfile(member, hashing)
    return hashing.sha256.hexdigest()


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(member)
    assert source
    hashing = _Hashing(source)
    with source, open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, member.mode & 0o700), "wb") as target:
        while chunk := hashing.read(1 << 20):
            target.write(chunk)
    os.utime(path, (member.mtime, member.mtime))
    return hashing.sha256.hexdigest()
