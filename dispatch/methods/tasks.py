"""What happens by itself: waiting visits find somebody, offers run out, answers count."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.kernel.db import Tx
from app.kernel.events import on
from app.kernel.tasks import Handle, task
from dispatch.methods import offering


@on("visit.waiting")
def place_waiting(tx: Tx, handle: Handle, **args: Any) -> None:
    """Does with a waiting visit what its method says."""
    offering.place(tx, UUID(args["visit_id"]), args["method"])


@task("dispatch.offer_expired")
def end_offer(tx: Tx, handle: Handle, **args: Any) -> None:
    """Ends an offer that nobody answered."""
    offering.expire(tx, UUID(args["offer_id"]))


@on("job.held")
def withdraw_offers(tx: Tx, handle: Handle, **args: Any) -> None:
    """Takes back what was offered of a job that is on hold now."""
    offering.withdraw_held(tx, UUID(args["id"]))


@on("job.resumed")
def offer_again(tx: Tx, handle: Handle, **args: Any) -> None:
    """Does with the visits of a job that goes on what their method says."""
    offering.resume(tx, UUID(args["id"]))


@on("visit.offer_answered")
def take_answer(tx: Tx, handle: Handle, **args: Any) -> None:
    """Notes the answer to an offer; after a refusal the next one is asked."""
    offering.answered(tx, UUID(args["visit_id"]), args["to"], args.get("reason"))
