"""What a delta of the real rooms costs inside PostgreSQL hangs on the delta, not on the organisation."""

from __future__ import annotations

import pytest

from app.factory import load_rooms
from bench import sync_buffers

# How near rows lie to one another is partly chance: pages of history count. The short form is in test_statements.py.
pytestmark = [pytest.mark.committed, pytest.mark.long]


def test_a_delta_of_a_hundred_rows_touches_as_many_buffers_in_an_organisation_three_times_as_large() -> None:
    """`./callout bench sync-buffers` shows the same at ten thousand and at a million rows."""
    load_rooms()
    small, large = (sync_buffers.organisation(engineers) for engineers in (1, 3))
    sync_buffers.compact()
    cost, large_cost = sync_buffers.cost(small), sync_buffers.cost(large)
    assert cost.pull >= sync_buffers.DELTA, "each changed row is looked at"
    assert large_cost.pull == pytest.approx(cost.pull, rel=0.1)
