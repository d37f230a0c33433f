"""Frames, labels and layouts with the spacing of the design."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QVBoxLayout,
    QWidget,
)

from studio.ui import icons, theme

_LEAST_TEXT_PX = 24
LINK_INSET_PX = 5  # from the edge of a link to its words, as the style sheet has it


def frame(role: str) -> QFrame:
    """A surface of the style sheet: `bar`, `panel`, `canvas`, `card`, `outlined`, `field`."""
    made = QFrame()
    made.setProperty("role", role)
    return made


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """Text in a role of the style sheet: `heading`, `secondary`, `label`, `small`, `strong` ..."""
    made = QLabel(text)
    if role:
        made.setProperty("role", role)
    if role == "heading":
        font = theme.ui_font(theme.LABEL_PX, 600, 0.8)
        font.setCapitalization(QFont.Capitalization.AllUppercase)
        made.setFont(font)
    if wrap:
        made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


class IconMark(QWidget):
    """An icon beside words; those say what it means."""

    def __init__(self, icon: str, color: str) -> None:
        super().__init__()
        self._icon, self._color = icon, color
        self.setFixedSize(theme.ICON, theme.ICON)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            icons.paint(painter, self._icon, QRectF(self.rect()), self._color)


class ElidedLabel(QLabel):
    """A line of text that ends in … where there is no room; its tooltip has all of it."""

    def __init__(self, text: str = "", role: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST_TEXT_PX, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        area = self.contentsRect()
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, area.width()
        )
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(area, int(self.alignment()), shown)
        painter.end()


def column(owner: QWidget | None = None, margin: int = 0, gap: int = theme.GAP) -> QVBoxLayout:
    """A vertical layout; `margin` and `gap` in px."""
    made = QVBoxLayout(owner) if owner is not None else QVBoxLayout()
    made.setContentsMargins(margin, margin, margin, margin)
    made.setSpacing(gap)
    return made


def row(owner: QWidget | None = None, margin: int = 0, gap: int = theme.GAP) -> QHBoxLayout:
    """A horizontal layout; `margin` and `gap` in px."""
    made = QHBoxLayout(owner) if owner is not None else QHBoxLayout()
    made.setContentsMargins(margin, margin, margin, margin)
    made.setSpacing(gap)
    return made


def link_row(gap: int = theme.GAP) -> QHBoxLayout:
    """A row that begins with a link: its words line up with what stands above, not its edge."""
    made = row(gap=gap)
    made.addSpacing(-LINK_INSET_PX)  # a layout takes a margin below 0 for none at all
    return made


def clear(layout: QLayout) -> None:
    """Take every item out of `layout` and delete its widget."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def restyle(widget: QWidget, **properties: object) -> None:
    """Set style properties and let the style sheet see them; does nothing where none differs."""
    differing = {
        name: value for name, value in properties.items() if widget.property(name) != value
    }
    for name, value in differing.items():
        widget.setProperty(name, value)
    if differing and widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Flow(QLayout):
    """Lays items out in lines, left to right, as words in a paragraph."""

    def __init__(self, owner: QWidget, gap: int = theme.SPACE + 2) -> None:
        super().__init__(owner)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem:
        return self._items[index] if 0 <= index < len(self._items) else None  # type: ignore[return-value]

    def takeAt(self, index: int) -> QLayoutItem:
        return self._items.pop(index) if 0 <= index < len(self._items) else None  # type: ignore[return-value]

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def _place(self, rect: QRect, move: bool) -> int:
        """Put items into `rect`; the height they take."""
        margins: QMargins = self.contentsMargins()
        area = rect.marginsRemoved(margins)
        x, y, line = area.x(), area.y(), 0
        for item in self._items:
            size = item.sizeHint()
            if x + size.width() > area.right() + 1 and line:
                x, y, line = area.x(), y + line + self._gap, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self._gap
            line = max(line, size.height())
        return y + line - rect.y() + margins.bottom()
