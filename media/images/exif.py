"""When and where a picture says it was taken. Everything in it is a claim of the file and may be nonsense."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")


def capture(picture: Image.Image) -> dict[str, Any]:
    """What the original says of its capture, as JSON values; members that it does not say are left out.

    taken_local: wall clock without zone. taken_at: UTC, only when the file tells the zone or the GPS time.
    lat, lon: degrees WGS84. altitude: metres. camera: maker and model.
    """
    exif = picture.getexif()
    details, gps = exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.GPSInfo)
    found: dict[str, Any] = {**_time(exif, details, gps), **_place(gps)}
    camera = " ".join(filter(None, (_text(exif.get(Base.Make)), _text(exif.get(Base.Model)))))
    if camera:
        found["camera"] = camera[:100]
    return found


def _time(exif: Mapping[int, Any], details: Mapping[int, Any], gps: Mapping[int, Any]) -> dict[str, Any]:
    written = _text(details.get(Base.DateTimeOriginal)) or _text(exif.get(Base.DateTime))
    try:
        local = datetime.strptime(written, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - cameras tell no zone here
    except ValueError:
        return {}
    found = {"taken_local": local.isoformat()}
    zone = _zone(_text(details.get(Base.OffsetTimeOriginal)))
    exact = local.replace(tzinfo=zone).astimezone(UTC) if zone and local.year > 1 else _gps_time(gps)
    if exact:
        found["taken_at"] = exact.isoformat().replace("+00:00", "Z")
    return found


def _zone(text: str) -> timezone | None:
    match = _OFFSET.fullmatch(text)
    if not match:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    if minutes > 14 * 60:
        return None
    return timezone(timedelta(minutes=minutes if match[1] == "+" else -minutes))


def _gps_time(gps: Mapping[int, Any]) -> datetime | None:
    clock = _numbers(gps.get(GPS.GPSTimeStamp), 3)
    try:
        day = datetime.strptime(_text(gps.get(GPS.GPSDateStamp)), "%Y:%m:%d").replace(tzinfo=UTC)
        return day + timedelta(hours=clock[0], minutes=clock[1], seconds=clock[2]) if clock else None
    except (ValueError, OverflowError):
        return None


def _place(gps: Mapping[int, Any]) -> dict[str, float]:
    lat = _degrees(gps.get(GPS.GPSLatitude), _text(gps.get(GPS.GPSLatitudeRef)), "NS", 90)
    lon = _degrees(gps.get(GPS.GPSLongitude), _text(gps.get(GPS.GPSLongitudeRef)), "EW", 180)
    if lat is None or lon is None:
        return {}
    found = {"lat": lat, "lon": lon}
    altitude = _numbers((gps.get(GPS.GPSAltitude),), 1)
    if altitude and abs(altitude[0]) < 20_000:
        below = gps.get(GPS.GPSAltitudeRef) in (1, b"\x01")
        found["altitude"] = -altitude[0] if below else altitude[0]
    return found


def _degrees(value: Any, direction: str, letters: str, most: int) -> float | None:
    parts = _numbers(value, 3)
    if not parts or direction not in tuple(letters):
        return None
    degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
    if not 0 <= degrees <= most:
        return None
    return round(-degrees if direction == letters[1] else degrees, 7)


def _numbers(value: Any, count: int) -> list[float] | None:
    if not isinstance(value, tuple) or len(value) != count:
        return None
    try:
        numbers = [float(part) for part in value]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return numbers if all(map(math.isfinite, numbers)) else None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    return "".join(letter for letter in value if letter.isprintable()).strip()
