"""Migrations on a database in use: a working day's rows of an early version arrive at today's schema, all of them.

`full_0009.sql.xz` holds the rows (`pg_dump --data-only --disable-triggers`) that the walkthrough left on version 0009.
"""

from __future__ import annotations

import lzma
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
from sqlalchemy import Connection, NullPool, create_engine, text

from ops.backup import backup, restore
from ops.postgres import Postgres
from tests.database import migrate
from tests.migrations.comparing import differences

ROWS = Path(__file__).with_name("full_0009.sql.xz")


@pytest.fixture(autouse=True)
def rollback() -> None:
    """A server of its own, because only a superuser loads rows past the triggers."""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A server whose database holds the rows of 0009, migrated to head."""
    folder = Path(mkdtemp(prefix="callout-test-"))
    folder.chmod(0o711)
    (folder / "data").mkdir(mode=0o711)
    postgres = Postgres(folder / "data", fast=True)
    try:
        postgres.start()
        owner = postgres.url("callout_owner")
        migrate(owner, "0009")
        postgres.sql(rows_of_0009(), "callout")
        migrate(owner)
        yield postgres
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def full(postgres: Postgres) -> Iterator[Connection]:
    """The owner's connection to it."""
    with create_engine(postgres.url("callout_owner"), poolclass=NullPool).connect() as connection:
        yield connection


def rows_of_0009() -> str:
    return lzma.decompress(ROWS.read_bytes()).decode()


def dumped() -> dict[str, int]:
    """Rows by table, as the file has them."""
    found = re.findall(r"^COPY public\.(\w+) .*?;\n(.*?)^\\\.$", rows_of_0009(), re.M | re.S)
    return {table: rows.count("\n") for table, rows in found}


def test_it_equals_the_models(full: Connection) -> None:
    assert differences(full) == []


def missing(connection: Connection) -> dict[str, int]:
    """Tables that hold fewer rows than the file, and how many the file has."""
    rows = {table: count for table, count in dumped().items() if count}
    assert len(rows) > 40
    left = {table: connection.scalar(text(f'SELECT count(*) FROM "{table}"')) for table in rows}
    return {table: count for table, count in rows.items() if left[table] < count}


def test_every_row_is_still_there(full: Connection) -> None:
    assert missing(full) == {}


def test_constraints_hold_for_the_old_rows(full: Connection) -> None:
    """None was left unproved (`NOT VALID`)."""
    loose = full.scalars(text("SELECT conrelid::regclass || '.' || conname FROM pg_constraint WHERE NOT convalidated"))
    assert loose.all() == []


def test_a_change_raises_the_revision_and_none_does_not(full: Connection) -> None:
    """Also beside a generated column, on rows of before the triggers were made anew."""
    revision = "SELECT rev FROM jobs WHERE id = :id"
    job = {"id": full.scalar(text("SELECT id FROM jobs LIMIT 1"))}
    before = full.scalar(text(revision), job)
    full.execute(text("UPDATE jobs SET summary = summary WHERE id = :id"), job)
    assert full.scalar(text(revision), job) == before
    full.execute(text("UPDATE jobs SET summary = summary || '!' WHERE id = :id"), job)
    assert full.scalar(text(revision), job) == before + 1
    full.rollback()


def test_a_backup_of_it_comes_back(postgres: Postgres) -> None:
    owner, file = postgres.url("callout_owner"), postgres.data / "day.callout"
    backup(file, owner, postgres.data)
    with create_engine(owner, poolclass=NullPool).begin() as connection:
        connection.execute(text("TRUNCATE organisations CASCADE"))
        assert missing(connection) != {}
    restore(file, owner, postgres.data)
    with create_engine(owner, poolclass=NullPool).connect() as connection:
        assert missing(connection) == {}
        assert differences(connection) == []
