"""What can go wrong in telling somebody something."""

from __future__ import annotations

from app.kernel.problems import ProblemType

NO_CHANNEL = ProblemType("no-channel", 409, "Nothing is set up that could send a code")
