"""What an empty song shows: one sentence and one field."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QWidget

from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.generate.chip_editor import ChipBoard
from studio.ui.tr import tr
from studio.ui.widgets.boxes import Flow, column, label, row
from studio.ui.widgets.buttons import say, text_button
from studio.workspace.studio import Studio

EXAMPLES = (
    "slow jazz trio with brushed drums, 84 bpm, D minor",
    "happy folk guitar in 3/4",
    "dark ambient pads, 60 bpm",
    "funky bass and drums, 16 bars",
    "8-bit chase music, fast",
)
_WIDTH_PX = 640


class Welcome(QFrame):
    """Covers the empty canvases; typing and Enter ask for a song and play it as soon as it sounds.

    Signals:
        left(): It went away while it had the focus.
    """

    left = Signal()

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        super().__init__(parent)
        self._studio = studio
        self._over = parent
        self._waiting = False  # for the first notes, to play them
        self._away = False
        self.setProperty("role", "canvas")
        self.setAccessibleName(tr("Start a song"))
        parent.installEventFilter(self)
        self._build(studio)
        self._bindings = Bindings()
        self._bindings.connect(studio.song.changed, self._on_song_changed)
        self._bindings.connect(studio.song.replaced, self._on_replaced)
        self._bindings.connect(studio.generation.overlay_changed, self._on_overlay)
        self._bindings.connect(studio.takes.jobs_changed, self._on_job)
        self._follow()

    def release(self) -> None:
        self._bindings.release()
        self.chips.release()

    def _build(self, studio: Studio) -> None:
        around = row(self)
        around.addStretch(1)
        self._middle = QWidget()
        self._middle.setFixedWidth(_WIDTH_PX)
        box = column(self._middle, 0, theme.PADDING)
        box.addStretch(2)
        title = label(tr("Describe what you want to hear"), "welcome")
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.addWidget(title)
        self.field = QLineEdit()
        self.field.setProperty("kind", "welcome")
        self.field.setPlaceholderText(tr(EXAMPLES[0]))
        say(self.field, tr("Describe what you want to hear"))
        self.field.returnPressed.connect(self._go)
        box.addWidget(self.field)
        self.chips = ChipBoard(studio.understanding, self.field)
        self.field.textChanged.connect(self.chips.read_soon)
        self.field.textChanged.connect(self._tell)
        box.addWidget(self.chips)
        examples = QWidget()
        flow = Flow(examples)
        for example in EXAMPLES[1:]:
            button = text_button(tr(example), partial(self._try, example), kind="example")
            button.setToolTip(tr("Begin with these words"))
            flow.addWidget(button)
        box.addWidget(examples)
        foot = row()
        foot.addStretch(1)
        hint = label(
            tr("Enter writes it and plays it. Everything can be changed afterwards."), "label"
        )
        foot.addWidget(hint)
        start = text_button(tr("Start empty"), self._dismiss, kind="link")
        start.setToolTip(tr("Go to the empty song, to draw, import or record"))
        foot.addWidget(start)
        foot.addStretch(1)
        box.addLayout(foot)
        box.addStretch(3)
        around.addWidget(self._middle)
        around.addStretch(1)

    # -- whether it is there ------------------------------------------------------------------
    def _follow(self) -> None:
        song, generation = self._studio.song.project, self._studio.generation
        empty = not song.end and not song.sources
        wanted = empty and not self._away and generation.overlay is None and not self._waiting
        had_focus = self.isAncestorOf(QApplication.focusWidget() or self)
        if wanted != (not self.isHidden()):
            self.setVisible(wanted)
        if wanted:
            self.raise_()
        elif had_focus:
            self.left.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._over:
            room = self._over.rect()
            self._middle.setFixedWidth(min(_WIDTH_PX, room.width() - 2 * theme.PADDING))
            self.setGeometry(room)
        return False

    def _on_song_changed(self, found: object, origin: object) -> None:
        if self._waiting and self._studio.song.project.end:
            self._begin()
        self._follow()

    def _on_replaced(self) -> None:
        self._away = False
        self.field.clear()
        self._follow()

    def _dismiss(self) -> None:
        self._away = True
        self._follow()

    # -- asking -------------------------------------------------------------------------------
    def _try(self, text: str) -> None:
        self.field.setText(tr(text))
        self.field.setFocus()

    def _tell(self, text: str) -> None:
        """What is typed, or changed by a chip, is the prompt; an emptied field says nothing."""
        if text and not self.isHidden():
            self._studio.generation.set(prompt=text)

    def _go(self) -> None:
        text = self.field.text().strip() or self.field.placeholderText()
        self._studio.generation.set(prompt=text)
        self._waiting = True
        self._studio.generation.go()
        self._follow()

    def _on_overlay(self) -> None:
        """Play as soon as the first notes are there."""
        overlay = self._studio.generation.overlay
        if overlay is not None and not self.isHidden():
            self._waiting = True  # asked for from the panel, or by key
        parts = overlay.result.parts if overlay is not None else ()
        if self._waiting and any(len(part.notes) for part in parts):
            self._begin()
        self._follow()

    def _begin(self) -> None:
        self._waiting = False
        self._studio.playback.seek(0)
        self._studio.playback.play()

    def _on_job(self, job: object) -> None:
        """Nothing came of it: the question stands again."""
        if self._waiting and not self._studio.generation.busy:
            self._waiting = False
        self._follow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._dismiss()
        else:
            super().keyPressEvent(event)
