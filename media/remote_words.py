"""What a signer reads: the consent that is signed and the message that brings the code, by language."""

from __future__ import annotations

LOCALES = {"en": "en", "zh": "zh-CN"}
"""How other rooms call these languages."""
WORDS = {
    "en": {
        "consent": "I have read this report. I confirm the work described in it, and I sign it electronically.",
        "subject": "{organisation}: your code",
        "message": "{organisation}: your code for signing the service report is {code}. It is good for ten minutes.",
    },
    "zh": {
        "consent": "本人已阅读本报告，确认其中所述服务内容，并同意以电子方式签署。",
        "subject": "{organisation}：您的验证码",
        "message": "【{organisation}】您签署服务报告的验证码为 {code}，十分钟内有效。",
    },
}


def words(language: str) -> dict[str, str]:
    """The texts in `language` (`en` or `zh`)."""
    return WORDS[language]
