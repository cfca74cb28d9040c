"""The service report: from the signed document to a numbered, sealed PDF. Sealing itself is in `media.reports.seal`."""

from media.reports.look import Look, logo_id, look
from media.reports.render import Evidence, Report, Signed, render
from media.reports.sealkey import Seal, UnusableKey, brought_seal, demo_seal

__all__ = [
    "Evidence",
    "Look",
    "Report",
    "Seal",
    "Signed",
    "UnusableKey",
    "brought_seal",
    "demo_seal",
    "logo_id",
    "look",
    "render",
]
