"""Chance that repeats itself: the same words give the same numbers, names and ids."""

from __future__ import annotations

import random
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from faker import Faker


class Chance(random.Random):
    """A random source for one purpose, such as `("Shanghai", 7, "2026-03-02")`."""

    def __init__(self, *words: object) -> None:
        super().__init__("/".join(map(str, words)))
        self._names = self.getrandbits(64)
        self._fakers: dict[str, Faker] = {}

    def faker(self, chinese: bool) -> Faker:
        """Names and addresses in one of the two languages; made when first asked for, because that takes long."""
        from faker import Faker

        locale = "zh_CN" if chinese else "en_GB"
        if locale not in self._fakers:
            self._fakers[locale] = Faker(locale)
            self._fakers[locale].seed_instance(self._names)
        return self._fakers[locale]

    def id(self, moment: datetime) -> UUID:
        """A UUIDv7 of `moment` whose random part repeats."""
        value = int(moment.timestamp() * 1000) << 80 | self.getrandbits(80)
        value = value & ~(0xF << 76) | 0x7 << 76
        return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
