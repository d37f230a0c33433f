"""Find anything: every action by a few letters of its name."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from studio.ui import theme
from studio.ui.actions import ROWS, Actions, Row, key_text
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column
from studio.ui.widgets.overlay import Overlay

_ID = Qt.ItemDataRole.UserRole
_KEYS = Qt.ItemDataRole.UserRole + 1
_WIDTH_PX, _HEIGHT_PX, _TOP_PX = 520, 400, 90


class Palette(Overlay):
    """Opens over the window; Enter runs the first match."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self._actions = actions
        self.setAccessibleName(tr("Find anything"))
        self.setFixedSize(_WIDTH_PX, _HEIGHT_PX)
        self._field = QLineEdit()
        self._field.setPlaceholderText(tr("Find anything the studio can do"))
        self._field.setAccessibleName(tr("Words to look for"))
        self._field.textChanged.connect(self._fill)
        self._list = QListView()
        self._list.setAccessibleName(tr("Actions found"))
        self._list.setItemDelegate(_RowDelegate(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.clicked.connect(lambda _index: self._run())
        self._model = QStandardItemModel(self)
        self._list.setModel(self._model)
        box = column(self, theme.GAP)
        box.addWidget(self._field)
        box.addWidget(self._list)
        self._fill("")

    def open_over(self, window: QWidget) -> None:
        """Show centred in the upper half of `window`, ready to type."""
        self.open_at(window.mapToGlobal(QPoint((window.width() - _WIDTH_PX) // 2, _TOP_PX)))
        self._field.setFocus()

    @property
    def found(self) -> list[str]:
        """Ids of the actions on show, best first."""
        return [self._model.item(i).data(_ID) for i in range(self._model.rowCount())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = event.type() == QEvent.Type.KeyPress and watched is self._field
        if pressed and isinstance(event, QKeyEvent):
            steps = {
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_PageDown: 8,
                Qt.Key.Key_PageUp: -8,
            }
            if event.key() in steps:
                self._step(steps[Qt.Key(event.key())])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run()
                return True
        return super().eventFilter(watched, event)

    def _step(self, by: int) -> None:
        row = min(max(self._list.currentIndex().row() + by, 0), self._model.rowCount() - 1)
        self._list.setCurrentIndex(self._model.index(row, 0))

    def _fill(self, text: str) -> None:
        self._model.clear()
        for row in matching(text):
            item = QStandardItem(tr(row.title))
            item.setData(row.id, _ID)
            item.setData(key_text(row.keys[0]) if row.keys else "", _KEYS)
            item.setEnabled(self._actions[row.id].isEnabled())
            item.setEditable(False)
            self._model.appendRow(item)
        rows = range(self._model.rowCount())
        first = next((i for i in rows if self._model.item(i).isEnabled()), 0)
        self._list.setCurrentIndex(self._model.index(first, 0))

    def _run(self) -> None:
        index = self._list.currentIndex()
        id = index.data(_ID)
        if id is not None and self._actions[id].isEnabled():
            self.dismiss()
            self._actions.run(id)


def matching(text: str) -> list[Row]:
    """Rows whose title or menu holds every word of `text`, or its letters in order; best first."""
    wanted = text.lower().split()
    scored = [
        (score, i) for i, row in enumerate(ROWS) if (score := _score(row, wanted)) is not None
    ]
    return [ROWS[i] for _, i in sorted(scored)]


def _score(row: Row, wanted: list[str]) -> int | None:
    """The lower the better; None where the row does not match."""
    title = tr(row.title).lower()
    if all(any(word.startswith(part) for word in title.split()) for part in wanted):
        return 0 if not wanted or title.startswith(wanted[0]) else 1
    if all(part in f"{title} {row.menu.lower()}" for part in wanted):
        return 2
    return 3 if _in_order("".join(wanted), title) else None


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


class _RowDelegate(QStyledItemDelegate):
    """Draws the key of an action at the right of its name."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        area: QRect = option.rect.adjusted(0, 0, -theme.GAP, 0)
        painter.save()
        painter.setPen(theme.colour("text_3"))
        painter.setFont(theme.mono_font(theme.LABEL_PX))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(area, flags, index.data(_KEYS) or "")
        painter.restore()
