"""The child's work on a PDF of unknown origin: which seals it carries and what they still cover."""

from __future__ import annotations

import io
import logging
import sys
from typing import Any

MAX_SEALS = 10


def work(arguments: dict[str, Any]) -> dict[str, Any]:
    """Reads the PDF on standard input. Answers `{"seals": […]}`, or `{"unreadable": reason}`."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    logging.disable(logging.CRITICAL)
    try:
        embedded = PdfFileReader(io.BytesIO(sys.stdin.buffer.read()), strict=True).embedded_signatures
        return {"seals": [_seal(signature) for signature in embedded[:MAX_SEALS]]}
    except Exception as error:
        # The file is hostile and the parser large: whatever it raises, the file is to blame.
        return {"unreadable": f"{type(error).__name__}: {error}"[:200]}


def _seal(signature: Any) -> dict[str, Any]:
    """intact: the covered bytes are unchanged and the key matches. whole: it covers the file to its end."""
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    certificate = signature.signer_cert
    at = signature.self_reported_timestamp
    found = {
        "fingerprint": certificate.sha256.hex(),
        "name": str(certificate.subject.native.get("common_name", "")),
        "at": at.isoformat() if at else None,
    }
    try:
        trust = ValidationContext(trust_roots=[certificate], allow_fetching=False)
        status = validate_pdf_signature(signature, trust, skip_diff=True)
    except Exception as error:
        return {**found, "intact": False, "whole": False, "detail": f"{type(error).__name__}: {error}"[:200]}
    return {
        **found,
        "intact": bool(status.intact and status.valid),
        "whole": status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
    }
