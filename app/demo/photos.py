"""Pictures of finished work: drawn, for there is nothing to photograph."""

from __future__ import annotations

import io
from functools import cache
from uuid import UUID

from app.demo.day import Task
from app.kernel.db import Tx

SIZE = (960, 720)
COLOURS = ("#8fa3ad", "#b3a58f", "#93a88f", "#a394ad")


def take(hand: Tx, task: Task, media_id: UUID, item_id: UUID) -> None:
    """A photo for a point of the checklist, with its bytes; it is looked at like any other."""
    from media import commands, places

    data = _picture(COLOURS[task.number % len(COLOURS)], task.site.model)
    key = places.blobs().put(hand.actor.org_id, [data])
    told = {"visit_id": task.visit_id, "item_id": item_id, "kind": "photo", "declared_type": "image/jpeg"}
    about = {"captured_at": hand.now, "filename": "finished.jpg"}
    commands.announce(hand, media_id, {**told, **about, "sha256": key.sha256, "size": len(data)})
    commands.arrive(hand, media_id, key.sha256, len(data))


@cache
def _picture(colour: str, model: str) -> bytes:
    """A unit on a wall with its grille and its plate."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", SIZE, colour)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 560, SIZE[0], SIZE[1]), fill="#5a5148")
    draw.rounded_rectangle((180, 140, 780, 520), 18, fill="#eef1f2", outline="#70787d", width=4)
    for line in range(14):
        draw.line((220, 190 + line * 16, 560, 190 + line * 16), fill="#9aa4a9", width=5)
    draw.ellipse((620, 190, 720, 290), fill="#fbfbf8", outline="#333", width=4)
    draw.line((670, 240, 700, 205), fill="#b3261e", width=5)
    draw.rectangle((600, 340, 740, 390), fill="#d8dde0", outline="#70787d")
    draw.text((616, 356), model, fill="#333")
    draw.rectangle((640, 440, 700, 470), fill="#2e7d32")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue()
