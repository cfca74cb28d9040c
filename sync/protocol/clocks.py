"""Device times made comparable: corrected by the measured offset, held within what is possible, doubts flagged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SKEW = timedelta(minutes=5)
MAX_OFFSET = timedelta(days=366 * 100)

CLOCK_UNKNOWN, CLOCK_SKEW = "clock_unknown", "clock_skew"


@dataclass(frozen=True)
class Clock:
    """A device's clock. offset: server time minus device time at the last handshake; None when never measured.

    settled: a moment at which the device had nothing unsent: whatever it sends now was made after it.
    """

    offset: timedelta | None
    settled: datetime | None

    def correct(self, device_at: datetime, received_at: datetime) -> tuple[datetime, tuple[str, ...]]:
        """The time to reckon with, between `settled` and `received_at`, and the doubts about it."""
        offset = self.offset if self.offset is not None else timedelta(0)
        try:
            shifted = device_at + offset
        except OverflowError:
            shifted = received_at
        corrected = min(shifted, received_at)
        if self.settled is not None:
            corrected = max(corrected, min(self.settled, received_at))
        flags: tuple[str, ...] = (CLOCK_UNKNOWN,) if self.offset is None else ()
        if abs(corrected - shifted) > SKEW or abs(offset) > SKEW:
            flags += (CLOCK_SKEW,)
        return corrected, flags


def offset_ms(server: datetime, device: datetime) -> int:
    """The offset to remember: server time minus device time in milliseconds."""
    return round((server - device) / timedelta(milliseconds=1))
