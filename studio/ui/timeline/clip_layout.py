"""Where a clip and its handles are on the screen; drawing and hitting ask the same place."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from studio.domain.clip import AudioClip, Clip
from studio.ui.timeline.timeline_view import TimelineView

HEADER = 16.0
HEADER_FROM = 34.0  # a lower row has no room for names
ROW_MARGIN = 3.0
LOUDEST_DB, QUIETEST_DB = 12.0, -36.0  # of the gain handle


@dataclass(frozen=True, slots=True)
class Row:
    """What clips of one track may draw on: px from the top of the lanes."""

    top: float
    height: float


class ClipLayout:
    """Geometry in logical pixels of the lanes."""

    def __init__(self, view: TimelineView) -> None:
        self._view = view

    def row(self, index: int) -> Row:
        rows = self._view.rows
        top = round(rows.y(index))
        height = round(rows.y(index + 1)) - top
        return Row(top + ROW_MARGIN, max(height - 2 * ROW_MARGIN - 1, 4.0))

    def header(self, row: Row) -> float:
        """The height of the strip that carries the name."""
        return HEADER if row.height >= HEADER_FROM else 0.0

    def box(self, clip: Clip, row: Row) -> QRectF:
        left = self._view.axis.x(clip.start)
        right = self._view.axis.x(self._view.project.clip_end(clip))
        return QRectF(left, row.top, max(right - left - 1, 1.0), row.height)

    def body(self, box: QRectF, row: Row) -> QRectF:
        return box.adjusted(0, self.header(row), 0, 0)

    def frame_x(self, clip: AudioClip, frame: int) -> float:
        """Where a frame counted from the clip's first one is, px."""
        project = self._view.project
        start, end = clip.start, project.clip_end(clip)
        tick = start + (end - start) * frame / clip.length_frames
        if not clip.warp:
            seconds = float(project.tempo.seconds(start)) + frame / clip.source.sample_rate
            tick = float(project.tempo.ticks(seconds))
        return self._view.axis.x(tick)

    def frame_at(self, clip: AudioClip, x: float) -> int:
        """The frame, counted from the clip's first one, at `x`."""
        project, tick = self._view.project, self._view.axis.tick(x)
        if clip.warp:
            start, end = clip.start, project.clip_end(clip)
            return round((tick - start) / (end - start) * clip.length_frames)
        seconds = float(project.tempo.seconds(tick) - project.tempo.seconds(clip.start))
        return round(seconds * clip.source.sample_rate)

    def fade_xs(self, clip: AudioClip, row: Row) -> tuple[float, float]:
        """Where the fade-in ends and the fade-out begins, px."""
        return (
            self.frame_x(clip, clip.fade_in_frames),
            self.frame_x(clip, clip.length_frames - clip.fade_out_frames),
        )

    def gain_y(self, clip: AudioClip, row: Row) -> float:
        body = self.body(QRectF(0, row.top, 1, row.height), row)
        share = (LOUDEST_DB - clip.gain_db) / (LOUDEST_DB - QUIETEST_DB)
        return body.top() + min(max(share, 0.0), 1.0) * body.height()

    def gain_at(self, y: float, row: Row) -> float:
        """The gain in dB that the handle says at height `y`."""
        body = self.body(QRectF(0, row.top, 1, row.height), row)
        share = (y - body.top()) / body.height()
        gain = LOUDEST_DB - min(max(share, 0.0), 1.0) * (LOUDEST_DB - QUIETEST_DB)
        return round(gain * 2) / 2

    def handles(self, clip: AudioClip, row: Row) -> dict[str, QPointF]:
        """Centres of the fade handles and of the gain handle."""
        box = self.box(clip, row)
        body = self.body(box, row)
        fade_in, fade_out = self.fade_xs(clip, row)
        left, right = box.left() + 5, box.right() - 5
        return {
            "fade_in": QPointF(min(max(fade_in, left), right), body.top() + 5),
            "fade_out": QPointF(max(min(fade_out, right), left), body.top() + 5),
            "gain": QPointF(box.center().x(), self.gain_y(clip, row)),
        }
