"""Reading rows as wire-shaped mappings and writing them with audit and event, the same way in every room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import ColumnElement, Select, cast, func, inspect, select
from sqlalchemy.dialects.postgresql import JSONB

from app.kernel import audit, events
from app.kernel.db import R, Row, Tx
from app.kernel.problems import DUPLICATE, IN_USE, STALE_REVISION, FieldError, not_found

HIDDEN = {"org_id", "deleted_at", "field_revs", "search"}


def wire_columns(model: type[Row], *hidden: str) -> list[ColumnElement[Any]]:
    """The columns of `model` as the wire shows them: geometry as GeoJSON, no tenancy, no tombstone."""
    columns: list[ColumnElement[Any]] = []
    for column in model.__table__.columns:  # type: ignore[attr-defined]
        if column.name in HIDDEN or column.name in hidden:
            continue
        if isinstance(column.type, Geometry):
            columns.append(cast(func.ST_AsGeoJSON(column, 7), JSONB).label(column.name))
        else:
            columns.append(column)
    return columns


def one(tx: Tx, view: Select[Any], model: type[Row], row_id: UUID) -> dict[str, Any]:
    """The row with `row_id` of a wire view; raises a 404 problem."""
    row = tx.session.execute(view.where(model.id == row_id)).mappings().one_or_none()
    if row is None:
        raise not_found(noun(model))
    return dict(row)


def noun(model: type[Row]) -> str:
    """The word for one row of `model` in sentences, audit and events: `job_type`, `part_use`."""
    name = model.__name__
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


def create(tx: Tx, model: type[R], data: dict[str, Any], *, alone: bool = False) -> R:
    """Inserts a row, writes audit and the event `<noun>.created`. Raises 409 when the chosen id is taken.

    alone: what waits to be written goes on waiting (see `Tx.insert`).
    """
    row_id = data.get("id")
    if row_id and tx.session.scalar(select(model.id).where(model.id == row_id)):
        raise DUPLICATE(f"A {noun(model)} with this id exists already.", errors=[FieldError("/id", "taken")])
    row = tx.insert(model, data) if alone else tx.add(model(**data))
    written(tx, row, "created", data)
    return row


def update(tx: Tx, row: R, data: dict[str, Any]) -> R:
    """Sets the fields that differ, writes audit (old and new) and the event `<noun>.updated`."""
    attributes = inspect(row).mapper.column_attrs
    before = {key: getattr(row, key) for key in data if key in attributes}
    if any(getattr(row, key) != value for key, value in data.items()):
        rev = tx.settle(row, **data)
        written(tx, row, "updated", {"before": before, "after": data}, rev)
    return row


def delete(tx: Tx, row: Row, blockers: Iterable[tuple[str, ColumnElement[bool]]] = ()) -> None:
    """Soft-deletes a row. Raises 409 when a blocker (what, condition) still holds.

    With blockers the row is locked for removing, not only for changing: whoever has just begun to refer to it, and is
    not through yet, is waited for and counts.
    """
    blockers = list(blockers)
    if blockers:
        model = type(row)
        tx.session.execute(select(model.id).where(model.id == row.id).with_for_update())
    for what, condition in blockers:
        if tx.session.scalar(select(select(1).where(condition).exists())):
            raise IN_USE(f"This {noun(type(row))} still has {what}.")
    row.deleted_at = tx.now
    tx.session.flush()
    written(tx, row, "deleted", {})


def written(tx: Tx, row: Row, verb: str, data: dict[str, Any], rev: int | None = None) -> None:
    """Audit entry and event `<noun>.<verb>` for a row that was just written, or will be at revision `rev`."""
    name = noun(type(row))
    audit.record(tx, f"{name}.{verb}", name, row.id, plain(data))
    events.emit(tx, f"{name}.{verb}", {"id": str(row.id), "rev": rev or row.rev})


def expect_revision(row: Row, revision: int) -> None:
    """Raises 412 when the row is not at `revision` any more."""
    if row.rev != revision:
        raise STALE_REVISION(f"This is revision {row.rev} now; you saw {revision}.", current_rev=row.rev)


def plain(value: Any) -> Any:
    """`value` with everything that JSON does not know turned into text, for audit entries and payloads."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
