"""A phone that comes back from where there is no signal and disagrees with the office."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.kernel.ids import new_id
from tests.browser.house import House
from tests.browser.steps import PASSWORD, call, office


class OfflinePhone:
    """The phone of engineer1, which wrote the access notes of a site without having seen what the office wrote."""

    def __init__(self, house: House) -> None:
        self.house, self.office, self.device, self.seq = house, office(house), str(new_id()), 0
        device = {"id": self.device, "name": "Cellar phone", "platform": "android", "app_version": "1"}
        signed_in = {"email": "engineer1@demo.callout", "password": PASSWORD, "device": device}
        self.token = call(house, "/auth/token", body=signed_in)["access_token"]
        visit = call(house, "/visits?limit=1", self.token)["items"][0]
        self.site_id = call(house, f"/jobs/{visit['job_id']}", self.office)["site_id"]

    def site(self) -> dict[str, Any]:
        return dict(call(self.house, f"/sites/{self.site_id}", self.office))

    def disagree(self, phone: str, desk: str) -> None:
        """Both write the same field from the same revision; the phone is heard last."""
        rev, self.seq = self.site()["rev"], self.seq + 1
        call(self.house, f"/sites/{self.site_id}", self.office, {"access_notes": desk}, rev)
        mutation = {
            "id": str(new_id()), "seq": self.seq, "collection": "sites", "row_id": self.site_id, "type": "update",
            "base_rev": rev, "data": {"access_notes": phone}, "device_at": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        pushed = call(self.house, "/sync/push", self.token, {"device_id": self.device, "mutations": [mutation]})
        assert [result["status"] for result in pushed["results"]] == ["conflict"], pushed
