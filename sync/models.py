"""Tables of the feed and of what devices sent. Who writes them: see `feed.py` (stamps) and `push.py` (mutations)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    UniqueConstraint,
    func,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment

MUTATION_STATUSES = ("applied", "merged", "conflict", "rejected", "held")


class Owned:
    """Of one organisation, without a foreign key: these tables are written all the time, and a key locks its target."""

    org_id: Mapped[UUID] = mapped_column(server_default=func.current_org())


class Outbox(Owned, Base):
    """A row that may have changed (`content`), or whose scope may have; written by triggers, emptied by the drainer.

    ties: the scope of what hangs on the row may have changed with it.
    """

    __tablename__ = "sync_outbox"
    __table_args__ = (Index("ix_sync_outbox_org_id_id", "org_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    collection: Mapped[str]
    row_id: Mapped[UUID]
    content: Mapped[bool]
    ties: Mapped[bool] = mapped_column(server_default=true())
    at: Mapped[Moment] = mapped_column(server_default=func.now())


class State(Owned, Base):
    """The feed: one row for each record in each bucket that it lives in (`live`), or has left (a tombstone).

    `pos` is where the newest change stands. What phones can edit leaves in two steps: announced at `leaving_pos`,
    gone at `pos`, so that a phone gets the chance to push what it has not sent yet.
    """

    __tablename__ = "sync_state"
    __table_args__ = (
        PrimaryKeyConstraint("org_id", "collection", "row_id", "bucket"),
        Index("uq_sync_state_feed", "org_id", "bucket", "pos", unique=True),
        Index("ix_sync_state_leaving", "org_id", "bucket", "leaving_pos", postgresql_where="leaving_pos IS NOT NULL"),
        Index("ix_sync_state_tombstones", "org_id", "stamped_at", postgresql_where="NOT live"),
    )

    collection: Mapped[str]
    row_id: Mapped[UUID]
    bucket: Mapped[str]
    pos: Mapped[int] = mapped_column(BigInteger)
    live: Mapped[bool]
    leaving_pos: Mapped[int | None] = mapped_column(BigInteger)
    stamped_at: Mapped[Moment] = mapped_column(server_default=func.now())


class Counter(Owned, Base):
    """An organisation's newest position (`pos`) and newest forgotten tombstone (`floor`); its last local `day`, and the
    last that was `audited`."""

    __tablename__ = "sync_counters"
    __table_args__ = (PrimaryKeyConstraint("org_id"),)

    pos: Mapped[int] = mapped_column(BigInteger, server_default="0")
    floor: Mapped[int] = mapped_column(BigInteger, server_default="0")
    day: Mapped[str | None]
    audited: Mapped[str | None]


class View(Owned, Base):
    """What a user's buckets were when last looked at, and since which position. A change means a replacement."""

    __tablename__ = "sync_views"
    __table_args__ = (PrimaryKeyConstraint("org_id", "user_id"),)

    user_id: Mapped[UUID]
    digest: Mapped[str]
    since: Mapped[int] = mapped_column(BigInteger)


class Ticket(Owned, Base):
    """A place inside a replacement that needs more pages: `base` is the head when it began, `pos` how far it came.

    Never changed, so a page asked for twice, or late, is the same page.
    """

    __tablename__ = "sync_tickets"
    __table_args__ = (PrimaryKeyConstraint("org_id", "number"),)

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    user_id: Mapped[UUID]
    base: Mapped[int] = mapped_column(BigInteger)
    pos: Mapped[int] = mapped_column(BigInteger)
    issued_at: Mapped[Moment] = mapped_column(server_default=func.now())


class Revision(Owned, Base):
    """Which revision of a row stood at a position: what a client that was there can have seen of its fields."""

    __tablename__ = "sync_revisions"
    __table_args__ = (
        PrimaryKeyConstraint("org_id", "collection", "row_id", "pos"),
        Index("ix_sync_revisions_stamped_at", "org_id", "stamped_at"),
    )

    collection: Mapped[str]
    row_id: Mapped[UUID]
    pos: Mapped[int] = mapped_column(BigInteger)
    rev: Mapped[int]
    stamped_at: Mapped[Moment] = mapped_column(server_default=func.now())


class Client(Owned, Base):
    """What sync knows of a device: when it had nothing unsent, since when it waits for a number, how much it holds.

    watermelon: the last round of a WatermelonDB client, see `faces/watermelon/memory.py`.
    """

    __tablename__ = "sync_clients"
    __table_args__ = (PrimaryKeyConstraint("org_id", "device_id"),)

    device_id: Mapped[UUID]
    settled_at: Mapped[Moment | None]
    waiting_since: Mapped[Moment | None]
    scope_rows: Mapped[int | None]
    watermelon: Mapped[dict[str, Any] | None]


class StoredMutation(Owned, Base):
    """A mutation as it was sent, with what came of it. `held` ones wait for a number that is missing before them."""

    __tablename__ = "sync_mutations"
    __table_args__ = (
        PrimaryKeyConstraint("org_id", "device_id", "id"),
        CheckConstraint("status IN ('applied', 'merged', 'conflict', 'rejected', 'held')", name="status"),
        Index("ix_sync_mutations_held", "org_id", "device_id", "seq", postgresql_where=text("status = 'held'")),
        Index("ix_sync_mutations_received_at", "org_id", "received_at"),
    )

    device_id: Mapped[UUID]
    id: Mapped[UUID]
    seq: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[UUID]
    sent: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    received_at: Mapped[Moment] = mapped_column(server_default=func.now())


class Generation(Base):
    """A history of this database. A restored dump continues under a new one, so old cursors mean nothing to it.

    The one table without an organisation: it speaks of the whole database, and is read through functions only.
    """

    __tablename__ = "sync_generations"
    __table_args__ = (CheckConstraint("gen BETWEEN 1 AND 2047", name="gen"), UniqueConstraint("gen"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    gen: Mapped[int] = mapped_column(SmallInteger)
    system: Mapped[str]
    timeline: Mapped[int]
    begun_at: Mapped[Moment] = mapped_column(server_default=func.now())
