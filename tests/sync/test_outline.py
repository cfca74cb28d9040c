"""A page as its outline named it, and what becomes of it when somebody drains in between."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from app.kernel.ids import new_id
from sync import outline, pull
from tests.sync.world import World

pytestmark = pytest.mark.committed
Counting = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Has something happen once, after the next outline and before its bodies are read."""

    def between(happen: Callable[[], object]) -> None:
        todo = [happen]

        def outlined(*given: Any) -> outline.Outline | None:
            found = outline.outline(*given)
            if todo:
                todo.pop()()
            return found

        monkeypatch.setattr(pull, "outline", outlined)

    return between


def how(statements: list[str]) -> list[str]:
    """In which ways bodies were read."""
    return [way for one in statements for way in ("known", "believed", "checked") if f"collections, {way} */" in one]


def test_living_rows_are_read_as_they_were_named(small_world: World, count_statements: Counting) -> None:
    phone = small_world.phone()
    for _ in range(3):
        small_world.note(small_world.visit(phone.actor.user_id, small_world.site()))
    small_world.drain()
    with count_statements() as statements:
        phone.page()
    assert how(statements) == ["known"]
    assert phone.equals_truth()


@pytest.mark.parametrize("drained", [True, False])
def test_what_leaves_between_outline_and_bodies_is_not_shown(
    small_world: World,
    count_statements: Counting,
    meanwhile: Callable[[Callable[[], object]], None],
    drained: bool,
) -> None:
    phone = small_world.phone()
    gone, stays = (small_world.visit(phone.actor.user_id, title=title) for title in ("mine", "mine still"))
    small_world.drain()

    def leave() -> None:
        small_world.run("UPDATE tw_visits SET owner = :to, title = 'theirs' WHERE id = :id", to=new_id(), id=gone)
        if drained:
            small_world.drain()

    meanwhile(leave)
    with count_statements() as statements:
        page = phone.page()
    assert how(statements) == (["known", "believed"] if drained else ["known", "believed", "checked"])
    assert "theirs" not in str(page)
    assert [row["id"] for row in page["changes"]["tw_visits"]["upserts"]] == [str(stays)]
    phone.sync()
    assert phone.equals_truth()


def test_a_row_that_two_buckets_name_comes_once(small_world: World, count_statements: Counting) -> None:
    phone = small_world.phone()
    small_world.visit(phone.actor.user_id, small_world.site(shared=True))
    small_world.drain()
    with count_statements() as statements:
        page = phone.page()
    assert len(page["changes"]["tw_sites"]["upserts"]) == 1
    assert how(statements) == ["believed", "believed"], "a page that names it twice is read from the feed"
    assert phone.equals_truth()


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_of_any_number_of_rows_end_where_the_next_begins(small_world: World, limit: int) -> None:
    phone = small_world.phone()
    for _ in range(4):
        small_world.note(small_world.visit(phone.actor.user_id, small_world.site()))
    pages = phone.sync(limit)
    came = [row["id"] for page in pages for changes in page["changes"].values() for row in changes["upserts"]]
    assert len(came) == len(set(came)) == 12
    assert all(sum(len(c["upserts"]) for c in page["changes"].values()) <= limit for page in pages)
    assert phone.equals_truth()
