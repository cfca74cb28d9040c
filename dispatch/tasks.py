"""Background work of dispatch."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.kernel.db import Tx
from app.kernel.tasks import Handle, beginnings, task
from dispatch import plans
from dispatch.methods import tasks as methods
from dispatch.watching import tasks as watching

__all__ = ["make_plan", "methods", "watching"]


def _compile() -> None:
    """The search from its cache on disk: who waits for a repair should not wait for that too."""
    from dispatch.engine.improve import compile_now

    compile_now()


beginnings.append(_compile)


@task("dispatch.plan", urgent=True)
def make_plan(tx: Tx, handle: Handle, **args: Any) -> dict[str, Any] | None:
    """Makes the proposal of a plan."""
    plan_id = UUID(args["plan_id"])

    def report(share: float, message: str) -> None:
        handle.progress(share, message)
        plans.aside(tx, plan_id, progress=share, message=message)

    plans.make(tx, plan_id, report)
    return {"href": f"/api/v1/dispatch/plans/{plan_id}"}
