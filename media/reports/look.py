"""How an organisation's reports look: logo, colour, title, address, a line at the foot. Never what they say.

It is read from the organisation's `settings.report`, where anybody may have written anything: what is of no use is
passed over, since a report must not fail for its looks. A new look does not make new versions of old reports.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

INK = "#12294d"
READABLE = 4.5
"""Contrast to white paper, as WCAG counts it."""
LINE, FOOT = 200, 600
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Look:
    """`logo` is a small picture (WebP); the texts are in the language of the report."""

    colour: str = INK
    logo: bytes | None = None
    title: str = ""
    address: str = ""
    phone: str = ""
    foot: str = ""


def look(settings: Any, language: str, logo: bytes | None = None) -> Look:
    """The look that `settings` (colour, title, address, phone, foot) describe, as far as they are of use."""
    told = settings if isinstance(settings, dict) else {}
    texts = {name: _text(told.get(name), language, LINE) for name in ("title", "address", "phone")}
    return Look(_colour(told.get("colour")), logo, foot=_text(told.get("foot"), language, FOOT), **texts)


def logo_id(settings: Any) -> UUID | None:
    """Which file of the organisation is the logo."""
    told = settings.get("logo") if isinstance(settings, dict) else None
    try:
        return UUID(told) if isinstance(told, str) else None
    except ValueError:
        return None


def contrast(colour: str) -> float:
    """The contrast of `#rrggbb` to white, 1 to 21."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _colour(told: Any) -> str:
    usable = isinstance(told, str) and _COLOUR.fullmatch(told) and contrast(told) >= READABLE
    return str(told) if usable else INK


def _text(told: Any, language: str, most: int) -> str:
    """A text, or one of `{"en": …, "zh": …}`."""
    if isinstance(told, dict):
        told = told.get(language) or told.get("en")
    return told[:most] if isinstance(told, str) else ""
