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

from ops.postgres import Postgres
from tests.database import migrate
from tests.migrations.comparing import differences

ROWS = Path(__file__).with_name("full_0009.sql.xz")


@pytest.fixture(autouse=True)
def rollback() -> None:
    """A server of its own, because only a superuser loads rows past the triggers."""


@pytest.fixture(scope="module")
def full() -> Iterator[Connection]:
    """The owner's connection to a database with the rows of 0009, migrated to head."""
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
        with create_engine(owner, poolclass=NullPool).connect() as connection:
            yield connection
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def rows_of_0009() -> str:
    return lzma.decompress(ROWS.read_bytes()).decode()


def dumped() -> dict[str, int]:
    """Rows by table, as the file has them."""
    found = re.findall(r"^COPY public\.(\w+) .*?;\n(.*?)^\\\.$", rows_of_0009(), re.M | re.S)
    return {table: rows.count("\n") for table, rows in found}


def test_it_equals_the_models(full: Connection) -> None:
    assert differences(full) == []


def test_every_row_is_still_there(full: Connection) -> None:
    rows = {table: count for table, count in dumped().items() if count}
    assert len(rows) > 40
    left = {table: full.scalar(text(f'SELECT count(*) FROM "{table}"')) for table in rows}
    assert {table: count for table, count in rows.items() if left[table] < count} == {}


def test_constraints_hold_for_the_old_rows(full: Connection) -> None:
    """None was left unproved (`NOT VALID`)."""
    loose = full.scalars(text("SELECT conrelid::regclass || '.' || conname FROM pg_constraint WHERE NOT convalidated"))
    assert loose.all() == []
