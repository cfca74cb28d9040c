"""The trace of a day through the API: cut into batches, disordered, sent twice, late; the track is the truth."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from app.positions import rules
from tests.positions.crew import fix, on_shift, send
from tests.positions.test_api import span, track

NORTH = 9e-5  # degrees, ten metres
PIECES = ("drive", "stop", "drive", "silence", "drive")


def day() -> list[dict[str, Any]]:
    """Five minutes each: a drive, a stop with the jitter of a receiver, a drive, a silence, a drive. A fix each 5 s."""
    made, lat = [], 31.0
    for number, piece in enumerate(PIECES):
        for n in range(60):
            lat += NORTH if piece in ("drive", "silence") else 0.0
            jitter = 2e-5 * (n % 3) if piece == "stop" else 0.0
            if piece != "silence":
                made.append(fix(300 * number + 5 * n, lat=round(lat + jitter, 7), accuracy=6.0, battery=80 - number))
    return made


def disordered(fixes: list[dict[str, Any]], rng: random.Random) -> list[list[dict[str, Any]]]:
    """Batches of a bad network: unequal, shuffled inside, some sent twice, and one fix far too late."""
    batches, rest = [], fixes[1:]
    while rest:
        size = rng.randint(1, 40)
        batches.append(rng.sample(rest[:size], min(size, len(rest))))
        rest = rest[size:]
    batches += rng.sample(batches, len(batches) // 2)
    rng.shuffle(batches)
    return [*batches, fixes[:1]]


def test_a_disordered_trace_becomes_the_track_that_was_driven() -> None:
    engineer, sent = on_shift(), day()
    answers = [send(engineer, *batch).json for batch in disordered(sent, random.Random(7))]
    assert sum(answer["stored"] for answer in answers) == len(sent)
    assert sum(answer["duplicates"] for answer in answers) > len(sent) / 4
    seen = track(engineer, engineer, span(0, 1)).json
    assert [datetime.fromisoformat(at) for at in seen["times"]] == [datetime.fromisoformat(one["at"]) for one in sent]
    assert [lat for _, lat in seen["geometry"]["coordinates"]] == [one["lat"] for one in sent]
    gap, stop = seen["gaps"][0], seen["stops"][0]
    assert (len(seen["gaps"]), gap["seconds"], gap["index"]) == (1, 305, 179)
    assert abs(gap["distance_m"] - 610) < 3
    assert len(seen["stops"]) == 1
    # Standing begins within the last fifty metres before the place and ends fifty metres behind it.
    assert 295 <= stop["seconds"] <= 295 + 2 * 5 * rules.STOP_RADIUS_M / 10
    assert abs(seen["distance_m"] - 3 * 600) < 4 * rules.STOP_RADIUS_M


def test_a_thinned_track_is_drawn_by_few_fixes_and_counted_by_all() -> None:
    engineer, sent = on_shift(), day()
    send(engineer, *sent)
    whole, thin = (track(engineer, engineer, span(0, 1) + more).json for more in ("", "&tolerance_m=10"))
    assert len(thin["geometry"]["coordinates"]) == len(thin["times"]) < 10 < len(whole["times"])
    assert [thin[name] for name in ("distance_m", "stops")] == [whole[name] for name in ("distance_m", "stops")]
    at = thin["gaps"][0]["index"]
    assert [thin["times"][at], thin["times"][at + 1]] == [thin["gaps"][0]["from"], thin["gaps"][0]["to"]]
    for wrong in ("-1", "1001", "x"):
        assert track(engineer, engineer, f"{span(0, 1)}&tolerance_m={wrong}").status_code == 422
