"""Stock clients in small: they do with answers what WatermelonDB and RxDB do, so that each trap can be told apart."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from app.kernel.ids import new_id
from tests import factories
from tests.work.day import Day

Row = dict[str, Any]

# Python takes these for a UUID, PostgreSQL does not.
ODDLY_SPELLED = [
    "urn:uuid:01a22625-13fc-75cb-9bfd-57aba0c3d938",
    "{{01a22625-13fc-75cb-9bfd-57aba0c3d938",
    "01a22625-13fc-75cb-9bfd-57aba0c3d938-",
    "+1a2262513fc75cb9bfd57aba0c3d938",
    "٣1a22625-13fc-75cb-9bfd-57aba0c3d938",
]


def api(client: factories.Client, method: str, path: str, **more: Any) -> Any:
    """The JSON of an answer that must be 200."""
    response = client.open(f"/api/v1/sync{path}", method=method, **more)
    assert response.status_code == 200, response.get_json()
    return response.get_json()


@dataclass
class Watermelon:
    """Rows with `_status` and `_changed`; pull, merge (dirty columns win), push, mark as synced."""

    of: factories.Client
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    deleted: dict[str, list[str]] = field(default_factory=dict)
    last: int | None = None
    schema_version: int = 1

    def __post_init__(self) -> None:
        self.client = factories.sign_in(self.of.user, factories.device(self.of.user))

    def table(self, name: str) -> dict[str, Row]:
        return self.rows.setdefault(name, {})

    def edit(self, table: str, row_id: Any, **values: Any) -> None:
        row = self.table(table)[str(row_id)]
        row.update(values)
        if row["_status"] != "created":
            columns = dict.fromkeys([*filter(None, row["_changed"].split(",")), *values])
            row.update(_status="updated", _changed=",".join(columns))

    def create(self, table: str, **values: Any) -> str:
        row_id = str(new_id())
        self.table(table)[row_id] = {"id": row_id, "_status": "created", "_changed": "", **values}
        return row_id

    def delete(self, name: str, row_id: Any) -> None:
        del self.table(name)[str(row_id)]
        self.deleted.setdefault(name, []).append(str(row_id))

    def pull(self, **more: Any) -> Any:
        asked = {"last_pulled_at": "null" if self.last is None else self.last, "schema_version": self.schema_version}
        asked["unsent"] = any(kind for kinds in self.dirty().values() for kind in kinds.values())
        page = api(self.client, "GET", "/watermelon", query_string={**asked, **more})
        assert isinstance(page["timestamp"], int)
        assert page["timestamp"] >= 1
        replace = page.get("experimentalStrategy") == "replacement"
        for name, changes in page["changes"].items():
            self._apply(name, changes, replace)
        self.last = page["timestamp"]
        return page

    def _apply(self, name: str, changes: dict[str, list[Any]], replace: bool) -> None:
        assert changes["created"] == []
        ids = [row["id"] for row in changes["updated"]]
        assert len({*ids, *changes["deleted"]}) == len(ids) + len(changes["deleted"]), "an id came twice"
        table = self.table(name)
        if replace:
            gone = [row_id for row_id, row in table.items() if row["_status"] != "created" and row_id not in ids]
            changes = {**changes, "deleted": [*changes["deleted"], *gone]}
        for row in changes["updated"]:
            assert not {"_status", "_changed"} & set(row), "this aborts the sync"
            assert not any(isinstance(value, dict | list) for value in row.values()), "no column holds this"
            mine = table.get(row["id"])
            if mine is None and row["id"] not in self.deleted.get(name, []):
                table[row["id"]] = {**row, "_status": "synced", "_changed": ""}
            elif mine is not None:
                kept = {c: mine[c] for c in mine["_changed"].split(",") if c}
                table[row["id"]] = {**mine, **row, **kept}
        for row_id in changes["deleted"]:
            table.pop(row_id, None)

    def dirty(self) -> dict[str, dict[str, list[Any]]]:
        found = {
            name: {
                "created": [row for row in rows.values() if row["_status"] == "created"],
                "updated": [row for row in rows.values() if row["_status"] == "updated"],
                "deleted": self.deleted.get(name, []),
            }
            for name, rows in self.rows.items()
        }
        return json.loads(json.dumps(found))  # type: ignore[no-any-return]

    def push(self, *, answered: bool = True, **query: Any) -> None:
        """Sends what is dirty; a lost answer leaves it dirty."""
        changes = self.dirty()
        if any(kind for kinds in changes.values() for kind in kinds.values()):
            path = "/watermelon"
            sent = {"last_pulled_at": self.last, **query}
            assert api(self.client, "POST", path, query_string=sent, json={"changes": changes}) == {}
        if answered:
            self.deleted = {}
            for rows in self.rows.values():
                for row in rows.values():
                    row.update(_status="synced", _changed="")

    def sync(self, *, answered: bool = True, **more: Any) -> list[Any]:
        """Rounds of the stock client until there is no more."""
        pages = []
        while not pages or pages[-1]["more"]:
            pages.append(self.pull(**more))
            self.push(answered=answered)
            assert len(pages) < 50
        return pages

    def copy(self) -> dict[str, dict[str, Row]]:
        """The rows without what the client keeps beside them; nothing may be dirty."""
        assert self.dirty() == {name: {"created": [], "updated": [], "deleted": []} for name in self.rows}
        return {name: {i: _plain(r) for i, r in rows.items()} for name, rows in self.rows.items() if rows}

    def equals_server(self) -> bool:
        """Whether a fresh device of the same user gets the same."""
        fresh = Watermelon(self.of)
        fresh.sync()
        return fresh.copy() == self.copy()


def _plain(row: Row) -> Row:
    own = {"_status", "_changed", "leaving_at", "updated_at"}
    return {name: value for name, value in row.items() if name not in own}


def conflicts(day: Day) -> list[Row]:
    """The organisation's Conflicts, oldest first."""
    items: list[Row] = day.office.get("/api/v1/conflicts?limit=200&sort=created_at").get_json()["items"]
    return items
