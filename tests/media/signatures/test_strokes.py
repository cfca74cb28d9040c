"""Strokes are the truth of a signature, so only strokes that a hand can draw are taken."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.kernel.problems import Problem
from media import canonical
from media.signatures import check, digest, png, svg
from media.signatures.strokes import MAX_POINTS
from tests.media.signatures.conftest import handwriting


def test_handwriting_is_taken() -> None:
    lines = check(handwriting())
    assert [len(line) for line in lines] == [40, 40]


def change(path: str, value: Any) -> Callable[[], Any]:
    def changed() -> Any:
        strokes = handwriting()
        strokes[1]["points"][3][path] = value
        return strokes

    return changed


HOSTILE: dict[str, Callable[[], Any]] = {
    "NaN": change("x", float("nan")),
    "infinity": change("y", float("inf")),
    "text": change("x", "12"),
    "truth": change("x", True),
    "nothing": change("y", None),
    "far away": change("x", 1e300),
    "an absurd integer": change("x", 10**400),
    "pressure": change("pressure", 2),
    "backward time": change("time", 5),
    "an unknown member": change("colour", "red"),
    "30,000 points": lambda: handwriting(1, 30_000),
    "a lone dot": lambda: [{"points": [{"x": 5, "y": 5, "time": 1}]}],
    "a trembling dot": lambda: [{"points": [{"x": 5 + i % 3, "y": 5, "time": i} for i in range(50)]}],
    "no strokes": list,
    "no points": lambda: [{"points": []}],
    "an object": dict,
    "deep": lambda: [[[[]]]],
    "a script": lambda: [{"points": handwriting()[0]["points"], "onload": "alert(1)"}],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_hand_cannot_draw_is_refused(name: str) -> None:
    with pytest.raises(Problem) as caught:
        check(HOSTILE[name]())
    assert caught.value.kind.status == 422


def test_the_largest_signature_is_taken() -> None:
    assert len(check(handwriting(1, MAX_POINTS))[0]) == MAX_POINTS


def test_the_digest_is_the_one_that_a_browser_computes() -> None:
    # ECMAScript writes numbers like this, so JSON.stringify over sorted keys gives the same bytes.
    strokes = [{"points": [{"x": 1.0, "y": 0.1, "time": 1e21, "pressure": 1e-7}]}]
    assert canonical.dumps(strokes) == b'[{"points":[{"pressure":1e-7,"time":1e+21,"x":1,"y":0.1}]}]'
    assert digest(strokes) == canonical.sha256(canonical.dumps(strokes))


def test_drawings_show_ink_and_nothing_else() -> None:
    lines = check(handwriting())
    root = ElementTree.fromstring(svg(lines))
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "g", "path"}
    with Image.open(io.BytesIO(png(lines))) as picture:
        assert picture.size == (600, 200)
        low, high = picture.getchannel("A").getextrema()
        assert (low, high) == (0, 255)
        left, top, right, bottom = picture.getchannel("A").getbbox() or (0, 0, 0, 0)
    assert left >= 5
    assert top >= 5
    assert right <= 595
    assert bottom <= 195


coordinates = st.floats(-99_999, 99_999)


@settings(max_examples=30)
@given(st.lists(st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=20), min_size=1, max_size=4))
def test_whatever_is_taken_can_be_drawn(drawn: list[list[tuple[float, float]]]) -> None:
    strokes = [{"points": [{"x": x, "y": y, "time": 0} for x, y in line]} for line in drawn]
    try:
        lines = check(strokes)
    except Problem:
        return
    assert "nan" not in svg(lines)
    assert png(lines).startswith(b"\x89PNG")
