"""The picture of a recording: time across, frequency up, level as colour."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPainterPath, QPen, QResizeEvent

from studio.dsp.stft import FLOOR_DB
from studio.ui import theme
from studio.ui.canvas.gesture import Gesture, GestureCanvas
from studio.ui.canvas.pointer import Pointer
from studio.ui.spectrogram import overlays
from studio.ui.spectrogram.axes import clock, hz_text, note_text
from studio.ui.spectrogram.gestures import (
    TOOLS,
    Mode,
    Shifting,
    Stretching,
    Tool,
    cursor_of,
    edges_at,
)
from studio.ui.spectrogram.pictures import Picture, Pictures
from studio.ui.spectrogram.region import Region
from studio.ui.spectrogram.scene import Scene
from studio.ui.spectrogram.tiles import (
    BESIDE,
    TILE_COLUMNS,
    TileKey,
    Tiles,
    column_frames_for,
    overview,
)
from studio.ui.timeline.waveforms import Waveforms
from studio.ui.tr import tr

_PEAK_PX = 14.0  # how far from where it is dragged a middle looks for a peak
_MANY_CORNERS = 60  # of boxes: as many overtones would be white all over
_KEYS = {Qt.Key.Key_Delete: "erase", Qt.Key.Key_Backspace: "erase"}


class SpectrogramCanvas(GestureCanvas):
    """Draws what tiles are ready.

    Signals:
        pointed(str): What lies under the mouse, in words; empty when it left.
        sought(int): The user pressed on a moment, in song ticks.
        wanted(str): A key asks for something to be done with what is selected: `erase`, `hear`.
    """

    pointed = Signal(str)
    sought = Signal(int)
    wanted = Signal(str)

    def __init__(self, scene: Scene, tiles: Tiles, waveforms: Waveforms) -> None:
        super().__init__(scene.axis)
        self.scene, self._tiles, self._waveforms = scene, tiles, waveforms
        self.pictures = Pictures(tiles, self.invalidate_grid)
        self.tool = Tool.BOX
        self._outline: tuple[object, QPainterPath] | None = None
        self.setAccessibleName(tr("Spectrogram"))
        for signal in (scene.axis.changed, scene.looked):
            signal.connect(self.invalidate_grid)
        scene.region_changed.connect(self.update)
        waveforms.ready.connect(self.invalidate_content)

    # -- painting -----------------------------------------------------------------------------
    def paint_grid(self, painter: QPainter) -> None:
        self.scene.height = float(self.height())
        clip, look = self.scene.clip, self.scene.look
        if clip is None:
            return
        keys = self.tiles_in_sight()
        wanted = {*keys, overview(clip.source, look.fft_size, look.window)}
        self.pictures.begin_frame()
        self._tiles.drop_all_but(wanted)
        self.pictures.forget_but(wanted)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for key in keys:
            self._paint_tile(painter, key)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        if self.pictures.late:
            QTimer.singleShot(0, self, self.invalidate_grid)

    def paint_content(self, painter: QPainter) -> None:
        overlays.paint_waveform(painter, self.scene, self._waveforms)
        overlays.paint_keys(painter, self.scene)
        overlays.paint_beats(painter, self.scene)
        overlays.paint_notes(painter, self.scene)

    def paint_overlay(self, painter: QPainter) -> None:
        if self.scene.clip is None:
            return
        self._paint_region(painter)
        seconds = self.scene.seconds_of(self.scene.studio.playback.position_tick)
        x = np.floor(self.scene.x(float(seconds)))
        painter.fillRect(QRectF(x - 1, 0, 3, self.height()), theme.colour("canvas", 0.45))
        painter.fillRect(QRectF(x, 0, 1, self.height()), theme.colour("text"))
        self.paint_focus(painter)

    def tiles_in_sight(self) -> list[TileKey]:
        """Left to right."""
        clip, look, axis = self.scene.clip, self.scene.look, self.scene.axis
        assert clip is not None
        per_px = 1.0 / axis.scale / self.devicePixelRatioF()
        column_frames = column_frames_for(per_px, look.fft_size)
        frames = TILE_COLUMNS * column_frames
        left = max(axis.left, axis.begin)
        right = min(axis.left + axis.width / axis.scale, float(axis.end))
        first, last = int(left // frames), int(max(right - 1, left) // frames)
        return [
            TileKey(clip.source.media, look.fft_size, look.window, column_frames, index)
            for index in range(first, last + 1)
        ]

    def _paint_tile(self, painter: QPainter, key: TileKey) -> None:
        """A tile where it belongs, or what there is of it."""
        scene = self.scene
        assert scene.clip is not None
        rows = max(round(scene.height * self.devicePixelRatioF()), 1)
        area = self._area(key.start_frame, key.start_frame + key.frames)
        picture = self.pictures.get(key, scene.clip.source, scene.band, rows)
        image = self.pictures.coloured(picture, scene.look) if picture is not None else None
        if picture is None or image is None:
            painter.fillRect(area, theme.colour("panel"))
            return
        painter.setClipRect(area.intersected(scene.plot))
        painter.drawImage(self._extent(picture), image)
        painter.setClipping(False)

    def _area(self, first: float, end: float) -> QRectF:
        """Whole device pixels, so that neighbours meet."""
        ratio = self.devicePixelRatioF()
        left, right = (round(self.axis.x(frame) * ratio) / ratio for frame in (first, end))
        begin, until = (self.scene.x(moment) for moment in self.scene.span)
        left, right = max(left, begin), min(right, until)
        return QRectF(left, 0, right - left, self.scene.height)

    def _extent(self, picture: Picture) -> QRectF:
        """Where all of a picture lies, which may be in another band."""
        key, band, scene = picture.key, picture.band, self.scene
        # A column stands for what is around the middle of its windows.
        early = 0.5 * key.hop if key.windows > 2 else 0.0
        first = key.start_frame - BESIDE * key.column_frames - early
        last = first + (TILE_COLUMNS + 2 * BESIDE) * key.column_frames
        left, right = self.axis.x(first), self.axis.x(last)
        size = scene.band.top - scene.band.bottom
        top = scene.height * (scene.band.top - band.top) / size
        foot = scene.height * (scene.band.top - band.bottom) / size
        return QRectF(left, top, right - left, foot - top)

    def _paint_region(self, painter: QPainter) -> None:
        region = self.scene.region
        if not region:
            return
        path = self._outlined(region)
        outside = QPainterPath()
        outside.addRect(self.scene.plot.adjusted(-9, -9, 9, 9))
        painter.fillPath(outside.subtracted(path), theme.colour("canvas", 0.4))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        lines = [("under", 0.6, 3.0), ("over", 0.92, 1.2)]
        if path.elementCount() > _MANY_CORNERS and region.is_of_boxes:
            lines = [("over", 0.45, 0.6)]
        for token, alpha, width in lines:
            painter.setPen(QPen(theme.colour(token, alpha), width))
            painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _outlined(self, region: Region) -> QPainterPath:
        state = (id(region), self.axis.left, self.axis.scale, self.scene.band, self.height())
        if self._outline is None or self._outline[0] != state:
            self._outline = (state, self.scene.on_screen(region))
        return self._outline[1]

    # -- the mouse ----------------------------------------------------------------------------
    def gesture_at(self, at: Pointer) -> Gesture | None:
        if at.button is not Qt.MouseButton.LeftButton or self.scene.clip is None:
            return None
        if Mode.of(at) is Mode.REPLACE:
            box = self.scene.region.rectangle
            edges = edges_at(self.scene, box, at.point) if box is not None else ""
            if box is not None and edges:
                return Stretching(self, at, box, edges)
            if self._is_inside(at) and self.tool is not Tool.BRUSH:
                return Shifting(self, at)
        return TOOLS[self.tool](self, at)

    def clicked(self, at: Pointer) -> None:
        """A press that was no drag plays from there, and drops what is selected elsewhere."""
        if not self._is_inside(at):
            self.scene.select(Region(high=self.scene.high))
        self.sought.emit(self.scene.tick(self.scene.seconds(at.x)))

    def _is_inside(self, at: Pointer) -> bool:
        region = self.scene.region
        return bool(region) and region.holds(self.scene.seconds(at.x), self.scene.hz(at.y))

    def hover(self, at: Pointer) -> None:
        self.pointed.emit(self.words_at(at.point))
        box = self.scene.region.rectangle
        edges = edges_at(self.scene, box, at.point) if box is not None else ""
        if edges:
            self.setCursor(cursor_of(edges))
        elif self._is_inside(at) and self.tool is not Tool.BRUSH:
            self.setCursor(Qt.CursorShape.SizeAllCursor)
        else:
            self.setCursor(Qt.CursorShape.CrossCursor)

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit("")

    def wheel(self, at: Pointer, steps: float) -> bool:
        """Up and down is along time where all frequencies are in sight."""
        if at.ctrl or at.shift or self.scene.band.top - self.scene.band.bottom < 1.0:
            return False
        self.axis.scroll_by(-60.0 * steps)
        return True

    def scroll_rows(self, pixels: float) -> None:
        self.scene.scroll_band(pixels)

    def zoom_rows(self, factor: float, y: float) -> None:
        self.scene.zoom_band(factor, y)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.scene.height = float(self.height())
        self.axis.set_width(self.width())
        super().resizeEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() is Qt.FocusReason.ShortcutFocusReason:  # its tab was called for
            self.keyed = False

    # -- keys ---------------------------------------------------------------------------------
    def wants_key(self, event: QEvent) -> bool:
        return super().wants_key(event) or bool(self._asked(event))

    def _asked(self, event: QEvent) -> str:
        """What a key means for what is selected."""
        if not isinstance(event, QKeyEvent) or not self.scene.region:
            return ""
        key, held = Qt.Key(event.key()), event.modifiers()
        both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if key is Qt.Key.Key_Space and held == both:
            return "hear"
        plain = held & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
        if plain and key is Qt.Key.Key_Escape:
            return "deselect"
        return _KEYS.get(key, "") if plain else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        asked = self._asked(event) if self.gesture is None else ""
        if asked == "deselect":
            self.scene.select(Region(high=self.scene.high))
        elif asked:
            self.wanted.emit(asked)
        else:
            super().keyPressEvent(event)

    # -- what is under the mouse ----------------------------------------------------------------
    def words_at(self, at: QPointF) -> str:
        """Time, frequency, note and level at a point of the widget."""
        scene = self.scene
        if scene.clip is None or not scene.plot.contains(at):
            return ""
        low, high = scene.hz(at.y() + 0.5), scene.hz(at.y() - 0.5)
        parts = [clock(scene.seconds(at.x()), 1000.0), hz_text(low), note_text(low)]
        level = self._level(scene.seconds(at.x()), low, high)
        if level is not None:
            parts.append(f"{level:.0f} dB")
        return "   ".join(part for part in parts if part)

    def _level(self, seconds: float, low: float, high: float) -> float | None:
        """The loudest level between two frequencies, dB; None while it is not known."""
        look, rate = self.scene.look, self.scene.rate
        first, last = (
            min(round(hz * look.fft_size / rate), look.fft_size // 2) for hz in (low, high)
        )
        for key in self.tiles_in_sight():
            column = (seconds * rate - key.start_frame) / key.column_frames
            if 0 <= column < TILE_COLUMNS:
                levels = self._tiles.known(key)
                if levels is None:
                    return None
                loudest = float(levels[int(column) + BESIDE, first : last + 1].max())
                return FLOOR_DB * (1 - loudest / 255)
        return None

    def peak_near(self, seconds: tuple[float, float], hz: float) -> float:
        """The loudest frequency during a time among those near one on the screen, Hz; it itself
        where that is not known, or where nothing stands out."""
        scene, size = self.scene, self.scene.look.fft_size
        y = scene.y(hz)
        low, high = scene.hz(y + _PEAK_PX), scene.hz(y - _PEAK_PX)
        first, last = (round(edge * size / scene.rate) for edge in (low, high))
        total = np.zeros(size // 2 + 1)
        for key in self.tiles_in_sight():
            levels = self._tiles.known(key)
            begin, end = (
                int((moment * scene.rate - key.start_frame) // key.column_frames)
                for moment in seconds
            )
            if levels is not None and end >= 0 and begin < TILE_COLUMNS:
                total += levels[max(begin, 0) + BESIDE : end + 1 + BESIDE].sum(axis=0)
        near = total[max(first, 1) : last + 1]
        if len(near) < 3 or near.max() <= 1.2 * np.median(near):
            return hz
        return _between_bins(total, max(first, 1) + int(near.argmax())) * scene.rate / size


def _between_bins(levels: npt.NDArray[np.float64], at: int) -> float:
    """The top of the parabola through a bin's level and its neighbours', in bins (Smith and Serra
    1987, "PARSHL")."""
    if not 0 < at < len(levels) - 1:
        return float(at)
    below, here, above = levels[at - 1 : at + 2].tolist()
    bend = below - 2 * here + above
    return at + (0.5 * (below - above) / bend if bend else 0.0)
