"""The private servers: started by many at once, repaired after kill -9, closed to everybody else."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from redis import Redis as Client
from sqlalchemy import create_engine, text

from ops.folders import CHECKOUT
from ops.postgres import EXTENSIONS
from ops.processes import wait_until, working_in
from ops.stack import Stack

START = "import sys; from ops.stack import Stack; s = Stack(sys.argv[1], fast=True).start(); print(s.app_url)"


@pytest.fixture
def stack(data: Path) -> Iterator[Stack]:
    stack = Stack(data, fast=True).start()
    yield stack
    assert stack.stop()


def ask(url: str, question: str) -> object:
    engine = create_engine(url)
    with engine.connect() as connection:
        answer = connection.execute(text(question)).scalar()
    engine.dispose()
    return answer


def test_each_role_signs_in_as_itself_and_none_is_above_row_level_security(stack: Stack) -> None:
    for url, role in [
        (stack.owner_url, "callout_owner"),
        (stack.app_url, "callout_app"),
        (stack.drain_url, "callout_drain"),
    ]:
        assert ask(url, "SELECT current_user") == role
        assert ask(url, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") is False
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'callout'"
    assert ask(stack.app_url, owner) == "callout_owner"


def test_a_database_made_later_has_the_extensions(stack: Stack) -> None:
    assert stack.postgres is not None
    engine = create_engine(stack.owner_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS made_later"))
        connection.execute(text("CREATE DATABASE made_later"))
    engine.dispose()
    found = ask(stack.postgres.url("callout_owner", "made_later"), "SELECT string_agg(extname, ' ') FROM pg_extension")
    assert set(EXTENSIONS) <= set(str(found).split())


def test_the_owner_drops_a_database_that_others_are_connected_to(stack: Stack) -> None:
    assert stack.postgres is not None
    owner = create_engine(stack.owner_url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("CREATE DATABASE in_use"))
        other = create_engine(stack.postgres.url("callout_app", "in_use"))
        with other.connect():
            connection.execute(text("DROP DATABASE in_use WITH (FORCE)"))
    for engine in (owner, other):
        engine.dispose()


def test_a_wrong_password_and_a_borrowed_superuser_are_refused(stack: Stack) -> None:
    assert stack.postgres is not None
    host = str(stack.postgres.sockets)
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(host=host, user="callout_app", password="guessed", dbname="callout")
    if os.getuid() == 0:
        with pytest.raises(psycopg2.OperationalError, match="Peer authentication failed"):
            psycopg2.connect(host=host, user="postgres", dbname="callout")


def test_sockets_and_secrets_are_private(stack: Stack) -> None:
    assert stack.postgres is not None
    assert stack.redis is not None
    assert stack.postgres.sockets.stat().st_mode & 0o077 == 0
    assert stack.redis.socket.parent.stat().st_mode & 0o077 == 0
    for path in (stack.data / "secrets").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path


def test_processes_that_start_at_once_share_one_server(data: Path) -> None:
    starting = [
        subprocess.Popen([sys.executable, "-c", START, str(data)], stdout=subprocess.PIPE, cwd=CHECKOUT)
        for _ in range(3)
    ]
    urls = {process.communicate()[0].decode().strip() for process in starting}
    assert [process.returncode for process in starting] == [0, 0, 0]
    stack = Stack(data, fast=True)
    assert urls == {stack.app_url}
    assert stack.stop()


def test_a_server_in_use_by_another_process_is_left_running(stack: Stack, data: Path) -> None:
    assert stack.postgres is not None
    other = Stack(data, fast=True).start()
    assert other.stop() is False
    assert stack.postgres.running()


def test_data_survive_when_everything_is_killed(data: Path) -> None:
    stack = Stack(data, fast=True).start()
    assert stack.postgres is not None
    engine = create_engine(stack.owner_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS kept (n int)"))
        connection.execute(text("INSERT INTO kept VALUES (1)"))
    for pid in working_in(stack.postgres.folder, "postgres"):
        os.kill(pid, signal.SIGKILL)
    kill_redis(stack)
    assert stack.postgres.running() is False
    stack.start()
    assert ask(stack.owner_url, "SELECT count(*) FROM kept") == 1
    with Client.from_url(stack.redis_url) as client:
        assert client.ping()
    ask(stack.owner_url, "SELECT 1")
    assert stack.stop()


def test_a_backend_that_outlived_its_killed_server_does_not_block_the_next_start(data: Path) -> None:
    stack = Stack(data, fast=True).start()
    assert stack.postgres is not None
    busy = psycopg2.connect(stack.owner_url.replace("+psycopg2", ""), async_=False)
    backend = busy.info.backend_pid
    os.kill(backend, signal.SIGSTOP)  # a backend that does not notice that its server died
    try:
        os.kill(int((stack.postgres.folder / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        assert wait_until(lambda: stack.postgres is not None and not stack.postgres.running(), 5)
        stack.start()
        assert backend not in working_in(stack.postgres.folder, "postgres")
    finally:
        stack.stop()


def test_a_pid_file_that_names_a_stranger_is_not_believed(data: Path) -> None:
    stack = Stack(data, fast=True).start()
    assert stack.postgres is not None
    assert stack.stop()
    pid_file = stack.postgres.folder / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{stack.postgres.folder}\n")
    assert stack.postgres.running() is False
    stack.start()
    assert ask(stack.app_url, "SELECT 1") == 1
    assert stack.stop()


def test_a_long_path_still_gets_a_socket(data: Path) -> None:
    deep = data / ("a" * 90)
    stack = Stack(deep, fast=True)
    assert stack.postgres is not None
    assert stack.redis is not None
    for folder in (stack.postgres.sockets, stack.redis.socket.parent):
        assert len(str(folder / ".s.PGSQL.5432")) <= 107
        assert folder.stat().st_mode & 0o077 == 0
        folder.rmdir()


def test_outside_servers_are_taken_as_they_are(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLOUT_DATABASE_URL", "postgresql://app@db.example/callout")
    monkeypatch.setenv("CALLOUT_DATABASE_OWNER_URL", "postgres://owner@db.example/callout")
    monkeypatch.setenv("CALLOUT_REDIS_URL", "redis://cache.example/3")
    stack = Stack(data)
    assert (stack.postgres, stack.redis) == (None, None)
    assert stack.app_url == "postgresql+psycopg2://app@db.example/callout"
    assert stack.owner_url == "postgresql+psycopg2://owner@db.example/callout"
    assert stack.redis_url == "redis://cache.example/3"


def kill_redis(stack: Stack) -> None:
    with Client.from_url(stack.redis_url) as client:
        os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)
    assert stack.redis is not None
    assert wait_until(lambda: stack.redis is not None and not stack.redis.running(), 5)
