"""Two accounts of when and where a picture was taken: the device's word and the file's own. Both are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.kernel.db import Tx
from app.kernel.http.schemas import point_wkt
from media.models import Media

TIME_APART = timedelta(minutes=10)
METRES_APART = 500.0


def doubts(tx: Tx, media: Media) -> list[str]:
    """`capture_time_differs`, `capture_place_differs`: where the file contradicts the device."""
    found = []
    taken = media.capture.get("taken_at")
    if taken and media.captured_at and abs(datetime.fromisoformat(taken) - media.captured_at) > TIME_APART:
        found.append("capture_time_differs")
    if "lat" in media.capture and media.location is not None and _distance(tx, media) > METRES_APART:
        found.append("capture_place_differs")
    return found


def _distance(tx: Tx, media: Media) -> float:
    """Metres on the sphere between the device's place and the file's."""
    place = func.ST_GeomFromEWKT(point_wkt(media.capture["lon"], media.capture["lat"]))
    query = select(func.ST_DistanceSphere(Media.location, place)).where(Media.id == media.id)
    return float(tx.session.scalar(query) or 0.0)
