"""The key sheet: every key and every gesture, on one page."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.ui import theme
from studio.ui.actions import GESTURES, ROWS, key_text
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, label, row

COLUMNS = (("Transport", "Write", "File", "Help"), ("Edit", "Notes", "Track"), ("View",))


class KeySheet(QDialog):
    """Shown by `?`; Escape closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("key_sheet")
        self.setWindowTitle(tr("Keys"))
        self.setAccessibleName(tr("Keys"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        content = QWidget()
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setAccessibleName(tr("Keys"))
        column(self).addWidget(area)
        box: QHBoxLayout = row(content, 2 * theme.PADDING, 3 * theme.PADDING)
        for menus in COLUMNS:
            side = column(gap=theme.PADDING)
            for menu in menus:
                _add_group(side, tr(menu), _keys_of(menu))
            if "View" in menus:
                hands = [(tr(title), tr(how)) for title, how in GESTURES]
                _add_group(side, tr("Mouse"), hands, keys=False)
            side.addStretch(1)
            box.addLayout(side)
        wanted = content.sizeHint() + QSize(theme.PADDING, theme.PADDING)
        self.resize(wanted.boundedTo(parent.size() - QSize(theme.PADDING, theme.PADDING)))


def _keys_of(menu: str) -> list[tuple[str, str]]:
    return [
        (tr(entry.title), "  ".join(dict.fromkeys(key_text(key) for key in entry.keys)))
        for entry in ROWS
        if entry.menu == menu and entry.keys
    ]


def _add_group(
    side: QVBoxLayout, title: str, entries: list[tuple[str, str]], *, keys: bool = True
) -> None:
    """A heading with its lines; `keys` are written like numbers, gestures like words."""
    group = column(gap=theme.GAP)
    group.addWidget(label(title, "heading"))
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * theme.PADDING)
    grid.setVerticalSpacing(theme.SPACE)
    grid.setColumnStretch(0, 1)
    middle = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for i, (name, how) in enumerate(entries):
        shown = label(how, "small")
        if keys:
            shown.setFont(theme.mono_font(theme.LABEL_PX))
        grid.addWidget(label(name), i, 0)
        grid.addWidget(shown, i, 1, middle)
    group.addLayout(grid)
    side.addLayout(group)
