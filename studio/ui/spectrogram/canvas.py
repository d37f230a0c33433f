"""The picture of a recording: time across, frequency up, level as colour."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from studio.domain.clip import AudioClip
from studio.domain.clip_time import song_ticks, source_frames
from studio.domain.tempo import TempoMap
from studio.dsp.stft import FLOOR_DB, Scale, hz_of_position, position_of_hz
from studio.ui import theme
from studio.ui.spectrogram.axes import (
    LOW_HZ,
    TimeWindow,
    frequency_marks,
    hz_text,
    note_text,
)
from studio.ui.spectrogram.pictures import Look, Pictures
from studio.ui.spectrogram.tiles import TileKey, Tiles, level_for
from studio.ui.tr import tr

_AXIS_PX, _TIME_PX = 56, 22
_ZOOM_STEP = 1.25


class SpectrogramCanvas(QWidget):
    """Draws what tiles are ready; Ctrl+wheel zooms at the mouse, the wheel moves, a click seeks.

    Signals:
        pointed(str): What lies under the mouse, in words; empty when it left.
        sought(int): The user pressed on a moment, in song ticks.
    """

    pointed = Signal(str)
    sought = Signal(int)

    def __init__(self, tiles: Tiles) -> None:
        super().__init__()
        self._tiles = tiles
        self._clip: AudioClip | None = None
        self._tempo = TempoMap()
        self._window = TimeWindow(0.0, 100.0)
        self._playhead: float | None = None
        self._pictures = Pictures(tiles)
        self._pan_from: tuple[float, TimeWindow] | None = None
        self.look = Look()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Spectrogram"))
        self.setCursor(Qt.CursorShape.CrossCursor)

    # -- what is shown ------------------------------------------------------------------------
    def show_clip(self, clip: AudioClip, tempo: TempoMap) -> None:
        """Show the part of a recording that `clip` plays."""
        other = self._clip is None or self._clip.source != clip.source
        self._clip, self._tempo = clip, tempo
        if other:
            self.fit()
        else:
            self._set_window(self._window)

    def set_look(self, look: Look) -> None:
        self.look = look
        self.update()

    def show_playhead(self, tick: int) -> None:
        if self._clip is None:
            return
        frame = float(source_frames(self._clip, self._tempo, tick))
        before, now = self._playhead, frame / self._clip.source.sample_rate
        self._playhead = now
        for seconds in (before, now):
            if seconds is not None:
                x = _AXIS_PX + self._window.x(seconds)
                self.update(QRectF(x - 2, 0, 4, self.height()).toAlignedRect())

    def fit(self) -> None:
        """The whole clip in sight."""
        start, end = self._span()
        self._set_window(TimeWindow(start, self._plot().width() / max(end - start, 1e-3)))

    def zoom(self, factor: float, at_x: float | None = None) -> None:
        middle = self._plot().width() / 2 if at_x is None else at_x
        self._set_window(self._window.zoomed(factor, middle))

    def sizeHint(self) -> QSize:
        return QSize(600, 260)

    def _span(self) -> tuple[float, float]:
        """Seconds of the recording that the clip plays."""
        clip = self._clip
        if clip is None:
            return 0.0, 1.0
        rate = clip.source.sample_rate
        return clip.offset_frames / rate, (clip.offset_frames + clip.length_frames) / rate

    def _set_window(self, window: TimeWindow) -> None:
        start, end = self._span()
        self._window = window.kept_inside(start, end, max(self._plot().width(), 1))
        self.update()

    def _plot(self) -> QRectF:
        width, height = self.width() - _AXIS_PX, self.height() - _TIME_PX
        return QRectF(_AXIS_PX, 0, max(width, 1), max(height, 1))

    def _high_hz(self) -> float:
        return self._clip.source.sample_rate / 2 if self._clip is not None else 24000.0

    # -- painting -----------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("canvas"))
        if self._clip is not None:
            painter.save()
            painter.setClipRect(self._plot())
            self._paint_tiles(painter)
            self._paint_playhead(painter)
            painter.restore()
            paint_frequencies(painter, self._plot(), self.look.scale, self._high_hz())
            paint_times(painter, self._plot(), self._window)
        painter.end()

    def _paint_tiles(self, painter: QPainter) -> None:
        wanted = self._wanted()
        clip = self._clip
        assert clip is not None
        height = max(round(self._plot().height() * self.devicePixelRatioF()), 1)
        for key in wanted:
            image = self._pictures.get(key, clip.source, self.look, height)
            if image is not None:
                painter.drawImage(self._tile_rect(key), image)
            else:
                painter.fillRect(self._tile_rect(key), theme.colour("panel"))
        self._tiles.drop_all_but(set(wanted))

    def _wanted(self) -> list[TileKey]:
        """Tiles in sight, left to right."""
        clip = self._clip
        assert clip is not None
        rate, plot = clip.source.sample_rate, self._plot()
        level = level_for(rate / self._window.scale / self.devicePixelRatioF())
        one = TileKey(clip.source.media, self.look.fft_size, level, 0)
        start, end = self._span()
        left = max(self._window.left, start) * rate
        right = min(self._window.seconds(plot.width()), end) * rate
        first, last = int(left // one.frames), int(max(right - 1, left) // one.frames)
        return [
            TileKey(clip.source.media, self.look.fft_size, level, i) for i in range(first, last + 1)
        ]

    def _tile_rect(self, key: TileKey) -> QRectF:
        assert self._clip is not None
        rate = self._clip.source.sample_rate
        left = _AXIS_PX + self._window.x(key.start_frame / rate)
        right = _AXIS_PX + self._window.x((key.start_frame + key.frames) / rate)
        return QRectF(left, 0, right - left, self._plot().height())

    def _paint_playhead(self, painter: QPainter) -> None:
        if self._playhead is not None:
            x = _AXIS_PX + self._window.x(self._playhead)
            painter.setPen(QPen(theme.colour("text"), 1.5))
            painter.drawLine(QPointF(x, 0), QPointF(x, self._plot().height()))

    # -- the mouse ----------------------------------------------------------------------------
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            x, window = self._pan_from
            moved = (event.position().x() - x) / window.scale
            self._set_window(TimeWindow(window.left - moved, window.scale))
        self.pointed.emit(self.words_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pan_from = event.position().x(), self._window
        elif event.button() == Qt.MouseButton.LeftButton and self._clip is not None:
            seconds = self._window.seconds(event.position().x() - _AXIS_PX)
            frame = seconds * self._clip.source.sample_rate
            self.sought.emit(int(song_ticks(self._clip, self._tempo, frame)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pan_from = None

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit("")

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = (event.angleDelta().y() or event.angleDelta().x()) / 120
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(_ZOOM_STEP**turned, event.position().x() - _AXIS_PX)
        else:
            left = self._window.left - turned * 80 / self._window.scale
            self._set_window(TimeWindow(left, self._window.scale))
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        before = max(event.oldSize().width() - _AXIS_PX, 1)
        start, end = self._span()
        if self._window.scale * (end - start) <= before + 1:  # it was all in sight, so it stays so
            self.fit()
        else:
            self._set_window(self._window)

    def words_at(self, at: QPointF) -> str:
        """Time, frequency, note and level at a point of the widget."""
        plot = self._plot()
        if self._clip is None or not plot.contains(at):
            return ""
        seconds = self._window.seconds(at.x() - _AXIS_PX)
        position = 1 - at.y() / plot.height()
        row = [position, position + 1 / plot.height()]
        low, high = hz_of_position(row, self.look.scale, LOW_HZ, self._high_hz()).tolist()
        parts = [clock(seconds, 1000.0), hz_text(low), note_text(low)]
        level = self._level(seconds, low, high)
        if level is not None:
            parts.append(f"{level:.0f} dB")
        return "   ".join(part for part in parts if part)

    def _level(self, seconds: float, low: float, high: float) -> float | None:
        """The loudest level between two frequencies, dB; None while it is not known."""
        assert self._clip is not None
        rate, fft_size = self._clip.source.sample_rate, self.look.fft_size
        first, last = (min(round(hz * fft_size / rate), fft_size // 2) for hz in (low, high))
        for key in self._wanted():
            column = (seconds * rate - key.start_frame) / key.column_frames
            levels = self._tiles.get(key, self._clip.source)
            if levels is not None and 0 <= column < len(levels):
                loudest = float(levels[int(column), first : last + 1].max())
                return FLOOR_DB * (1 - loudest / 255)
        return None


def clock(seconds: float, scale: float) -> str:
    """Minutes and seconds, as finely as `scale` (px a second) shows them."""
    decimals = 0 if scale < 60 else 1 if scale < 600 else 2 if scale < 900 else 3
    minutes, rest = divmod(max(round(seconds, decimals), 0.0), 60)
    width = 2 if not decimals else 3 + decimals
    return f"{int(minutes)}:{rest:0{width}.{decimals}f}"


def paint_frequencies(painter: QPainter, plot: QRectF, scale: Scale, high: float) -> None:
    """Lines and names of round frequencies, where there is room for them."""
    painter.setFont(theme.mono_font(theme.LABEL_PX))
    last_y = plot.height() + 20
    for hz in frequency_marks(high):
        y = plot.height() * (1 - float(position_of_hz(hz, scale, LOW_HZ, high)))
        if last_y - y < 18:
            continue
        last_y = y
        painter.setPen(QPen(theme.colour("text", 0.12), 1))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        painter.setPen(theme.colour("text_2"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, y - 9, plot.left() - 8, 18), right, hz_text(hz))


def paint_times(painter: QPainter, plot: QRectF, window: TimeWindow) -> None:
    """Round moments below the picture."""
    for seconds in window.marks(plot.width()):
        x = plot.left() + window.x(seconds)
        painter.setPen(QPen(theme.colour("line_strong"), 1))
        painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 5))
        painter.setPen(theme.colour("text_2"))
        painter.drawText(QPointF(x + 4, plot.bottom() + 16), clock(seconds, window.scale))
