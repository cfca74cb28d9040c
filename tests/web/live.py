"""The machine room behind the live tests of `web/`: what only somebody at the server can do, asked for over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests import database
from tests.browser.house import House


class MachineRoom:
    """Backup and restore as `./callout backup` and `restore` do them, by copies of the database; a drainer."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.copy = f"{house.name}_backup"

    def backup(self) -> None:
        """Copy the database. Nobody may be connected while PostgreSQL copies it."""
        self.house.stop()
        database.drop(self.house.owner, self.copy)
        database.run(self.house.owner, f"CREATE DATABASE {self.copy} TEMPLATE {self.house.name}")
        self.house.serve()

    def restore(self) -> None:
        """Put the copy in the database's place; the feed begins a new generation."""
        self.house.stop()
        database.drop(self.house.owner, self.house.name)
        database.run(self.house.owner, f"CREATE DATABASE {self.house.name} TEMPLATE {self.copy}")
        database.run(database.on(self.house.owner, self.house.name), "SELECT sync_new_generation()")
        self.house.serve()

    def drain(self) -> None:
        """Start the drainer, which sends pokes."""
        self.house.staff("drain")

    @contextmanager
    def door(self) -> Iterator[str]:
        """Serves `POST /backup`, `/restore` and `/drain`. Yields the address."""
        actions = {"/backup": self.backup, "/restore": self.restore, "/drain": self.drain}

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                actions[self.path]()
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            database.drop(self.house.owner, self.copy)
