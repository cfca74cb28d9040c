"""Commands around the servers, and the context in which every other command finds them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import ProgrammingError

from ops import doctor as checks
from ops.folders import CHECKOUT
from ops.stack import Stack

data_option = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="The data folder (default: .callout)."
)


@contextmanager
def servers(data: Path | None = None) -> Iterator[Stack]:
    """PostgreSQL and Redis for the time of a command; the environment names them. Nobody else uses them: they stop.

    Inside `./callout up` (or with `CALLOUT_DATABASE_URL` and `CALLOUT_REDIS_URL` set) the given servers are used.
    """
    stack = Stack(data).start()
    os.environ.update(stack.environment())
    try:
        yield stack
    finally:
        stack.stop()


def at_head(owner_url: str) -> bool:
    """True when the database has the newest schema; far quicker to ask than to run the migrations for nothing."""
    head = (CHECKOUT / "migrations" / "HEAD").read_text().strip()
    engine = create_engine(owner_url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return bool(connection.scalar(text("SELECT version_num FROM alembic_version")) == head)
    except ProgrammingError:
        return False  # the table is not there: an empty database


def upgrade() -> None:
    """Migrate the database of this environment to the newest schema, as its owner."""
    from alembic import command
    from alembic.config import Config

    options = Config()
    options.set_main_option("script_location", str(CHECKOUT / "migrations"))
    command.upgrade(options, "head")


@click.command()
@data_option
def migrate(data: Path | None) -> None:
    """Bring the database to the newest schema; nothing happens when it is there already."""
    with servers(data):
        upgrade()
        click.echo("The database is at the newest schema.")


@click.command()
def doctor() -> None:
    """Say what is missing on this machine and how to get it."""
    raise SystemExit(checks.main())
