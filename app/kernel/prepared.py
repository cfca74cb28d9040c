"""Statements that PostgreSQL plans once a connection: to plan them would take longer than to run them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import psycopg2
from psycopg2.errors import InvalidSqlStatementName
from sqlalchemy import ColumnElement, Result, SelectBase, TextClause, cast, literal_column, text
from sqlalchemy.dialects.postgresql import dialect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from app.kernel.problems import UNAVAILABLE

MAX_PLANS = 100
DIALECT: Any = dialect(paramstyle="named")  # type: ignore[no-untyped-call]
PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)\b")


@dataclass(frozen=True)
class Prepared:
    """A statement with `:named` parameters, each cast where its type does not follow from its place."""

    name: str
    sql: str
    call: TextClause
    parameters: tuple[str, ...]

    def run(self, session: Session, values: Mapping[str, Any]) -> Result[Any]:
        """Executes it with those of `values` that it uses; prepares it first where this connection does not know it."""
        connection = session.connection()
        known: dict[str, None] = connection.info.setdefault("prepared", {})
        if self.name not in known:
            # Not through SQLAlchemy: it happens once a connection, whoever counts statements need not know.
            cursor = connection.connection.cursor()
            try:
                if len(known) >= MAX_PLANS:
                    oldest = next(iter(known))
                    cursor.execute(f"DEALLOCATE {oldest}")
                    del known[oldest]
                cursor.execute(f"PREPARE {self.name} AS {self.sql}")
            except psycopg2.Error as error:  # lost connections, locks, deadlocks: known by SQLAlchemy's names
                raise DBAPIError.instance(f"PREPARE {self.name}", None, error, psycopg2.Error) from error
            known[self.name] = None
        try:
            return session.execute(self.call, {name: values[name] for name in self.parameters})
        except OperationalError as error:
            if isinstance(error.orig, InvalidSqlStatementName):  # somebody between us and the database changed sessions
                known.clear()
                raise UNAVAILABLE("The database forgot what it was told; send it again.", retry_after=1) from error
            raise


@lru_cache(maxsize=512)
def prepared(sql: str, comment: str) -> Prepared:
    """The prepared form of `sql`. comment: a word about it, for whoever reads the database's log."""
    parameters = tuple(dict.fromkeys(PARAMETER.findall(sql)))
    numbered = PARAMETER.sub(lambda found: f"${parameters.index(found[1]) + 1}", sql)
    name = f"plan_{hashlib.sha256(sql.encode()).hexdigest()[:20]}"
    arguments = ", ".join(f":{parameter}" for parameter in parameters)
    call = f"EXECUTE {name} ({arguments})" if parameters else f"EXECUTE {name}"
    return Prepared(name, numbered, text(f"{call} /* {comment} */"), parameters)


def given(name: str, type_: TypeEngine[Any] | type[TypeEngine[Any]]) -> ColumnElement[Any]:
    """A parameter of a query for `planned`."""
    return cast(literal_column(f":{name}"), type_)


def planned(query: SelectBase, comment: str) -> Prepared:
    """The prepared form of a query whose parameters are `given`; every other value in it is part of the statement."""
    return prepared(str(query.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})), comment)
