"""What the providers send and how they read real servers' answers, held against recorded exchanges."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from dispatch.travel import valhalla
from dispatch.travel.osrm import Osrm
from dispatch.travel.provider import UNREACHABLE, Away, Matrix, RoadServer, TravelFailed
from dispatch.travel.valhalla import Valhalla
from tests.dispatch.travel.replay import RECORDED, points, server

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
N = UNREACHABLE
KINDS: dict[str, Callable[[str], RoadServer]] = {"osrm": Osrm, "valhalla": Valhalla}


def measured(scene: str) -> tuple[Matrix, list[str]]:
    """The answer of a recorded scene, and what was asked for it."""
    told = RECORDED["scenes"][scene]
    with server(told["exchanges"]) as (url, asked):
        provider = KINDS[scene.split()[0]](url)
        return provider.matrix(points(told["origins"]), points(told["targets"]), NOON), asked


@pytest.mark.parametrize(
    ("scene", "seconds", "metres"),
    [
        ("osrm near", [[682, 401, 625], [952, 542, 357]], [[9041, 4892, 7799], [12005, 6875, 4829]]),
        ("valhalla near", [[563, 348, 732], [781, 434, 515]], [[9045, 5424, 9249], [12012, 6877, 6278]]),
    ],
)
def test_tables_of_real_servers_are_read_to_the_second_and_the_metre(
    scene: str, seconds: list[list[int]], metres: list[list[int]]
) -> None:
    answer, asked = measured(scene)
    assert (answer.seconds.tolist(), answer.metres.tolist()) == (seconds, metres)
    assert answer.seconds.dtype == answer.metres.dtype == np.int32
    assert answer.source == scene.split()[0]
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("scene", "seconds"),
    [
        ("osrm astray", [[682, N], [952, N]]),
        ("valhalla astray", [[563, N], [781, N]]),
        ("valhalla far", [[563, N], [781, N]]),
    ],
)
def test_one_place_off_the_map_is_unreachable_and_spoils_nobody_elses_travel(
    scene: str, seconds: list[list[int]], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        answer, _ = measured(scene)
    assert answer.seconds.tolist() == seconds
    assert ("1 of 4 places are off its map" in caplog.text) == scene.endswith("astray")


@pytest.mark.parametrize("scene", ["osrm elsewhere", "valhalla elsewhere"])
def test_the_map_of_another_region_is_no_answer(scene: str) -> None:
    with pytest.raises(TravelFailed, match="2 of 2 places are not on its map"):
        measured(scene)


def test_a_server_with_small_limits_is_asked_in_parts_it_answers() -> None:
    answer, asked = measured("valhalla small")
    assert answer.seconds.tolist() == [[348, N, 216], [640, N, N]], "what is too far for it is unreachable"
    assert asked == ["sources_to_targets"] * 5


def test_the_long_form_says_the_same_as_the_short_one() -> None:
    (long,), (short, *_) = (RECORDED["scenes"][f"valhalla {name}"]["exchanges"] for name in ("long", "near"))
    seconds, metres = valhalla._tables(long["answer"], 2, 1)
    table = short["answer"]["sources_to_targets"]
    assert seconds.ravel().tolist() == [row[0] for row in table["durations"]]
    assert metres.ravel().tolist() == [round(1000 * row[0]) for row in table["distances"]]


@pytest.mark.parametrize("scene", ["osrm near", "valhalla near"])
def test_the_version_of_the_map_is_the_servers(scene: str) -> None:
    with server(RECORDED["scenes"][scene]["exchanges"]) as (url, _):
        version = KINDS[scene.split()[0]](url).version()
    assert version == ("" if scene.startswith("osrm") else "1795935386")


def test_an_error_of_the_server_is_told_with_its_code() -> None:
    refusal = {"error_code": 125, "error": "No costing method found: 'yak'", "status_code": 400}
    body = {"sources": [{"lon": 1.0, "lat": 2.0}], "targets": [{"lon": 1.0, "lat": 2.0}], "costing": "yak"}
    asked = {**body, "units": "kilometers", "verbose": False}
    told = [{"method": "POST", "path": "/sources_to_targets", "asked": asked, "status": 400, "answer": refusal}]
    with server(told) as (url, _), pytest.raises(TravelFailed, match="125 No costing method"):
        Valhalla(url, costing="yak").matrix([(1.0, 2.0)], [(1.0, 2.0)], NOON)


@pytest.mark.parametrize("kind", ["osrm", "valhalla"])
@pytest.mark.parametrize(
    "answer", [{}, [], {"code": "Ok", "durations": [[1]]}, {"sources_to_targets": [[{"time": 1}]]}]
)
def test_nonsense_is_a_failure(kind: str, answer: object) -> None:
    places = [(9.5, 47.1), (9.6, 47.2)]
    named = [{"lon": lon, "lat": lat} for lon, lat in places]
    asked = {"sources": named, "targets": named, "costing": "auto", "units": "kilometers", "verbose": False}
    told = [{"method": "POST", "path": "/sources_to_targets", "asked": asked, "status": 200, "answer": answer}]
    table = {"sources": "0;1", "destinations": "2;3", "annotations": "duration,distance"}
    address = "/table/v1/driving/" + ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in places * 2)
    told.append({"method": "GET", "path": address, "asked": table, "status": 200, "answer": answer})
    with server(told) as (url, heard), pytest.raises(TravelFailed, match=r"usable|200"):
        KINDS[kind](url).matrix(places, places, NOON)
    assert len(heard) == 1


@pytest.mark.parametrize("kind", ["osrm", "valhalla"])
def test_a_page_instead_of_json_is_a_failure_and_no_answer_is_away(kind: str) -> None:
    with server([]) as (url, _), pytest.raises(TravelFailed, match="404 and no JSON"):
        KINDS[kind](url).matrix([(9.5, 47.1)], [(9.6, 47.2)], NOON)
    with pytest.raises(Away):
        KINDS[kind]("http://127.0.0.1:9").matrix([(9.5, 47.1)], [(9.6, 47.2)], NOON)
