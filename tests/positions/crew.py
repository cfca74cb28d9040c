"""An engineer on shift, for the tests of this room."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

from app.kernel import clock
from app.people.models import Engineer, Shift
from tests import factories
from tests.factories import Client, client, within

SHIFT_START = clock.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=8)


def on_shift(role: str = "engineer", org_id: UUID | None = None, consent: bool = True) -> Client:
    """A signed-in engineer who has consented and has been on shift for the last eight hours, and is still."""
    signed_in = client(role, org_id)
    assert signed_in.engineer_id
    factories.add(
        signed_in.org_id,
        Shift(engineer_id=signed_in.engineer_id, starts_at=SHIFT_START, ends_at=SHIFT_START + timedelta(hours=10)),
    )
    with within(signed_in.org_id) as tx:
        tx.get(Engineer, signed_in.engineer_id).consent_tracking = consent
    return signed_in


def fix(seconds: float, lat: float = 31.23, lon: float = 121.47, **more: Any) -> dict[str, Any]:
    """A fix some seconds after the start of the shift, as on the wire."""
    at = (SHIFT_START + timedelta(seconds=seconds)).astimezone(UTC)
    return {"at": at.isoformat(), "lat": lat, "lon": lon, **more}


def send(engineer: Client, *fixes: dict[str, Any], **more: Any) -> Any:
    """The answer to a batch."""
    return engineer.post("/api/v1/positions", json={"positions": list(fixes), **more})
