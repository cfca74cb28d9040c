"""The people of the demo day, who are not there yet while it is being made: `up` serves before it is done."""

from __future__ import annotations

from sqlalchemy import func, select

from app.kernel.config import config
from app.kernel.db import new_session
from app.kernel.problems import ProblemType
from app.people.rules import DEMO_DOMAIN, is_demo_address

BEING_MADE = ProblemType("demo-being-made", 503, "The demo day is being made")
FIRST = f"admin{DEMO_DOMAIN}"
WAIT_S = 2


def demand_made(email: str) -> None:
    """Raises 503 for somebody of the demo day before there is any: the right password would be called wrong. In a demo
    only, and whatever the password is."""
    if config().mode == "demo" and is_demo_address(email) and not _anybody(email, FIRST):
        raise BEING_MADE(
            "The demo day is being made, which takes up to a minute. Nobody of it can sign in before.",
            retry_after=WAIT_S,
        )


def _anybody(*addresses: str) -> bool:
    with new_session() as session, session.begin():
        return any(
            session.execute(select(func.sign_in_lookup(email).table_valued("org_id"))).first() for email in addresses
        )
