"""Drawings made from strokes: SVG for the report, PNG for everything else. They never stand for the strokes."""

from __future__ import annotations

import io
import itertools

from PIL import Image, ImageDraw

from media.signatures.strokes import Point

WIDTH, HEIGHT, MARGIN = 600.0, 200.0, 12.0
PEN = 4.0
INK = "#12294d"
_FINE = 3


def svg(lines: list[list[Point]]) -> str:
    """The signature in a 600 × 200 box, smoothed, on a transparent ground."""
    paths = "".join(f'<path d="{_path(line)}"/>' for line in _fitted(lines))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}">'
        f'<g fill="none" stroke="{INK}" stroke-width="{PEN:g}" stroke-linecap="round" stroke-linejoin="round">'
        f"{paths}</g></svg>"
    )


def png(lines: list[list[Point]]) -> bytes:
    """The same box as a PNG of 600 × 200 pixels with a transparent ground."""
    ground = Image.new("RGBA", (int(WIDTH) * _FINE, int(HEIGHT) * _FINE), (*_rgb(), 0))
    draw = ImageDraw.Draw(ground)
    radius = PEN * _FINE / 2
    for line in _fitted(lines):
        points = [(x * _FINE, y * _FINE) for x, y in line]
        if len(points) > 1:
            draw.line(points, fill=_rgb(), width=int(PEN * _FINE), joint="curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_rgb())
    buffer = io.BytesIO()
    ground.resize((int(WIDTH), int(HEIGHT)), Image.Resampling.LANCZOS).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _rgb() -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(INK.removeprefix("#"))
    return red, green, blue


def _fitted(lines: list[list[Point]]) -> list[list[Point]]:
    """The lines scaled (never stretched) and centred into the box."""
    xs = [x for line in lines for x, _ in line]
    ys = [y for line in lines for _, y in line]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    scale = min((WIDTH - 2 * MARGIN) / (width or 1e-9), (HEIGHT - 2 * MARGIN) / (height or 1e-9))
    left, top = (WIDTH - width * scale) / 2, (HEIGHT - height * scale) / 2
    return [[(left + (x - min(xs)) * scale, top + (y - min(ys)) * scale) for x, y in line] for line in lines]


def _path(line: list[Point]) -> str:
    """Quadratic curves through the middles of neighbouring points; a lone point becomes a dot."""
    (x, y), rest = line[0], line[1:]
    parts = [f"M{x:.1f} {y:.1f}"]
    for (ax, ay), (bx, by) in itertools.pairwise(rest):
        parts.append(f"Q{ax:.1f} {ay:.1f} {(ax + bx) / 2:.1f} {(ay + by) / 2:.1f}")
    x, y = line[-1]
    parts.append(f"L{x:.1f} {y + (0.01 if len(line) == 1 else 0):.2f}")
    return "".join(parts)
