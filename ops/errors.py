"""The one error that operations raise: what is wrong, and what to do about it."""


class OpsError(Exception):
    """Something outside the program stands in the way.

    Args:
        message: What is wrong, in one sentence.
        remedy: What the person at the keyboard can do about it.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  {self.remedy}" if self.remedy else self.message
