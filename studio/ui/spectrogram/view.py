"""The spectrogram tab: the selected recording, how it is drawn, and what is under the mouse."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QStackedWidget, QWidget

from studio.ai.painter.hole import Painted
from studio.domain.clip import AudioClip, ClipId
from studio.ui.bindings import Bindings
from studio.ui.canvas.axis import Follow
from studio.ui.spectrogram.action_bar import ActionBar
from studio.ui.spectrogram.bar import LookBar
from studio.ui.spectrogram.canvas import SpectrogramCanvas
from studio.ui.spectrogram.gestures import Tool
from studio.ui.spectrogram.region import Region
from studio.ui.spectrogram.rulers import FrequencyAxis, LevelScale, Moments, TimeRuler
from studio.ui.spectrogram.scene import Scene
from studio.ui.spectrogram.tiles import Tiles
from studio.ui.takes.seam_rows import in_words
from studio.ui.timeline.waveforms import Waveforms
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, label
from studio.workspace.studio import Studio

# What the keys of the other views' tools choose here.
_TOOL_KEYS = {
    "select": Tool.BOX, "draw": Tool.LASSO, "erase": Tool.BRUSH, "knife": Tool.HARMONICS,
}  # fmt: skip


class SpectrogramView(QFrame):
    """Follows the selection; the last recording stays until another one is selected."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setProperty("role", "canvas")
        self.setAccessibleName(tr("Spectrogram"))
        self._studio = studio
        self._shown: ClipId | None = None
        self.scene = Scene(studio)
        self.scene.setParent(self)
        self._tiles = Tiles(studio.jobs, lambda: studio.files.media, self._on_tile)
        self._waveforms = Waveforms(studio, self)
        self.canvas = SpectrogramCanvas(self.scene, self._tiles, self._waveforms)
        self._build()
        self.setFocusProxy(self.canvas)
        self._bindings = Bindings()
        self._bindings.connect(studio.selection.changed, self._follow)
        self._bindings.connect(studio.song.changed, self._on_song_changed)
        self._bindings.connect(studio.playback.moved, self._on_moved)
        self._bindings.connect(studio.takes.changed, self.canvas.invalidate_content)
        self._bindings.connect(studio.painting.shaded, self._on_shaded)
        self._bindings.connect(studio.audition.changed, self._on_audition)
        self.set_tool("select")
        self._follow()

    def release(self) -> None:
        self._bindings.release()
        self.ruler.bindings.release()
        self.frequencies.bindings.release()
        self._tiles.drop_all_but(set())
        self.canvas.pictures.forget_but(set())

    # -- what keys and menus ask ----------------------------------------------------------------
    def zoom_in(self) -> None:
        self.scene.axis.zoom(1.5, self.canvas.width() / 2)

    def zoom_out(self) -> None:
        self.scene.axis.zoom(1 / 1.5, self.canvas.width() / 2)

    def zoom_fit(self) -> None:
        self.scene.fit()

    def zoom_to_selection(self) -> None:
        if self.scene.region:
            begin, end = self.scene.region.seconds
            self.scene.axis.show(begin * self.scene.rate, end * self.scene.rate)

    def zoom_back(self) -> None:
        self.scene.axis.back()

    def select_all(self) -> None:
        self.scene.select(Region.box(self.scene.span, None, self.scene.high))

    def set_tool(self, name: str) -> None:
        """Choose a tool by its own name, or by that of another view's which has its key."""
        tool = _TOOL_KEYS.get(name) or next((t for t in Tool if t.value == name), None)
        if tool is not None:
            self.canvas.tool = tool
            self.bar.show_tool(tool)

    def toggle_follow(self) -> None:
        axis = self.scene.axis
        axis.follow = Follow.PAGE if axis.follow is Follow.OFF else Follow.OFF

    def delete(self) -> None:
        self.do("erase")

    def do(self, what: str) -> None:
        """Do something with what is selected: `hear`, `level`, `erase`, `heal`, `regenerate`,
        `deselect`."""
        clip, region, studio = self.scene.clip, self.scene.region, self._studio
        if clip is None or not (region or what == "heal"):
            return
        strokes = region.strokes(clip.source.sample_rate, clip.source.frames)
        if region and not strokes:
            self.actions_.say(tr("That is too little to work on."))
        elif what == "hear":
            if studio.audition.on:
                studio.audition.stop()
            else:
                studio.audition.hear(clip.id, strokes)
        elif what == "level":
            studio.painting.change_level(clip.id, strokes, self.actions_.gain.value)
        elif what == "erase":
            studio.painting.erase(clip.id, strokes)
        elif what == "heal":
            studio.painting.heal(clip.id, strokes)
        elif what == "regenerate":
            studio.painting.regenerate(clip.id, strokes)
        else:
            self.scene.select(Region(high=self.scene.high))

    # -- building -----------------------------------------------------------------------------
    def _build(self) -> None:
        box = column(self, 0, 0)
        self.bar = LookBar(self.scene, self.zoom_fit)
        self.bar.tool_chosen.connect(self.set_tool)
        box.addWidget(self.bar)
        self._stack = QStackedWidget()
        empty = label(tr("Select an audio clip to see its spectrogram."), "secondary")
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack.addWidget(empty)
        self._stack.addWidget(self._picture())
        box.addWidget(self._stack, 1)
        self.actions_ = ActionBar(self.scene)
        self.actions_.asked.connect(self.do)
        box.addWidget(self.actions_)
        self.canvas.wanted.connect(self.do)
        self.canvas.pointed.connect(self.bar.readout.setText)
        self.canvas.sought.connect(self._studio.playback.seek)

    def _picture(self) -> QWidget:
        whole = QWidget()
        grid = QGridLayout(whole)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        self.ruler, self.frequencies = TimeRuler(self.canvas), FrequencyAxis(self.canvas)
        self.levels = LevelScale(self.scene)
        grid.addWidget(self.ruler, 0, 1)
        grid.addWidget(self.frequencies, 1, 0)
        grid.addWidget(self.canvas, 1, 1)
        grid.addWidget(self.levels, 1, 2)
        grid.addWidget(Moments(self.scene), 2, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)
        return whole

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
        self.actions_.say("")
        entry = self._studio.song.project.find_clip(self._shown)
        if entry is None or not isinstance(entry[1], AudioClip):
            self._shown = None
            self.bar.name.setText("")
            self._stack.setCurrentIndex(0)
        else:
            self._show(entry[1])

    def _show(self, clip: AudioClip) -> None:
        self._shown = clip.id
        self.bar.name.setText(clip.name or clip.source.name)
        self.scene.show(clip)
        self._stack.setCurrentIndex(1)
        self._on_moved()

    def _on_moved(self) -> None:
        scene, playback = self.scene, self._studio.playback
        if scene.clip is None or not self.isVisible():
            return
        seconds = float(scene.seconds_of(playback.position_tick))
        if playback.playing and scene.span[0] <= seconds < scene.span[1]:
            scene.axis.keep_in_sight(seconds * scene.rate)
        for part in (self.canvas, self.ruler):
            part.move_playhead(scene.x(seconds))

    def _on_shaded(self, label: str, painted: tuple[Painted, ...]) -> None:
        worst = max(painted, key=lambda one: max((s.click_db for s in one.seams), default=-999.0))
        self.actions_.say(in_words(worst))

    def _on_audition(self) -> None:
        self.actions_.hear.setText(tr("Stop") if self._studio.audition.on else tr("Hear"))

    def _on_tile(self) -> None:
        self.canvas.invalidate_grid()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.levels.update()
        super().changeEvent(event)
