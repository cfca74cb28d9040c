"""Rows that many commands make and change one after the other, written together: a statement a table, values as JSON.

The unit of work does for each row what is the same for all, and asks back what nobody reads. Rows made here belong to
no session; whoever flushes writes them first, then the changes of rows. An undone savepoint takes along what was
gathered in it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Column, MetaData, event, inspect
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from app.kernel.prepared import DIALECT, Prepared, prepared

Columns = dict[str, Column[Any]]
Kind = tuple[Any, tuple[str, ...]]


@dataclass
class Gathered:
    """What waits to be written: rows `made`, in their order, and rows `changed` with the values that they had before.

    touched: rows whose values were set past the session, which therefore does not know when they are undone.
    """

    made: dict[Any, None] = field(default_factory=dict)
    changed: dict[Any, dict[str, Any]] = field(default_factory=dict)
    touched: set[Any] = field(default_factory=set)


class GatheringSession(Session):
    """A session that writes what was gathered whenever it is flushed, so that every query sees it."""

    def flush(self, objects: Any = None) -> None:
        write(self)
        super().flush(objects)


def make(session: Session, row: Any) -> None:
    """Has `row`, whose key is known, inserted with the next flush."""
    _gathered(session).made[row] = None


def change(session: Session, row: Any, values: dict[str, Any]) -> int:
    """Sets columns of `row`, which are written with the next flush. Returns the revision that it has with them."""
    gathered = _gathered(session)
    if row in gathered.made:
        for name, value in values.items():
            setattr(row, name, value)
        return int(row.rev)
    state = inspect(row)
    if _undone_by(values, gathered.changed.get(row, {})) or (state.persistent and state.modified):
        session.flush()
    for name, value in values.items():
        now = getattr(row, name)
        if now != value:
            gathered.changed.setdefault(row, {}).setdefault(name, now)
            set_committed_value(row, name, value)
    gathered.touched.add(row)
    return int(row.rev) + (row in gathered.changed)


def _undone_by(values: dict[str, Any], before: dict[str, Any]) -> bool:
    """A value that takes back what is not written yet lets that be written first, so that it counts."""
    return any(name in before and before[name] == value for name, value in values.items())


def write(session: Session) -> None:
    """Writes what was gathered: rows in the order in which their tables name one another, then changes."""
    gathered: Gathered | None = session.info.get("gathered")
    if gathered is None or not (gathered.made or gathered.changed):
        return
    made, changed = gathered.made, gathered.changed
    gathered.made, gathered.changed = {}, {}
    alike: dict[Kind, list[Any]] = defaultdict(list)
    for row in made:
        alike[type(row), _filled(row)].append(row)
    for kind in sorted(alike, key=lambda kind: _places(kind[0].metadata)[kind[0].__table__]):
        names = _names(*kind)
        values = [{name: row.__dict__.get(key) for key, name in names} for row in alike[kind]]
        _insert(*kind).run(session, {"rows": _json(values)})
    moved: dict[Kind, list[Any]] = defaultdict(list)
    for row, before in changed.items():
        moved[type(row), ("id", *sorted(before))].append(row)
    for kind, rows in moved.items():
        _write_changes(session, kind, rows)


def _write_changes(session: Session, kind: Kind, rows: list[Any]) -> None:
    names = _names(*kind)
    values = [{name: getattr(row, key) for key, name in names} for row in rows]
    ids = "{" + ",".join(str(row.id) for row in rows) + "}"
    found = _update(*kind).run(session, {"rows": _json(values), "ids": ids})
    written = {told.id: told for told in found}
    if len(written) != len(rows):
        raise StaleDataError(f"{len(rows)} rows of {kind[0].__table__.name} change, {len(written)} were there.")
    for row in rows:
        set_committed_value(row, "rev", written[row.id].rev)
        set_committed_value(row, "updated_at", written[row.id].updated_at)


def _gathered(session: Session) -> Gathered:
    found: Gathered | None = session.info.get("gathered")
    if found is None:
        found = session.info["gathered"] = Gathered()
    return found


@lru_cache(maxsize=4)
def _places(metadata: MetaData) -> dict[Any, int]:
    return {table: place for place, table in enumerate(metadata.sorted_tables)}


@lru_cache(maxsize=64)
def _columns(model: Any) -> tuple[Columns, Columns]:
    """Columns by attribute: those without a default of the database's, and those with one."""
    columns = {attribute.key: attribute.columns[0] for attribute in inspect(model).column_attrs}
    own = {key: column for key, column in columns.items() if column.computed is None and column.identity is None}
    plain = {key: column for key, column in own.items() if column.server_default is None}
    return plain, {key: column for key, column in own.items() if key not in plain}


def _filled(row: Any) -> tuple[str, ...]:
    """The columns that a row is inserted with: what it leaves open of the others, the database fills in."""
    model: Any = type(row)
    plain, defaulted = _columns(model)
    given = row.__dict__
    return (*plain, *(key for key in defaulted if given.get(key) is not None))


@lru_cache(maxsize=256)
def _insert(model: Any, keys: tuple[str, ...]) -> Prepared:
    table, names = model.__table__.name, ", ".join(f'"{name}"' for _, name in _names(model, keys))
    return prepared(f'INSERT INTO "{table}" ({names}) SELECT {names} FROM {_records(model, keys)}', f"make {table}")


@lru_cache(maxsize=256)
def _update(model: Any, keys: tuple[str, ...]) -> Prepared:
    table, names = model.__table__.name, [name for _, name in _names(model, keys[1:])]
    values = ", ".join(f'"{name}" = v."{name}"' for name in names)
    # Named by their ids once more: a planner that expects many must not read all rows of the organisation.
    sql = f"""
        UPDATE "{table}" AS t SET {values} FROM {_records(model, keys)}
        WHERE t.org_id = current_org() AND t.id = v.id AND t.id = ANY(CAST(:ids AS uuid[]))
        RETURNING t.id, t.rev, t.updated_at
    """
    return prepared(sql, f"change {table}")


def _records(model: Any, keys: tuple[str, ...]) -> str:
    typed = ", ".join(f'"{column.name}" {_type(column)}' for column in (_column(model, key) for key in keys))
    return f"json_to_recordset(CAST(:rows AS json)) AS v ({typed})"


def _type(column: Column[Any]) -> str:
    return str(column.type.compile(dialect=DIALECT))


def _column(model: Any, key: str) -> Column[Any]:
    plain, defaulted = _columns(model)
    return plain[key] if key in plain else defaulted[key]


def _names(model: Any, keys: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(key, _column(model, key).name) for key in keys]


def _json(values: list[dict[str, Any]]) -> str:
    return orjson.dumps(values, default=str).decode()


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    write(session)


@event.listens_for(Session, "after_soft_rollback")
def _undone(session: Session, _: SessionTransaction) -> None:
    gathered: Gathered | None = session.info.get("gathered")
    if gathered is None:
        return
    gathered.made, gathered.changed = {}, {}
    for row in gathered.touched:
        if row in session:
            session.expire(row)
