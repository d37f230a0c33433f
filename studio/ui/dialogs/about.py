"""What this program is, and under which licence."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

import studio
from studio.ui import theme
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, label, row
from studio.ui.widgets.buttons import text_button


class About(QDialog):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("about")
        self.setWindowTitle(tr("About Tutti"))
        self.setAccessibleName(tr("About Tutti"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(380)
        box = column(self, 2 * theme.PADDING, theme.GAP)
        box.addWidget(label("Tutti", "welcome"))
        box.addWidget(label(tr("Version {version}", version=studio.__version__), "secondary"))
        box.addWidget(
            label(
                tr("A music studio that runs on your own machine. Nothing you make leaves it."),
                wrap=True,
            )
        )
        box.addWidget(
            label(tr("Free software under the GNU GPL, version 3 or later."), "small", wrap=True)
        )
        line = row()
        line.addStretch(1)
        line.addWidget(text_button(tr("Close"), self.accept))
        box.addLayout(line)
