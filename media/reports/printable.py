"""Text that a font cannot show must not stop a report: such characters are printed as □.

Nothing is lost by it: the document that was signed is embedded in the report as it was.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any

import typst

MISSING = "□"
TRIES = 12
AS_IT_IS = ("attachments", "verify_url", "fonts")
"""Members that are embedded or followed rather than printed."""
_TOLD = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")
_LONG = re.compile(r"[!-~\u00a0-\u02ff]{80}")
_COMMON = re.compile("[^\n -~\u00a0-\u024f\u2010-\u2027\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def compiled(value: dict[str, Any], compile_json: Callable[[str], bytes]) -> bytes:
    """What `compile_json` makes of `value` as JSON text, after replacing what no font can show."""
    value = _mapped(value, clean)
    for _ in range(TRIES):
        try:
            return compile_json(json.dumps(value, ensure_ascii=False))
        except typst.TypstError as error:
            told = _TOLD.search(str(error))
            if not told:
                raise
            unknown = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), told[1])
            value = _mapped(value, partial(_without, unknown))
    return compile_json(json.dumps(_mapped(value, partial(_COMMON.sub, MISSING)), ensure_ascii=False))


def _without(unknown: str, text: str) -> str:
    return text.replace(unknown, MISSING)


def clean(text: str) -> str:
    """`text` without what has no glyph or turns the direction of its neighbours: controls, bidi marks, surrogates.

    Words longer than a line may be broken (a zero-width space after each 80 letters).
    """
    shown = "".join(_shown(letter) for letter in text.replace("\r\n", "\n").replace("\t", " "))
    return _LONG.sub("\\g<0>\u200b", shown)


def _shown(letter: str) -> str:
    if letter == "\n":
        return letter
    category = unicodedata.category(letter)
    if category in ("Cc", "Cf"):
        return ""
    return MISSING if category in ("Cs", "Co", "Cn") else letter


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """`value` with every string that is printed changed; evidence is embedded as it is."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    if isinstance(value, dict):
        return {key: inner if key in AS_IT_IS else _mapped(inner, change) for key, inner in value.items()}
    return value
