"""The texts that customers get, by language and kind; and how a moment is said there."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

TEXTS = {
    "en": {
        "subject": "{organisation}: {summary}",
        "planned": "{organisation}: your visit “{summary}” is planned{when}. Follow it here: {url}",
        "unplanned": "{organisation}: your visit “{summary}”{when} has to be planned anew. Nobody comes until you hear "
        "from us again. See how it stands: {url}",
        "called_off": "{organisation}: your visit “{summary}”{when} is cancelled; nobody comes. If you did not expect "
        "that, write to us here: {url}",
        "on_the_way": "{organisation}: {name} is on the way to you. See when to expect us: {url}",
        "arrived": "{organisation}: {name} has arrived for “{summary}”.",
        "report": "{organisation}: the report of your visit “{summary}” is ready. Read it and tell us whether all is "
        "well: {url} Its seal can be checked here: {proof}",
        "answer": "{organisation} has written to you about “{summary}”. Read it here: {url}",
        "somebody": "your engineer",
        "between": " for {day} between {start} and {end}",
        "at": " for {day} about {start}",
    },
    "zh-CN": {
        "subject": "{organisation}：{summary}",
        "planned": "【{organisation}】您的上门服务“{summary}”已安排{when}。查看进展：{url}",
        "unplanned": "【{organisation}】您的上门服务“{summary}”{when}，需要重新安排。在我们再次通知您之前不会有人上门。"
        "查看进展：{url}",
        "called_off": "【{organisation}】您的上门服务“{summary}”{when}，现已取消，不会有人上门。"
        "如有疑问，请在此留言：{url}",
        "on_the_way": "【{organisation}】{name}正在赶来。查看预计到达时间：{url}",
        "arrived": "【{organisation}】{name}已到达，为您服务：“{summary}”。",
        "report": "【{organisation}】“{summary}”的服务报告已完成。请查看并确认：{url} 报告真伪可在此验证：{proof}",
        "answer": "【{organisation}】关于“{summary}”，您有一条新留言：{url}",
        "somebody": "工程师",
        "between": "，时间为{day} {start} 至 {end}",
        "at": "，时间约为{day} {start}",
    },
}
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def said(language: str, kind: str, **values: str) -> str:
    """The text of a kind in `language` (`en` or `zh-CN`), filled in; one line, whatever the values hold."""
    return TEXTS[language][kind].format(**{name: re.sub(r"\s+", " ", value) for name, value in values.items()})


def when(language: str, zone: ZoneInfo, start: datetime | None, end: datetime | None) -> str:
    """Between when and when, or about when, in the words of `language`; empty when nothing is known."""
    if start is None:
        return ""
    first = start.astimezone(zone)
    day = f"{first.month}月{first.day}日" if language == "zh-CN" else f"{first.day} {MONTHS[first.month - 1]}"
    if end is None:
        return said(language, "at", day=day, start=f"{first:%H:%M}")
    return said(language, "between", day=day, start=f"{first:%H:%M}", end=f"{end.astimezone(zone):%H:%M}")
