"""Human numbers such as `J-2026-000123`, given by the server only."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert

from app.kernel.db import Tx
from app.kernel.models import NumberCounter


def next_numbers(tx: Tx, kind: str, count: int = 1) -> list[str]:
    """`count` fresh numbers of `kind` (one letter) in this year of UTC, in order."""
    year = tx.now.year
    statement = (
        insert(NumberCounter)
        .values(kind=kind, year=year, value=count)
        .on_conflict_do_update(index_elements=["org_id", "kind", "year"], set_={"value": NumberCounter.value + count})
        .returning(NumberCounter.value)
    )
    last = tx.session.scalars(statement).one()
    return [f"{kind}-{year}-{value:06d}" for value in range(last - count + 1, last + 1)]
