"""How a database and the models differ."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from app.kernel.db import Base
from migrations import all_models


def differences(connection: Connection) -> list[object]:
    """Alembic's list of what would have to change; empty when they are equal."""
    options = {"include_object": all_models.ours, "compare_type": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))
