"""Pictures: what an upload really is, when and where it was taken, and small upright copies without secrets."""

from media.images.inspect import Derivative, Inspection, inspect

__all__ = ["Derivative", "Inspection", "inspect"]
