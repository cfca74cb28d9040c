"""The database: declarative base, column types, and the one place that opens and ends transactions."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, ClassVar, TypeVar, cast
from uuid import UUID

from sqlalchemy import (
    Connection,
    Engine,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    MetaData,
    Table,
    create_engine,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column
from sqlalchemy.types import TypeEngine

from app.kernel import clock, gathering
from app.kernel.actor import Actor
from app.kernel.config import config
from app.kernel.gathering import GatheringSession
from app.kernel.ids import new_id
from app.kernel.problems import not_found

Timestamp = TIMESTAMP(timezone=True, precision=3)
Moment = Annotated[datetime, mapped_column(Timestamp)]


class Base(DeclarativeBase):
    """Base of all tables. Constraint names are predictable, so that problems and migrations can name them."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, TypeEngine[Any]]] = {
        datetime: Timestamp,
        dict[str, Any]: JSONB(none_as_null=True),
    }
    __table__: ClassVar[Table]


def tenant_fk(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key inside one organisation: `column` can only name a row of `table` of the same organisation."""
    return ForeignKeyConstraint(["org_id", column], [f"{table}.org_id", f"{table}.id"])


class Tenant:
    """A row of exactly one organisation; row-level security hides it from all others."""

    @declared_attr
    def org_id(cls) -> Mapped[UUID]:
        return mapped_column(ForeignKey("organisations.id"), server_default=func.current_org())


class Row(Tenant):
    """What every business row carries; the key is (org_id, id), so that foreign keys cannot cross organisations.

    `rev` and `updated_at` are kept by a trigger (`row_changed`), so plain SQL counts too.
    """

    __mapper_args__: ClassVar[Any] = {"eager_defaults": True}

    @declared_attr
    def org_id(cls) -> Mapped[UUID]:
        return mapped_column(ForeignKey("organisations.id"), primary_key=True, server_default=func.current_org())

    # The sentinel tells rows apart when many are inserted at once and their server defaults come back.
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, insert_sentinel=True)
    rev: Mapped[int] = mapped_column(server_default="1", server_onupdate=FetchedValue())
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now(), server_onupdate=FetchedValue())
    deleted_at: Mapped[Moment | None]


R = TypeVar("R", bound=Row)
T = TypeVar("T")


@dataclass
class Memory:
    """What a transaction of many commands was told in bulk, so that single commands need not ask again.

    rows: {(model, id): (row, is it locked)}. Locked ones, and those that it made, nobody else changes before its end.
    facts: answers to questions, by question.
    """

    rows: dict[tuple[type[Row], UUID], tuple[Row, bool]] = field(default_factory=dict)
    facts: dict[Hashable, Any] = field(default_factory=dict)

    def keep(self, rows: Iterable[Row], *, locked: bool = False) -> None:
        for row in rows:
            self.rows[type(row), row.id] = (row, locked)


@dataclass
class Tx:
    """One transaction of one actor: what commands and queries are given. The opener decides its fate, nobody else."""

    session: Session
    actor: Actor
    now: datetime
    memory: Memory | None = None

    def find(self, model: type[R], row_id: UUID, *, lock: bool = False) -> R | None:
        """The live row with this id in the actor's organisation, or None. `lock` takes it for changing, read anew."""
        if self.memory and (known := self.memory.rows.get((model, row_id))) and known[1] >= lock:
            return cast("R", known[0]) if known[0].deleted_at is None else None
        query = select(model).where(model.id == row_id, model.deleted_at.is_(None))
        if lock:
            # No key ever changes, so whoever only refers to the row need not wait.
            query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
        return self.session.scalars(query).one_or_none()

    def get(self, model: type[R], row_id: UUID, *, lock: bool = False) -> R:
        """Like `find`, but raises a 404 problem when there is no such row."""
        row = self.find(model, row_id, lock=lock)
        if row is None:
            raise not_found(model.__name__.lower())
        return row

    def add(self, row: R) -> R:
        """Inserts `row` now, so that its constraints speak here and its server defaults are filled in."""
        self.session.add(row)
        self.session.flush()
        return row

    def insert(self, model: type[R], values: dict[str, Any]) -> R:
        """Inserts a row by itself: unlike `add`, it lets everything wait that was appended and settled before.

        Nothing of `values` may name a row that waits.
        """
        statement = insert(model).returning(model).execution_options(autoflush=False)
        return self.session.scalars(statement, [values]).one()

    def append(self, row: R) -> R:
        """Inserts `row` at the latest before the next query, many at once; what the database fills in is not known yet.

        For facts that follow one another: nobody asks for their server defaults, and their constraints may speak later.
        """
        row.id, row.org_id, row.rev = row.id or new_id(), self.actor.org_id, 1
        if self.memory:
            gathering.make(self.session, row)
            self.memory.keep([row], locked=True)
        else:
            self.session.add(row)
        return row

    def settle(self, row: Row, **values: Any) -> int:
        """Sets columns of `row` and returns the revision that it has with them.

        Among many commands several changes of a row are written as one: with a memory, at the latest before the next
        query. A value that would undo an unwritten change lets that be written first, so that it counts.
        """
        if self.memory:
            return gathering.change(self.session, row, values)
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
        self.session.flush()
        return row.rev

    def recall(self, question: Hashable, ask: Callable[[], T]) -> T:
        """The answer to `question`, asked once by a transaction that has a memory, every time by one that has none."""
        if self.memory is None:
            return ask()
        if question not in self.memory.facts:
            self.memory.facts[question] = ask()
        return cast("T", self.memory.facts[question])

    def known(self, question: Hashable) -> Any:
        """The answer to `question` that was learnt or given in bulk, else None. Asks nobody."""
        return self.memory.facts.get(question) if self.memory else None

    def learn(self, question: Hashable, answer: Any) -> None:
        """Remembers what a deed has made of an answer."""
        if self.memory:
            self.memory.facts[question] = answer

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What happens inside is undone when it raises; the transaction goes on."""
        with self.session.begin_nested():
            yield


_pools: list[Engine] = []


@lru_cache(maxsize=4)
def engine(url: str | None = None, size: int | None = None) -> Engine:
    """The connection pool of this process for `url`: at most `size` connections, each checked before use."""
    pool = create_engine(
        url or config().database_url,
        pool_size=size or config().pool_size,
        max_overflow=0,
        pool_use_lifo=True,  # the connection used last is warm: its plans and caches are made
        pool_pre_ping=True,
        pool_timeout=10,
    )
    _pools.append(pool)
    return pool


def close_pools() -> None:
    """Closes the idle connections of every pool of this process."""
    for pool in _pools:
        pool.dispose()


_bind: Connection | None = None


def bind(connection: Connection | None) -> None:
    """For tests: run every transaction as a savepoint of `connection` (None: back to the pool)."""
    global _bind
    _bind = connection


def new_session(pool: Engine | None = None) -> Session:
    """A session on `pool` (default: the application's), or inside the test's outer transaction."""
    if _bind is not None:
        return GatheringSession(_bind, expire_on_commit=False, join_transaction_mode="create_savepoint")
    return GatheringSession(pool or engine(), expire_on_commit=False)


def enter_organisation(session: Session, org_id: UUID, user_id: UUID | None = None) -> None:
    """Sets the organisation (row-level security) and the user (audit) for the rest of this transaction."""
    session.execute(
        text("SELECT set_config('callout.org_id', :org, true), set_config('callout.user_id', :user, true)"),
        {"org": str(org_id), "user": str(user_id or "")},
    )


@contextmanager
def transaction(actor: Actor) -> Iterator[Tx]:
    """A transaction for `actor`: committed at the end, rolled back when anything raises."""
    with new_session() as session, session.begin():
        enter_organisation(session, actor.org_id, actor.user_id)
        yield Tx(session, actor, clock.now())
