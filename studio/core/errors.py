"""Errors that are meant for the musician, and the one that means "stopped on request"."""

from __future__ import annotations


class StudioError(Exception):
    """Something the musician can understand and act on.

    Anything else that is raised is a fault of the program and is reported as such.

    Args:
        message: One sentence that says what happened.
        hint: What to try next, or an empty string.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> tuple[type[StudioError], tuple[str, str]]:
        return type(self), (self.message, self.hint)


class Cancelled(Exception):
    """The work was stopped on request; not an error."""
