"""`GET /events`: what committed arrives, what was seen is not sent again, and places are shared with all streams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from app.kernel import events
from app.kernel.http import live
from app.kernel.models import Event
from tests import factories
from tests.factories import Client, within

STREAM = "/api/v1/events"


def opened(client: Client, last: int | None = None) -> tuple[Any, Iterator[bytes]]:
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    response = client.get(STREAM, headers=headers)
    assert (response.status_code, response.mimetype) == (200, "text/event-stream")
    return response, iter(response.response)


def emitted(client: Client, topic: str, payload: dict[str, Any]) -> int:
    """The id of an event that was just committed."""
    with within(client.org_id) as tx:
        events.emit(tx, topic, payload)
    with within(client.org_id) as tx:
        return tx.session.scalars(select(Event.id).order_by(Event.id.desc()).limit(1)).one()


def test_an_event_reaches_the_open_stream_once() -> None:
    client = factories.client("dispatcher")
    response, frames = opened(client)
    next(frames)
    event_id = emitted(client, "door.opened", {"id": "7"})
    live.hub().bell(client.org_id).ring()
    assert next(frames) == f'id: {event_id}\nevent: door.opened\ndata: {{"topic":"door.opened","id":"7"}}\n\n'.encode()
    second = emitted(client, "door.closed", {})
    assert next(frames).startswith(f"id: {second}\n".encode())
    response.close()


def test_a_stream_resumes_behind_the_last_event_seen() -> None:
    client = factories.client("dispatcher")
    first, second = (emitted(client, topic, {}) for topic in ("one", "two"))
    response, frames = opened(client, first)
    next(frames)
    assert next(frames).startswith(f"id: {second}\n".encode())
    response.close()


def test_events_of_other_organisations_stay_there() -> None:
    client, other = factories.client("dispatcher"), factories.client("dispatcher")
    response, frames = opened(client)
    next(frames)
    with within(other.org_id) as tx:
        events.emit(tx, "theirs", {})
    with within(client.org_id) as tx:
        events.emit(tx, "ours", {})
    assert b"event: ours" in next(frames)
    response.close()


def test_whoever_reads_everything_follows_it_live() -> None:
    response, _ = opened(factories.client("auditor"))
    response.close()
