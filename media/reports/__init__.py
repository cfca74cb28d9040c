"""The service report: from the signed document to a numbered, sealed PDF."""

from media.reports.render import Evidence, Report, Signed, render
from media.reports.seal import Seal, demo_seal, seal

__all__ = ["Evidence", "Report", "Seal", "Signed", "demo_seal", "render", "seal"]
