"""Two other ways to bring rows to phones, with the same rows over HTTP: express-pouchdb and rxdb-server.

The bench installs them itself, into the data folder of the benchmarks. They are never a part of Callout: rxdb-server
has a licence (SSPL) under which nothing may be shipped with it, so it is only ever measured.

Both keep their rows in memory, check no credential and know no scope: each gives what it has to whoever asks. The same
client asks them as asks Callout: for everything in one request, and in the pages in which their own clients ask.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.http import Link
from ops.folders import data_folder, locked
from ops.node import Node, find

SCRIPTS = Path(__file__).with_name("peers")
PACKAGES = {
    "cors": "2.8.5",
    "express": "4.21.2",
    "express-pouchdb": "4.2.0",
    "pouchdb": "9.0.0",
    "pouchdb-adapter-memory": "9.0.0",
    "rxdb": "15.39.0",
    "rxdb-server": "15.22.0",
    "rxjs": "7.8.2",
}
PAGE = 100  # rows that the clients of both ask for unless they are told otherwise
Row = dict[str, Any]


class Peer(ABC):
    """A server that holds rows {"id", "collection", "row"}, and a client's place in it."""

    name: str
    script: str
    batch: int  # rows that it takes in one request

    def __init__(self, port: int) -> None:
        self.link = Link(port)

    @abstractmethod
    def store(self, rows: Sequence[Row]) -> None:
        """Writes rows that are not there yet, or that were stored with other content."""

    @abstractmethod
    def begin(self) -> None:
        """Forgets the place: what comes next is a first sync."""

    @abstractmethod
    def page(self, limit: int) -> int:
        """The next rows from the client's place on; how many came."""

    def first(self, limit: int) -> int:
        """A first sync in pages of `limit` rows; how many came."""
        self.begin()
        rows = came = self.page(limit)
        while came == limit:
            came = self.page(limit)
            rows += came
        return rows


class Pouch(Peer):
    """express-pouchdb. A client asks for changes with their documents."""

    name = f"express-pouchdb {PACKAGES['express-pouchdb']}"
    script = "couch_server.mjs"
    batch = 1_000

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.revisions: dict[str, str] = {}
        self.since: Any = 0

    def store(self, rows: Sequence[Row]) -> None:
        for start in range(0, len(rows), self.batch):
            docs = [self._document(row) for row in rows[start : start + self.batch]]
            for told in self.link.json("POST", "/rows/_bulk_docs", {"docs": docs}):
                self.revisions[told["id"]] = told["rev"]

    def _document(self, row: Row) -> Row:
        known = {"_rev": self.revisions[row["id"]]} if row["id"] in self.revisions else {}
        return {"_id": row["id"], "collection": row["collection"], "row": row["row"], **known}

    def begin(self) -> None:
        self.since = 0

    def page(self, limit: int) -> int:
        asked = urlencode({"since": self.since, "include_docs": "true", "limit": limit})
        told = self.link.json("GET", f"/rows/_changes?{asked}")
        self.since = told["last_seq"]
        return sum("doc" in change for change in told["results"])


class Rx(Peer):
    """rxdb-server. A client asks for the documents behind its checkpoint."""

    name = f"rxdb-server {PACKAGES['rxdb-server']}"
    script = "rxdb_server.mjs"
    batch = 40

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.stored: dict[str, Row] = {}
        self.checkpoint: dict[str, Any] = {"id": "", "lwt": 0}

    def store(self, rows: Sequence[Row]) -> None:
        for start in range(0, len(rows), self.batch):
            documents = [{**row, "_deleted": False} for row in rows[start : start + self.batch]]
            clashes = self.link.json("POST", "/rows/0/push", [self._change(document) for document in documents])
            if clashes:
                raise RuntimeError(f"not stored: {clashes[0]}")
            self.stored |= {document["id"]: document for document in documents}

    def _change(self, document: Row) -> Row:
        known = {"assumedMasterState": self.stored[document["id"]]} if document["id"] in self.stored else {}
        return {"newDocumentState": document, **known}

    def begin(self) -> None:
        self.checkpoint = {"id": "", "lwt": 0}

    def page(self, limit: int) -> int:
        told = self.link.json("GET", f"/rows/0/pull?{urlencode({**self.checkpoint, 'limit': limit})}")
        self.checkpoint = told["checkpoint"] or self.checkpoint
        return len(told["documents"])


PEERS: tuple[type[Peer], ...] = (Pouch, Rx)


@contextmanager
def running(kind: type[Peer]) -> Iterator[Peer]:
    """A peer's server, empty."""
    node = find()
    command = [str(node.node), str(_installed(node) / kind.script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=node.environment()) as process:
        assert process.stdout is not None
        try:
            yield kind(int(process.stdout.readline()))
        finally:
            process.kill()


def _installed(node: Node) -> Path:
    """The folder with the packages and beside them the servers' scripts."""
    data = data_folder(None) / "bench"
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    home = data / "peers" / hashlib.sha256(" ".join(wanted).encode()).hexdigest()[:12]
    with locked(data, "peers"):
        if not (home / "installed").exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(parents=True)
            (home / "package.json").write_text('{"private": true}')
            options = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-progress")
            subprocess.run(node.command("install", *options, *wanted), cwd=home, env=node.environment(), check=True)
            (home / "installed").touch()
        for script in SCRIPTS.glob("*.mjs"):
            shutil.copy(script, home)
    return home
