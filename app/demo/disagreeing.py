"""A phone that comes back from a cellar and disagrees with the office: whoever looks at the demo finds a conflict."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson

from app.demo.day import Day, Task
from app.demo.doing import acting
from app.demo.world import Technician, World
from app.kernel.actor import system_actor
from app.kernel.db import Tx, transaction
from app.kernel.ids import new_id
from app.places import commands as places
from app.places.models import Site
from sync.push import push

OFFLINE_FOR = timedelta(minutes=50)
# English and Chinese, as the customer's notes are.
OFFICE_SAYS = ("Ring at the gate, the porter has the key.", "请按大门门铃，钥匙在门卫处。")
PHONE_SAYS = (
    "The porter has gone. Gate code 4471, then the lift on the left.",
    "门卫已撤。大门密码 4471，乘左侧电梯。",
)


def disagree(world: World, day: Day) -> bool:
    """The office and the phone of one engineer write the access notes of the same site; the phone is heard last.

    False where nobody but the first engineer (who is left to the visitor) has work on that day.
    """
    task = next((task for task in day.tasks if task.technician in world.technicians[1:]), None)
    if task is None or task.technician is None:
        return False
    with transaction(system_actor(world.org_id)) as tx:
        site = tx.find(Site, task.site.id)
        if site is None:
            return False
        seen = site.rev
        office = acting(tx, world, world.office["dispatcher"], tx.now)
        places.update_site(office, site, {"access_notes": OFFICE_SAYS[task.site.customer.chinese]})
    with transaction(system_actor(world.org_id)) as tx:
        return _comes_back(tx, world, task, task.technician, seen)


def _comes_back(tx: Tx, world: World, task: Task, technician: Technician, seen: int) -> bool:
    """The phone pushes what it wrote while it was offline, having seen the site at revision `seen`."""
    phone = acting(tx, world, technician.user, tx.now, technician.id)
    change: dict[str, Any] = {
        "id": new_id(),
        "seq": 1,
        "collection": "sites",
        "row_id": str(task.site.id),
        "type": "update",
        "base_rev": seen,
        "data": {"access_notes": PHONE_SAYS[task.site.customer.chinese]},
        "device_at": (tx.now - OFFLINE_FOR).isoformat(),
    }
    answer = orjson.loads(push(phone, new_id(), [change]))
    return [one["status"] for one in answer["results"]] == ["conflict"]
