"""Notices are heard once, and whoever listens learns that the database went."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import NullPool, create_engine, text

from app.kernel.listening import AWAY, listening

OURS_ENDED = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND query = 'LISTEN one_channel'
"""


def said(statement: str) -> None:
    url = os.environ["CALLOUT_DATABASE_URL"]
    with create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(statement))


def test_a_notice_is_heard_once() -> None:
    with listening(os.environ["CALLOUT_DATABASE_URL"], "one_channel") as wait:
        said("NOTIFY one_channel, 'first'")
        assert wait(30) == ["first"]
        assert wait(0) == []
        said("NOTIFY another_channel, 'theirs'")
        assert wait(0) == []


def listen_until_away() -> None:
    with listening(os.environ["CALLOUT_DATABASE_URL"], "one_channel") as wait:
        said(OURS_ENDED)
        for _ in range(30):
            wait(1)


def test_a_database_that_goes_while_somebody_waits_is_told_as_away() -> None:
    with pytest.raises(AWAY):
        listen_until_away()
    with listening(os.environ["CALLOUT_DATABASE_URL"], "one_channel") as wait:
        assert wait(0) == []
