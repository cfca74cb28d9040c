"""Backup and restore: what was there comes back, and a damaged file changes nothing."""

import os
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from ops.backup import backup, restore
from ops.errors import OpsError
from ops.stack import Stack

SCHEMA = """
CREATE TABLE IF NOT EXISTS sites (id int PRIMARY KEY, name citext, place geography(Point, 4326));
CREATE TABLE IF NOT EXISTS generations (n int);
CREATE OR REPLACE FUNCTION sync_new_generation() RETURNS void LANGUAGE sql AS 'INSERT INTO generations VALUES (1)';
GRANT SELECT ON sites TO callout_app;
ALTER TABLE sites ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON sites FOR SELECT TO callout_app USING (id = 1);
TRUNCATE generations;
INSERT INTO sites VALUES (1, '北京站', 'POINT(116.42 39.9)'), (2, 'Hidden', NULL);
"""


@pytest.fixture(scope="module")
def stack(data: Path) -> Iterator[Stack]:
    stack = Stack(data, fast=True).start()
    yield stack
    stack.stop()


@pytest.fixture
def filled(stack: Stack) -> Stack:
    run(stack.owner_url, "DROP TABLE IF EXISTS sites, generations CASCADE;" + SCHEMA)
    blobs = stack.data / "media" / "ab"
    blobs.mkdir(parents=True, exist_ok=True)
    (blobs / "photo").write_bytes(b"\xff\xd8 picture")
    return stack


def run(url: str, statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(statements)
    engine.dispose()


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def test_a_restore_brings_rows_rights_and_media_back(filled: Stack, tmp_path: Path) -> None:
    file = tmp_path / "day.callout"
    assert backup(file, filled.owner_url, filled.data) == file.stat().st_size
    assert file.stat().st_mode & 0o077 == 0
    run(filled.owner_url, "DELETE FROM sites; CREATE TABLE IF NOT EXISTS later (n int)")
    (filled.data / "media" / "ab" / "photo").write_bytes(b"other")
    (filled.data / "media" / "later").write_bytes(b"later")

    restore(file, filled.owner_url, filled.data)

    places = "SELECT id, name, ST_AsText(place) FROM sites ORDER BY id"
    assert rows(filled.owner_url, places) == [(1, "北京站", "POINT(116.42 39.9)"), (2, "Hidden", None)]
    assert rows(filled.app_url, "SELECT id FROM sites") == [(1,)], "row-level security and rights came back too"
    assert rows(filled.owner_url, "SELECT to_regclass('later')") == [(None,)]
    assert (filled.data / "media" / "ab" / "photo").read_bytes() == b"\xff\xd8 picture"
    assert not (filled.data / "media" / "later").exists()
    assert list(filled.data.glob("restore-*")) == []


def test_keys_come_back_but_not_the_passwords_of_another_cluster(filled: Stack, tmp_path: Path) -> None:
    file, key = tmp_path / "day.callout", filled.data / "secrets" / "app"
    key.write_text("the key of that day")
    backup(file, filled.owner_url, filled.data)
    with tarfile.open(file) as tar:
        assert {name for name in tar.getnames() if name.startswith("secrets/")} == {"secrets/app"}
    key.write_text("another")
    restore(file, filled.owner_url, filled.data)
    assert key.read_text() == "the key of that day"
    assert key.stat().st_mode & 0o777 == 0o600


def test_phones_notice_a_restore_by_a_new_generation(filled: Stack, tmp_path: Path) -> None:
    file = tmp_path / "day.callout"
    backup(file, filled.owner_url, filled.data)
    assert rows(filled.owner_url, "SELECT count(*) FROM generations") == [(0,)]
    restore(file, filled.owner_url, filled.data)
    assert rows(filled.owner_url, "SELECT count(*) FROM generations") == [(1,)]


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def damaged_dump(content: bytes) -> bytes:
    at = content.index(b"PGDMP") + 2000
    return content[:at] + os.urandom(3000) + content[at + 3000 :]


def damaged_media(content: bytes) -> bytes:
    return content.replace(b"\xff\xd8 picture", b"\xff\xd8 pictore")


@pytest.mark.parametrize(
    "spoil", [truncated, damaged_media, damaged_dump, lambda content: b"no tar at all" * 100, lambda content: b""]
)
def test_a_damaged_file_changes_nothing(filled: Stack, tmp_path: Path, spoil) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "day.callout"
    backup(file, filled.owner_url, filled.data)
    file.write_bytes(spoil(file.read_bytes()))
    run(filled.owner_url, "UPDATE sites SET name = 'Newer' WHERE id = 1")
    with pytest.raises(OpsError):
        restore(file, filled.owner_url, filled.data)
    assert rows(filled.owner_url, "SELECT name FROM sites WHERE id = 1") == [("Newer",)]
    assert (filled.data / "media" / "ab" / "photo").read_bytes() == b"\xff\xd8 picture"
    assert rows(filled.owner_url, "SELECT datname FROM pg_database WHERE datname LIKE 'callout_%'") == []


@pytest.mark.parametrize(
    "name", ["media/../../escaped", "/tmp/escaped", "secrets/callout_app", "secrets/a/b", "../escaped"]
)
def test_a_file_that_reaches_elsewhere_is_refused(filled: Stack, tmp_path: Path, name: str) -> None:
    file = tmp_path / "hostile.callout"
    with tarfile.open(file, "w") as tar:
        member = tarfile.TarInfo(name)
        member.size = 1
        tar.addfile(member, BytesIO(b"x"))
    with pytest.raises(OpsError, match="no backup of Callout"):
        restore(file, filled.owner_url, filled.data)


def test_a_link_in_a_backup_is_refused(filled: Stack, tmp_path: Path) -> None:
    file = tmp_path / "hostile.callout"
    with tarfile.open(file, "w") as tar:
        member = tarfile.TarInfo("media/link")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member)
    with pytest.raises(OpsError, match="no backup of Callout"):
        restore(file, filled.owner_url, filled.data)


def test_a_failed_backup_leaves_no_file(filled: Stack, tmp_path: Path) -> None:
    with pytest.raises(OpsError, match="pg_dump failed"):
        backup(tmp_path / "day.callout", filled.owner_url.replace("/callout?", "/nowhere?"), filled.data)
    assert list(tmp_path.iterdir()) == []
