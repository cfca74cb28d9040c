"""What a WatermelonDB client pulls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

import orjson

from app.kernel.db import Tx
from app.people.models import Device
from sync import pull
from sync.faces.devices import own_device_id
from sync.faces.watermelon import memory
from sync.faces.watermelon.columns import flat, flat_rows, nested
from sync.faces.whole_rows import Data
from sync.protocol.cursor import SHIFT, Cursor, parse
from sync.protocol.merge import same
from sync.protocol.pages import SEPARATOR, Page
from sync.pull import MAX_ROWS, Request


def pull_changes(tx: Tx, query: Data) -> bytes:
    """The answer to `pullChanges`: everything as `updated`, and the next timestamp, which is our cursor.

    A row on its way out comes as `{id, leaving_at}` first and `more` is true: the same round of the client pushes what
    it has about it, the next round removes it. A replacement destroys what it does not name, unsent edits included, so
    it comes in two steps as well: an empty answer whose timestamp means "now replace", and then everything at once.
    When the push between two such steps never arrived, nothing new comes before it does. Otherwise the next page would
    remove a row with its unsent edit, and what the client has merged already would count as seen by its user.
    """
    device_id = own_device_id(tx)
    last, wanted = query["last_pulled_at"], tuple(query["collections"])
    remembered = memory.load(tx, device_id)
    if last is not None and query["unsent"] and remembered.must_push(last):
        page = Page(False, last, True, "")
        return _encode(page, {}, _added(tx, query["migration"], page, wanted))
    if last is not None and _is_go_ahead(last):
        page = pull.pull(tx, Request(None, MAX_ROWS, wanted))
        answer = _replacement(tx, page, wanted)
    else:
        page = pull.pull(tx, Request(last, query["limit"], wanted))
        if last is not None and page.replacement:
            page.cursor, page.more, page.changes = _go_ahead(page), True, {}
        answer = _encode(page, _updates(page, remembered.said_at(last)), _added(tx, query["migration"], page, wanted))
    memory.pulled(tx, device_id, last, page.cursor, unsent=query["unsent"])
    _note_schema(tx, device_id, query["schema_version"])
    return answer


def _go_ahead(page: Page) -> int:
    """A cursor that is always answered by a replacement: ticket number 0, which is never issued."""
    return int(Cursor(page.cursor >> SHIFT, 0, ticket=True))


def _is_go_ahead(number: int) -> bool:
    cursor = parse(number)
    return cursor is not None and cursor.ticket and cursor.pos == 0


def _updates(page: Page, said: dict[str, Data]) -> dict[str, tuple[bytes, bytes]]:
    """{collection: (updated, deleted)} as the inside of JSON arrays."""
    found = {}
    for name, kinds in page.changes.items():
        leaving = b",".join(
            b'{"id":%s,"leaving_at":"%s"}' % (row_id, page.server_time.encode())
            for row_id in kinds.get("leaving", b"").split(SEPARATOR)
            if row_id
        )
        parts = [part for part in (_not_said(name, flat_rows(name, kinds.get("upserts", b"")), said), leaving) if part]
        found[name] = (b",".join(parts), kinds.get("removed", b""))
    return found


def _not_said(name: str, rows: bytes, said: dict[str, Data]) -> bytes:
    """The rows without the columns that are as this client pushed them a moment ago.

    If the answer to that push was lost, a new row is still marked as created, and the client would put what we send
    over what its user has changed since.
    """
    if not rows or not any(key.startswith(f"{name}/") for key in said):
        return rows
    inner = nested(name)
    read = orjson.loads(b"[" + rows + b"]")
    for place, row in enumerate(read):
        if own := flat(said.get(f"{name}/{row['id']}", {}).get("data", {}), inner):
            read[place] = {k: v for k, v in row.items() if k == "id" or k not in own or not same(own[k], v)}
    return orjson.dumps(read)[1:-1]


def _encode(page: Page, changes: dict[str, tuple[bytes, bytes]], added: dict[str, list[bytes]]) -> bytes:
    members = []
    for name in {**changes, **added}:
        updated, deleted = changes.get(name, (b"", b""))
        rows = b",".join(part for part in (updated, *added.get(name, ())) if part)
        members.append(b'"%s":{"created":[],"updated":[%s],"deleted":[%s]}' % (name.encode(), rows, deleted))
    more = b"true" if page.more else b"false"
    return b'{"changes":{%s},"timestamp":%d,"more":%s}' % (b",".join(members), page.cursor, more)


def _replacement(tx: Tx, page: Page, wanted: tuple[str, ...]) -> bytes:
    """Everything in one answer, also of collections that have nothing: the client deletes what is not named."""
    rows = {name: dict[str, Data]() for name in Request(None, None, wanted).wanted()}
    _gather(rows, page)
    while page.more:
        following = pull.pull(tx, Request(page.cursor, MAX_ROWS, wanted))
        page.cursor, page.more = following.cursor, following.more
        _gather(rows, following)
    changes = {name: {"created": [], "updated": list(found.values()), "deleted": []} for name, found in rows.items()}
    strategy = {"experimentalStrategy": "replacement", "more": False}
    return orjson.dumps({"changes": changes, "timestamp": page.cursor, **strategy})


def _gather(rows: dict[str, dict[str, Data]], page: Page) -> None:
    for name, kinds in page.changes.items():
        for row in orjson.loads(b"[" + flat_rows(name, kinds.get("upserts", b"")) + b"]"):
            rows[name][row["id"]] = row
        for row_id in orjson.loads(b"[" + kinds.get("removed", b"") + b"]"):
            rows[name].pop(row_id, None)


def _added(tx: Tx, migration: Data | None, page: Page, wanted: tuple[str, ...]) -> dict[str, list[bytes]]:
    """What a migrated client cannot have yet: all rows of new tables, rows that have something in new columns."""
    if not migration:
        return {}
    columns = {table["table"]: table["columns"] for table in migration["columns"]}
    known = set(Request(None, None, wanted).wanted())
    names = tuple(name for name in {**dict.fromkeys(migration["tables"]), **columns} if name in known)
    if not names:
        return {}
    rows: dict[str, dict[str, Data]] = {name: {} for name in names}
    there = Page(False, 0, True, page.server_time)
    cursor = None
    while there.more:
        there = pull.pull(tx, Request(cursor, MAX_ROWS, names))
        cursor = there.cursor
        _gather(rows, there)
    return {
        name: [orjson.dumps(row) for row in _not_in(page, name, rows[name]) if _holds_any(row, columns.get(name))]
        for name in names
    }


def _not_in(page: Page, name: str, rows: dict[str, Data]) -> Iterator[Data]:
    """Rows that the page does not speak of: one id twice in an answer aborts the client's sync."""
    kinds = page.changes.get(name, {})
    spoken = {row["id"] for row in orjson.loads(b"[" + kinds.get("upserts", b"") + b"]")}
    spoken.update(*(orjson.loads(b"[" + kinds.get(kind, b"") + b"]") for kind in ("removed", "leaving")))
    return (row for row_id, row in rows.items() if row_id not in spoken)


def _holds_any(row: Data, columns: Iterable[str] | None) -> bool:
    return columns is None or any(row.get(column) not in (None, "", 0, False) for column in columns)


def _note_schema(tx: Tx, device_id: UUID, version: int) -> None:
    device = tx.find(Device, device_id)
    if device is not None and device.schema_versions.get("watermelon") != version:
        device.schema_versions = {**device.schema_versions, "watermelon": version}
