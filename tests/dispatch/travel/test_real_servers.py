"""The providers against the real servers on a real map; deselected unless asked for with `-m roads`.

`CALLOUT_TEST_MAP` names a small extract (`.osm.pbf`) and `CALLOUT_TEST_VALHALLA` the folder of Valhalla's programs (the
wheel `pyvalhalla` for Python 3.12 brings them in `valhalla/bin`). `CALLOUT_TEST_PLACES` are places on the map as
`lon,lat;lon,lat;…`, by default in Liechtenstein.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dispatch.travel.provider import UNREACHABLE, Away, TravelFailed
from dispatch.travel.straight import Straight, great_circle
from dispatch.travel.valhalla import Valhalla
from ops.processes import wait_until

pytestmark = pytest.mark.roads
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOME = "9.5209,47.1410;9.5087,47.1650;9.5026,47.0670;9.5430,47.1180;9.5466,47.1938"
LIMITS = {"max_locations": 20, "max_distance": 5e6, "max_matrix_distance": 4e5, "max_matrix_location_pairs": 9}
WAIT_S = 60


def _named(variable: str) -> Path:
    """What a variable names. A test that was asked for and cannot run has failed."""
    value = os.environ.get(variable)
    if not value or not Path(value).exists():
        pytest.fail(f"{variable} names nothing that is there: {value!r}")
    return Path(value).resolve()


@pytest.fixture(scope="module")
def places() -> list[tuple[float, float]]:
    pairs = (one.split(",") for one in os.environ.get("CALLOUT_TEST_PLACES", HOME).split(";"))
    return [(float(lon), float(lat)) for lon, lat in pairs]


@pytest.fixture(scope="module")
def valhalla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valhalla]:
    """A server of our own whose limits are so small that questions have to be parted."""
    folder, programs = tmp_path_factory.mktemp("valhalla"), _named("CALLOUT_TEST_VALHALLA")
    extract = _named("CALLOUT_TEST_MAP")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = folder / "settings.json"
    settings.write_text(json.dumps(_settings(programs, folder, port)))
    subprocess.run([programs / "valhalla_build_tiles", "-c", settings, extract], check=True, capture_output=True)
    server = subprocess.Popen([programs / "valhalla_service", settings, "1"], stdout=subprocess.DEVNULL)
    try:
        made = Valhalla(f"http://127.0.0.1:{port}")
        assert wait_until(lambda: _answers(made), WAIT_S), "the server does not answer"
        yield made
    finally:
        server.kill()
        server.wait()


def _settings(programs: Path, folder: Path, port: int) -> dict[str, Any]:
    """The wheel's own settings with our places and limits."""
    source = programs.parent / "valhalla_build_config.py"
    known: dict[str, Any] = {}
    exec(compile(source.read_text(), str(source), "exec"), known)  # it is data, in the form of a module
    made = _plain(known["config"], known["Optional"])
    made["mjolnir"].update(tile_dir=str(folder / "tiles"), tile_extract="", concurrency=1)
    for name, value in (("listen", f"tcp://127.0.0.1:{port}"), ("loopback", "loop"), ("interrupt", "stop")):
        made["httpd"]["service"][name] = value if "//" in value else f"ipc://{folder}/{value}"
    made["service_limits"]["auto"] = LIMITS
    return made


def _plain(values: dict[str, Any], absent: type) -> dict[str, Any]:
    return {
        key: _plain(value, absent) if isinstance(value, dict) else value
        for key, value in values.items()
        if not isinstance(value, absent)
    }


def _answers(server: Valhalla) -> bool:
    try:
        server.version()
    except Away:
        return False
    return True


def test_the_matrix_says_what_the_routes_say(valhalla: Valhalla, places: list[tuple[float, float]]) -> None:
    matrix = valhalla.matrix(places, places, NOON)
    for i, origin in enumerate(places):
        for j, target in enumerate(places):
            if i != j:
                told = [{"lon": lon, "lat": lat} for lon, lat in (origin, target)]
                route = valhalla.ask("/route", {"locations": told, "costing": "auto", "directions_type": "none"})
                summary = route["trip"]["summary"]
                assert matrix.seconds[i, j] == pytest.approx(summary["time"], abs=5, rel=0.02)
                assert matrix.metres[i, j] == pytest.approx(1000 * summary["length"], abs=50, rel=0.02)


def test_roads_are_longer_than_the_air_line_and_not_far_from_the_estimate(
    valhalla: Valhalla, places: list[tuple[float, float]]
) -> None:
    matrix, air = valhalla.matrix(places, places, NOON), np.array(places)
    others = ~np.eye(len(places), dtype=bool)
    assert (matrix.metres >= great_circle(air[:, None], air[None, :]) - 100)[others].all()
    ratio = matrix.seconds[others] / Straight(UTC).matrix(places, places, NOON).seconds[others]
    assert 0.4 < float(np.median(ratio)) < 2.5


def test_a_place_at_sea_is_unreachable_and_another_map_no_answer(
    valhalla: Valhalla, places: list[tuple[float, float]]
) -> None:
    sea = (-30.0, 0.0)
    matrix = valhalla.matrix(places, [*places, sea], NOON)
    assert (matrix.seconds[:, -1] == UNREACHABLE).all()
    assert (matrix.seconds[:, :-1] < UNREACHABLE).all()
    with pytest.raises(TravelFailed, match="not on its map"):
        valhalla.matrix([sea], [sea], NOON)
