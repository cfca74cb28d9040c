"""Links that serve one file to whoever holds them, for minutes: `exp` and HMAC, nothing stored."""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from app.kernel import vault
from app.kernel.problems import NOT_FOUND
from media.problems import LINK_EXPIRED

_BODY = struct.Struct(">16s16sIH")
_MAC = 32


@dataclass(frozen=True)
class Link:
    """A file of an organisation, as original (`size` 0) or as small picture, until a moment (whole seconds)."""

    org_id: UUID
    media_id: UUID
    expires_at: datetime
    size: int = 0

    def token(self) -> str:
        """The link's text."""
        body = _BODY.pack(self.org_id.bytes, self.media_id.bytes, int(self.expires_at.timestamp()), self.size)
        signed = body + vault.mac(vault.LINK, self.org_id, body)
        return base64.urlsafe_b64encode(signed).rstrip(b"=").decode()


def opened(token: str, now: datetime) -> Link:
    """The link behind a token. Raises 404 for one that was not made here, 410 when its time is over."""
    try:
        signed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        body, mac = signed[:-_MAC], signed[-_MAC:]
        org, media, expires, size = _BODY.unpack(body)
    except (binascii.Error, ValueError, struct.error):
        raise NOT_FOUND("This is not a link to a file.") from None
    link = Link(UUID(bytes=org), UUID(bytes=media), datetime.fromtimestamp(expires, UTC), size)
    if not hmac.compare_digest(mac, vault.mac(vault.LINK, link.org_id, body)):
        raise NOT_FOUND("This is not a link to a file.")
    if link.expires_at <= now:
        raise LINK_EXPIRED("Ask for a new link; they live for five minutes.")
    return link
