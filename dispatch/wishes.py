"""Which engineers a customer demands, prefers or does not want."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from app.kernel import rows
from app.kernel.db import Tx
from app.kernel.problems import invalid
from app.people.models import Engineer
from app.places.models import Account
from dispatch.models import CustomerEngineer


def listed(tx: Tx, account: Account) -> list[dict[str, Any]]:
    """The wishes of one customer as on the wire."""
    columns = (CustomerEngineer.engineer_id, CustomerEngineer.wish, CustomerEngineer.reason)
    query = select(*columns).where(CustomerEngineer.account_id == account.id).order_by(CustomerEngineer.engineer_id)
    return [dict(row._mapping) for row in tx.session.execute(query)]


def replace(tx: Tx, account: Account, wishes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The customer has exactly these wishes from now on. Raises 422 for an engineer who is not there or named twice."""
    named = [wish["engineer_id"] for wish in wishes]
    live = set(tx.session.scalars(select(Engineer.id).where(Engineer.id.in_(named), Engineer.deleted_at.is_(None))))
    for i, engineer_id in enumerate(named):
        if engineer_id not in live:
            raise invalid(f"/engineers/{i}/engineer_id", "There is no such engineer.")
        if engineer_id in named[:i]:
            raise invalid(f"/engineers/{i}/engineer_id", "This engineer is named twice.")
    tx.session.execute(delete(CustomerEngineer).where(CustomerEngineer.account_id == account.id))
    if wishes:
        tx.session.execute(insert(CustomerEngineer), [{"account_id": account.id, **wish} for wish in wishes])
    after = listed(tx, account)
    rows.written(tx, account, "updated", {"engineers": rows.plain(after)})
    return after
