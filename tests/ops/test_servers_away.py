"""PostgreSQL restarted and Redis gone under a running `up`: clients are told to come back, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from app.walkthrough import house
from app.walkthrough.http import Client
from ops.postgres import Postgres
from ops.processes import wait_until
from ops.redis import Redis

pytestmark = pytest.mark.faults
BACK_S = 60


@pytest.fixture(scope="module")
def base(data: Path) -> Iterator[str]:
    with house.server(data) as address:
        yield address


@pytest.fixture
def dispatcher(base: str) -> Client:
    client = Client(base)
    client.sign_in("dispatcher@demo.callout", "callout-demo")
    return client


@dataclass
class Caller:
    """Somebody who writes down requests without a pause, each again and again until it is answered with 201."""

    client: Client
    wrong: list[str] = field(default_factory=list)
    refused: int = 0
    written: int = 0
    _enough: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Caller:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join(BACK_S)

    def _run(self) -> None:
        while not self._enough.is_set():
            key, subject = str(uuid4()), f"restart {self.written}"
            while not self._post(key, subject) and not self.wrong:
                pass
            self.written += 1

    def _post(self, key: str, subject: str) -> bool:
        headers = {"Authorization": f"Bearer {self.client.token}", "Idempotency-Key": key}
        body = {"channel": "phone", "subject": subject}
        url = f"{self.client.base}/api/v1/requests"
        answer = requests.post(url, json=body, headers=headers, timeout=BACK_S)
        if answer.status_code == 503:
            self.refused += 1
            problem = answer.json()
            if not (answer.headers.get("Retry-After") and problem["type"] == "/problems/unavailable"):
                self.wrong.append(f"503 without Retry-After: {answer.headers} {answer.text}")
        elif answer.status_code != 201:
            self.wrong.append(f"{answer.status_code} {answer.text}")
        return answer.status_code == 201


def test_postgresql_restarted_under_load(base: str, data: Path, dispatcher: Client) -> None:
    """503 with Retry-After while it is away, then the same server carries on; each request is written once."""
    postgres = Postgres(data)
    with Caller(dispatcher) as caller:
        assert wait_until(lambda: caller.written >= 3, BACK_S)
        postgres.stop()
        assert wait_until(lambda: caller.refused >= 3 or bool(caller.wrong), BACK_S)
        assert requests.get(f"{base}/readyz", timeout=BACK_S).status_code == 503
        assert requests.get(f"{base}/healthz", timeout=BACK_S).status_code == 200
        postgres.start()
        before = caller.written
        assert wait_until(lambda: caller.written >= before + 3 or bool(caller.wrong), BACK_S)
    assert caller.wrong == []
    subjects = [row["subject"] for row in dispatcher.items("/requests", q="restart")]
    assert sorted(subjects) == sorted(f"restart {number}" for number in range(caller.written))
    assert plan_is_made(dispatcher, BACK_S), "workers and the relay are back too"


def test_without_redis_the_api_serves_and_work_waits(data: Path, dispatcher: Client) -> None:
    redis = Redis(data)
    redis.stop()
    assert not redis.running()
    Client(dispatcher.base).sign_in("engineer1@demo.callout", "callout-demo")
    made = dispatcher.post("/requests", {"channel": "phone", "subject": "while Redis is away"})
    assert dispatcher.get(f"/requests/{made['id']}")["subject"] == "while Redis is away"
    plan = ask_for_a_plan(dispatcher)
    assert requests.get(f"{dispatcher.base}/readyz", timeout=BACK_S).status_code == 200
    redis.start()
    assert wait_until(lambda: done(dispatcher, plan), BACK_S, 0.2)


def ask_for_a_plan(client: Client) -> dict[str, Any]:
    day = (datetime.now(UTC) + timedelta(days=1)).date()
    plan: dict[str, Any] = client.post("/dispatch/plans", {"date": day.isoformat(), "time_limit_s": 1})
    return plan


def done(client: Client, plan: dict[str, Any]) -> bool:
    return bool(client.get(f"/dispatch/plans/{plan['id']}")["status"] == "done")


def plan_is_made(client: Client, seconds: float) -> bool:
    plan = ask_for_a_plan(client)
    return wait_until(lambda: done(client, plan), seconds, 0.2)
