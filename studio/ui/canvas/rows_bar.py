"""A scroll bar that moves a row axis, and is moved by it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollBar, QWidget

from studio.ui.canvas.axis import RowAxis
from studio.ui.tr import tr


class RowsBar(QScrollBar):
    """Vertical; invisible while every row is in sight, so that it takes no room."""

    def __init__(self, rows: RowAxis, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._rows = rows
        self.setAccessibleName(tr("Scroll up and down"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        rows.changed.connect(self.show_rows)
        self.valueChanged.connect(self._scroll)
        self.show_rows()

    def show_rows(self) -> None:
        """Take over how many rows there are and where they are scrolled to."""
        self.blockSignals(True)
        self.setRange(0, round(self._rows.farthest))
        self.setPageStep(max(self._rows.height, 1))
        self.setSingleStep(max(round(self._rows.row_height), 1))
        self.setValue(round(self._rows.top))
        self.blockSignals(False)
        self.setVisible(self._rows.farthest > 0)

    def _scroll(self, value: int) -> None:
        self._rows.scroll_to(float(value))
