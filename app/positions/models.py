"""Fixes of engineers' positions, the newest of each, and the trackers that may send them."""

from __future__ import annotations

from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import REAL, CheckConstraint, Index, LargeBinary, PrimaryKeyConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment, Row, Tenant, tenant_fk

PERMISSIONS = ("granted", "while_open", "denied", "off")


class Fix(Tenant):
    """What a fix says: metres, metres per second, degrees clockwise from north, battery in percent.

    `mock`: the phone itself says that the position was made up.
    """

    engineer_id: Mapped[UUID]
    at: Mapped[Moment]
    location: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    accuracy: Mapped[float | None] = mapped_column(REAL)
    speed: Mapped[float | None] = mapped_column(REAL)
    bearing: Mapped[float | None] = mapped_column(REAL)
    altitude: Mapped[float | None] = mapped_column(REAL)
    battery: Mapped[float | None] = mapped_column(REAL)
    mock: Mapped[bool] = mapped_column(server_default="false")
    received_at: Mapped[Moment] = mapped_column(server_default=func.now())


class Position(Fix, Base):
    """One fix, stored once, whatever order they come in. One partition a month (`positions_cover` makes them).

    No foreign key to engineers: rows come by the million, and only from an actor that is one.
    """

    __tablename__ = "positions"
    __table_args__ = (
        PrimaryKeyConstraint("org_id", "engineer_id", "at"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    device_id: Mapped[UUID | None]


class LatestPosition(Fix, Base):
    """The newest fix of each engineer, so that the live map reads as many rows as there are engineers."""

    __tablename__ = "latest_positions"
    __table_args__ = (PrimaryKeyConstraint("org_id", "engineer_id"), tenant_fk("engineer_id", "engineers"))


class TrackerHealth(Tenant, Base):
    """What a phone last said of its tracker: permission to locate, battery in percent, seconds between fixes."""

    __tablename__ = "tracker_health"
    __table_args__ = (
        PrimaryKeyConstraint("org_id", "engineer_id"),
        tenant_fk("engineer_id", "engineers"),
        CheckConstraint(f"permission IN ({', '.join(repr(p) for p in PERMISSIONS)})", name="permission"),
    )

    engineer_id: Mapped[UUID]
    at: Mapped[Moment]
    permission: Mapped[str]
    battery: Mapped[float | None] = mapped_column(REAL)
    interval_s: Mapped[int | None]


class Tracker(Row, Base):
    """A program that sends fixes for an engineer (OwnTracks, Traccar Client, OsmAnd), known by a secret token."""

    __tablename__ = "trackers"
    __table_args__ = (
        tenant_fk("engineer_id", "engineers"),
        CheckConstraint("length(token_hash) = 32", name="token_hash"),
        Index("uq_trackers_token_hash", "token_hash", unique=True),
        Index("ix_trackers_engineer", "org_id", "engineer_id"),
    )

    engineer_id: Mapped[UUID]
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
