"""Following a job without an account, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.kernel import clock
from app.places.models import Account, Contact
from app.work import commands as work
from app.work.models import Visit
from tests import factories

PHONE, DIGITS = "+86 138-0013-8042", "8042"


@dataclass
class Case:
    """A dispatched visit of tomorrow, its engineer, and the code of its customer."""

    engineer: factories.Client
    visit: Visit
    code: str

    def ask(self, digits: str = DIGITS) -> Any:
        return stranger().post(f"/api/v1/track/{self.code}", json={"digits": digits})

    def answer(self, to: str, reason: str | None = None, visit_id: UUID | None = None) -> Any:
        body = {"digits": DIGITS, "visit_id": str(visit_id or self.visit.id), "to": to, "reason": reason}
        return stranger().post(f"/api/v1/track/{self.code}/answers", json=body)

    def step(self, *to: str) -> None:
        for status in to:
            done = self.engineer.post(f"/api/v1/visits/{self.visit.id}/transitions", json={"to": status})
            assert done.status_code == 200, done.json


def stranger() -> Any:
    return factories.app().test_client()


@pytest.fixture
def case() -> Case:
    engineer = factories.client("engineer")
    org_id = engineer.org_id
    account = factories.add(org_id, Account(name="Lin & Sons"))
    contact = factories.add(org_id, Contact(account_id=account.id, name="Lin", phone=PHONE))
    site = factories.site(org_id, account_id=account.id)
    visit = factories.visit(org_id, engineer.engineer_id, site_id=site.id, account_id=account.id, contact_id=contact.id)
    start = clock.now() + timedelta(days=1)
    with factories.within(org_id) as tx:
        plan = {"window_start": start, "window_end": start + timedelta(hours=2)}
        work.update_visit(tx, tx.get(Visit, visit.id, lock=True), plan)
    link: Any = factories.client("dispatcher", org_id).get(f"/api/v1/jobs/{visit.job_id}/track-link")
    assert link.status_code == 200
    return Case(engineer, visit, link.json["code"])


def test_a_customer_sees_the_promise_who_comes_and_what_happened(case: Case) -> None:
    case.step("accepted")
    told = case.ask().json
    assert told["organisation"] == "Careful Repairs"
    (visit,) = told["visits"]
    assert visit["status"] == "accepted"
    assert visit["engineer"] == "Some"
    assert [happening["status"] for happening in visit["timeline"]] == ["scheduled", "dispatched", "accepted"]
    assert visit["may_cancel"] is True
    assert visit["live"] is None


def test_a_wrong_code_and_wrong_digits_are_answered_alike(case: Case) -> None:
    wrong = case.ask("0000")
    nowhere = stranger().post(f"/api/v1/track/{'A' * 64}", json={"digits": DIGITS})
    assert wrong.status_code == nowhere.status_code == 404
    assert wrong.json["detail"] == nowhere.json["detail"]


def test_guessing_digits_ends_after_five_misses_also_with_the_right_ones(case: Case) -> None:
    assert [case.ask(f"000{n}").status_code for n in range(6)] == [404] * 5 + [429]
    refused = case.ask()
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_a_visit_of_tomorrow_is_called_off_and_the_reason_is_kept(case: Case) -> None:
    assert case.answer("cancelled").status_code == 422
    done = case.answer("cancelled", "We are away.")
    assert done.status_code == 200
    assert done.json["visits"][0]["status"] == "cancelled"
    with factories.within(case.engineer.org_id) as tx:
        assert tx.get(Visit, case.visit.id).cancel_reason == "We are away."


def test_once_somebody_is_on_the_way_only_the_office_cancels(case: Case) -> None:
    case.step("accepted", "en_route")
    refused = case.answer("cancelled", "Too late")
    assert refused.status_code == 409
    assert refused.json["type"] == "/problems/illegal-transition"


def test_what_was_done_is_confirmed_or_disputed_once(case: Case) -> None:
    assert case.answer("confirmed").status_code == 409
    case.step("accepted", "en_route", "on_site", "working", "completed")
    assert case.ask().json["visits"][0]["may_answer"] is True
    disputed = case.answer("disputed", "It still leaks.")
    assert disputed.status_code == 200, disputed.json
    assert disputed.json["visits"][0]["status"] == "disputed"
    assert case.answer("confirmed").status_code == 409


def test_the_visit_of_somebody_else_is_not_there(case: Case) -> None:
    other = factories.visit(case.engineer.org_id, case.engineer.engineer_id)
    assert case.answer("cancelled", "Not mine", other.id).status_code == 404


def test_a_position_is_shown_only_on_the_way(case: Case) -> None:
    consent = case.engineer.put("/api/v1/me/tracking-consent", json={"consent": True})
    assert consent.status_code == 200
    now = clock.now()
    shift = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=8)}
    body = {name: value.isoformat() for name, value in shift.items()} | {"engineer_id": str(case.engineer.engineer_id)}
    assert factories.client("manager", case.engineer.org_id).post("/api/v1/shifts", json=body).status_code == 201
    case.step("accepted")
    _stand(case, 121.40)
    assert case.ask().json["visits"][0]["live"] is None
    case.step("en_route")
    assert case.ask().json["visits"][0]["live"] is None  # the fix is of before
    _stand(case, 121.45)
    live = case.ask().json["visits"][0]["live"]
    assert live["location"]["coordinates"] == [121.45, 31.2]
    assert live["arrives_at"] > now.isoformat()[:16]
    case.step("on_site")
    assert case.ask().json["visits"][0]["live"] is None


def _stand(case: Case, lon: float) -> None:
    fix = {"at": clock.now().isoformat(), "lat": 31.2, "lon": lon, "accuracy": 5}
    sent: Any = case.engineer.post("/api/v1/positions", json={"positions": [fix]})
    assert sent.json["stored"] == 1, sent.json
