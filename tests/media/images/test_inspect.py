"""Every upload is hostile until the child has decoded it."""

from __future__ import annotations

import hashlib
import io
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from media.images import Inspection, inspect
from media.sandbox import Ceiling

RED, GREEN, BLUE, WHITE = (220, 20, 20), (20, 200, 20), (20, 20, 220), (250, 250, 250)


def look(data: bytes, folder: Path, **ceiling: int) -> Inspection:
    return inspect(io_file(data, folder), folder, Ceiling(**ceiling) if ceiling else None)


def io_file(data: bytes, folder: Path) -> Any:
    path = folder / "original"
    path.write_bytes(data)
    return path.open("rb")


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def corners(width: int = 640, height: int = 400) -> Image.Image:
    """Red top left, green top right, blue bottom left, white bottom right."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    picture.paste(WHITE, (width // 2, height // 2, width, height))
    return picture


def exif(**tags: Any) -> Image.Exif:
    made = Image.Exif()
    for name, value in tags.items():
        made[Base[name]] = value
    return made


def near(pixel: Any, wanted: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(pixel[:3], wanted, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_pictures_get_two_derivatives_and_the_original_is_untouched(tmp_path: Path, kind: str) -> None:
    data = encoded(corners(2400, 1800), kind)
    found = look(data, tmp_path)
    assert (found.rejected, found.mime) == (None, f"image/{kind.lower()}")
    assert (found.width, found.height) == (2400, 1800)
    assert {(d.size, d.width, d.height) for d in found.derivatives} == {(1600, 1600, 1200), (320, 320, 240)}
    for derivative in found.derivatives:
        with Image.open(derivative.file) as small:
            assert small.format == "WEBP"
            assert near(small.convert("RGB").getpixel((5, 5)), RED)
    assert hashlib.sha256((tmp_path / "original").read_bytes()).digest() == hashlib.sha256(data).digest()


def test_heic_as_phones_send_it(tmp_path: Path) -> None:
    import pillow_heif

    buffer = io.BytesIO()
    pillow_heif.from_pillow(corners()).save(buffer, quality=60)
    found = look(buffer.getvalue(), tmp_path)
    assert (found.rejected, found.mime, found.width) == (None, "image/heic", 640)


def test_small_pictures_are_not_blown_up(tmp_path: Path) -> None:
    found = look(encoded(corners(100, 50), "PNG"), tmp_path)
    assert {(d.width, d.height) for d in found.derivatives} == {(100, 50)}


# Where the stored corners end up, read as (top left, top right) of the upright picture.
TURNS = {
    1: (RED, GREEN), 2: (GREEN, RED), 3: (WHITE, BLUE), 4: (BLUE, WHITE),
    5: (RED, BLUE), 6: (BLUE, RED), 7: (WHITE, GREEN), 8: (GREEN, WHITE),
}  # fmt: skip


@pytest.mark.parametrize("orientation", TURNS)
def test_sideways_photos_stand_upright(tmp_path: Path, orientation: int) -> None:
    found = look(encoded(corners(), "JPEG", quality=95, exif=exif(Orientation=orientation)), tmp_path)
    upright = (400, 640) if orientation >= 5 else (640, 400)
    assert (found.width, found.height) == upright
    with Image.open(found.derivatives[-1].file) as small:
        assert (small.width > small.height) == (orientation < 5)
        left, right = TURNS[orientation]
        assert near(small.convert("RGB").getpixel((10, 10)), left)
        assert near(small.convert("RGB").getpixel((small.width - 10, 10)), right)
        assert small.getexif().get(Base.Orientation) is None


def gps_photo() -> bytes:
    tags = exif(Make="Acme", Model="Phone 7")
    tags.get_ifd(IFD.Exif).update({Base.DateTimeOriginal: "2026:03:01 14:30:05", Base.OffsetTimeOriginal: "+08:00"})
    tags.get_ifd(IFD.GPSInfo).update(
        {
            GPS.GPSLatitudeRef: "S",
            GPS.GPSLatitude: (33.0, 51.0, 31.2),
            GPS.GPSLongitudeRef: "E",
            GPS.GPSLongitude: (151.0, 12.0, 36.0),
            GPS.GPSAltitude: 12.5,
        }
    )
    return encoded(corners(), "JPEG", exif=tags, comment=b"taken by SECRET NAME")


def test_time_and_place_are_read_from_the_original_and_gone_from_the_copies(tmp_path: Path) -> None:
    found = look(gps_photo(), tmp_path)
    assert found.capture == {
        "taken_local": "2026-03-01T14:30:05",
        "taken_at": "2026-03-01T06:30:05Z",
        "lat": -33.8586667,
        "lon": 151.21,
        "altitude": 12.5,
        "camera": "Acme Phone 7",
    }
    for derivative in found.derivatives:
        raw = derivative.file.read_bytes()
        assert b"EXIF" not in raw
        assert b"SECRET" not in raw
        assert b"Acme" not in raw


@pytest.mark.parametrize(
    "gps",
    [
        {GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (91.0, 0.0, 0.0)},
        {GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (IFDRational(0, 0), 0.0, 0.0)},
        {GPS.GPSLatitudeRef: "X", GPS.GPSLatitude: (1.0, 0.0, 0.0)},
        {GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (1.0,)},
    ],
)
def test_nonsense_places_are_left_out(tmp_path: Path, gps: dict[int, Any]) -> None:
    tags = exif(DateTime="0000:00:00 99:00:00")
    tags.get_ifd(IFD.GPSInfo).update({GPS.GPSLongitudeRef: "E", GPS.GPSLongitude: (1.0, 0.0, 0.0), **gps})
    found = look(encoded(corners(), "JPEG", exif=tags), tmp_path)
    assert found.rejected is None
    assert found.capture == {}


def test_broken_exif_does_not_cost_the_photo(tmp_path: Path) -> None:
    data = encoded(corners(), "JPEG", exif=b"Exif\x00\x00" + b"II*\x00\xff\xff\xff\x7f" + b"\x99" * 500)
    found = look(data, tmp_path)
    assert found.rejected is None
    assert len(found.derivatives) == 2


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "I;16", "1"])
def test_unusual_modes(tmp_path: Path, mode: str) -> None:
    picture = Image.new(mode, (64, 48)) if mode == "I;16" else corners(64, 48).convert(mode)
    found = look(encoded(picture, "JPEG" if mode == "CMYK" else "PNG"), tmp_path)
    assert found.rejected is None
    assert len(found.derivatives) == 2


def test_the_first_frame_of_an_animation(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (50, 50), colour) for colour in (GREEN, RED, BLUE)]
    found = look(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), tmp_path)
    with Image.open(found.derivatives[0].file) as small:
        assert near(small.convert("RGB").getpixel((25, 25)), GREEN)
        assert getattr(small, "n_frames", 1) == 1


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that claims to be huge."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress(b"\x00" * 5_000_000, 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HOSTILE = {
    "empty": b"",
    "text": b"not a picture at all",
    "html": b"<!doctype html><script>alert(1)</script>" * 50,
    "svg with a script": SVG,
    "windows program": b"MZ" + b"\x00" * 2000,
    "zip": b"PK\x03\x04" + b"\x00" * 2000,
    "only a jpeg's first bytes": b"\xff\xd8\xff\xe0",
    "a script behind a gif's first bytes": b"GIF89a<script>alert(1)</script>",
    "just over the cap": bomb(10_000, 5_001),
    "a bomb": bomb(60_000, 60_000),
    "a side without pixels": bomb(0, 10),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_rejected_with_a_reason_in_under_a_second(tmp_path: Path, name: str) -> None:
    started = time.process_time(), time.monotonic()
    found = look(HOSTILE[name], tmp_path)
    assert found.rejected
    assert found.mime is None
    assert found.derivatives == ()
    assert [p.name for p in tmp_path.iterdir()] == ["original"]
    assert time.process_time() - started[0] < 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.98])
def test_truncated_pictures_are_rejected(tmp_path: Path, kind: str, part: float) -> None:
    picture = Image.effect_noise((300, 300), 80).convert("RGB")
    data = encoded(picture, kind)
    assert look(data[: int(len(data) * part)], tmp_path).rejected


def test_a_text_bomb_in_a_png_is_rejected(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("k", "A" * 5_000_000, zip=True)
    assert look(encoded(corners(10, 10), "PNG", pnginfo=info), tmp_path).rejected


def test_decoding_under_too_little_memory_is_a_rejection(tmp_path: Path) -> None:
    data = encoded(corners(3000, 2000), "PNG", compress_level=1)
    assert look(data, tmp_path).rejected is None
    assert "memory" in str(look(data, tmp_path, memory=100 * 1024**2).rejected)


def test_other_files_are_known_by_their_content(tmp_path: Path) -> None:
    found = look(b"%PDF-1.7\n" + b"x" * 500, tmp_path)
    assert (found.mime, found.rejected, found.derivatives) == ("application/pdf", None, ())
