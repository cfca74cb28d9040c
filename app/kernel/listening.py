"""LISTEN: waiting for what PostgreSQL notifies, by psycopg2 itself: SQLAlchemy knows no notifications."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import InterfaceError, OperationalError

# What whoever needs the database is told while it is away.
AWAY = (OperationalError, InterfaceError)

# Waits up to so many seconds; returns the payloads that came, in their order.
Listen = Callable[[float], list[str]]


@contextmanager
def listening(url: str, channel: str) -> Iterator[Listen]:
    """Listens to `channel` on a connection of its own until the end of the block.

    Raises one of `AWAY` when the database goes, also where psycopg2 tells of it by a name of its own.
    """
    try:
        with create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql(f"LISTEN {channel}")
            raw: Any = connection.connection.driver_connection
            yield lambda seconds: _heard(raw, seconds)
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        raise OperationalError(f"LISTEN {channel}", None, error) from error


def _heard(raw: Any, seconds: float) -> list[str]:
    if select.select([raw], [], [], seconds)[0]:
        raw.poll()
    payloads = [notice.payload for notice in raw.notifies]
    raw.notifies.clear()
    return payloads
