"""What was told, as the office reads it. The text of a code that leaves is nobody's but its receiver's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel import rows, vault
from app.kernel.config import config
from app.kernel.db import Tx
from app.notices.models import Notice

NEWEST = 100


def listed(tx: Tx, job_id: UUID | None = None) -> list[dict[str, Any]]:
    """The newest notices first, of one job or of all."""
    columns = (*rows.wire_columns(Notice, "key"), Notice.org_id)
    query = select(*columns).order_by(Notice.created_at.desc(), Notice.id.desc())
    if job_id is not None:
        query = query.where(Notice.job_id == job_id)
    return [_told(dict(row)) for row in tx.session.execute(query.limit(NEWEST)).mappings()]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """In a demo from which nothing leaves, whoever plays the customer reads the code here."""
    org_id, sealed = row.pop("org_id"), row.pop("sealed")
    if sealed and row["state"] == "shown" and config().mode == "demo":
        row["body"] = vault.decrypt(vault.CODE, org_id, row["id"], sealed).decode()
    return row
