"""The Qt application of the window."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication

import studio
from studio.core import paths, settings
from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.workspace.studio import Studio


def start() -> QApplication:
    """Make the application and dress it as was chosen. There can be only one in a process."""
    application = QApplication([sys.argv[0]])
    application.setApplicationName("Tutti")
    application.setApplicationVersion(studio.__version__)
    application.setDesktopFileName("tutti")
    theme.apply(application, settings.load(paths.settings_file()).theme)
    return application


def follow_theme(application: QApplication, opened: Studio) -> Bindings:
    """Dress anew whenever another theme is chosen, or the system goes dark or light."""

    def dress() -> None:
        theme.apply(application, opened.settings.theme)

    bindings = Bindings()
    bindings.connect(opened.settings_changed, dress)
    bindings.connect(application.styleHints().colorSchemeChanged, dress)
    return bindings
