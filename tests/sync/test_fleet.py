"""A small fleet's day, as `./callout bench sync-fleet` lives it with two thousand phones over HTTP."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from bench import fleet, sync_fleet
from bench.fleet import Phone
from bench.sync_fleet import Call, Life
from tests import factories

pytestmark = pytest.mark.committed
PHONES, VISITS = 5, 1


def calling(phone: Phone) -> Call:
    """What a phone calls: the application of the tests, with the phone's own credential."""
    client = factories.app().test_client()
    headers = {"Authorization": f"Bearer {phone.token()}"}

    def call(method: str, path: str, value: Any) -> Any:
        body = None if value is None else orjson.dumps(value)
        answer = client.open(path, method=method, data=body, content_type="application/json", headers=headers)
        assert answer.status_code == 200, answer.data
        return orjson.loads(answer.data)

    return call


def test_a_fleet_converges_and_loses_nothing_while_the_office_reassigns() -> None:
    factories.app()
    phones = fleet.make(PHONES, VISITS)
    lives = [Life(phone, calling(phone)) for phone in phones]
    assert sync_fleet.live(lives, threads=4) == PHONES
    sent = sum(phone.seq for phone in phones)
    answers = [status for life in lives for status in life.answers.elements()]
    assert len(answers) == sent == sync_fleet.results(phones[0].org_id) == PHONES * VISITS * 20
    assert "lost" not in answers
