"""Phones with clients that others wrote, in a Node process that takes orders."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.kernel.ids import new_id
from tests import factories
from tests.clients.installed import command, compiled

Row = dict[str, Any]
Tables = dict[str, dict[str, str]]

WORDS = "string"
# What an app of somebody else's declares: not all that there is.
TABLES: Tables = {
    "visits": dict.fromkeys(("job_id", "engineer_id", "status", "status_reason", "instructions", "leaving_at"), WORDS)
    | {"rev": "number", "pinned": "boolean"},
    "sites": dict.fromkeys(("account_id", "name", "access_notes", "location"), WORDS) | {"rev": "number"},
    "checklist_items": dict.fromkeys(("visit_id", "key", "kind"), WORDS) | {"rev": "number"},
    "checklist_answers": dict.fromkeys(("visit_id", "item_id", "value", "comment"), WORDS) | {"rev": "number"},
    "notes": dict.fromkeys(("job_id", "visit_id", "body"), WORDS) | {"rev": "number"},
    "conflicts": dict.fromkeys(("collection", "row_id", "kind", "status"), WORDS) | {"rev": "number"},
}
# Where RxDB's documents have a getter of that name.
RXDB_TABLES: Tables = {
    **TABLES,
    "conflicts": {name.replace("collection", "in_collection"): kind for name, kind in TABLES["conflicts"].items()},
}


class House:
    """The Node process in which phones live."""

    def __init__(self) -> None:
        said = command(Path(__file__).with_name("phone.mjs"))
        self.process = subprocess.Popen(said, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def order(self, order: str, **how: Any) -> Any:
        """The answer to an order. Fails with the client's own error."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"order": order, **how}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the house of phones is gone"
        told = json.loads(line)
        assert "error" not in told, told["error"]
        return told["answer"]

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Phone:
    """A phone of somebody, with `adapter` (sqlite, loki: WatermelonDB; rxdb) on a device of its own."""

    house: House
    port: int
    adapter: str
    folder: Path
    of: factories.Client
    tables: Tables = field(default_factory=lambda: TABLES)
    name: str = field(default_factory=lambda: f"p{new_id().hex}")

    def __post_init__(self) -> None:
        if self.adapter == "sqlite":
            compiled("better-sqlite3")
        if self.adapter == "rxdb" and self.tables is TABLES:
            self.tables = RXDB_TABLES
        self.token = factories.token(self.of.user, factories.device(self.of.user))
        self._open()

    def _open(self, **more: Any) -> None:
        where = {"url": f"http://127.0.0.1:{self.port}/api/v1/sync", "token": self.token, "adapter": self.adapter}
        # LokiJS and RxDB keep their storage in the process and take the name of the file for the database's.
        file = str(self.folder / f"{self.name}.sqlite") if self.adapter == "sqlite" else self.name
        self.house.order("open", phone=self.name, file=file, tables=self.tables, **where, **more)

    def updated(self, version: int, tables: Tables, columns: Tables) -> None:
        """The app is updated: new tables, and new columns of old ones; what was stored stays."""
        old = {name: {**table, **columns.get(name, {})} for name, table in self.tables.items()}
        self.tables = {**old, **tables}
        self._open(version=version, migration={"tables": tables, "columns": columns})

    def close(self) -> None:
        """RxDB lives with sixteen collections at most."""
        self.house.order("close", phone=self.name)

    def sync(self, *faults: tuple[str, str]) -> None:
        """Rounds until one came through; each of `faults`, (method, `cut` or `deaf`), is met on the way."""
        told = [{"method": method, "kind": kind} for method, kind in faults]
        assert self.house.order("sync", phone=self.name, faults=told) == len(faults), "a fault was not met"

    def create(self, table: str, **values: Any) -> str:
        row_id = str(new_id())
        self.edit(table, row_id, **values)
        return row_id

    def edit(self, table: str, row_id: Any, **values: Any) -> None:
        self.house.order("write", phone=self.name, table=table, id=str(row_id), values=values)

    def remove(self, table: str, row_id: Any) -> None:
        self.house.order("remove", phone=self.name, table=table, id=str(row_id))

    def rows(self, table: str) -> dict[str, Row]:
        return {row["id"]: row for row in self.house.order("rows", phone=self.name, table=table)}

    def plain(self, tables: Sequence[str] = tuple(TABLES)) -> dict[str, dict[str, Row]]:
        """The rows as both a phone that lived and a fresh one must have them; none of them is dirty."""
        found = {table: self.rows(table) for table in tables}
        assert not [row for rows in found.values() for row in rows.values() if row.get("dirty")]
        return {table: {i: self._known(table, row) for i, row in rows.items()} for table, rows in found.items()}

    def _known(self, table: str, row: Row) -> Row:
        return {name: row.get(name) for name in self.tables[table] if name not in ("status_reason", "leaving_at")}

    def equals_a_fresh_one(self) -> bool:
        """Whether a new device of the same person gets the same."""
        fresh = Phone(self.house, self.port, self.adapter, self.folder, self.of, self.tables)
        try:
            fresh.sync()
            return fresh.plain(tuple(self.tables)) == self.plain(tuple(self.tables))
        finally:
            fresh.close()
