"""A day that is under way: late morning where the organisation is, whatever the time of the test."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from app.kernel import clock
from app.people.models import Engineer, Shift
from app.positions import commands as positions
from app.work.models import Visit
from dispatch.watching import alerting
from tests import factories
from tests.dispatch.methods.scene import Scene

AHEAD = 11 - clock.now().hour
ZONE = f"Etc/GMT{'-' if AHEAD >= 0 else '+'}{abs(AHEAD)}"  # POSIX counts the other way round


def soon(minutes: float) -> datetime:
    """A moment from now."""
    return clock.now() + timedelta(minutes=minutes)


class Today(Scene):
    """A scene whose engineers are at work now, from two hours ago to six hours ahead."""

    def __init__(self) -> None:
        self.zone = ZONE
        self.skills = {}
        self.__post_init__()

    def on_duty(self, lon: float) -> Any:
        """An engineer at work, signed in, located, at home at (lon, 0)."""
        person = self.engineer(lon, shift=None)
        factories.add(self.org_id, Shift(engineer_id=person.id, starts_at=soon(-120), ends_at=soon(360)))
        with factories.within(self.org_id) as tx:
            tx.get(Engineer, person.id).consent_tracking = True
        return self.phone(person)

    def told(self, phone: Any, lon: float, minutes: float, **window: float) -> Visit:
        """A visit at (lon, 0) dispatched to an engineer for so many minutes from now."""
        bounds = {name: soon(value) for name, value in window.items()}
        visit = self.visit(lon, window=None, visit=bounds)
        body = {"engineer_id": str(phone.engineer_id), "start": soon(minutes).isoformat()}
        answer = self.office.post(
            f"/api/v1/visits/{visit.id}/assign", json={**body, "force": True, "reason": "a scene is set"}
        )
        assert answer.status_code == 200, answer.get_json()
        return visit

    def step(self, phone: Any, visit: Visit, *steps: str) -> None:
        """Takes steps of a visit on the phone."""
        for to in steps:
            answer = phone.post(f"/api/v1/visits/{visit.id}/transitions", json={"to": to})
            assert answer.status_code == 200, answer.get_json()

    def moved(self, phone: Any, *fixes: tuple[float, float], accuracy: float = 10) -> None:
        """Fixes of an engineer: (minutes from now, lon)."""
        batch = [{"at": soon(at), "lat": 0.0, "lon": lon, "accuracy": accuracy} for at, lon in fixes]
        with factories.within(self.org_id) as tx:
            assert positions.record(tx, batch, phone.engineer_id).stored == len(fixes)

    def look(self) -> list[tuple[str, Any]]:
        """What a minute's look notices anew."""
        with factories.within(self.org_id) as tx:
            return sorted((alert.kind, alert.engineer_id) for alert in alerting.watch_day(tx))

    def alerts(self, **query: Any) -> list[dict[str, Any]]:
        """Alerts as the desk sees them."""
        words = "&".join(f"{name}={value}" for name, value in query.items())
        return self.office.get(f"/api/v1/alerts?{words}").get_json()["items"]  # type: ignore[no-any-return]
