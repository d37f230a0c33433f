"""The spectrogram tab: the selected recording, how it is drawn, and what is under the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QStackedWidget

from studio.domain.clip import AudioClip, ClipId
from studio.dsp.stft import Scale
from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.spectrogram.canvas import SpectrogramCanvas
from studio.ui.spectrogram.tiles import Tiles
from studio.ui.tr import tr
from studio.ui.widgets.boxes import ElidedLabel, column, label, row
from studio.ui.widgets.buttons import icon_button, say
from studio.ui.widgets.slider import ShareSlider
from studio.workspace.studio import Studio

SCALES = {Scale.LOG: "Log", Scale.MEL: "Mel", Scale.LINEAR: "Linear"}
_WINDOWS = (1024, 2048, 4096, 8192)
_LEAST_RANGE_DB, _MOST_RANGE_DB = 40, 120


class SpectrogramView(QFrame):
    """Follows the selection; the last recording stays until another one is selected."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setProperty("role", "canvas")
        self.setAccessibleName(tr("Spectrogram"))
        self._studio = studio
        self._shown: ClipId | None = None
        self._tiles = Tiles(studio.jobs, lambda: studio.files.media, self._on_tile)
        self.canvas = SpectrogramCanvas(self._tiles)
        self._build()
        self._bindings = Bindings()
        self._bindings.connect(studio.selection.changed, self._follow)
        self._bindings.connect(studio.song.changed, self._on_song_changed)
        self._bindings.connect(studio.playback.moved, self._on_moved)
        self._follow()

    def release(self) -> None:
        self._bindings.release()
        self._tiles.drop_all_but(set())

    def zoom_in(self) -> None:
        self.canvas.zoom(1.5)

    def zoom_out(self) -> None:
        self.canvas.zoom(1 / 1.5)

    def zoom_fit(self) -> None:
        self.canvas.fit()

    # -- building -----------------------------------------------------------------------------
    def _build(self) -> None:
        box = column(self, 0, 0)
        box.addLayout(self._build_bar())
        self._stack = QStackedWidget()
        empty = label(tr("Select an audio clip to see its spectrogram."), "secondary")
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack.addWidget(empty)
        self._stack.addWidget(self.canvas)
        box.addWidget(self._stack, 1)
        self.canvas.pointed.connect(self._on_pointed)
        self.canvas.sought.connect(self._studio.playback.seek)

    def _build_bar(self) -> QHBoxLayout:
        line = row(None, 0, theme.GAP)
        line.setContentsMargins(theme.PADDING, theme.SPACE, theme.GAP, theme.SPACE)
        self._name = ElidedLabel("", "strong")
        line.addWidget(self._name)
        self._readout = label("", "number")
        self._readout.setProperty("role", "number")
        line.addWidget(self._readout)
        line.addStretch(1)
        line.addWidget(self._menu(tr("Frequency scale"), [(s, tr(t)) for s, t in SCALES.items()]))
        windows = [(size, tr("{size} frames", size=size)) for size in _WINDOWS]
        line.addWidget(self._menu(tr("Window size"), windows))
        line.addWidget(label(tr("Range"), "secondary"))
        self._range = ShareSlider(tr("Range in dB"), 0.625)
        self._range.setFixedWidth(90)
        self._range.edited.connect(self._set_range)
        line.addWidget(self._range)
        line.addWidget(icon_button("zoom_out", tr("Zoom out"), self.zoom_out))
        line.addWidget(icon_button("zoom_in", tr("Zoom in"), self.zoom_in))
        line.addWidget(icon_button("zoom_fit", tr("Fit the clip"), self.zoom_fit))
        return line

    def _menu(self, name: str, entries: Sequence[tuple[Scale | int, str]]) -> QPushButton:
        button = QPushButton()
        button.setProperty("kind", "quiet")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        say(button, name)
        menu = QMenu(button)
        for value, text in entries:
            menu.addAction(text).triggered.connect(
                lambda _on=False, value=value, text=text: self._choose(button, value, text)
            )
        button.setMenu(menu)
        value, text = entries[0] if isinstance(entries[0][0], Scale) else entries[1]
        button.setText(f"{text}  ▾")
        return button

    # -- following ----------------------------------------------------------------------------
    def _follow(self) -> None:
        clip = self._studio.selection.audio_clip
        if clip is not None:
            self._show(clip)
        elif self._shown is None:
            self._stack.setCurrentIndex(0)

    def _on_song_changed(self, found: object, origin: object) -> None:
        if self._shown is None:
            return
        entry = self._studio.song.project.find_clip(self._shown)
        if entry is None or not isinstance(entry[1], AudioClip):
            self._shown = None
            self._name.setText("")
            self._stack.setCurrentIndex(0)
        else:
            self._show(entry[1])

    def _show(self, clip: AudioClip) -> None:
        self._shown = clip.id
        self._name.setText(clip.name or clip.source.name)
        self.canvas.show_clip(clip, self._studio.song.project.tempo)
        self._stack.setCurrentIndex(1)
        self._on_moved()

    def _on_moved(self) -> None:
        if self.isVisible():
            self.canvas.show_playhead(self._studio.playback.position_tick)

    def _on_tile(self) -> None:
        self.canvas.update()

    def _on_pointed(self, words: str) -> None:
        self._readout.setText(words)

    # -- the look -----------------------------------------------------------------------------
    def _choose(self, button: QPushButton, value: Scale | int, text: str) -> None:
        button.setText(f"{text}  ▾")
        look = self.canvas.look
        if isinstance(value, Scale):
            self.canvas.set_look(replace(look, scale=value))
        else:
            self.canvas.set_look(replace(look, fft_size=value))

    def _set_range(self, share: float) -> None:
        range_db = round(_LEAST_RANGE_DB + share * (_MOST_RANGE_DB - _LEAST_RANGE_DB))
        self.canvas.set_look(replace(self.canvas.look, range_db=range_db))
