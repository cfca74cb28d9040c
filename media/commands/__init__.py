"""The writes of the media room, one verb each: the transaction first, no commit, no HTTP."""

from media.commands.files import announce, arrive, forget
from media.commands.sealing import seal_report
from media.commands.signing import release, sign

__all__ = ["announce", "arrive", "forget", "release", "seal_report", "sign"]
