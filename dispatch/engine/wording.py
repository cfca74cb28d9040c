"""Reasons and terms as sentences, in English and Chinese; one catalogue entry for each code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from .answer import Numbers, Reason, Term

LANGUAGES = ("en", "zh")
HOUR, DAY = 60, 24 * 60

REASONS: dict[str, tuple[str, str]] = {
    "skill": ("needs {missing} at level {need}, has level {have}", "需要“{missing}” {need} 级，现有 {have} 级"),
    "skill_none": ("does not have {missing}", "不具备“{missing}”技能"),
    "skill_expired": ("certificate {missing} expired {expired_on}", "证书 {missing} 已于 {expired_on} 过期"),
    "territory": ("does not serve territory {territory}", "不服务区域 {territory}"),
    "excluded": ("the customer does not want this engineer", "客户已排除该工程师"),
    "excluded_required": ("the customer demands {required}", "客户指定了 {required}"),
    "crew": ("crew of {need} needed, has {have}", "需要 {need} 人，现有 {have} 人"),
    "parts": ("{short} × {part} short on the van", "车上缺少 {part} {short} 件"),
    "off_shift": (
        "no window lies in the shift {shift_start:t}–{shift_end:t}",
        "时间窗不在班次 {shift_start:t}–{shift_end:t} 内",
    ),
    "no_shift": ("no shift in this time", "该时段没有班次"),
    "on_call": ("only on call in this time", "该时段仅待命"),
    "away": ("away until {until:d}", "请假至 {until:d}"),
    "no_place": ("the site has no location", "站点没有坐标"),
    "max_jobs": ("already has {planned} of {limit} visits", "已安排 {planned} 个上门（上限 {limit}）"),
    "unreachable": ("drive of {seconds:m}, limit {limit:m}", "车程 {seconds:m}，上限 {limit:m}"),
    "window_miss_late": ("would arrive {seconds:m} after the window", "晚于时间窗 {seconds:m}"),
    "window_miss_early": ("fits if the window opens {seconds:m} earlier", "时间窗提前 {seconds:m}即可安排"),
    "shift_overrun_end": ("fits with {seconds:m} more overtime", "加班 {seconds:m}即可安排"),
    "shift_overrun_start": ("fits if the shift begins {seconds:m} earlier", "提前 {seconds:m}上班即可安排"),
    "break": ("the break is in the way", "与休息时间冲突"),
    "displaces": ("fits if {visits} makes room", "需让出 {visits}"),
    "costlier": ("possible, but {seconds:m} costlier than the best", "可行，但比最优方案多 {seconds:m}成本"),
}
WAYS: dict[str, tuple[str, str]] = {
    "max_jobs": ("one visit more than {planned}", "允许超过 {planned} 个上门"),
    "window_miss_late": ("a window that closes {seconds:m} later", "时间窗延后 {seconds:m}"),
    "window_miss_early": ("a window that opens {seconds:m} earlier", "时间窗提前 {seconds:m}"),
    "shift_overrun_end": ("{seconds:m} more overtime", "加班 {seconds:m}"),
    "shift_overrun_start": ("a shift that begins {seconds:m} earlier", "提前 {seconds:m}上班"),
    "unreachable": ("a drive of {seconds:m}", "允许车程 {seconds:m}"),
    "break": ("no break", "不休息"),
}
"""What has to give way, as a part of the sentence that `way_text` makes."""
COUNTS: dict[str, tuple[str, str]] = {
    "skill": ("{count} without the skill", "{count} 人不具备所需技能"),
    "skill_named": ("{count} without the skill {missing}", "{count} 人不具备“{missing}”技能"),
    "territory": ("{count} serve other territories", "{count} 人不服务该区域"),
    "excluded": ("{count} not wanted by the customer", "{count} 人不符合客户指定"),
    "crew": ("{count} with too few hands", "{count} 人人手不足"),
    "parts": ("{count} without the parts on the van", "{count} 人车上缺少配件"),
    "off_shift": ("{count} not at work when it may be done", "{count} 人在可上门时间内不当班"),
    "no_shift": ("{count} without a shift in this time", "{count} 人该时段没有班次"),
    "on_call": ("{count} only on call", "{count} 人仅待命"),
    "away": ("{count} away", "{count} 人请假"),
    "no_time": ("{count} without time left for it", "{count} 人没有空余时间"),
    "no_place": ("nobody knows where the site is", "站点没有坐标"),
    "max_jobs": ("{count} already with as many visits as they may have", "{count} 人已达上门数上限"),
    "unreachable": ("{count} too far away", "{count} 人车程过远"),
    "window_miss": ("{count} not free within the window", "{count} 人在时间窗内没有空"),
    "shift_overrun": ("{count} without time left in the shift", "{count} 人班次内没有剩余时间"),
    "break": ("{count} only by giving up the break", "{count} 人只有放弃休息才行"),
    "displaces": ("{count} only if another visit makes room", "{count} 人需让出其他上门"),
}
"""For how many engineers a rule says no to a visit."""
TERMS: dict[str, tuple[str, str]] = {
    "travel": ("{seconds:s} travel", "车程 {seconds:s}"),
    "overtime": ("{seconds:s} overtime", "加班 {seconds:s}"),
    "lateness": ("{seconds:s} past deadlines", "超过期限 {seconds:s}"),
    "delay": ("{seconds:s} delay of planned visits", "已排上门推迟 {seconds:s}"),
    "continuity": ("knows the site", "熟悉该站点"),
    "preferred": ("preferred by the customer", "客户首选"),
    "skill_waste": ("{levels} skill levels more than needed", "技能高出所需 {levels} 级"),
    "skill_waste_one": ("one skill level more than needed", "技能高出所需 1 级"),
    "stability": ("now planned for someone else", "当前由他人负责"),
    "stability_promised": ("now promised with someone else", "已向客户承诺由他人上门"),
    "waiting": ("{days} days later", "晚 {days} 天"),
    "waiting_one": ("a day later", "晚 1 天"),
    "balance": ("as many visits as the mean", "上门数与平均相当"),
    "balance_fewer": ("{visits} visits fewer than the mean", "比平均少 {visits} 个上门"),
    "balance_fewer_one": ("one visit fewer than the mean", "比平均少 1 个上门"),
    "balance_more": ("{visits} visits more than the mean", "比平均多 {visits} 个上门"),
    "balance_more_one": ("one visit more than the mean", "比平均多 1 个上门"),
}


def reason_text(
    reason: Reason, language: str = "en", zone: tzinfo = UTC, names: Mapping[str, str] | None = None
) -> str:
    """One sentence for a reason; clock times are shown in `zone`, ids and codes by their `names` where these are known.

    Unknown languages read English.
    """
    numbers = {name: _by_name(value, names or {}, language) for name, value in reason.numbers.items()}
    return _say(REASONS[_reason_key(reason)], numbers, language, zone)


def way_text(reasons: Sequence[Reason], language: str = "en", zone: tzinfo = UTC) -> str:
    """What would place a visit, as one sentence: what has to give way together, and of alternatives one."""
    must, may = (
        [
            _say(WAYS[_reason_key(reason)], reason.numbers, language, zone)
            for reason in reasons
            if reason.any_of is choice
        ]
        for choice in (False, True)
    )
    if language == "zh":
        return f"{'，且'.join([*must, *(['或'.join(may)] if may else [])])}即可安排"
    either = "either " if must and len(may) > 1 else ""
    return f"fits with {' and '.join([*must, *([either + ' or '.join(may)] if may else [])])}"


def _by_name(value: object, names: Mapping[str, str], language: str) -> object:
    if not isinstance(value, list):
        return names.get(value, value) if isinstance(value, str) else value
    told = [names.get(str(one).partition("@")[0]) for one in value]
    if all(told):
        return ("、" if language == "zh" else ", ").join(map(str, told))
    return (
        f"另外 {len(told)} 个"
        if language == "zh"
        else f"{len(told)} other"
        if len(told) == 1
        else f"{len(told)} others"
    )


def count_text(rule: str, count: int, language: str = "en", missing: str | None = None) -> str:
    """A few words on how many a rule keeps away, `missing` the name of the skill that it is about."""
    named = {} if missing is None else {"missing": missing}
    return _say(COUNTS[f"{rule}_named" if named else rule], {"count": count, **named}, language, UTC)


def term_text(term: Term, language: str = "en") -> str:
    """A few words for a term of a score."""
    numbers, key = dict(term.numbers), term.name
    if key == "balance":
        visits = numbers["visits"]
        assert isinstance(visits, float | int)
        if visits:
            key, numbers["visits"] = ("balance_fewer" if visits < 0 else "balance_more"), f"{abs(visits):g}"
    elif key == "stability" and numbers.get("promised"):
        key = "stability_promised"
    if 1 in (numbers.get("days"), numbers.get("levels")) or numbers.get("visits") == "1":
        key = f"{key}_one" if f"{key}_one" in TERMS else key
    return _say(TERMS[key], numbers, language, UTC)


def _reason_key(reason: Reason) -> str:
    numbers = reason.numbers
    if "expired_on" in numbers:
        return "skill_expired"
    if numbers.get("by") == "required":
        return "excluded_required"
    if reason.rule == "skill" and not numbers.get("have"):
        return "skill_none"
    side = f"{reason.rule}_{numbers.get('side')}"
    return side if side in REASONS else reason.rule


def _say(texts: tuple[str, str], numbers: Numbers, language: str, zone: tzinfo) -> str:
    text = texts[LANGUAGES.index(language)] if language in LANGUAGES else texts[0]
    return text.format(**{name: _Number(value, zone, language) for name, value in numbers.items()})


class _Number:
    """Formats as `m` a length of time rounded up to minutes, `s` a signed one, `t` clock time, `d` with the date."""

    def __init__(self, value: object, zone: tzinfo, language: str) -> None:
        self.value, self.zone, self.language = value, zone, language

    def __format__(self, spec: str) -> str:
        shapes: dict[str, Callable[[int], str]] = {
            "m": lambda seconds: length(-(-seconds // 60), self.language),
            "s": lambda seconds: f"{'-' if seconds < 0 else '+'}{length(abs(round(seconds / 60)), self.language)}",
            "t": lambda second: datetime.fromtimestamp(second, self.zone).strftime("%H:%M"),
            "d": lambda second: datetime.fromtimestamp(second, self.zone).strftime("%Y-%m-%d %H:%M"),
        }
        if spec in shapes and isinstance(self.value, int):
            return shapes[spec](self.value)
        return str(self.value)


def length(minutes: int, language: str = "en") -> str:
    """Minutes as people say them: `95 min`, `2 h 5 min`, `3 days`."""
    minute, hour, day = (" 分钟", " 小时", " 天") if language == "zh" else (" min", " h", " days")
    if minutes < 2 * HOUR:
        return f"{minutes}{minute}"
    if minutes < 2 * DAY:
        return f"{minutes // HOUR}{hour}" + (f" {minutes % HOUR}{minute}" if minutes % HOUR else "")
    return f"{minutes // DAY:,}{day}"
