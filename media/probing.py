"""The child's work on one recording: ffprobe says what is in it, told the format and kept to an allow-list.

Runs only inside `media.sandbox`, whose limits ffprobe inherits. The format is the one that the first bytes showed, so
nothing else is tried; the only protocol is the open file itself, so whatever a file refers to stays unopened.
"""

from __future__ import annotations

import json
import math
import subprocess
from typing import Any

FORMATS = {
    "audio/mp4": "mov",
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "video/webm": "matroska",
    "audio/webm": "matroska",
}
CODECS = (
    "h264,hevc,h263,mpeg4,mjpeg,av1,libdav1d,libaom-av1,vp8,vp9,png,"
    "aac,alac,mp3,mp3float,opus,libopus,vorbis,flac,amrnb,amrwb,pcm_s16le,pcm_s24le,pcm_s32le,pcm_u8,pcm_f32le"
)
WALL_S = 15
LONGEST_S = 7 * 24 * 3600


def work(arguments: dict[str, Any]) -> dict[str, Any]:
    """Inspects standard input. `program`: ffprobe; `mime`: what the first bytes are."""
    found = _asked(arguments["program"], FORMATS[arguments["mime"]])
    if found is None:
        return {"rejected": "The recording cannot be decoded."}
    streams = [stream for stream in found.get("streams", ()) if stream.get("codec_name")]
    films = [s for s in streams if s.get("codec_type") == "video" and not s.get("disposition", {}).get("attached_pic")]
    if not films and not any(stream.get("codec_type") == "audio" for stream in streams):
        return {"rejected": "The recording holds neither sound nor film."}
    size = {name: films[0][name] for name in ("width", "height") if films and films[0].get(name)}
    return {"mime": _named(arguments["mime"], bool(films)), "duration_s": _duration(found), **size}


def _asked(program: str, form: str) -> dict[str, Any] | None:
    limits = ["-threads", "1", "-probesize", "5M", "-analyzeduration", "5M"]
    allowed = ["-protocol_whitelist", "file", "-format_whitelist", form, "-codec_whitelist", CODECS]
    wanted = "format=duration:stream=codec_type,codec_name,width,height,duration:stream_disposition=attached_pic"
    command = [program, "-v", "quiet", *limits, *allowed, "-f", form, "-show_entries", wanted, "-of", "json"]
    try:
        done = subprocess.run([*command, "-i", "file:/dev/stdin"], capture_output=True, timeout=WALL_S, check=False)
        return None if done.returncode else json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None


def _named(mime: str, film: bool) -> str:
    """Containers of film may hold sound alone, as memos recorded by a browser do."""
    form = mime.partition("/")[2]
    if form not in ("mp4", "webm", "3gpp"):
        return mime
    return f"{'video' if film else 'audio'}/{form}"


def _duration(found: dict[str, Any]) -> float | None:
    """Seconds; None when the file does not tell, as one that was written live."""
    told = [part.get("duration") for part in (found.get("format", {}), *found.get("streams", ()))]
    for text in told:
        try:
            seconds = float(text)
        except (TypeError, ValueError):
            continue
        if math.isfinite(seconds) and 0 < seconds <= LONGEST_S:
            return round(seconds, 3)
    return None
