"""An outside database: roles are made where that is allowed, and nobody runs above row-level security."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from ops.errors import OpsError
from ops.outside import APP, DRAIN, OWNER
from ops.stack import Stack


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[Stack]:
    """Somebody else's server, whose owner may make roles."""
    stack = Stack(data, fast=True).start()
    assert stack.postgres is not None
    stack.postgres.sql("ALTER ROLE callout_owner CREATEROLE; ALTER ROLE callout_drain PASSWORD 'lost'")
    yield stack
    stack.stop()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, server: Stack) -> pytest.MonkeyPatch:
    monkeypatch.setenv("CALLOUT_REDIS_URL", "redis://cache.example/3")
    return monkeypatch


def who(url: str) -> str:
    engine = create_engine(url)
    with engine.connect() as connection:
        name = str(connection.scalar(text("SELECT current_user")))
    engine.dispose()
    return name


def test_a_role_that_makes_roles_is_the_owner_and_the_application_gets_its_own(
    environment: pytest.MonkeyPatch, server: Stack, tmp_path: Path
) -> None:
    environment.setenv(APP, server.owner_url.replace("+psycopg2", ""))
    used = Stack(tmp_path).start()
    assert used.postgres is None
    assert [who(url) for url in (used.app_url, used.owner_url, used.drain_url)] == [
        "callout_app",
        "callout_owner",
        "callout_drain",
    ]
    assert make_url(used.app_url).password != make_url(used.owner_url).password
    assert Stack(tmp_path).start().environment() == used.environment(), "the next start makes nothing new"
    for name, value in used.environment().items():
        environment.setenv(name, value)
    assert Stack(tmp_path).start().environment() == used.environment(), "nor does a child process"


def test_an_application_above_row_level_security_is_refused(
    environment: pytest.MonkeyPatch, server: Stack, tmp_path: Path
) -> None:
    for name in (APP, OWNER, DRAIN):
        environment.setenv(name, server.owner_url)
    with pytest.raises(OpsError, match="above row-level security"):
        Stack(tmp_path).start()


def test_an_ordinary_role_alone_is_not_enough(environment: pytest.MonkeyPatch, server: Stack, tmp_path: Path) -> None:
    assert server.postgres is not None
    server.postgres.sql("ALTER ROLE callout_app PASSWORD 'known'")
    environment.setenv(APP, make_url(server.app_url).set(password="known").render_as_string(False))
    with pytest.raises(OpsError, match=f"{OWNER} and {DRAIN} are not set"):
        Stack(tmp_path).start()


def test_a_server_that_does_not_answer_is_said_plainly(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv(APP, "postgresql://callout_app@127.0.0.1:1/callout")
    with pytest.raises(OpsError, match=r"does not answer(.|\n)*Check CALLOUT_DATABASE_URL"):
        Stack(tmp_path).start()
