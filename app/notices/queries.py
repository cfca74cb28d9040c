"""What was told, as the office reads it. The text of a code is nobody's but its receiver's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel import rows
from app.kernel.db import Tx
from app.notices.models import Notice

NEWEST = 100


def listed(tx: Tx, job_id: UUID | None = None) -> list[dict[str, Any]]:
    """The newest notices first, of one job or of all."""
    query = select(*rows.wire_columns(Notice, "sealed", "key")).order_by(Notice.created_at.desc(), Notice.id.desc())
    if job_id is not None:
        query = query.where(Notice.job_id == job_id)
    return [dict(row) for row in tx.session.execute(query.limit(NEWEST)).mappings()]
