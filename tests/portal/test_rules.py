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
