"""Writes records through the commands of the house. What is known by its external id is left as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.imports.mapping import Map, Record, Row, RowError, read
from app.kernel.db import Tx
from app.kernel.http.rendering import database_problem
from app.kernel.http.schemas import point_wkt
from app.kernel.problems import Problem
from app.places.commands import create_account, create_site
from app.places.models import Account, Site
from app.work import commands as work
from app.work.commands.templates import create_job_type
from app.work.models import JobType, Request
from app.work.statuses import CHANNELS

Line = tuple[int, Row | None, str]


@dataclass
class Report:
    """What came of an import. `bad`: line, reason and the row of each that was not taken.

    made: external ids of the accounts and sites that were made, so that whoever tries a file in parts counts each once.
    """

    requests: int = 0
    jobs: int = 0
    sites: int = 0
    accounts: int = 0
    known: int = 0
    bad: list[dict[str, Any]] = field(default_factory=list)
    made: dict[str, list[str]] = field(default_factory=lambda: {"accounts": [], "sites": []})

    def document(self) -> dict[str, Any]:
        """As JSON, without the rows."""
        return {**asdict(self), "bad": [{"line": bad["line"], "reason": bad["reason"]} for bad in self.bad]}


@dataclass
class Loader:
    """One import: its map, its report so far, and the ids that it has met."""

    shape: Map
    report: Report = field(default_factory=Report)
    _seen: dict[str, int] = field(default_factory=dict)
    _ids: dict[tuple[str, str], UUID] = field(default_factory=dict)

    def load(self, tx: Tx, lines: Iterable[Line], tell: Callable[[int], None] = lambda done: None) -> None:
        """Takes the lines (number, row, or None with what is wrong); each good one is kept whatever the others are."""
        records = [(number, row, self._read(number, row, wrong)) for number, row, wrong in lines]
        known = self._known(tx, [record.external_id for _, _, record in records if record])
        for done, (number, row, record) in enumerate(records, 1):
            if record is not None and record.external_id in known:
                self.report.known += 1
            elif record is not None:
                self._take(tx, number, row, record)
            tell(done)

    def _read(self, number: int, row: Row | None, wrong: str) -> Record | None:
        try:
            if row is None:
                raise RowError(wrong)
            record = read(self.shape, row, CHANNELS)
            first = self._seen.setdefault(record.external_id, number)
            if first != number:
                raise RowError(f"external_id: “{record.external_id}” stands in line {first} already")
            return record
        except RowError as error:
            self.report.bad.append({"line": number, "reason": str(error), "row": row})
            return None

    def _known(self, tx: Tx, external_ids: list[str]) -> set[str]:
        query = select(Request.external_id).where(
            Request.source == self.shape.source, Request.external_id.in_(external_ids)
        )
        return {one for one in tx.session.scalars(query) if one}

    def _take(self, tx: Tx, number: int, row: Row | None, record: Record) -> None:
        """One row in a savepoint: all of it, or nothing and a reason."""
        fresh = Report()
        met = dict(self._ids)
        try:
            with tx.savepoint():
                self._write(tx, record, fresh)
        except (Problem, DBAPIError) as error:
            self._ids = met
            problem = error if isinstance(error, Problem) else database_problem(error)
            if problem is None:
                raise
            self.report.bad.append({"line": number, "reason": problem.detail, "row": row})
            return
        for name in ("requests", "jobs", "sites", "accounts"):
            setattr(self.report, name, getattr(self.report, name) + getattr(fresh, name))
        for name, keys in fresh.made.items():
            self.report.made[name] += keys

    def _write(self, tx: Tx, record: Record, fresh: Report) -> None:
        account_id = self._account(tx, record, fresh) if record.account else None
        site_id = self._site(tx, record, account_id, fresh) if record.site_key else None
        type_id = self._job_type(tx, record.job_type) if record.job_type else None
        request = work.create_request(tx, self._request(record, account_id, site_id, type_id))
        fresh.requests = 1
        if record.state == "open" and site_id and type_id:
            work.convert_request(tx, request.id, {"due_at": record.due_at})
            fresh.jobs = 1

    def _request(
        self, record: Record, account_id: UUID | None, site_id: UUID | None, type_id: UUID | None
    ) -> dict[str, Any]:
        return {
            "source": self.shape.source,
            "external_id": record.external_id,
            "channel": record.channel,
            "subject": record.subject,
            "description": record.description,
            "priority": record.priority,
            "status": "new" if record.state == "open" else "closed",
            "reported_at": record.reported_at,
            "account_id": account_id,
            "site_id": site_id,
            "job_type_id": type_id,
            "details": record.details,
        }

    def _account(self, tx: Tx, record: Record, fresh: Report) -> UUID:
        key = f"{self.shape.source}/{record.account}"

        def make() -> UUID:
            fresh.accounts = 1
            fresh.made["accounts"] = [key]
            return create_account(tx, {"name": record.account, "external_id": key}).id

        return self._id(tx, Account, Account.external_id, key, make)

    def _site(self, tx: Tx, record: Record, account_id: UUID | None, fresh: Report) -> UUID:
        key = f"{self.shape.source}/{record.site_key}"

        def make() -> UUID:
            fresh.sites = 1
            fresh.made["sites"] = [key]
            place = point_wkt(*record.place) if record.place else None
            about = {"name": record.site_name, "address": record.address or None, "location": place}
            return create_site(tx, {**about, "account_id": account_id, "external_id": key}).id

        return self._id(tx, Site, Site.external_id, key, make)

    def _job_type(self, tx: Tx, code: str) -> UUID:
        def make() -> UUID:
            return create_job_type(tx, {**self.shape.job_types[code], "code": code, "requires_signature": False}).id

        return self._id(tx, JobType, JobType.code, code, make)

    def _id(self, tx: Tx, model: Any, column: Any, key: str, make: Callable[[], UUID]) -> UUID:
        """The id of the row with this key: met before, in the database, or made now."""
        name = (model.__tablename__, key)
        if name not in self._ids:
            found = tx.session.scalar(select(model.id).where(column == key, model.deleted_at.is_(None)))
            self._ids[name] = found or make()
        return self._ids[name]
