"""Around the picture: bars above, moments below, frequencies and keys on the left, levels right."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QWidget

from studio.domain.theory import pitch_name
from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.canvas.gesture import Gesture, GestureCanvas
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.ruler import BARS_HEIGHT, NUMBER_PX
from studio.ui.rects import draw_rects, rects_of
from studio.ui.spectrogram import overlays
from studio.ui.spectrogram.axes import clock, frequency_marks, hz_text, marked
from studio.ui.spectrogram.canvas import SpectrogramCanvas
from studio.ui.spectrogram.gestures import OfBand, OfTime
from studio.ui.spectrogram.pictures import colour_table
from studio.ui.spectrogram.scene import Scene
from studio.ui.tr import tr

LEFT_PX, RIGHT_PX, FOOT_PX = 76, 52, 20
_KEYS_PX = 16.0
_LEAST_KEY_PX, _LEAST_NAME_PX = 2.2, 9.0
_MOST_TOP_DB, _LEAST_TOP_DB = 0, -60


class TimeRuler(GestureCanvas):
    """Bars of the song over the picture: a click plays from there, a drag selects that time."""

    def __init__(self, canvas: SpectrogramCanvas) -> None:
        super().__init__(canvas.axis)
        self.scene, self._canvas = canvas.scene, canvas
        self.setFixedHeight(BARS_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(tr("Ruler"))
        self.bindings = Bindings()
        for signal in (canvas.axis.changed, self.scene.looked):
            self.bindings.connect(signal, self.invalidate_grid)
        self.bindings.connect(self.scene.region_changed, self.update)

    def paint_grid(self, painter: QPainter) -> None:
        scene = self.scene
        if scene.clip is None:
            return
        grid, bottom = scene.grid(), float(self.height())
        for ticks, token, tall in ((grid.beats, "line", 5.0), (grid.bars, "line_strong", 8.0)):
            painter.setBrush(theme.colour(token))
            lines = np.floor(scene.axis.xs(scene.seconds_of(ticks) * scene.rate))
            draw_rects(painter, rects_of(lines, bottom - tall, 1.0, tall))
        painter.fillRect(QRectF(0, bottom - 1, self.width(), 1), theme.colour("line"))
        painter.setFont(theme.mono_font(theme.LABEL_PX))
        painter.setPen(theme.colour("text_3"))
        last = -NUMBER_PX
        for tick in grid.bars.tolist():
            x = scene.x(float(scene.seconds_of(tick)))
            if x - last >= NUMBER_PX:
                last = x
                box = QRectF(x + 5, 0, NUMBER_PX + 20, BARS_HEIGHT)
                bar = str(scene.tempo.bar_at(tick))
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, bar)
        painter.setPen(Qt.PenStyle.NoPen)

    def paint_overlay(self, painter: QPainter) -> None:
        scene = self.scene
        if scene.clip is None:
            return
        if scene.region:
            left, right = (scene.x(moment) for moment in scene.region.seconds)
            area = QRectF(left, self.height() - 4, max(right - left, 1.0), 3)
            painter.fillRect(area, theme.colour("accent"))
        at = float(scene.seconds_of(scene.studio.playback.position_tick))
        x = math.floor(scene.x(at)) + 0.5
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.colour("text"))
        head = [QPointF(x - 5.5, 0), QPointF(x + 5.5, 0), QPointF(x, 8)]
        painter.drawPolygon(QPolygonF(head))
        painter.fillRect(QRectF(x - 0.5, 0, 1, self.height()), theme.colour("text"))

    def gesture_at(self, at: Pointer) -> Gesture | None:
        if at.button is not Qt.MouseButton.LeftButton or self.scene.clip is None:
            return None
        return OfTime(self._canvas, at)

    def wheel(self, at: Pointer, steps: float) -> bool:
        return self._canvas.wheel(at, steps)


class FrequencyAxis(GestureCanvas):
    """Hz and a keyboard beside the picture: a drag selects those frequencies of the whole clip."""

    def __init__(self, canvas: SpectrogramCanvas) -> None:
        super().__init__(canvas.axis)
        self.scene, self._canvas = canvas.scene, canvas
        self.setFixedWidth(LEFT_PX)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(tr("Frequencies"))
        self.setToolTip(tr("Drag to select these frequencies; Ctrl+Shift+wheel zooms"))
        self.bindings = Bindings()
        self.bindings.connect(self.scene.looked, self.invalidate_grid)
        self.bindings.connect(self.scene.region_changed, self.update)

    def paint_grid(self, painter: QPainter) -> None:
        self._paint_keys(painter)
        painter.setFont(theme.mono_font(theme.LABEL_PX))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        room = self.width() - _KEYS_PX - 8
        for hz, share in frequency_marks(self.scene.band, float(self.height())):
            y = self.height() * (1.0 - share)
            if not 8 <= y <= self.height() - 8:
                continue
            painter.fillRect(QRectF(room + 2, math.floor(y), 4, 1), theme.colour("line_strong"))
            painter.setPen(theme.colour("text_2"))
            painter.drawText(QRectF(0, y - 9, room - 2, 18), right, hz_text(hz))
            painter.setPen(Qt.PenStyle.NoPen)

    def _paint_keys(self, painter: QPainter) -> None:
        """A keyboard as wide as the scale makes it; octaves where its keys are too narrow."""
        y, left = overlays.key_edges(self.scene), self.width() - _KEYS_PX
        area = QRectF(left, 0, _KEYS_PX, self.height())
        painter.setClipRect(area)
        painter.fillRect(area, theme.colour("key_white"))
        painter.fillRect(QRectF(left, 0, 1, self.height()), theme.colour("line"))
        tall = np.append(np.abs(np.diff(y)), 0.0)
        black = overlays.black_keys() & (tall >= _LEAST_KEY_PX)
        painter.setBrush(theme.colour("key_black"))
        draw_rects(painter, rects_of(left, (y - tall)[black], _KEYS_PX * 0.62, tall[black]))
        is_c = overlays.PITCHES % 12 == 0
        octave = np.abs(y - np.roll(y, -12))
        painter.setBrush(theme.colour("text_3", 0.8))
        edges = (is_c & (octave >= 6.0)) | ((overlays.PITCHES % 12 == 5) & (octave >= 60.0))
        draw_rects(painter, rects_of(left, np.floor(y[edges]), _KEYS_PX, 1.0))
        painter.setFont(theme.mono_font(theme.TINY_PX - 1))
        painter.setPen(theme.colour("canvas" if theme.colours().name == "dark" else "text_3"))
        for pitch in overlays.PITCHES[is_c & (tall >= _LEAST_NAME_PX)].tolist():
            at = y[pitch - overlays.PITCHES[0]] - tall[pitch - overlays.PITCHES[0]] / 2
            box = QRectF(left, at - 7, _KEYS_PX - 2, 14)
            align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, align, pitch_name(pitch))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setClipping(False)

    def paint_overlay(self, painter: QPainter) -> None:
        region = self.scene.region
        if region and not region.is_all_of_its_time:
            low, high = (self.scene.y(hz) for hz in region.hz)
            area = QRectF(self.width() - 3, high, 3, max(low - high, 1.0))
            painter.fillRect(area, theme.colour("accent"))

    def gesture_at(self, at: Pointer) -> Gesture | None:
        if at.button is not Qt.MouseButton.LeftButton or self.scene.clip is None:
            return None
        return OfBand(self._canvas, at)

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = (event.angleDelta().y() or event.angleDelta().x()) / 120
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.scene.zoom_band(1.2**steps, event.position().y())
        else:
            self.scene.scroll_band(-60.0 * steps)
        event.accept()


class Moments(QWidget):
    """Minutes and seconds of the recording, below the picture."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene
        self.setFixedHeight(FOOT_PX)
        for signal in (scene.axis.changed, scene.looked):
            signal.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        scene = self._scene
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.colour("canvas"))
            painter.fillRect(QRectF(0, 0, self.width(), 1), theme.colour("line"))
            if scene.clip is None:
                return
            painter.setFont(theme.mono_font(theme.LABEL_PX))
            scale = scene.axis.scale * scene.rate
            step = marked(90.0, scale)
            first = math.ceil(scene.seconds(0.0) / step)
            for number in range(first, math.floor(scene.seconds(self.width()) / step) + 1):
                x = scene.x(number * step)
                painter.fillRect(QRectF(math.floor(x), 0, 1, 5), theme.colour("line_strong"))
                painter.setPen(theme.colour("text_3"))
                painter.drawText(QPointF(x + 5, 14), clock(number * step, scale))


