"""Playing a stretch of the song, and nothing after it."""

from __future__ import annotations

from PySide6.QtCore import QObject

from studio.domain.tempo import TICKS_PER_QUARTER
from studio.workspace.playback import Playback

_JUMP = 4 * TICKS_PER_QUARTER  # more than a poll ever passes: somebody went elsewhere


class SpanPlayer(QObject):
    """Stops at the end of a span, to within a poll of the engine, and returns to its start.

    Going elsewhere meanwhile, or stopping, forgets the span.
    """

    def __init__(self, playback: Playback, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._playback = playback
        self._span: tuple[int, int] | None = None
        self._last: int | None = None  # where it was heard last, once that was inside
        playback.moved.connect(self._on_moved)

    def play(self, start: int, end: int) -> None:
        self._playback.seek(start)
        self._playback.play()
        self._span, self._last = (start, end), None

    def _on_moved(self) -> None:
        if self._span is None:
            return
        (start, end), tick = self._span, self._playback.position_tick
        if not self._playback.goes_on and self._last is not None:
            self._span = None
        elif start <= tick < end:
            self._last = tick
        elif self._last is not None and self._playback.goes_on:
            self._span = None
            if self._last <= tick < self._last + _JUMP:
                self._playback.stop()
                self._playback.seek(start)
