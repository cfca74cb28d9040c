"""A resource in the manner of `interfaces.md`: list, create, read, patch, delete, declared once as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic
from uuid import UUID

from flask import Response, request
from marshmallow import fields, validate
from sqlalchemy import ColumnElement, Select, select
from webargs.fields import DelimitedList

from app.kernel import rows
from app.kernel.actor import Actor
from app.kernel.db import R, Row, Tx
from app.kernel.http import lists
from app.kernel.http.blueprint import Blueprint
from app.kernel.http.reading import expected_revision
from app.kernel.http.rendering import json_response
from app.kernel.http.schemas import Moment, Schema, page_of
from app.kernel.permissions import Scope
from app.kernel.problems import REVISION_REQUIRED, invalid

GEOJSON = "application/geo+json"


@dataclass(frozen=True)
class Filter:
    """A filter of a list: how its value is read, and the condition that it makes."""

    field: fields.Field[Any]
    condition: Callable[[Any], ColumnElement[bool]]


@dataclass(frozen=True)
class Resource(Generic[R]):
    """One collection of rows.

    path: plural on the wire. right: `<right>.read` and `<right>.write` guard it. view: the Select that shapes the wire
    (default: the model's columns). scope: the condition that narrows rows for a scope other than `all`.
    in_bbox, matching: conditions for `?bbox=` and `?q=`. geometry: the wire field shown in GeoJSON layers.
    create, update, remove: commands, when the plain ones of `app.kernel.rows` are not enough; `verbs` are offered.
    """

    path: str
    model: type[R]
    schema: type[Schema]
    right: str
    noun: str
    view: Callable[[], Select[Any]] | None = None
    filters: dict[str, Filter] = field(default_factory=dict)
    sorts: dict[str, Any] = field(default_factory=dict)
    scope: Callable[[Actor, Scope], ColumnElement[bool]] | None = None
    in_bbox: Callable[[tuple[float, ...]], ColumnElement[bool]] | None = None
    matching: Callable[[str], ColumnElement[bool]] | None = None
    geometry: str | None = None
    create: Callable[[Tx, dict[str, Any]], Row] | None = None
    update: Callable[[Tx, R, dict[str, Any]], Any] | None = None
    remove: Callable[[Tx, R], None] | None = None
    verbs: str = "lcrud"
    create_right: str | None = None
    create_only: tuple[str, ...] = ()

    def select(self, tx: Tx, right: str) -> Select[Any]:
        """The wire view of the live rows that the actor may see under `right`."""
        view = self.view() if self.view else select(*rows.wire_columns(self.model))
        view = view.where(self.model.deleted_at.is_(None))
        scope = tx.actor.demand(right)
        if scope is not Scope.ALL and self.scope:
            view = view.where(self.scope(tx.actor, scope))
        return view

    def one(self, tx: Tx, row_id: UUID, right: str | None = None) -> dict[str, Any]:
        """One row as on the wire; 404 when it does not exist for this actor."""
        return rows.one(tx, self.select(tx, right or f"{self.right}.read"), self.model, row_id)

    def locked(self, tx: Tx, row_id: UUID) -> R:
        """The row for a change, locked; 404 when the actor may not write it, 412/428 by `If-Match` on PATCH."""
        self.one(tx, row_id, f"{self.right}.write")
        row = tx.get(self.model, row_id, lock=True)
        revision = expected_revision()
        if request.method == "PATCH" and "If-Match" not in request.headers:
            raise REVISION_REQUIRED("Send If-Match with the ETag of the revision that you saw.")
        if revision is not None:
            rows.expect_revision(row, revision)
        return row

    def query(self) -> type[Schema]:
        """The query string of the list."""
        members = {name: f.field for name, f in self.filters.items()}
        members["updated_since"] = Moment(load_default=None)
        name = self.schema.__name__.removesuffix("Schema") + "Query"
        sorts = list(self._sorts())
        return lists.query_schema(name, members, sorts, self.in_bbox is not None, self.matching is not None)

    def _sorts(self) -> dict[str, ColumnElement[Any]]:
        base = {"created_at": self.model.created_at, "updated_at": self.model.updated_at, "id": self.model.id}
        return {**base, **self.sorts}

    def filtered(self, tx: Tx, query: dict[str, Any]) -> Select[Any]:
        """The list's view with the conditions of `query`."""
        view = self.select(tx, f"{self.right}.read")
        for name, one_filter in self.filters.items():
            if query.get(name) is not None:
                view = view.where(one_filter.condition(query[name]))
        if query.get("updated_since"):
            view = view.where(self.model.updated_at >= query["updated_since"])
        if self.in_bbox and query.get("bbox"):
            view = view.where(self.in_bbox(query["bbox"]))
        if self.matching and query.get("q"):
            view = view.where(self.matching(query["q"]))
        return view

    def listing(self, tx: Tx, query: dict[str, Any]) -> Any:
        """One page as JSON, or a FeatureCollection when the client prefers GeoJSON."""
        view = self.filtered(tx, query)
        limit = query["limit"]
        if self.geometry and request.accept_mimetypes.best_match(["application/json", GEOJSON]) == GEOJSON:
            return lists.feature_collection(tx, view, self.geometry, limit)
        if limit > lists.MAX_LIMIT:
            raise invalid("?limit", f"At most {lists.MAX_LIMIT} rows a page (more only as GeoJSON).")
        name = query["sort"] or "-created_at"
        sort = lists.Sort(name.lstrip("-"), self._sorts()[name.lstrip("-")], name.startswith("-"))
        return lists.page(tx, view, self.model.id, sort, limit, query["cursor"])  # type: ignore[arg-type]

    def register(self, blp: Blueprint) -> None:
        """Adds the endpoints of this resource to `blp`."""
        collection, item = f"/{self.path}", f"/{self.path}/<uuid:row_id>"
        read, write = f"{self.right}.read", f"{self.right}.write"
        for verb in self.verbs:
            if verb == "l":
                self._register_list(blp, collection, read)
            elif verb == "c":
                self._register_create(blp, collection, self.create_right or write)
            elif verb == "r":
                blp.endpoint("GET", item, right=read, summary=f"Read {_a(self.noun)}", schema=self.schema)(
                    _named(f"read_{self.path}", lambda tx, row_id: self.one(tx, row_id))
                )
            elif verb == "u":
                self._register_update(blp, item, write)
            elif verb == "d":
                self._register_delete(blp, item, write)

    def _register_list(self, blp: Blueprint, rule: str, right: str) -> None:
        layer = {"content_type": GEOJSON, "description": "A GeoJSON FeatureCollection", "schema": {"type": "object"}}
        endpoint = blp.endpoint(
            "GET",
            rule,
            right=right,
            summary=f"List {self.path.replace('-', ' ')}",
            schema=page_of(self.schema),
            query=self.query(),
            responses={200: layer} if self.geometry else None,
        )
        endpoint(_named(f"list_{self.path}", self.listing))

    def _register_create(self, blp: Blueprint, rule: str, right: str) -> None:
        def create(tx: Tx, body: dict[str, Any]) -> Response:
            row = self.create(tx, body) if self.create else rows.create(tx, self.model, body)
            shown = rows.one(
                tx, self.view() if self.view else select(*rows.wire_columns(self.model)), self.model, row.id
            )
            return json_response(shown, 201, {"Location": f"/api/v1/{self.path}/{row.id}"})

        summary = f"Create {_a(self.noun)}"
        endpoint = blp.endpoint(
            "POST", rule, right=right, status=201, summary=summary, schema=self.schema, body=self.schema
        )
        endpoint(_named(f"create_{self.path}", create))

    def _register_update(self, blp: Blueprint, rule: str, right: str) -> None:
        def patch(tx: Tx, body: dict[str, Any], row_id: UUID) -> dict[str, Any]:
            row = self.locked(tx, row_id)
            (self.update or rows.update)(tx, row, body)
            return self.one(tx, row_id, right)

        partial = self.schema(partial=True, exclude=("id", *self.create_only))
        summary = f"Change fields of {_a(self.noun)}"
        endpoint = blp.endpoint("PATCH", rule, right=right, summary=summary, schema=self.schema, body=partial)
        endpoint(_named(f"update_{self.path}", patch))

    def _register_delete(self, blp: Blueprint, rule: str, right: str) -> None:
        def delete(tx: Tx, row_id: UUID) -> None:
            row = self.locked(tx, row_id)
            (self.remove or rows.delete)(tx, row)

        blp.endpoint("DELETE", rule, right=right, status=204, summary=f"Delete {_a(self.noun)}")(
            _named(f"delete_{self.path}", delete)
        )


def _a(noun: str) -> str:
    """The noun with its article, for summaries."""
    return f"{'an' if noun[0].lower() in 'aeio' or noun == 'API key' else 'a'} {noun}"


def _named(name: str, view: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **path: Any) -> Any:
        return view(*args, **path)

    call.__name__ = name.replace("-", "_")
    return call


def equals(column: Any, kind: fields.Field[Any] | None = None) -> Filter:
    """A filter for equality with `column`; UUID unless `kind` says otherwise."""
    return Filter(kind or fields.UUID(load_default=None), lambda value: column == value)


def one_of(column: Any, inner: fields.Field[Any] | None = None) -> Filter:
    """A filter that takes a comma-separated list of values."""
    kind = DelimitedList(inner or fields.String())
    return Filter(kind, lambda values: column.in_(values))


def choice(values: Iterable[str]) -> fields.String:
    """One of known words: a filter by another says so, instead of finding nothing."""
    return fields.String(validate=validate.OneOf([*values]))
