"""The Qt application of the window."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication

import studio
from studio.ui import theme


def start() -> QApplication:
    """Make the application and dress it. There can be only one in a process."""
    application = QApplication([sys.argv[0]])
    application.setApplicationName("Tutti")
    application.setApplicationVersion(studio.__version__)
    application.setDesktopFileName("tutti")
    theme.apply(application)
    return application
