"""What the relay does beside handing out tasks: chains audit entries, forgets what may be forgotten."""

from __future__ import annotations

from sqlalchemy import text

from app.kernel import audit
from app.kernel.actor import system_actor
from app.kernel.db import new_session, transaction


def seal_audit() -> int:
    """Chains the unsealed audit entries of every organisation. Returns how many."""
    with new_session() as session, session.begin():
        organisations = session.scalars(text("SELECT organisations_with_unsealed_audit()")).all()
    sealed = 0
    for org_id in organisations:
        with transaction(system_actor(org_id)) as tx:
            sealed += audit.seal(tx)
    return sealed


def forget() -> None:
    """Removes stored answers after 7 days, events and finished tasks after 30."""
    with new_session() as session, session.begin():
        session.execute(text("SELECT kernel_housekeeping()"))
