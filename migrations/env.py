"""Runs migrations as the owner, one process at a time, with a short lock time-out so that nobody waits behind us."""

from __future__ import annotations

from alembic import context
from alembic.migration import MigrationContext
from sqlalchemy import Connection, NullPool, create_engine, text

from app.factory import load_rooms
from app.kernel.config import config
from app.kernel.db import Base
from migrations import all_models
from sync import triggers

LOCK = 0x0CA110  # any number that only Callout's migrations use
assert all_models


def migrate(connection: Connection) -> None:
    """All pending versions on one connection, each in its own transaction, under an advisory lock.

    At head, the touch triggers are made equal to what the rooms declare as synced: they follow the code, not a version.
    """
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.commit()
    try:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            compare_server_default=False,
            include_object=all_models.ours,
        )
        with context.begin_transaction():
            context.run_migrations()
        if at_head(connection):
            load_rooms()
            triggers.install(connection)
        connection.commit()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
        connection.commit()


def at_head(connection: Connection) -> bool:
    """Whether the last version has been reached; the target may be an earlier one."""
    return MigrationContext.configure(connection).get_current_revision() == context.script.get_current_head()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    url = context.config.get_main_option("sqlalchemy.url") or config().database_owner_url
    with create_engine(url, poolclass=NullPool).connect() as opened:
        migrate(opened)
