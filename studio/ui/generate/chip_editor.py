"""Changing a chip: a field with its words, and what else it may say."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QPlainTextEdit, QWidget

from studio.ai import chip_edits
from studio.ai.requests import Chip
from studio.ui import theme
from studio.ui.bindings import Bindings, Debounced
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, label, restyle, row
from studio.ui.widgets.buttons import say, text_button
from studio.ui.widgets.chips import ChipMark, Chips
from studio.ui.widgets.overlay import Overlay
from studio.workspace.understanding import Understanding

_WIDTH_PX, _LINES = 240, 8
CHIPS_MS = 100


class ChipEditor(Overlay):
    """A popup under a chip.

    Signals:
        chosen(str): Words to stand in the text instead.
        left_unread(): The words of a guess should not be read.
        removed(): The chip should go.
    """

    chosen = Signal(str)
    left_unread = Signal()
    removed = Signal()

    def __init__(self, chip: Chip, parent: QWidget) -> None:
        super().__init__(parent)
        self._chip = chip
        self.setAccessibleName(tr("Change “{text}”", text=chip.text))
        self.setFixedWidth(_WIDTH_PX)
        box = column(self, theme.GAP)
        if chip.heard:
            box.addWidget(label(tr("“{words}” is a guess", words=chip.heard), "small", wrap=True))
        self.field = QLineEdit(chip.words if chip.control else "")
        self.field.setPlaceholderText(tr("What it should say"))
        say(self.field, tr("What it should say"))
        self.field.textEdited.connect(self._filter)
        self.field.returnPressed.connect(lambda: self._choose(self.field.text()))
        self.field.installEventFilter(self)
        box.addWidget(self.field)
        self._wrong = label("", "error", wrap=True)
        self._wrong.hide()
        box.addWidget(self._wrong)
        self._build_list()
        box.addWidget(self.list)
        foot = row()
        if chip.heard:
            foot.addWidget(text_button(tr("Leave unread"), self._leave_unread, kind="link"))
        foot.addStretch(1)
        foot.addWidget(text_button(tr("Remove"), self._remove, kind="link"))
        box.addLayout(foot)

    def _build_list(self) -> None:
        self.list = QListWidget()
        say(self.list, tr("Choices"))
        self.list.addItems(list(chip_edits.choices(self._chip)))
        self.list.itemClicked.connect(self._take)
        self.list.itemActivated.connect(self._take)
        self._show_choices()

    def focus_field(self) -> None:
        self.field.setFocus()
        self.field.selectAll()

    def _filter(self, typed: str) -> None:
        restyle(self.field, bad=False)
        self._wrong.hide()
        self._show_choices(typed.strip().lower())

    def _show_choices(self, wanted: str = "") -> None:
        """Show those that hold `wanted`; as tall as they are, and gone where there are none."""
        items = [self.list.item(line) for line in range(self.list.count())]
        for item in items:
            item.setHidden(wanted not in item.text().lower())
        count = sum(not item.isHidden() for item in items)
        self.list.setVisible(count > 0)
        self.list.setFixedHeight(self.list.sizeHintForRow(0) * min(count, _LINES) + 4)
        self.adjustSize()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        down = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Down
        if watched is self.field and down and event.type() == QEvent.Type.KeyPress:
            self.list.setFocus()
            shown = (i for i in range(self.list.count()) if not self.list.item(i).isHidden())
            self.list.setCurrentRow(next(shown, -1))
            return True
        return super().eventFilter(watched, event)

    def _take(self, item: QListWidgetItem) -> None:
        if not self.isHidden():  # a click may also activate
            self._choose(item.text())

    def _choose(self, typed: str) -> None:
        words = chip_edits.completed(self._chip, typed)
        if not words:
            restyle(self.field, bad=True)
            self._wrong.setText(_unread(self._chip, typed.strip()))
            self._wrong.show()
            self._show_choices()
            return
        self.dismiss()
        self.chosen.emit(words)

    def _leave_unread(self) -> None:
        self.dismiss()
        self.left_unread.emit()

    def _remove(self) -> None:
        self.dismiss()
        self.removed.emit()


def _unread(chip: Chip, typed: str) -> str:
    kinds = {
        "style": tr("a style"), "mood": tr("a mood"), "tempo": tr("a tempo"), "key": tr("a key"),
        "meter": tr("a meter"), "instrument": tr("an instrument"), "bars": tr("how many bars"),
        "length": tr("a length"), "form": tr("a form"), "chords": tr("chords"),
        "density": tr("how busy"), "feel": tr("a feel"),
    }  # fmt: skip
    kind = kinds.get(chip.control, tr("anything"))
    return tr("“{typed}” does not say {kind} here.", typed=typed, kind=kind)


class ChipBoard(Chips):
    """The chips of a field (and of a second one, for what is not wanted) as controls of its words.

    Every change is one of the text, and is undone there.
    """

    def __init__(
        self,
        understanding: Understanding,
        field: QLineEdit | QPlainTextEdit,
        negative: QPlainTextEdit | None = None,
        before: QWidget | None = None,
    ) -> None:
        super().__init__(before or field)
        self._understanding = understanding
        self._field, self._negative = field, negative
        self._last = field  # what was changed last, to be undone
        self._soon = Debounced(self.read, CHIPS_MS, self)
        self._bindings = Bindings()
        self._bindings.connect(understanding.changed, self._show)
        self.pressed.connect(self._edit)
        self.removed.connect(self._remove)
        self.undone.connect(self._undo)

    def read_soon(self) -> None:
        """Once the typing rests."""
        self._soon.ask()

    def read(self) -> None:
        """Understand the words that stand there now."""
        self._soon.cancel()
        self._understanding.read(_text(self._field), _text(self._negative))
        self._show()

    def release(self) -> None:
        self._soon.cancel()
        self._bindings.release()

    def _texts(self) -> tuple[str, str]:
        return _text(self._field), _text(self._negative)

    def _show(self) -> None:
        """Chips of other words (of a field that is not in use) are not for this one."""
        if self._understanding.texts == self._texts():
            self.show_chips(self._understanding.chips)

    def _edit(self, mark: ChipMark) -> None:
        chip = mark.chip
        editor = ChipEditor(chip, self.window())
        editor.chosen.connect(lambda words: self._rewrite(chip, words))
        editor.removed.connect(lambda: self._rewrite(chip, ""))
        editor.left_unread.connect(lambda: self._remove(chip))
        editor.open_at(mark.mapToGlobal(mark.rect().bottomLeft()))
        editor.focus_field()

    def _remove(self, chip: Chip) -> None:
        """A guess is dismissed, its words stay; else the words go."""
        if chip.heard and self._is_newest(chip):
            field = self._field_of(chip)
            self._put(field, chip_edits.unread(_text(field), chip))
        else:
            self._rewrite(chip, "")

    def _rewrite(self, chip: Chip, words: str) -> None:
        if not self._is_newest(chip):
            self.read()
            return
        field = self._field_of(chip)
        self._put(field, chip_edits.changed(_text(field), chip, self.chips, words))

    def _is_newest(self, chip: Chip) -> bool:
        return self._understanding.texts == self._texts() and chip in self.chips

    def _field_of(self, chip: Chip) -> QLineEdit | QPlainTextEdit:
        return self._negative if chip.negative and self._negative is not None else self._field

    def _put(self, field: QLineEdit | QPlainTextEdit, text: str) -> None:
        self._last = field
        put_text(field, text)
        self.read()

    def _undo(self) -> None:
        self._last.undo()
        self.read()


def _text(field: QLineEdit | QPlainTextEdit | None) -> str:
    if field is None:
        return ""
    return field.text() if isinstance(field, QLineEdit) else field.toPlainText()


def put_text(field: QLineEdit | QPlainTextEdit, text: str) -> None:
    """Make `field` hold `text` by one change of the part that differs: one step of its undo."""
    before = _text(field)
    start = 0
    while start < min(len(before), len(text)) and before[start] == text[start]:
        start += 1
    same = 0
    while same < min(len(before), len(text)) - start and before[-1 - same] == text[-1 - same]:
        same += 1
    end, words = len(before) - same, text[start : len(text) - same]
    if isinstance(field, QLineEdit):
        field.setSelection(start, end - start) if end > start else field.setCursorPosition(start)
        field.insert(words)
        return
    cursor = field.textCursor()
    cursor.setPosition(start)
    cursor.setPosition(end, cursor.MoveMode.KeepAnchor)
    cursor.insertText(words)
    field.setTextCursor(cursor)
