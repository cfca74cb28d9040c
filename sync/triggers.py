"""The touch triggers, written from the registry of collections and installed after every migration.

One trigger function for each table, each in plain SQL over transition tables: one INSERT into the outbox a statement,
however many rows it changed, so COPY and bulk updates count and stay fast. Old and new rows are never joined: the plan
is made once a connection, mostly for a single row, and must stay linear for a million. A declaration that changed
touches all its rows once, so a new version brings the feed up to date by itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, text

from app.kernel import synced
from app.kernel.synced import Collection, Watch

CHANNEL = "callout_sync"
PREFIX = "sync_touch_"


@dataclass(frozen=True)
class Touch:
    """What one table's triggers write: the rows by `key` under `name`, and the `parents` when they change.

    ties: what of a row concerns the rows that hang on it; None means all of it.
    always: both values of the key are written at every change; otherwise the key is the row's own id and never changes.
    """

    table: str
    name: str
    key: str
    parents: tuple[tuple[str, str], ...]
    ties: str | None
    always: bool
    digest: str

    @property
    def function(self) -> str:
        return f"{PREFIX}{self.table}"


def wanted() -> list[Touch]:
    """One Touch for each collection's table and each watched table."""
    touches = [_of_collection(collection) for collection in synced.collections().values()]
    touches += [_of_watch(watch) for watch in synced.watches().values()]
    tables = [touch.table for touch in touches]
    if twice := {table for table in tables if tables.count(table) > 1}:
        raise ValueError(f"declared twice for synchronisation: {', '.join(sorted(twice))}")
    return touches


def _of_collection(c: Collection) -> Touch:
    digest = _digest(c.name, c.body, c.buckets, synced.touches(c.name), sorted(c.parents.items()), bool(c.mutations))
    return Touch(c.source, c.name, "id", tuple(c.parents.items()), c.ties, False, digest)


def _of_watch(w: Watch) -> Touch:
    return Touch(w.table, w.table, w.key, (), None, True, _digest(w.touches, w.key, w.content))


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def install(connection: Connection) -> list[str]:
    """Makes the triggers of this database equal to the registry. Returns the tables where something changed.

    Runs as the owner. Tables that no migration has made yet are left for the next time.
    """
    tables = set(connection.scalars(text("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')")))
    if "sync_outbox" not in tables:
        return []
    found = _installed(connection)
    changed = []
    for touch in wanted():
        body = _function_body(touch)
        if touch.table not in tables:
            continue
        installed = found.pop(touch.function, None)
        if installed != (body, touch.digest):
            _install(connection, touch, body)
            if installed is None or installed[1] != touch.digest:
                _touch_all(connection, touch)
            changed.append(touch.table)
    for function in found:
        connection.exec_driver_sql(f'DROP FUNCTION "{function}"() CASCADE')
        changed.append(function.removeprefix(PREFIX))
    return changed


def _installed(connection: Connection) -> dict[str, tuple[str, str]]:
    rows = connection.execute(
        text("""
        SELECT proname, prosrc, obj_description(oid, 'pg_proc') AS digest FROM pg_proc
        WHERE proname LIKE 'sync\\_touch\\_%'
        """)
    )
    return {row.proname: (row.prosrc, row.digest) for row in rows}


def _install(connection: Connection, touch: Touch, body: str) -> None:
    run = connection.exec_driver_sql
    run(
        f'CREATE OR REPLACE FUNCTION "{touch.function}"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER '
        f"SET search_path = public, pg_temp AS $${body}$$".replace("%", "%%")
    )
    run(f"COMMENT ON FUNCTION \"{touch.function}\"() IS '{touch.digest}'")
    old, new = "OLD TABLE AS old_rows", "NEW TABLE AS new_rows"
    for event, rows in {"insert": new, "update": f"{old} {new}", "delete": old}.items():
        run(
            f'CREATE OR REPLACE TRIGGER sync_touch_{event} AFTER {event} ON "{touch.table}" REFERENCING {rows} '
            f'FOR EACH STATEMENT EXECUTE FUNCTION "{touch.function}"()'
        )


def _touch_all(connection: Connection, touch: Touch) -> None:
    connection.exec_driver_sql(
        f"INSERT INTO sync_outbox (org_id, collection, row_id, content) SELECT DISTINCT org_id, '{touch.name}', "
        f'{touch.key}, true FROM "{touch.table}" WHERE {touch.key} IS NOT NULL'
    )


def _function_body(touch: Touch) -> str:
    insert, delete = [_rows(touch, "new_rows")], [_rows(touch, "old_rows")]
    if touch.always:
        update = [_rows(touch, "old_rows"), _rows(touch, "new_rows")]
    else:
        update = [_rows(touch, "new_rows") if touch.ties is None else _compared(touch, touch.ties)]
    for column, parent in touch.parents:
        update.append(_moved(column, parent))
        delete.append(_parents(column, parent))
    return f"""
BEGIN
    IF TG_OP = 'INSERT' THEN
        {_write(insert)}
        {_notify("new_rows")}
    ELSIF TG_OP = 'UPDATE' THEN
        {_write(update)}
        {_notify("new_rows")}
    ELSE
        {_write(delete)}
        {_notify("old_rows")}
    END IF;
    RETURN NULL;
END
"""


def _write(selects: list[str]) -> str:
    rows = "\n        UNION ".join(selects)
    return f"INSERT INTO sync_outbox (org_id, collection, row_id, content, ties)\n        {rows};"


def _rows(touch: Touch, source: str) -> str:
    return f"SELECT org_id, '{touch.name}', {touch.key}, true, true FROM {source} WHERE {touch.key} IS NOT NULL"


def _compared(touch: Touch, ties: str) -> str:
    pairs = " UNION ALL ".join(
        f"SELECT r.org_id, r.id, CAST(ROW({ties}) AS text) AS ties FROM {source} r"
        for source in ("old_rows", "new_rows")
    )
    differ = 'min(ties COLLATE "C") <> max(ties COLLATE "C")'
    return f"SELECT org_id, '{touch.name}', id, true, {differ} FROM ({pairs}) AS pairs GROUP BY org_id, id"


def _parents(column: str, parent: str) -> str:
    return f"SELECT org_id, '{parent}', {column}, false, true FROM old_rows WHERE {column} IS NOT NULL"


def _moved(column: str, parent: str) -> str:
    old, new = (f"SELECT org_id, id, {column} FROM {source}" for source in ("old_rows", "new_rows"))
    changed = f"({old} EXCEPT {new}) UNION ALL ({new} EXCEPT {old})"
    return f"SELECT org_id, '{parent}', {column}, false, true FROM ({changed}) AS moved WHERE {column} IS NOT NULL"


def _notify(source: str) -> str:
    return f"PERFORM pg_notify('{CHANNEL}', org_id::text) FROM (SELECT DISTINCT org_id FROM {source}) AS touched;"
