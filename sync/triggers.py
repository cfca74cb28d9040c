"""The touch triggers, written from the registry of collections and installed after every migration.

One trigger function for each table, each in plain SQL over transition tables: one INSERT into the outbox a statement,
however many rows it changed, so COPY and bulk updates count and stay fast. A declaration that changed touches all its
rows once, so a new version brings the feed up to date by itself.
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

    always: both values of the key are written at every change; otherwise the key is the row's own id and never changes.
    """

    table: str
    name: str
    key: str
    parents: tuple[tuple[str, str], ...]
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
    return Touch(c.source, c.name, "id", tuple(c.parents.items()), False, digest)


def _of_watch(w: Watch) -> Touch:
    return Touch(w.table, w.table, w.key, (), True, _digest(w.touches, w.key, w.content))


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
        if touch.table in tables and found.pop(touch.function, None) != (body, touch.digest):
            _install(connection, touch, body)
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
    run(
        f"INSERT INTO sync_outbox (org_id, collection, row_id, content) SELECT DISTINCT org_id, '{touch.name}', "
        f'{touch.key}, true FROM "{touch.table}" WHERE {touch.key} IS NOT NULL'
    )


def _function_body(touch: Touch) -> str:
    insert, update, delete = _rows(touch, ("new_rows",)), _rows(touch, ("new_rows",)), _rows(touch, ("old_rows",))
    if touch.always:
        update = _rows(touch, ("old_rows", "new_rows"))
    for column, parent in touch.parents:
        update += _moved(column, parent)
        delete += _parents("old_rows", column, parent)
    return f"""
BEGIN
    IF TG_OP = 'INSERT' THEN
        {insert}
        {_notify("new_rows")}
    ELSIF TG_OP = 'UPDATE' THEN
        {update}
        {_notify("new_rows")}
    ELSE
        {delete}
        {_notify("old_rows")}
    END IF;
    RETURN NULL;
END
"""


def _rows(touch: Touch, sources: tuple[str, ...]) -> str:
    selects = [
        f"SELECT org_id, '{touch.name}', {touch.key}, true FROM {source} WHERE {touch.key} IS NOT NULL"
        for source in sources
    ]
    return f"INSERT INTO sync_outbox (org_id, collection, row_id, content) {' UNION '.join(selects)};"


def _parents(source: str, column: str, parent: str) -> str:
    return f"""
        INSERT INTO sync_outbox (org_id, collection, row_id, content)
        SELECT DISTINCT org_id, '{parent}', {column}, false FROM {source} WHERE {column} IS NOT NULL;"""


def _moved(column: str, parent: str) -> str:
    return f"""
        INSERT INTO sync_outbox (org_id, collection, row_id, content)
        SELECT DISTINCT o.org_id, '{parent}', moved.id, false
        FROM old_rows o JOIN new_rows n USING (org_id, id), LATERAL (VALUES (o.{column}), (n.{column})) AS moved (id)
        WHERE o.{column} IS DISTINCT FROM n.{column} AND moved.id IS NOT NULL;"""


def _notify(source: str) -> str:
    return f"PERFORM pg_notify('{CHANNEL}', org_id::text) FROM (SELECT DISTINCT org_id FROM {source}) AS touched;"
