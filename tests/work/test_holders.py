"""Which days of a phone's visits it holds, in a week in which the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from app.kernel.db import Tx
from app.work.models import Visit
from tests import factories

AT = """
    UPDATE visits SET status = CAST(:status AS text), planned_end = NULL, planned_start =
        (date_trunc('day', now() AT TIME ZONE :zone) + make_interval(days => :days)) AT TIME ZONE :zone
        - make_interval(secs => :before)
    WHERE id = :visit
"""


def zone(days_ago: int, forward: bool) -> str:
    """A zone whose clocks went forward or back at two in the night so many days ago, as POSIX writes rules."""
    changed = datetime.now(UTC).date() - timedelta(days=days_ago)
    if (changed.month, changed.day) == (2, 29):  # the rules know no such day
        changed -= timedelta(days=1)
    day = changed.replace(year=2025).timetuple().tm_yday
    other = (day + 180) % 365 + 1
    begins, ends = (day, other) if forward else (other, day)
    return f"XST0XDT,J{begins}/2,J{ends}/2"


def visit_of_somebody(org_id: UUID) -> Visit:
    return factories.visit(org_id, factories.client("engineer", org_id).engineer_id)


def held(tx: Tx, visit_id: UUID, **values: object) -> bool:
    tx.session.execute(text(AT), {"visit": visit_id, **values})
    return tx.session.scalar(text("SELECT count(*) FROM visit_holders WHERE visit_id = :id"), {"id": visit_id}) == 1


@pytest.mark.parametrize("forward", [True, False], ids=["forward", "back"])
def test_a_finished_visit_goes_with_its_third_day_whatever_the_clocks_did(forward: bool) -> None:
    org_id, where = factories.organisation().id, zone(2, forward)
    visit = visit_of_somebody(org_id)
    with factories.within(org_id) as tx:
        tx.session.execute(text("UPDATE organisations SET timezone = :zone"), {"zone": where})
        offsets = "SELECT count(DISTINCT (t AT TIME ZONE :zone) - (t AT TIME ZONE 'UTC')) FROM unnest(ARRAY[now(), "
        offsets += "now() - interval '4 days']) AS t"
        assert tx.session.scalar(text(offsets), {"zone": where}) == 2, "the clocks changed in these days"
        ended = {"status": "completed", "zone": where, "days": -3}
        assert held(tx, visit.id, **ended, before=0)
        assert not held(tx, visit.id, **ended, before=1)


@pytest.mark.parametrize("forward", [True, False], ids=["forward", "back"])
def test_a_visit_comes_with_the_third_day_ahead_whatever_the_clocks_will_do(forward: bool) -> None:
    org_id, where = factories.organisation().id, zone(-2, forward)
    visit = visit_of_somebody(org_id)
    with factories.within(org_id) as tx:
        tx.session.execute(text("UPDATE organisations SET timezone = :zone"), {"zone": where})
        ahead = {"status": "dispatched", "zone": where, "days": 4}
        assert held(tx, visit.id, **ahead, before=1)
        assert not held(tx, visit.id, **ahead, before=0)
