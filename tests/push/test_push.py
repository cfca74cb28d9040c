"""Phones are told of new and changed work: sealed, signed, once, only to whoever holds it, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select, text

from app.kernel import clock, tasks
from app.kernel.models import Task
from app.push import commands, rules, sealing
from app.push.models import PushSubscription
from app.push.settings import settings
from app.work.models import Visit
from tests import factories
from tests.push.service import Browser, Service

MINE = "/api/v1/me/push-subscription"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A push service that this server is allowed to speak to."""
    told = replace(settings(), services=(*settings().services, "127.0.0.1"), contact="mailto:office@example.org")
    monkeypatch.setattr(commands, "settings", lambda: told)
    with Service().open() as opened:
        yield opened


class Phone:
    """An engineer whose browser has subscribed."""

    def __init__(self, service: Service, org_id: Any = None, locale: str = "en") -> None:
        self.user = factories.user("engineer", org_id, locale=locale)
        self.client = factories.sign_in(self.user, factories.device(self.user))
        self.browser = Browser()
        self.url = f"{service.url}/{self.user.id}"
        answer = self.client.put(MINE, json=self.browser.subscription(self.url))
        assert answer.status_code == 204, answer.json


def work_off(org_id: Any, rounds: int = 4) -> None:
    """Runs what waits, due or not, until only what failed is left; in two rounds each message is tried once."""
    for _ in range(rounds):
        with factories.within(org_id) as tx:
            tx.session.execute(text("UPDATE tasks SET run_after = now() WHERE state = 'queued'"))
            waiting = tx.session.scalars(select(Task.id).where(Task.state == "queued").order_by(Task.created_at)).all()
        for task_id in waiting:
            tasks.run(str(task_id), str(org_id))


def assign(visit: Visit, phone: Phone, start: str = "2026-12-01T02:00:00Z", *, once: bool = False) -> None:
    """The office gives a visit to somebody."""
    body = {"engineer_id": str(phone.client.engineer_id), "start": start, "force": True, "reason": "x"}
    office = factories.client("dispatcher", visit.org_id)
    answer = office.post(f"/api/v1/visits/{visit.id}/assign", json=body)
    assert answer.status_code == 200, answer.json
    work_off(visit.org_id, 2 if once else 4)


def subscriptions(org_id: Any) -> int:
    with factories.within(org_id) as tx:
        return tx.session.scalar(select(func.count()).select_from(PushSubscription)) or 0


