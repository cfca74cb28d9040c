"""The ledger: quantity is the sum of moves, always; what took too much is flagged, never refused."""

from __future__ import annotations

import threading
from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import ProgrammingError

from app.kernel import behind
from app.kernel.ids import new_id
from app.kernel.models import Event
from app.kernel.problems import Problem
from app.stock import commands
from app.stock.models import StockItem, StockMove
from tests.factories import within
from tests.stock.goods import balance, goods

quantities = st.decimals(min_value="0.001", max_value="50", places=3)
deeds = st.lists(
    st.tuples(st.sampled_from(["receive", "load", "unload", "found", "lost", "use", "return"]), quantities), max_size=25
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(deeds)
def test_balance_is_the_sum_of_moves_and_exactly_the_overdrafts_are_flagged(script: list[tuple[str, Decimal]]) -> None:
    g, visit = goods(), new_id()
    oracle: dict[UUID, Decimal] = defaultdict(Decimal)
    with within(g.org_id) as tx:
        act: dict[str, Any] = {
            "receive": lambda q: commands.receive(tx, g.part_id, q, g.warehouse_id),
            "load": lambda q: commands.transfer(tx, g.part_id, q, g.warehouse_id, g.van_id),
            "unload": lambda q: commands.transfer(tx, g.part_id, q, g.van_id, g.warehouse_id),
            "found": lambda q: commands.adjust(tx, g.part_id, q, g.van_id, "counted"),
            "lost": lambda q: commands.adjust(tx, g.part_id, -q, g.van_id, "counted"),
            "use": lambda q: commands.use(tx, visit, g.part_id, q, g.van_id),
            "return": lambda q: commands.return_part(tx, visit, g.part_id, q, g.van_id),
        }
        for deed, quantity in script:
            row = act[deed](quantity)
            if row.from_location_id:
                oracle[row.from_location_id] -= quantity
            if row.to_location_id:
                oracle[row.to_location_id] += quantity
            assert row.flagged_negative == (row.from_location_id is not None and oracle[row.from_location_id] < 0)
        for place in (g.warehouse_id, g.van_id):
            assert balance(tx, place, g.part_id) == oracle[place]
        behind.write(tx.session)
        flagged = tx.session.scalars(select(StockMove.id).where(StockMove.flagged_negative)).all()
        events = tx.session.scalars(select(Event.payload).where(Event.topic == "stock.negative")).all()
        assert {event["move_id"] for event in events} == {str(move_id) for move_id in flagged}


def test_a_use_without_stock_is_kept_flagged_and_announced() -> None:
    g, visit = goods(), new_id()
    with within(g.org_id) as tx:
        commands.receive(tx, g.part_id, Decimal(1), g.van_id)
        first = commands.use(tx, visit, g.part_id, Decimal(1), g.van_id)
        second = commands.use(tx, visit, g.part_id, Decimal(2), g.van_id)
        assert (first.flagged_negative, second.flagged_negative) == (False, True)
        behind.write(tx.session)
        event = tx.session.scalars(select(Event.payload).where(Event.topic == "stock.negative")).one()
        assert event == {
            "move_id": str(second.id),
            "visit_id": str(visit),
            "location_id": str(g.van_id),
            "part_id": str(g.part_id),
            "balance": "-2.000",
        }


@pytest.mark.committed
def test_uses_at_the_same_moment_see_one_another() -> None:
    """Eight phones use the last four pieces at once: all eight are kept, exactly four are flagged."""
    g, barrier = goods(), threading.Barrier(8)
    with within(g.org_id) as tx:
        commands.receive(tx, g.part_id, Decimal(4), g.van_id)
    flags: list[bool] = []

    def use() -> None:
        barrier.wait()
        with within(g.org_id) as tx:
            flags.append(commands.use(tx, new_id(), g.part_id, Decimal(1), g.van_id).flagged_negative)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with within(g.org_id) as tx:
        assert balance(tx, g.van_id, g.part_id) == -4
    assert sorted(flags) == [False] * 4 + [True] * 4


@pytest.mark.committed
def test_transfers_in_opposite_directions_do_not_lock_one_another_out() -> None:
    g, errors = goods(), []
    barrier = threading.Barrier(2)

    def carry(source: UUID, target: UUID) -> None:
        barrier.wait()
        try:
            for _ in range(10):
                with within(g.org_id) as tx:
                    commands.transfer(tx, g.part_id, Decimal(1), source, target)
        except Exception as error:
            errors.append(error)

    ways = [(g.warehouse_id, g.van_id), (g.van_id, g.warehouse_id)]
    threads = [threading.Thread(target=carry, args=way) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    with within(g.org_id) as tx:
        assert balance(tx, g.warehouse_id, g.part_id) == balance(tx, g.van_id, g.part_id) == 0


def test_rows_written_by_plain_sql_are_flagged_too() -> None:
    g = goods()
    with within(g.org_id) as tx:
        ends = [(None, g.van_id, 3), (g.van_id, None, 2), (g.van_id, None, 2)]
        lines = [
            {"id": new_id(), "part_id": g.part_id, "from_location_id": a, "to_location_id": b, "quantity": quantity}
            for a, b, quantity in ends
        ]
        tx.session.execute(insert(StockMove).values(kind="adjust"), lines)
        flags = tx.session.execute(select(StockMove.quantity, StockMove.flagged_negative)).all()
        assert sorted(flag for _, flag in flags) == [False, False, True]
        assert balance(tx, g.van_id, g.part_id) == -1


def test_the_ledger_is_append_only() -> None:
    g = goods()
    with within(g.org_id) as tx:
        row = commands.receive(tx, g.part_id, Decimal(1), g.van_id)
        for statement in (update(StockMove).values(quantity=5), delete(StockMove)):
            with pytest.raises(ProgrammingError, match="permission denied"), tx.savepoint():
                tx.session.execute(statement.where(StockMove.id == row.id))


def test_every_move_raises_the_revision_of_the_item_that_phones_hold() -> None:
    g = goods()
    with within(g.org_id) as tx:
        for _ in range(3):
            commands.receive(tx, g.part_id, Decimal(1), g.van_id)
        item = tx.session.scalars(select(StockItem)).one()
        assert (item.location_id, item.part_id, item.rev) == (g.van_id, g.part_id, 3)


def test_a_part_deleted_in_the_meantime_can_be_used_but_one_that_never_was_cannot() -> None:
    g = goods()
    with within(g.org_id) as tx:
        tx.session.execute(text("UPDATE parts SET deleted_at = now()"))
        assert commands.use(tx, new_id(), g.part_id, Decimal(1), g.van_id).flagged_negative
        with pytest.raises(Problem) as refused:
            commands.use(tx, new_id(), new_id(), Decimal(1), g.van_id)
        assert refused.value.errors[0].pointer == "/part_id"
        with pytest.raises(Problem):
            commands.receive(tx, g.part_id, Decimal(1), g.van_id)


def test_the_balances_of_another_organisation_are_out_of_reach() -> None:
    one, other = goods(), goods()
    with within(one.org_id) as tx:
        commands.receive(tx, one.part_id, Decimal(7), one.van_id)
    with within(other.org_id) as tx:
        assert balance(tx, one.van_id, one.part_id) == 0
        assert tx.session.scalar(text("SELECT count(*) FROM stock_balances")) == 0
        with pytest.raises(Problem):
            commands.use(tx, new_id(), one.part_id, Decimal(1), other.van_id)
