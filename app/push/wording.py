"""The words of a push message. They name no customer and no place: they lie on a locked screen."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

TEXTS = {
    "en": {
        "new": "New work",
        "offered": "Work is offered to you",
        "moved": "Your work has another time",
        "taken": "Work was given to somebody else",
        "cancelled": "Work was cancelled",
        "sent_back": "Work was sent back to you",
        "when": "{day} {at}",
        "answer": "Answer by {at}",
        "anytime": "Any time",
    },
    "zh-CN": {
        "new": "新任务",
        "offered": "有任务征求您的意见",
        "moved": "您的任务时间有变",
        "taken": "任务已转给他人",
        "cancelled": "任务已取消",
        "sent_back": "任务被退回",
        "when": "{day} {at}",
        "answer": "请在 {at} 前答复",
        "anytime": "时间不限",
    },
}


def title(language: str, kind: str) -> str:
    """What happened."""
    return TEXTS[language][kind]


def body(language: str, zone: ZoneInfo, begins: datetime | None, answer_by: datetime | None) -> str:
    """When it is, and until when an answer is awaited."""
    words = TEXTS[language]
    local = begins.astimezone(zone) if begins else None
    told = [words["when"].format(day=f"{local:%m-%d}", at=f"{local:%H:%M}") if local else words["anytime"]]
    if answer_by:
        told.append(words["answer"].format(at=f"{answer_by.astimezone(zone):%H:%M}"))
    return " · ".join(told)