def test_the_example_of_the_rfc_is_sealed_to_the_same_bytes() -> None:
    own = ec.derive_private_key(
        int.from_bytes(sealing.data("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), sealing.CURVE
    )
    sealed = sealing.seal(
        b"When I grow up, I want to be a watermelon",
        sealing.data("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        sealing.data("BTBZMqHH6r4Tts7J_aSIgg"),
        key=own,
        salt=sealing.data("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert sealing.text(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3"
        "jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize(
    ("endpoint", "good"),
    [
        ("https://fcm.googleapis.com/fcm/send/x", True),
        ("https://web.push.apple.com/x", True),
        ("https://wns2-par02p.notify.windows.com/w/?token=x", True),
        ("http://fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com:8443/x", False),
        ("https://user@fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com.example.org/x", False),
        ("https://notify.windows.com/x", False),
        ("https://169.254.169.254/latest", False),
        ("http://127.0.0.1:5432/", False),
        ("https://[::1/", False),
        ("nothing", False),
    ],
)
def test_only_push_services_are_spoken_to(endpoint: str, good: bool) -> None:
    assert rules.is_service(endpoint) is good


def test_new_work_reaches_its_engineer_sealed_signed_and_once(service: Service) -> None:
    phone = Phone(service)
    visit = factories.visit(phone.user.org_id)
    assign(visit, phone)
    [(headers, body)] = service.came
    told = phone.browser.read(body)
    assert (told["title"], told["url"], told["tag"]) == ("New work", f"/field/visits/{visit.id}", str(visit.id))
    assert told["body"] == "12-01 02:00"
    sender = service.sender(headers)
    assert sender["sub"] == "mailto:office@example.org"
    assert sender["key"] == phone.client.get("/api/v1/me/push-key").get_json()["key"]
    assert (headers["topic"], headers["content-encoding"]) == (visit.id.hex, "aes128gcm")
    work_off(phone.user.org_id)
    assert len(service.came) == 1


def test_whoever_loses_work_is_told_and_whoever_gets_it_too_each_in_their_language(service: Service) -> None:
    first = Phone(service)
    second = Phone(service, first.user.org_id, "zh-CN")
    visit = factories.visit(first.user.org_id)
    assign(visit, first)
    service.came.clear()
    assign(visit, second)
    told = {read(first, second, body) for _, body in service.came}
    assert told == {("first", "Work was given to somebody else"), ("second", "新任务")}


def read(first: Phone, second: Phone, body: bytes) -> tuple[str, str]:
    """Who can read a message, and its title."""
    try:
        return "first", first.browser.read(body)["title"]
    except Exception:
        return "second", second.browser.read(body)["title"]


def test_another_time_and_a_cancellation_are_told(service: Service) -> None:
    phone = Phone(service)
    visit = factories.visit(phone.user.org_id)
    assign(visit, phone)
    assign(visit, phone, "2026-12-01T05:30:00Z")
    assert phone.browser.read(service.came[-1][1])["title"] == "Your work has another time"
    assert phone.browser.read(service.came[-1][1])["body"] == "12-01 05:30"
    path = f"/api/v1/visits/{visit.id}/transitions"
    answer = factories.client("dispatcher", visit.org_id).post(path, json={"to": "cancelled", "reason": "Called off"})
    assert answer.status_code == 200, answer.json
    work_off(visit.org_id)
    assert phone.browser.read(service.came[-1][1])["title"] == "Work was cancelled"


def test_a_service_that_is_busy_is_asked_again_and_a_phone_that_is_gone_never(service: Service) -> None:
    phone = Phone(service)
    service.answers = [503, 201, 410]
    assign(factories.visit(phone.user.org_id), phone)
    assert [phone.browser.read(body)["title"] for _, body in service.came] == ["New work", "New work"]
    assign(factories.visit(phone.user.org_id), phone, "2026-12-02T02:00:00Z")
    assert (len(service.came), subscriptions(phone.user.org_id)) == (3, 0)
    assign(factories.visit(phone.user.org_id), phone, "2026-12-03T02:00:00Z")
    assert len(service.came) == 3


@pytest.mark.parametrize("said", ["120", "date", "nonsense", ""])
def test_a_service_that_says_when_to_come_again_is_left_alone_until_then(service: Service, said: str) -> None:
    phone = Phone(service)
    service.key = phone.client.get("/api/v1/me/push-key").get_json()["key"]
    words = format_datetime(datetime.now(UTC) + timedelta(seconds=120), usegmt=True) if said == "date" else said
    service.answers = [(429, words)]
    visit = factories.visit(phone.user.org_id)
    assign(visit, phone, once=True)
    with factories.within(phone.user.org_id) as tx:
        (task,) = tx.session.scalars(select(Task).where(Task.name == commands.SEND)).all()
        assert (task.state, task.attempts, len(service.came)) == ("queued", 1, 1)
        least = 115 if said in ("120", "date") else 5
        assert task.run_after - clock.now() > timedelta(seconds=least)
    work_off(visit.org_id)
    assert [phone.browser.read(body)["title"] for _, body in service.came] == ["New work"] * 2
    assert sent(visit.org_id) == [("done", {"outcome": "sent"})]


def test_what_is_not_true_any_more_when_the_service_takes_it_is_not_said(service: Service) -> None:
    first = Phone(service)
    second = Phone(service, first.user.org_id, "zh-CN")
    service.answers = [(429, "60")]
    visit = factories.visit(first.user.org_id)
    assign(visit, first, once=True)
    service.came.clear()
    assign(visit, second)
    told = {read(first, second, body) for _, body in service.came}
    assert told == {("first", "Work was given to somebody else"), ("second", "新任务")}


@pytest.mark.parametrize("status", [400, 401, 403, 413])
def test_what_would_be_refused_again_is_not_sent_again(service: Service, status: int) -> None:
    phone = Phone(service)
    service.answers = [status]
    visit = factories.visit(phone.user.org_id)
    assign(visit, phone)
    assert (len(service.came), subscriptions(visit.org_id)) == (1, 1)
    assert sent(visit.org_id) == [("done", {"outcome": "refused"})]


def test_the_services_double_refuses_what_real_ones_refuse(service: Service) -> None:
    phone = Phone(service)
    assign(factories.visit(phone.user.org_id), phone)
    [(headers, body)] = service.came
    assert service.judge(headers, body) == 201
    assert service.judge({**headers, "authorization": "vapid t=x, k=y"}, body) == 401
    assert service.judge({name: words for name, words in headers.items() if name != "ttl"}, body) == 400
    assert service.judge({**headers, "topic": "x" * 33}, body) == 400
    assert service.judge({**headers, "content-encoding": "aesgcm"}, body) == 415
    assert service.judge(headers, body + b"x" * 4096) == 413
    service.key = "somebody else's"
    assert service.judge(headers, body) == 403


def sent(org_id: Any) -> list[tuple[str, Any]]:
    """What became of the messages."""
    with factories.within(org_id) as tx:
        found = tx.session.execute(select(Task.state, Task.result).where(Task.name == commands.SEND))
        return [(row.state, row.result) for row in found]


def test_each_device_has_one_address_and_takes_it_back(service: Service) -> None:
    phone = Phone(service)
    again = phone.client.put(MINE, json=phone.browser.subscription(f"{service.url}/other"))
    assert (again.status_code, subscriptions(phone.user.org_id)) == (204, 1)
    assert phone.client.delete(MINE).status_code == 204
    assert phone.client.delete(MINE).status_code == 204
    assert subscriptions(phone.user.org_id) == 0


def test_what_is_no_subscription_is_refused_by_name(service: Service) -> None:
    phone = Phone(service)
    good = phone.browser.subscription(service.url)
    for pointer, body in (
        ("/endpoint", {**good, "endpoint": "https://example.org/x"}),
        ("/keys/p256dh", {**good, "keys": {**good["keys"], "p256dh": "AAAA"}}),
        ("/keys/p256dh", {**good, "keys": {**good["keys"], "p256dh": "ä"}}),
        ("/keys/auth", {**good, "keys": {**good["keys"], "auth": "AAAA"}}),
    ):
        answer = phone.client.put(MINE, json=body)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    without = factories.sign_in(factories.user("engineer")).put(MINE, json=good)
    assert without.status_code == 422
    assert subscriptions(phone.user.org_id) == 1
