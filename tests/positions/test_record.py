"""Batches: late, repeated and unordered fixes are stored once, in order; nobody is watched off duty."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select, text

from app.kernel import clock
from app.kernel.models import Event
from app.people.models import Absence
from app.positions.models import LatestPosition, Position
from tests import factories
from tests.factories import client, within
from tests.positions.crew import fix, on_shift, send

NOTHING = {"stored": 0, "duplicates": 0, "outside_shift": 0, "refused": 0, "consent": True}


def stored(engineer: factories.Client) -> list[datetime]:
    with within(engineer.org_id) as tx:
        query = select(Position.at).where(Position.engineer_id == engineer.engineer_id).order_by(Position.at)
        return list(tx.session.scalars(query))


def test_late_repeated_and_unordered_fixes_are_stored_once() -> None:
    engineer = on_shift()
    first = send(engineer, fix(120), fix(60), fix(60, lat=1), fix(180, mock=True))
    assert (first.status_code, first.json) == (200, {**NOTHING, "stored": 3, "duplicates": 1})
    again = send(engineer, fix(180), fix(0), fix(120))
    assert again.json == {**NOTHING, "stored": 1, "duplicates": 2}
    assert len(stored(engineer)) == 4
    with within(engineer.org_id) as tx:
        newest = tx.session.scalars(select(LatestPosition)).one()
        assert (newest.at.isoformat(), newest.mock) == (fix(180)["at"], True)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.integers(-30, 630).map(lambda minute: minute * 60), min_size=1, max_size=20), max_size=5))
def test_any_batches_in_any_order_store_each_moment_of_the_shift_once(batches: list[list[int]]) -> None:
    engineer = on_shift()
    total = dict.fromkeys(NOTHING, 0)
    for batch in batches:
        answer = send(engineer, *(fix(second) for second in batch)).json
        assert answer["stored"] + answer["duplicates"] + answer["outside_shift"] + answer["refused"] == len(batch)
        total = {key: total[key] + answer[key] for key in total}
    on_duty = {datetime.fromisoformat(fix(s)["at"]) for batch in batches for s in batch if 0 <= s < 36_000}
    past = {moment for moment in on_duty if moment <= clock.now() + timedelta(minutes=4)}
    assert past <= set(stored(engineer)) <= on_duty
    assert total["stored"] == len(stored(engineer))


def test_nothing_is_stored_off_duty_during_an_absence_or_without_consent() -> None:
    engineer = on_shift()
    assert send(engineer, fix(-1), fix(36_000 - 1e7)).json == {**NOTHING, "outside_shift": 2}
    assert engineer.engineer_id
    start = datetime.fromisoformat(fix(600)["at"])
    away = Absence(engineer_id=engineer.engineer_id, starts_at=start, ends_at=start + timedelta(minutes=10))
    factories.add(engineer.org_id, away)
    assert send(engineer, fix(599), fix(600), fix(1199), fix(1200)).json == {**NOTHING, "stored": 2, "outside_shift": 2}
    silent = on_shift(consent=False)
    assert send(silent, fix(60)).json == {**NOTHING, "consent": False}
    assert stored(silent) == []


def test_fixes_from_the_future_or_the_distant_past_do_not_spoil_the_batch() -> None:
    engineer = on_shift()
    future = {**fix(0), "at": (clock.now() + timedelta(hours=1)).isoformat()}
    ancient = {**fix(0), "at": "1999-01-01T00:00:00Z"}
    assert send(engineer, future, fix(60), ancient).json == {**NOTHING, "stored": 1, "refused": 2}


def test_a_newer_fix_is_announced_and_a_late_one_is_not() -> None:
    engineer = on_shift()
    send(engineer, fix(300))
    send(engineer, fix(60))
    with within(engineer.org_id) as tx:
        events = tx.session.scalars(select(Event.payload).where(Event.topic == "position.moved")).all()
    assert [event["engineer_id"] for event in events] == [str(engineer.engineer_id)]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"lat": 91}, "/positions/0/lat"),
        ({"lon": -180.1}, "/positions/0/lon"),
        ({"lat": "north"}, "/positions/0/lat"),
        ({"at": "2026-03-02T08:00:00"}, "/positions/0/at"),
        ({"at": None}, "/positions/0/at"),
        ({"accuracy": -1}, "/positions/0/accuracy"),
        ({"battery": 101}, "/positions/0/battery"),
        ({"speed": "NaN"}, "/positions/0/speed"),
        ({"colour": 1}, "/positions/0/colour"),
    ],
)
def test_a_wrong_fix_is_refused_with_its_place(wrong: dict[str, Any], pointer: str) -> None:
    engineer = on_shift()
    answer = send(engineer, {**fix(60), **wrong}, fix(120))
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    assert stored(engineer) == []


def test_only_engineers_send_and_only_their_own() -> None:
    engineer = on_shift()
    other = on_shift(org_id=engineer.org_id)
    assert send(engineer, fix(60), engineer_id=str(other.engineer_id)).status_code == 403
    assert send(client("dispatcher", engineer.org_id), fix(60)).status_code == 403
    assert send(client("admin", engineer.org_id), fix(60)).status_code == 422
    machine = client("admin", engineer.org_id)
    assert send(machine, fix(60), engineer_id=str(other.engineer_id)).json["stored"] == 1
    assert send(client("admin"), fix(60), engineer_id=str(other.engineer_id)).status_code == 422


def test_a_batch_of_a_thousand_takes_as_many_statements_as_one_of_two() -> None:
    engineer = on_shift()

    def statements(count: int, since: int) -> int:
        seen: list[str] = []
        with within(engineer.org_id) as tx:
            connection = tx.session.connection()
        watch = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(connection.engine, "before_cursor_execute", watch)
        try:
            assert send(engineer, *(fix(since + n) for n in range(count))).json["stored"] == count
        finally:
            event.remove(connection.engine, "before_cursor_execute", watch)
        return len([s for s in seen if not s.startswith(("SAVEPOINT", "RELEASE"))])

    assert statements(2, 0) == statements(1_000, 1_000) < 12


def test_partitions_are_made_ahead_and_hide_other_organisations() -> None:
    engineer = on_shift()
    assert send(engineer, fix(60)).json["stored"] == 1
    with within(engineer.org_id) as tx:
        month = clock.now() + timedelta(days=31)
        assert tx.session.scalar(text(f"SELECT to_regclass('positions_{month:%Y_%m}')")) is not None
        assert tx.session.scalar(text("SELECT positions_cover(now() - interval '1 year', now())")) > 5
        assert tx.session.scalar(text("SELECT positions_cover(now() - interval '1 year', now())")) == 0
    with within(factories.organisation().id) as tx:
        assert tx.session.scalar(text("SELECT count(*) FROM positions")) == 0
        denied = f"SELECT count(*) FROM positions_{clock.now():%Y_%m}"
        with pytest.raises(Exception, match="permission denied"), tx.savepoint():
            tx.session.execute(text(denied))
