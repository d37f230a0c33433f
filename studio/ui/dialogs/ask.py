"""The few questions that have to be answered before going on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QPushButton, QWidget

from studio.ui import theme
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, label, restyle, row
from studio.ui.widgets.buttons import say, text_button

_WIDTH_PX = 440
Answer = tuple[str, str, Callable[[], object]]  # (text, kind of button, what it does)


class Question(QDialog):
    """A sentence, what follows from it, and a button an answer; Escape is the last answer."""

    def __init__(self, parent: QWidget, title: str, message: str, answers: list[Answer]) -> None:
        super().__init__(parent)
        self.setObjectName("question")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(_WIDTH_PX)
        box = column(self, 2 * theme.PADDING, theme.PADDING)
        box.addWidget(label(title, "title", wrap=True))
        box.addWidget(label(message, "secondary", wrap=True))
        line = row()
        line.addStretch(1)
        self.buttons: list[QPushButton] = []
        for text, kind, act in answers:
            button = text_button(text, kind=kind)
            button.clicked.connect(self.accept)
            button.clicked.connect(lambda _on, act=act: act())
            self.buttons.append(button)
        for button in reversed(self.buttons):
            line.addWidget(button)
        self.buttons[0].setDefault(True)
        self.buttons[0].setFocus()
        box.addLayout(line)


class NameDialog(QDialog):
    """Asks for a song's name and folder."""

    def __init__(
        self, parent: QWidget, name: str, folder: Path, chosen: Callable[[Path], object]
    ) -> None:
        super().__init__(parent)
        self._folder, self._chosen = folder, chosen
        self.setObjectName("name_dialog")
        self.setWindowTitle(tr("Save the song"))
        self.setAccessibleName(tr("Save the song"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(_WIDTH_PX)
        box = column(self, 2 * theme.PADDING, theme.GAP)
        box.addWidget(label(tr("Save the song"), "title"))
        self.name = QLineEdit(name)
        self.name.setPlaceholderText(tr("Name of the song"))
        say(self.name, tr("Name of the song"))
        self.name.selectAll()
        self.name.textChanged.connect(self._check)
        box.addWidget(self.name)
        where = row()
        self._where = label("", "small", wrap=True)
        where.addWidget(self._where, 1)
        where.addWidget(text_button(tr("Change folder…"), self._choose_folder, kind="link"))
        box.addLayout(where)
        self._wrong = label("", "error", wrap=True)
        box.addWidget(self._wrong)
        line = row()
        line.addStretch(1)
        line.addWidget(text_button(tr("Cancel"), self.reject))
        self.save = text_button(tr("Save"), self._accept, kind="accent")
        self.save.setDefault(True)
        line.addWidget(self.save)
        box.addLayout(line)
        self._check()

    @property
    def path(self) -> Path:
        return self._folder / f"{self.name.text().strip()}.tutti"

    def _choose_folder(self) -> None:
        found = QFileDialog.getExistingDirectory(self, tr("Folder for the song"), str(self._folder))
        if found:
            self._folder = Path(found)
            self._check()

    def _check(self) -> None:
        wrong = name_wrong(self.name.text())
        if not wrong and self.path.exists():
            wrong = tr("There is a song of this name already.")
        self._where.setText(str(self._folder))
        self._wrong.setText(wrong if self.name.text() else "")
        restyle(self.name, bad="true" if wrong and self.name.text() else "false")
        self.save.setEnabled(not wrong)

    def _accept(self) -> None:
        self.accept()
        self._chosen(self.path)


def name_wrong(name: str) -> str:
    """What is wrong with the name of a song, as a sentence, or nothing."""
    plain = name.strip()
    if not plain:
        return tr("A song needs a name.")
    if any(letter in '/\\:*?"<>|' or ord(letter) < 32 for letter in plain):
        return tr('A name cannot hold any of / \\ : * ? " < > |')
    if plain.startswith(".") or plain.endswith("."):
        return tr("A name cannot begin or end with a full stop.")
    return ""
