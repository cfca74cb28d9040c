"""Organisations and their people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, FetchedValue, String, func
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment
from app.kernel.ids import new_id


class Organisation(Base):
    """One company that uses Callout; every other row belongs to exactly one."""

    __tablename__ = "organisations"
    __table_args__ = (CheckConstraint("locale IN ('en', 'zh-CN')", name="locale"),)
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    rev: Mapped[int] = mapped_column(server_default="1", server_onupdate=FetchedValue())
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now(), server_onupdate=FetchedValue())
    name: Mapped[str]
    timezone: Mapped[str] = mapped_column(server_default="UTC")
    locale: Mapped[str] = mapped_column(server_default="en")
    currency: Mapped[str] = mapped_column(String(3), server_default="EUR")
    settings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
