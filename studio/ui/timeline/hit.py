"""What is under the pointer on the lanes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from studio.domain.clip import AudioClip, Clip
from studio.domain.track import Track
from studio.ui.timeline.clip_layout import ClipLayout, Row
from studio.ui.timeline.timeline_view import TimelineView

EDGE_PX = 6.0
HANDLE_PX = 6.0
HANDLES_FROM_PX = 3 * 2 * EDGE_PX  # a narrower clip is all body, so that it can always be dragged
MARKS_FROM_PX = 60.0  # and a clip narrower than this has no fade and gain handles


class ClipPart(StrEnum):
    BODY = "body"
    LEFT = "left"
    RIGHT = "right"
    FADE_IN = "fade_in"
    FADE_OUT = "fade_out"
    GAIN = "gain"


@dataclass(frozen=True, slots=True)
class Hit:
    track: Track
    clip: Clip
    part: ClipPart
    row: Row


class HitTest:
    """Answers from the arrays of the view, without an object for each clip."""

    def __init__(self, view: TimelineView) -> None:
        self._view = view
        self._layout = ClipLayout(view)

    def at(self, x: float, y: float) -> Hit | None:
        """The topmost clip there, and which part of it."""
        track = self._view.track_at(y)
        if track is None or self._view.is_folded(track):
            return None
        shapes = self._view.shapes(track)
        index = shapes.at(self._view.axis.tick(x))
        row = self._layout.row(self._view.rows.row(y))
        if index is None or not row.top <= y <= row.top + row.height:
            return None
        clip = shapes.clips[index]
        return Hit(track, clip, self._part(clip, row, x, y), row)

    def _part(self, clip: Clip, row: Row, x: float, y: float) -> ClipPart:
        box = self._layout.box(clip, row)
        if box.width() < HANDLES_FROM_PX:
            return ClipPart.BODY
        if isinstance(clip, AudioClip) and box.width() >= MARKS_FROM_PX:
            for name, centre in self._layout.handles(clip, row).items():
                if abs(x - centre.x()) <= HANDLE_PX and abs(y - centre.y()) <= HANDLE_PX:
                    return ClipPart(name)
        if x - box.left() <= EDGE_PX:
            return ClipPart.LEFT
        return ClipPart.RIGHT if box.right() - x <= EDGE_PX else ClipPart.BODY
