"""Chips: the words that were understood, and dashed the words that were not."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QApplication, QSizePolicy, QWidget

from studio.ai.requests import Chip
from studio.ui import theme
from studio.ui.tr import tr
from studio.ui.widgets.boxes import Flow, clear

_SIDE_PX, _HEIGHT_PX, _CROSS_PX = 9, 24, 18
_MOST_PX = 260


class ChipMark(QAbstractButton):
    """One chip: a press changes it, its cross or Delete removes it.

    Signals:
        removed(): It should go.
        undone(): The last change of the words should be undone.
    """

    removed = Signal()
    undone = Signal()

    def __init__(self, chip: Chip) -> None:
        super().__init__()
        self.chip = chip
        self.setFont(theme.ui_font())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(said(chip))
        self.setAccessibleDescription(tr("Enter changes it, Delete removes it"))
        self.setToolTip(said(chip))

    @property
    def words(self) -> str:
        """What it shows; a guess says what it was guessed from."""
        return f"~ {self.chip.heard} → {self.chip.text}" if self.chip.heard else self.chip.text

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.font()).horizontalAdvance(self.words)
        return QSize(min(width + _SIDE_PX + _CROSS_PX + 4, _MOST_PX), _HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        plain = bool(self.chip.control) and not self.chip.heard
        lit = self.underMouse() or self.isDown()
        painter.setPen(self._edge())
        fill = theme.colour("line_strong" if lit else "hover")
        painter.setBrush(fill if plain or lit else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area, _HEIGHT_PX / 2, _HEIGHT_PX / 2)
        painter.setPen(theme.colour("text" if self.chip.control else "text_2"))
        room = self.rect().adjusted(_SIDE_PX, 0, -_CROSS_PX, 0)
        words = self.fontMetrics().elidedText(
            self.words, Qt.TextElideMode.ElideMiddle, room.width() + 2
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        self._paint_cross(painter)
        painter.end()

    def _edge(self) -> QPen | Qt.PenStyle:
        """Dashed for words that are not understood, a line for guesses, an accent for the focus."""
        if self.hasFocus():
            return QPen(theme.colour("accent"), 1.5)
        if not self.chip.control:
            return QPen(theme.colour("text_3"), 1, Qt.PenStyle.DashLine)
        return QPen(theme.colour("text_3"), 1) if self.chip.heard else Qt.PenStyle.NoPen

    def _paint_cross(self, painter: QPainter) -> None:
        painter.setPen(QPen(theme.colour("text_2"), 1.2))
        middle = QPoint(self._cross().center())
        for left, right in ((-3, 3), (3, -3)):
            painter.drawLine(middle + QPoint(left, -3), middle + QPoint(right, 3))

    def _cross(self) -> QRect:
        return QRect(self.width() - _CROSS_PX - 1, 0, _CROSS_PX, self.height())

    def enterEvent(self, event: QEvent) -> None:
        self.update()
        super().enterEvent(event)  # type: ignore[arg-type]

    def leaveEvent(self, event: QEvent) -> None:
        self.update()
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.isDown() and self._cross().contains(event.position().toPoint()):
            self.setDown(False)
            self.removed.emit()
        else:
            super().mouseReleaseEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._means(event):
            event.accept()
            return True
        return super().event(event)

    def _means(self, event: QEvent) -> bool:
        """Whether the chip has a use for a key that is a shortcut elsewhere."""
        if not isinstance(event, QKeyEvent):
            return False
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        return (plain and event.key() in keys) or event.matches(QKeySequence.StandardKey.Undo)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undone.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


def said(chip: Chip) -> str:
    """What a chip says, in a sentence."""
    if chip.heard:
        return tr(
            "“{heard}” was taken to mean {control}: {text}",
            heard=chip.heard, control=chip.control, text=chip.text,
        )  # fmt: skip
    if chip.control:
        return tr("Understood as {control}: {text}", control=chip.control, text=chip.text)
    unknown = tr("“{text}” was not understood; it changes nothing", text=chip.text)
    return f"{unknown}. {chip.note}" if chip.note else unknown


class Chips(QWidget):
    """A paragraph of chips.

    Signals:
        pressed(ChipMark): One should be changed.
        removed(Chip): One should go.
        undone(): The last change of the words should be undone.
    """

    pressed = Signal(object)
    removed = Signal(object)
    undone = Signal()

    def __init__(self, before: QWidget) -> None:
        """`before` is what the Tab key comes from."""
        super().__init__()
        self._before = before
        self._flow = Flow(self)
        self._shown: tuple[Chip, ...] = ()
        self.marks: list[ChipMark] = []
        self.setAccessibleName(tr("What the words were understood to say"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def chips(self) -> tuple[Chip, ...]:
        return self._shown

    def show_chips(self, chips: Sequence[Chip]) -> None:
        """Show others; the focus stays at its place among them."""
        if tuple(chips) == self._shown:
            return
        self._shown = tuple(chips)
        focused = QApplication.focusWidget()
        place = next((i for i, mark in enumerate(self.marks) if mark is focused), None)
        clear(self._flow)
        self.marks = []
        for chip in chips:
            self._add(chip)
        self.setVisible(bool(chips))
        self._fit()
        if place is not None:
            after = self.marks[min(place, len(self.marks) - 1)] if self.marks else self._before
            after.setFocus(Qt.FocusReason.TabFocusReason)

    def _add(self, chip: Chip) -> None:
        mark = ChipMark(chip)
        mark.clicked.connect(lambda: self.pressed.emit(mark))
        mark.removed.connect(lambda: self.removed.emit(chip))
        mark.undone.connect(self.undone)
        self._flow.addWidget(mark)
        mark.show()
        QWidget.setTabOrder(self.marks[-1] if self.marks else self._before, mark)
        self.marks.append(mark)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As tall as its lines: layouts ask for height by width only where it suits them."""
        self.setFixedHeight(max(self._flow.heightForWidth(self.width()), _HEIGHT_PX))
