"""The door through which every sentence of the window passes on its way to the screen."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def tr(text: str, /, **values: object) -> str:
    """`text` in the user's language, with `{name}` places filled from `values`."""
    said = QCoreApplication.translate("studio", text)
    return said.format(**values) if values else said
