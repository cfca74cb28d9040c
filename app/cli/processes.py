"""The background processes that `./callout up` keeps running; each may run on other machines too."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path

import click
import structlog
from redis import Redis
from redis.exceptions import RedisError

from app.cli.servers import data_option, servers

RELAY_EVERY_S = 5.0
PAUSE_WITHOUT_SERVER_S = 2.0

log = structlog.get_logger()


@click.command()
@data_option
def worker(data: Path | None) -> None:
    """Run background tasks until told to stop; the task at hand is finished first."""
    from rq import SimpleWorker  # a fork for each task costs three times as much as most tasks do

    from app.factory import load_rooms
    from app.kernel import logs, tasks

    with servers(data):
        logs.configure()
        load_rooms()  # registers the tasks of every room
        for begin in tasks.beginnings:
            threading.Thread(target=begin, daemon=True).start()
        connection = tasks.redis_connection()
        SimpleWorker([tasks.queue(connection)], connection=connection).work(logging_level="WARNING")


@click.command()
@data_option
def relay(data: Path | None) -> None:
    """Hand due tasks to the workers' queue: at once when the database says so, and every few seconds."""
    from app.kernel import logs, tasks
    from app.kernel.listening import AWAY

    with servers(data):
        logs.configure()
        connection = tasks.redis_connection()
        while True:
            try:
                _relay_until_disconnected(connection)
            except (*AWAY, RedisError, OSError) as gone:
                log.warning("relay waits for a server", reason=str(gone).splitlines()[0])
                time.sleep(PAUSE_WITHOUT_SERVER_S)


def _relay_until_disconnected(redis: Redis) -> None:
    from app.kernel import housekeeping, tasks, ticks
    from app.kernel.behind import TASK_CHANNEL
    from app.kernel.config import config
    from app.kernel.listening import listening

    with listening(config().database_url, TASK_CHANNEL) as wait:
        housekeeping.forget()
        minute, heard = "", list[str]()
        while True:
            if (now := ticks.slot_now()) != minute:
                ticks.start_minute()
                minute = now
            tasks.relay(redis, heard)
            housekeeping.seal_audit()
            heard = wait(RELAY_EVERY_S)


@click.command()
@data_option
def drain(data: Path | None) -> None:
    """Stamp changed rows into the synchronisation feed until told to stop, the transaction at hand finished."""
    from app.factory import load_rooms
    from app.kernel import logs
    from sync import drainer

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with servers(data):
        logs.configure()
        load_rooms()  # declares the synced collections
        drainer.run(stop)
