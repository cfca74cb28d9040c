"""Signatures: strokes that are the truth, an envelope that proves what they stand for, drawings made from them."""

from media.signatures.drawing import png, svg
from media.signatures.envelope import Envelope, claimed_device, open_envelope, public_key
from media.signatures.strokes import check, digest

__all__ = ["Envelope", "check", "claimed_device", "digest", "open_envelope", "png", "public_key", "svg"]
