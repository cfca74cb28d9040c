"""What a customer may see and do, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.kernel.ids import new_id
from app.notices.codes import LENGTH, code_of, opened
from app.portal import rules

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_code_leads_back_to_its_job_and_a_changed_one_nowhere() -> None:
    org_id, job_id = new_id(), new_id()
    code = code_of(org_id, job_id)
    assert opened(code) == (org_id, job_id)
    assert len(code) == LENGTH
    assert code == code_of(org_id, job_id) != code_of(org_id, new_id())
    for place in range(LENGTH):
        other = "A" if code[place] != "A" else "B"
        assert opened(code[:place] + other + code[place + 1 :]) is None
    for hostile in ("", "x", "é" * 64, code[:-1], code + "A", "../" * 20, "A" * 5000):
        assert opened(hostile) is None


@pytest.mark.parametrize(
    ("phone", "digits", "same"),
    [
        ("+86 138-0013-8000", "8000", True),
        ("13800138000", "8001", False),
        ("8000", "8000", True),
        ("000", "0000", False),
        (None, "0000", False),
        ("", "", False),
        ("+86 138-0013-8000", "", False),
        ("+86 138-0013-8000", "00138000", False),
        ("١٢٣٤", "1234", False),
    ],
)
def test_the_last_four_digits_open_and_nothing_less(phone: str | None, digits: str, same: bool) -> None:
    assert rules.same_phone(phone, digits) is same


@pytest.mark.parametrize(
    ("status", "hours", "may"),
    [
        ("dispatched", 3, True),
        ("dispatched", 1, False),
        ("en_route", 3, False),
        ("working", 3, False),
        ("draft", 3, True),
    ],
)
def test_cancelling_ends_at_the_cut_off(status: str, hours: int, may: bool) -> None:
    assert rules.may_cancel(status, NOW + timedelta(hours=hours), NOW) is may


def test_nobody_is_followed_before_setting_off_or_by_an_old_fix() -> None:
    left = NOW - timedelta(minutes=20)
    assert rules.is_followed("en_route", left, NOW - timedelta(minutes=1), NOW)
    assert not rules.is_followed("on_site", left, NOW, NOW)
    assert not rules.is_followed("accepted", None, NOW, NOW)
    assert not rules.is_followed("en_route", left, NOW - timedelta(minutes=30), NOW)
    assert not rules.is_followed("en_route", left, NOW - timedelta(minutes=11), NOW)


def test_a_promise_is_moved_only_when_another_was_made_before_and_its_beginning_changed() -> None:
    first, second, third, fourth = (NOW + timedelta(hours=hours) for hours in (24, 26, 28, 30))
    newest_first = [
        (NOW + timedelta(minutes=4), changed(window_end=(third, fourth))),
        (NOW + timedelta(minutes=3), changed(window_start=(first, second))),
        (NOW + timedelta(minutes=2), changed(window_start=(second, first), window_end=(fourth, third))),
        (NOW + timedelta(minutes=1), changed(window_start=(None, second), window_end=(None, fourth))),
    ]
    moves = rules.moves(newest_first, fourth)
    assert [(move["window_start"], move["window_end"]) for move in moves] == [(second, third), (first, third)]
    assert [move["at"] for move in moves] == [at for at, _ in newest_first[1:3]]


def changed(**ends: tuple[datetime | None, datetime]) -> dict[str, list[str | None]]:
    """What an event tells of the ends of a window that it changed: what they were, and what they are."""
    return {name: [moment and moment.isoformat() for moment in pair] for name, pair in ends.items()}
