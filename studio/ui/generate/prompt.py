"""The prompt, what is to be left out, and the chips that show what was understood."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy

from studio.ui.generate.chip_editor import ChipBoard
from studio.ui.tr import tr
from studio.ui.widgets.boxes import LINK_INSET_PX, column, link_row
from studio.ui.widgets.buttons import say, text_button
from studio.workspace.understanding import Understanding


class TextBox(QPlainTextEdit):
    """A few lines of text; Tab leaves it, Enter is done with it, Shift+Enter begins a line.

    Signals:
        edited(str): The user typed.
        entered(): Enter was pressed.
    """

    edited = Signal(str)
    entered = Signal()

    def __init__(self, name: str, hint: str, lines: int) -> None:
        super().__init__()
        self._lines = lines
        self.setTabChangesFocus(True)
        self.setPlaceholderText(hint)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        say(self, name)
        self.textChanged.connect(self._tell)
        self._shown = ""

    def sizeHint(self) -> QSize:
        return QSize(200, QFontMetrics(self.font()).lineSpacing() * self._lines + 24)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        begins_line = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not begins_line:
            self.clearFocus()  # so that Space stops and plays
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def show_text(self, text: str) -> None:
        """Show `text`; keeps the cursor where nothing differs."""
        if text != self.toPlainText():
            self._shown = text
            self.setPlainText(text)

    def _tell(self) -> None:
        text = self.toPlainText()
        if text != self._shown:
            self._shown = text
            self.edited.emit(text)


class Prompt(QFrame):
    """Signals:
    edited(str), negative_edited(str): What the user typed so far.
    entered(): Enter was pressed in either.
    """

    edited = Signal(str)
    entered = Signal()
    negative_edited = Signal(str)

    def __init__(self, understanding: Understanding) -> None:
        super().__init__()
        box = column(self)
        box.setContentsMargins(LINK_INSET_PX, 0, 0, 0)  # room for the edge of the link
        self.field = TextBox(
            tr("Describe what you want to hear"),
            tr("Brushed drums and upright bass under the piano, late-night, 84 bpm"),
            4,
        )
        self.negative = TextBox(tr("What to leave out"), tr("No cymbal crashes, no strings"), 2)
        self.negative.hide()
        self._more = text_button(tr("Leave something out"), kind="link", checkable=True)
        self._more.setToolTip(tr("Say in a second field what should not be there"))
        self._more.toggled.connect(self._show_negative)
        self.chips = ChipBoard(understanding, self.field, self.negative, before=self._more)
        self.chips.hide()
        box.addWidget(self.field)
        line = link_row()
        line.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        box.addLayout(line)
        box.addWidget(self.negative)
        box.addWidget(self.chips)
        for text in (self.field, self.negative):
            text.entered.connect(self.entered)
        self.field.edited.connect(self.edited)
        self.negative.edited.connect(self.negative_edited)
        self.field.edited.connect(self.chips.read_soon)
        self.negative.edited.connect(self.chips.read_soon)

    def show_texts(self, prompt: str, negative: str) -> None:
        if (prompt, negative) == (self.field.toPlainText(), self.negative.toPlainText()):
            return
        self.field.show_text(prompt)
        self.negative.show_text(negative)
        if negative:
            self._more.setChecked(True)
        self.chips.read_soon()

    def _show_negative(self, shown: bool) -> None:
        self.negative.setVisible(shown)
        if shown and self._more.hasFocus():
            self.negative.setFocus()
        if not shown:
            self.negative.setPlainText("")
