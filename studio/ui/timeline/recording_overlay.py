"""What is being recorded: a clip in the record colour that grows with its waveform."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from studio.domain.notes import Notes
from studio.media.recorded import OUTLINE_FRAMES, Outline
from studio.ui import theme
from studio.ui.rects import draw_rects, rects_of
from studio.ui.timeline.clip_layout import HEADER, ClipLayout, Row
from studio.ui.timeline.timeline_view import TimelineView
from studio.ui.timeline.waveforms import SHARE
from studio.ui.tr import tr
from studio.workspace.recording import State

_WORDS_FROM_PX = 70.0


class RecordingOverlay:
    """Draws `Recording.growing` over the lanes, up to the playhead."""

    def __init__(self, view: TimelineView, layout: ClipLayout) -> None:
        self._view, self._layout = view, layout

    def paint(self, painter: QPainter) -> None:
        recording = self._view.studio.recording
        if recording.state is not State.RECORDING:
            return
        span = self._span()
        played = recording.played
        for id, outline in recording.growing.items():
            index = self._view.row_of(id)
            if index is not None and span[1] > span[0]:
                row = self._layout.row(index)
                self._paint_clip(painter, row, outline, span)
                self._paint_notes(painter, row, played.get(id, Notes.empty()))

    def _span(self) -> tuple[int, int]:
        """The ticks of the turn that is being recorded, as far as it has come."""
        studio = self._view.studio
        recording, playback = studio.recording, studio.playback
        now, start = playback.position_tick, recording.begun_at
        loop = playback.loop
        if loop is not None and (recording.punch or (playback.loop_on and start > now)):
            start = max(start, loop[0]) if start <= now else loop[0]
            now = min(now, loop[1])
        return start, now

    def _paint_clip(
        self, painter: QPainter, row: Row, outline: Outline, span: tuple[int, int]
    ) -> None:
        left, right = self._view.axis.x(span[0]), self._view.axis.x(span[1])
        box = QRectF(left, row.top, right - left, row.height)
        header = self._layout.header(row)
        painter.fillRect(box, theme.colour("canvas"))
        painter.fillRect(box, theme.colour("record", 0.22))
        painter.fillRect(QRectF(left, row.top, right - left, header), theme.colour("record"))
        self._paint_wave(painter, self._layout.body(box, row), outline)
        if header and right - left > _WORDS_FROM_PX:
            painter.setFont(theme.ui_font(theme.LABEL_PX, 600))
            painter.setPen(theme.colour("on_accent"))
            at = QPointF(max(left, 0.0) + 6, row.top + HEADER - 4)
            painter.drawText(at, tr("Recording"))

    def _paint_notes(self, painter: QPainter, row: Row, notes: Notes) -> None:
        if not len(notes):
            return
        top, room = row.top + HEADER + 4, max(row.height - HEADER - 10, 4.0)
        pitch = notes.pitch.astype(np.float64)
        y = top + (pitch.max() - pitch) / max(float(np.ptp(pitch)), 12.0) * room
        x = self._view.axis.xs(notes.start)
        painter.setBrush(theme.colour("record"))
        wide = np.maximum(self._view.axis.xs(notes.end) - x - 1, 1.5)
        draw_rects(painter, rects_of(x, y, wide, 2.5))

    def _paint_wave(self, painter: QPainter, body: QRectF, outline: Outline) -> None:
        """The newest pair stands at the playhead, the ones before it to its left."""
        width = max(int(body.width()), 0)
        seconds = self._view.project.tempo.seconds(
            [self._view.axis.tick(body.left()), self._view.axis.tick(body.right())]
        )
        rate = self._view.project.sample_rate
        count = round(float(seconds[1] - seconds[0]) * rate / OUTLINE_FRAMES)
        pairs = outline.pairs[-count:] if count else outline.pairs[:0]
        if not len(pairs) or not width:
            return
        columns = min(width, len(pairs))
        edges = np.linspace(0, len(pairs), columns, endpoint=False).astype(np.int64)
        low = np.minimum.reduceat(pairs[:, 0], edges)
        high = np.maximum.reduceat(pairs[:, 1], edges)
        start = body.right() - body.width() * len(pairs) / count
        x = start + (body.right() - start) * np.arange(columns) / columns
        half = body.height() / 2 * SHARE
        top = body.center().y() - np.clip(high, -1, 1) * half
        tall = np.maximum((np.clip(high, -1, 1) - np.clip(low, -1, 1)) * half, 1.0)
        painter.setBrush(theme.colour("record"))
        draw_rects(painter, rects_of(x, top, (body.right() - start) / columns, tall))
