"""Which fonts a report is set in. Chinese needs one that the machine must bring (package fonts-noto-cjk)."""

from __future__ import annotations

from functools import cache

import typst

PREFERRED = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Serif CJK SC",
    "PingFang SC",
    "Droid Sans Fallback",
    "AR PL UMing CN",
)
ALWAYS_THERE = "Libertinus Serif"
"""Comes inside the typesetter."""


class FontsMissing(RuntimeError):
    """No font on this machine has Chinese characters."""


@cache
def book() -> typst.Fonts:
    """Every font of this machine and of the typesetter, found once per process."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True)


def families() -> list[str]:
    """The font families of a report, best first. Raises FontsMissing when none of them knows Chinese."""
    there = set(book().families())
    found = [name for name in PREFERRED if name in there]
    if not found:
        raise FontsMissing("No font with Chinese characters was found. Install the package fonts-noto-cjk.")
    return [found[0], ALWAYS_THERE]
