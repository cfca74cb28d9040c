"""Pokes over Server-Sent Events: hints that concern the listener, capped, never in the way."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from app.kernel.http import streams
from sync import feed, pokes, stream
from tests import factories
from tests.factories import Client

STREAM = "/api/v1/sync/stream"


@pytest.fixture
def client() -> Client:
    return factories.client("engineer")


def opened(client: Client) -> tuple[Any, Iterator[bytes]]:
    response = client.get(STREAM)
    assert response.status_code == 200
    assert response.mimetype == "text/event-stream"
    return response, iter(response.response)


def test_a_stream_begins_with_where_the_feed_stands(client: Client) -> None:
    cursor = client.get("/api/v1/sync/pull").get_json()["cursor"]
    response, events = opened(client)
    assert next(events) == f"retry: 30000\n\nevent: poke\ndata: {cursor}\n\n".encode()
    response.close()


def test_a_drain_pokes_whom_it_concerns_with_the_newest_cursor(client: Client) -> None:
    client.get("/api/v1/sync/pull")
    response, events = opened(client)
    next(events)
    pokes.publish(client.org_id, 1, {"user:somebody-else"})
    factories.engineer(client.org_id)
    drained = feed.drain(client.org_id)
    assert drained.buckets == {"org"}
    cursor = client.get("/api/v1/sync/pull").get_json()["cursor"]
    assert next(events) == f"event: poke\ndata: {cursor}\n\n".encode()
    response.close()


def test_a_quiet_stream_beats(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.05)
    response, events = opened(client)
    next(events)
    assert next(events) == b": heartbeat\n\n"
    response.close()


def test_a_worker_serves_so_many_streams_and_no_more(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_places", streams.threading.BoundedSemaphore(2))
    held = [opened(client) for _ in range(2)]
    refused = client.get(STREAM)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    held[0][0].close()
    held[0][0].close()
    response, _ = opened(client)
    for stream_response in (response, held[1][0]):
        stream_response.close()


def test_without_redis_there_are_no_pokes_and_everything_else_works(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> Any:
        raise ConnectionError("gone")

    monkeypatch.setattr(stream, "redis_connection", gone)
    monkeypatch.setattr(pokes, "_redis", gone)
    monkeypatch.setattr(pokes, "_silent_until", 0.0)
    assert client.get(STREAM).status_code == 503
    factories.engineer(client.org_id)
    assert client.get("/api/v1/sync/pull").status_code == 200
    assert pokes._silent_until > 0


def test_a_stream_ends_with_the_token(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "config", lambda: SimpleNamespace(access_token_ttl=0))
    response, events = opened(client)
    next(events)
    assert list(events) == []
    response.close()
