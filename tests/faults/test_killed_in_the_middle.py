"""kill -9 of each server in the middle of a push, of a pull and of a drain: everything happens once, every copy comes
true. The middle is no matter of luck: whoever comes to it is held there by a lock until the blow has fallen."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text

from bench import fleet
from bench.sync_fleet import Life
from tests.factories import within
from tests.faults import oracle, phones
from tests.faults.ground import Ground, held, reached
from tests.faults.processes import await_that

pytestmark = [pytest.mark.committed, pytest.mark.faults]

# Who is killed in the middle of what. Redis is missed by nobody: it comes back when everything is done.
BLOWS = [("push", "server"), ("push", "postgres"), ("push", "redis"), ("pull", "postgres"), ("pull", "server")]
SHORT = [*BLOWS[:-1], pytest.param(*BLOWS[-1], marks=pytest.mark.long)]  # a pull that drains dies with its server below


def made(ground: Ground, engineers: int, visits: int) -> list[Life]:
    """Phones with their day before them; the feed has nothing pending."""
    fleet_of_phones = fleet.make(engineers, visits)
    await_that(lambda: not oracle.pending(fleet_of_phones[0].org_id), "the drain of a new organisation")
    return [phones.life(ground.server.port, phone) for phone in fleet_of_phones]


@contextmanager
def living(lives: Sequence[Life]) -> Iterator[None]:
    """All the phones live their day at once; at the end of the block it is waited for."""
    with ThreadPoolExecutor(len(lives)) as pool:
        days = [pool.submit(phones.live, one) for one in lives]
        yield
        for day in days:
            day.result()


def assert_nothing_is_lost_or_doubled(lives: Sequence[Life], days: Sequence[list[dict[str, Any]]]) -> None:
    org_id = lives[0].phone.org_id
    assert [one.answers for one in lives] == [Counter(applied=len(day)) for day in days]
    oracle.assert_each_happened_once(org_id, days)
    assert all(one.converged() for one in lives)
    oracle.assert_the_feed_is_the_truth(org_id)


@pytest.mark.parametrize(("moment", "victim"), SHORT)
def test_a_death_in_the_middle_of_a_push_or_a_pull(ground: Ground, moment: str, victim: str) -> None:
    lives = made(ground, 2, 1)
    days = [list(one.rest) for one in lives]
    with living(lives):
        with held(moment):
            await_that(lambda: reached(moment), f"the middle of a {moment}")
            ground.kill(victim)
        if victim != "redis":
            ground.revive(victim)
    if victim == "redis":
        ground.revive(victim)
    assert_nothing_is_lost_or_doubled(lives, days)


@pytest.mark.parametrize("victim", ["drainer", "postgres", "redis"])
def test_a_death_in_the_middle_of_a_drain(ground: Ground, victim: str) -> None:
    """Meanwhile phones drain for themselves, as far as there is a database."""
    lives = made(ground, 2, 1)
    days = [list(one.rest) for one in lives]
    with held("drain"):
        with within(lives[0].phone.org_id) as tx:
            tx.session.execute(text("UPDATE sites SET access_notes = 'the gate is locked'"))
        await_that(lambda: reached("drain"), "the drainer at work")
        ground.kill(victim)
    with living(lives):
        if victim == "postgres":
            ground.revive(victim)
    if victim != "postgres":
        ground.revive(victim)
    assert_nothing_is_lost_or_doubled(lives, days)


def test_a_pull_that_drains_for_itself_may_die_of_it(ground: Ground) -> None:
    lives = made(ground, 2, 1)
    days = [list(one.rest) for one in lives]
    ground.kill("drainer")
    with living(lives):
        with held("drain"):
            await_that(lambda: reached("drain"), "a pull that drains")
            ground.kill("server")
        ground.revive("server")
    ground.revive("drainer")
    assert_nothing_is_lost_or_doubled(lives, days)


@pytest.mark.long
def test_everything_dies_again_and_again(ground: Ground) -> None:
    chance = random.Random(20)
    lives = made(ground, 20, 5)
    days = [list(one.rest) for one in lives]
    with living(lives):
        for moment, victim in chance.choices([*BLOWS, ("drain", "drainer"), ("drain", "postgres")], k=25):
            with held(moment):
                await_that(lambda here=moment: reached(here) or _are_done(lives), f"the middle of a {moment}")
                ground.kill(victim)
            ground.revive(victim)
    assert_nothing_is_lost_or_doubled(lives, days)


def _are_done(lives: Sequence[Life]) -> bool:
    return not any(one.rest for one in lives)
