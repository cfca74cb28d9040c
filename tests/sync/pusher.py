"""A device that pushes into the small world."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.ids import new_id
from app.kernel.permissions import Role
from sync.push import push
from tests.sync.world import World


class Pusher:
    """A device that numbers its mutations."""

    def __init__(self, world: World, user_id: UUID | None = None) -> None:
        self.world = world
        self.user_id = user_id or world.user()
        self.device_id = new_id()
        self.actor = Actor(world.org_id, Role.ENGINEER, self.user_id, "Erin", device_id=self.device_id)
        self.seq = 0

    def mutation(self, row_id: UUID, kind: str = "update", base_rev: int | None = 1, **data: Any) -> dict[str, Any]:
        self.seq += 1
        return {
            "id": new_id(),
            "seq": self.seq,
            "collection": "tw_notes" if kind == "create" else "tw_visits",
            "row_id": str(row_id),
            "type": kind,
            "base_rev": base_rev,
            "data": data,
            "device_at": clock.now().isoformat(),
        }

    def push(self, *mutations: dict[str, Any]) -> dict[str, Any]:
        with self.world.tx(self.actor) as tx:
            answer: dict[str, Any] = orjson.loads(push(tx, self.device_id, [dict(m) for m in mutations]))
            return answer

    def conflicts(self) -> list[Any]:
        with self.world.tx() as tx:
            query = text("SELECT * FROM conflicts WHERE device_id = :device ORDER BY created_at, id")
            return list(tx.session.execute(query, {"device": self.device_id}))

    def row(self, visit_id: UUID) -> Any:
        with self.world.tx() as tx:
            return tx.session.execute(text("SELECT * FROM tw_visits WHERE id = :id"), {"id": visit_id}).one()


def statuses(answer: dict[str, Any]) -> list[str]:
    return [result["status"] for result in answer["results"]]


def without_mark(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [{key: value for key, value in result.items() if key != "replayed"} for result in answer["results"]]
