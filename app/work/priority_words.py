"""The reasons of a job's points as sentences."""

from __future__ import annotations

from typing import Any

SENTENCES = {
    "en": {
        "urgency": "priority {priority}",
        "importance": "importance {level}",
        "tier": "{tier} customer",
        "deadline": "due in {time}",
        "late": "{time} past the deadline",
        "no_deadline": "no deadline",
        "age": "waiting for {time}",
        "word": "it says “{words}”",
    },
    "zh": {
        "urgency": "优先级 {priority}",
        "importance": "重要程度 {level}",
        "tier": "{tier}客户",
        "deadline": "距截止还有{time}",
        "late": "已超过截止时间{time}",
        "no_deadline": "没有截止时间",
        "age": "已等待{time}",
        "word": "内容提到“{words}”",
    },
}
LANGUAGES = tuple(SENTENCES)
TIERS_ZH = {"standard": "标准", "silver": "银牌", "gold": "金牌", "platinum": "白金"}


def sentence(name: str, numbers: dict[str, Any], language: str) -> str:
    """One reason in words; `language` is `en` or `zh`."""
    said = dict(numbers)
    if name == "deadline":
        name = "no_deadline" if "minutes" not in said else "late" if said["minutes"] < 0 else name
    if "minutes" in said:
        said["time"] = _time(abs(said["minutes"]), language)
    if language == "zh" and "tier" in said:
        said["tier"] = TIERS_ZH[said["tier"]]
    return SENTENCES[language][name].format(**said)


def _time(minutes: int, language: str) -> str:
    days, hours, left = minutes // 1440, minutes // 60, minutes
    if days >= 2:
        return f"{days} 天" if language == "zh" else f"{days} days"
    if hours >= 1:
        return f"{hours} 小时" if language == "zh" else f"{hours} h"
    return f"{left} 分钟" if language == "zh" else f"{left} min"