class LevelScale(QWidget):
    """Which colour is which level. Dragged, the loudest colour is another level; a double-click
    resets it, and the wheel shows more or less of what is quiet."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene
        self._from: tuple[float, int] | None = None
        self.setFixedWidth(RIGHT_PX)
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self.setAccessibleName(tr("Levels"))
        self.setToolTip(tr("Levels: drag to brighten, wheel for the range, double-click resets"))
        scene.looked.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, height = self._scene.look, float(self.height())
        bar = QRectF(8, 6, 8, max(height - 12, 1.0))
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.colour("canvas"))
            name = look.colours or theme.colours().spectrum
            table = colour_table(name, 120, 0)[::-1].copy()
            image = QImage(table.data, 1, len(table), 4, QImage.Format.Format_RGB32)
            painter.drawImage(bar, image)
            painter.setFont(theme.mono_font(theme.TINY_PX))
            step = next((s for s in (5, 10, 20) if s / look.range_db * bar.height() >= 48), 30)
            for db in range(-look.range_db // step * step, 1, step):
                share = (db - look.top_db) / look.range_db + 1.0
                if 0.0 <= share <= 1.0:
                    y = bar.bottom() - share * bar.height()
                    painter.fillRect(QRectF(18, round(y), 4, 1), theme.colour("line_strong"))
                    painter.setPen(theme.colour("text_3"))
                    painter.drawText(QPointF(25, min(max(y + 4, 11), height - 4)), f"{db}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._from = event.position().y(), self._scene.look.top_db

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            y, top = self._from
            moved = (event.position().y() - y) / max(self.height(), 1) * self._scene.look.range_db
            self._set_top(round(top - moved))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._set_top(0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        look = self._scene.look
        wanted = look.range_db + 5 * round(event.angleDelta().y() / 120)
        self._scene.set_look(replace(look, range_db=min(max(wanted, 40), 120)))
        event.accept()

    def _set_top(self, top: int) -> None:
        top = min(max(top, _LEAST_TOP_DB), _MOST_TOP_DB)
        self._scene.set_look(replace(self._scene.look, top_db=top))
