"""Moves whose balances are foreseen are written together, and flagged as if each had been written before the next."""

from __future__ import annotations

import random
import threading
import time
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app.kernel.db import Memory, Tx
from app.kernel.ids import new_id
from app.kernel.models import Event
from app.stock import commands
from app.stock.foreseeing import balance_of, foresee
from app.stock.models import StockItem, StockMove
from tests.factories import within
from tests.stock.goods import Goods, balance, goods


def use(tx: Tx, g: Goods, quantity: int, move_id: UUID | None = None) -> StockMove:
    return commands.use(tx, new_id(), g.part_id, Decimal(quantity), g.van_id, move_id=move_id)


def begin(tx: Tx, g: Goods) -> None:
    tx.memory = Memory()
    foresee(tx, [(g.van_id, g.part_id), (new_id(), new_id())])


@pytest.mark.parametrize("seed", range(3))
def test_what_is_foreseen_is_what_the_ledger_says_when_it_is_written(seed: int) -> None:
    g, chance = goods(), random.Random(seed)
    with within(g.org_id) as tx:
        commands.receive(tx, g.part_id, Decimal(6), g.van_id)
        begin(tx, g)
        made = [use(tx, g, chance.randint(1, 3)) for _ in range(6)]
        assert balance_of(tx, g.van_id, g.part_id) == 6 - sum(row.quantity for row in made)
        expected = {row.id: row.flagged_negative for row in made}
        assert set(expected.values()) == {True, False}
        written = select(StockMove.id, StockMove.flagged_negative).where(StockMove.kind == "use")
        assert {row.id: row.flagged_negative for row in tx.session.execute(written)} == expected
        assert balance(tx, g.van_id, g.part_id) == balance_of(tx, g.van_id, g.part_id)


def test_the_alarm_tells_the_balance_after_its_own_move() -> None:
    g = goods()
    with within(g.org_id) as tx:
        commands.receive(tx, g.part_id, Decimal(1), g.van_id)
        begin(tx, g)
        for _ in range(3):
            use(tx, g, 1)
    with within(g.org_id) as tx:
        told = select(Event.payload["balance"].astext).where(Event.topic == "stock.negative").order_by(Event.id)
        assert tx.session.scalars(told).all() == ["-1.000", "-2.000"]


def test_a_move_that_is_not_foreseen_is_written_behind_those_that_wait() -> None:
    g = goods()
    with within(g.org_id) as tx:
        commands.receive(tx, g.part_id, Decimal(2), g.van_id)
        begin(tx, g)
        flags = [use(tx, g, 1).flagged_negative, use(tx, g, 1).flagged_negative]
        flags.append(use(tx, g, 1, move_id=new_id()).flagged_negative)
        assert balance_of(tx, g.van_id, g.part_id) is None
        commands.return_part(tx, new_id(), g.part_id, Decimal(2), g.van_id)
        flags += [use(tx, g, 1).flagged_negative, use(tx, g, 1).flagged_negative]
        assert flags == [False, False, True, False, True]
        assert balance(tx, g.van_id, g.part_id) == -1


def test_what_never_lay_there_is_foreseen_as_nothing_and_what_nobody_knows_is_not_foreseen() -> None:
    g = goods()
    with within(g.org_id) as tx:
        begin(tx, g)
        assert balance_of(tx, g.van_id, g.part_id) == 0
        assert [use(tx, g, 1).flagged_negative, use(tx, g, 2).flagged_negative] == [True, True]
        assert balance_of(tx, new_id(), g.part_id) is None
        moves = tx.session.execute(select(StockItem.part_id, StockItem.moves)).all()
    assert moves == [(g.part_id, 2)]


def wait_for(tx: Tx, other: threading.Thread) -> bool:
    """Whether `other` waits for a lock; returns as soon as it does, or has ended."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    given_up = time.monotonic() + 60
    while other.is_alive() and not tx.session.scalar(waiting) and time.monotonic() < given_up:
        tx.session.execute(text("SELECT pg_stat_clear_snapshot(), pg_sleep(0.01)"))
    return other.is_alive()


@pytest.mark.committed
def test_nobody_takes_from_a_balance_that_somebody_has_foreseen() -> None:
    g, errors = goods(), list[BaseException]()
    with within(g.org_id) as tx:
        commands.receive(tx, g.part_id, Decimal(2), g.van_id)
    flags: list[bool] = []

    def rival() -> None:
        try:
            with within(g.org_id) as tx:
                flags.append(use(tx, g, 2).flagged_negative)
        except BaseException as error:
            errors.append(error)

    with within(g.org_id) as tx:
        begin(tx, g)
        other = threading.Thread(target=rival)
        other.start()
        assert wait_for(tx, other)
        flags.append(use(tx, g, 2).flagged_negative)
    other.join(60)
    assert (errors, flags) == ([], [False, True])


@pytest.mark.committed
def test_two_who_take_the_same_new_parts_in_opposite_orders_do_so_one_after_the_other() -> None:
    """Each would make the stock items that the other waits for: a deadlock, and the same again when it is repeated."""
    first = goods()
    second, errors = goods(first.org_id), list[BaseException]()
    pairs = [(first.van_id, part_id) for part_id in (first.part_id, second.part_id)]

    def take(tx: Tx, part_id: UUID) -> None:
        commands.use(tx, new_id(), part_id, Decimal(1), first.van_id)

    def rival() -> None:
        try:
            with within(first.org_id) as tx:
                tx.memory = Memory()
                foresee(tx, pairs)
                take(tx, second.part_id)
                take(tx, first.part_id)
        except BaseException as error:
            errors.append(error)

    with within(first.org_id) as tx:
        tx.memory = Memory()
        foresee(tx, reversed(pairs))
        take(tx, first.part_id)
        other = threading.Thread(target=rival)
        other.start()
        assert wait_for(tx, other)
        take(tx, second.part_id)
    other.join(60)
    assert errors == []
    with within(first.org_id) as tx:
        assert [balance(tx, *pair) for pair in pairs] == [-2, -2]
