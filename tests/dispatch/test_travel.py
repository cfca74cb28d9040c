"""Travel providers: the estimate, a road server over real HTTP, and the choice between them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.travel.choose import FirstThatAnswers
from dispatch.travel.osrm import Osrm
from dispatch.travel.provider import UNREACHABLE, TravelFailed
from dispatch.travel.straight import Straight, great_circle

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PARIS, LONDON = (2.3522, 48.8566), (-0.1276, 51.5072)
points = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


class RoadServer(BaseHTTPRequestHandler):
    """Speaks OSRM's table service: seconds and metres are differences of longitude; no way to longitude 99."""

    def do_GET(self) -> None:
        """Answer one table."""
        address = urlsplit(self.path)
        places = [tuple(map(float, p.split(","))) for p in address.path.rsplit("/", 1)[1].split(";")]
        query = {name: [int(i) for i in values[0].split(";")] for name, values in _indexes(address.query)}
        if len(places) > 100:
            self._reply(400, {"code": "TooBig"})
        elif places[0][1] == 66.0:
            self._reply(200, {"code": "Ok", "durations": [[1]]})
        else:
            rows = [[self._apart(places[i], places[j]) for j in query["destinations"]] for i in query["sources"]]
            self._reply(200, {"code": "Ok", "durations": rows, "distances": rows})

    def _apart(self, origin: tuple[float, ...], target: tuple[float, ...]) -> float | None:
        return None if target[0] == 99.0 else abs(target[0] - origin[0]) + 0.2

    def _reply(self, status: int, body: object) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


def _indexes(query: str) -> list[tuple[str, list[str]]]:
    return [(name, values) for name, values in parse_qs(query).items() if name in {"sources", "destinations"}]


@pytest.fixture
def road_server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), RoadServer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_great_circle_from_paris_to_london_is_344_km() -> None:
    assert great_circle(np.array(PARIS), np.array(LONDON)) == pytest.approx(344_000, rel=0.005)


@given(points, points)
def test_the_estimate_is_finite_symmetric_and_never_shorter_than_the_air_line(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    there = Straight(UTC).matrix([a, b], [a, b], NOON)
    assert there.seconds.dtype == there.metres.dtype == np.int32
    assert (there.seconds == there.seconds.T).all()
    assert there.seconds.diagonal().tolist() == [0, 0]
    assert there.metres[0, 1] >= great_circle(np.array(a), np.array(b))


def test_a_longer_way_never_takes_less_time() -> None:
    seconds, metres = Straight(UTC).pairs(np.linspace(0, 100_000, 5_000), NOON)
    assert (np.diff(seconds) >= 0).all()
    assert (np.diff(metres) >= 0).all()


def test_rush_hour_is_slower_and_meant_in_local_time() -> None:
    shanghai = Straight(ZoneInfo("Asia/Shanghai"))
    eight_local = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    rush = shanghai.matrix([PARIS], [LONDON], eight_local).seconds[0, 0]
    assert rush > shanghai.matrix([PARIS], [LONDON], NOON).seconds[0, 0]
    assert rush > Straight(UTC).matrix([PARIS], [LONDON], eight_local).seconds[0, 0]


def test_osrm_tables_are_asked_in_blocks_and_put_together(road_server: str) -> None:
    origins, targets = [(float(i), 0.0) for i in range(60)], [(float(i), 1.0) for i in range(70)]
    answer = Osrm(road_server).matrix(origins, targets, NOON)
    expected = np.abs(np.arange(60)[:, None] - np.arange(70)[None, :]) + 1
    assert (answer.seconds == expected).all()
    assert (answer.metres == expected).all()
    assert answer.source == "osrm"


def test_pairs_without_a_road_are_unreachable(road_server: str) -> None:
    assert Osrm(road_server).matrix([(0.0, 0.0)], [(99.0, 0.0)], NOON).seconds[0, 0] == UNREACHABLE


@pytest.mark.parametrize("origin", [(1.0, 66.0)])
def test_an_answer_with_the_wrong_shape_is_a_failure(road_server: str, origin: tuple[float, float]) -> None:
    with pytest.raises(TravelFailed):
        Osrm(road_server).matrix([origin, origin], [origin], NOON)


def test_a_dead_server_falls_back_loudly_to_one_source(caplog: pytest.LogCaptureFixture) -> None:
    chain = FirstThatAnswers((Osrm("http://127.0.0.1:9", timeout=1.0), Straight(UTC)))
    answer = chain.matrix([PARIS], [LONDON], NOON)
    assert answer.source == "straight"
    assert "osrm" in caplog.text


def test_nobody_answering_is_said_with_every_reason() -> None:
    with pytest.raises(TravelFailed, match="osrm"):
        FirstThatAnswers((Osrm("http://127.0.0.1:9", timeout=1.0),)).matrix([PARIS], [LONDON], NOON)
