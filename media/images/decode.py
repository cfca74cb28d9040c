"""The child's work on one picture: decode it by the allow-list, read its capture, write its derivatives.

Runs only inside `media.sandbox`. Answers `{"rejected": reason}` or what `Inspection` holds.
"""

from __future__ import annotations

import io
import sys
import warnings
from typing import Any

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from media.images.exif import capture
from media.images.kinds import HEAD, Kind, kind_of

MAX_PIXELS = 50_000_000
QUALITY = 80


class Rejected(ValueError):
    """This file cannot be used; the message is for a person."""


def work(arguments: dict[str, Any]) -> dict[str, Any]:
    """Inspects standard input. `arguments["sizes"]`: longest sides, in pixels, of the derivatives to write."""
    source = io.FileIO(sys.stdin.fileno(), closefd=False)
    kind = kind_of(source.read(HEAD))
    if kind is None:
        return {"rejected": "The content is of no accepted kind, whatever its name says."}
    if kind.decoder is None:
        return {"mime": kind.mime}
    source.seek(0)
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        return _picture(source, kind, sorted(arguments["sizes"], reverse=True))
    except Rejected as reason:
        return {"rejected": str(reason)}
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"rejected": f"The picture has more than {MAX_PIXELS // 1_000_000} megapixels."}
    except UnidentifiedImageError:
        return {"rejected": "The picture cannot be decoded."}
    except (OSError, SyntaxError, ValueError, EOFError, ArithmeticError, LookupError, TypeError) as error:
        return {"rejected": f"The picture is damaged: {error}"[:300]}


def _picture(source: io.FileIO, kind: Kind, sizes: list[int]) -> dict[str, Any]:
    picture = _open(source, kind)
    if picture.width * picture.height > MAX_PIXELS:
        raise Rejected(f"The picture has more than {MAX_PIXELS // 1_000_000} megapixels.")
    found = _capture(picture)
    width, height = picture.size
    if _turned(picture):
        width, height = height, width
    picture.draft("RGB", _at_least(picture.size, sizes[0]))
    picture.load()
    small = _presentable(picture, sizes[0])
    derivatives = []
    for size in sizes:
        small = _shrunk(small, size)
        small.save(f"{size}.webp", "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=None, xmp=b"")
        derivatives.append({"size": size, "width": small.width, "height": small.height, "file": f"{size}.webp"})
    return {"mime": kind.mime, "width": width, "height": height, "capture": found, "derivatives": derivatives}


def _open(source: io.FileIO, kind: Kind) -> Image.Image:
    if kind.decoder == "HEIF":
        import pillow_heif  # costs a fifth of a second, so only for those who need it

        pillow_heif.register_heif_opener(thumbnails=False)
    return Image.open(source, formats=[str(kind.decoder)])


def _capture(picture: Image.Image) -> dict[str, Any]:
    """The capture as the file tells it; broken metadata never costs a good picture."""
    try:
        return capture(picture)
    except Exception as error:
        return {"unreadable": f"{type(error).__name__}: {error}"[:200]}


def _turned(picture: Image.Image) -> bool:
    try:
        return picture.getexif().get(0x0112) in (5, 6, 7, 8)
    except Exception:
        return False


def _at_least(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """The box that a JPEG may be decoded into without getting smaller than a derivative."""
    scale = longest / max(size)
    return (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))


def _presentable(picture: Image.Image, longest: int) -> Image.Image:
    """Small, upright, sRGB, without metadata: nothing of the file but its pixels goes on."""
    alpha = "A" in picture.getbands() or "transparency" in picture.info
    profile = picture.info.get("icc_profile")
    small = _shrunk(picture.convert("RGBA" if alpha else "RGB"), longest)
    try:
        ImageOps.exif_transpose(small, in_place=True)
    except Exception:
        small = small.copy()
    if profile and not alpha and picture.mode == "RGB":
        small = _in_srgb(small, profile)
    clean = Image.new(small.mode, small.size)
    clean.paste(small)
    return clean


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return turned or picture


def _shrunk(picture: Image.Image, longest: int) -> Image.Image:
    if max(picture.size) <= longest:
        return picture
    small = picture.copy()
    small.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return small
