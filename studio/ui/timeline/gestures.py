"""What the mouse does to clips: select, move, copy, trim, fade, gain, draw, cut, mark a range."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from studio.domain.clip import AudioClip, Clip, ClipId, NoteClip
from studio.domain.tempo import TICKS_PER_QUARTER
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.clips import (
    AddClip,
    CopyClips,
    DeleteClips,
    MoveClips,
    SetClip,
    SplitClips,
    TrimClip,
)
from studio.edit.content import SlipClips, StretchClip
from studio.ui import theme
from studio.ui.canvas.gesture import Gesture
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.view import Chain
from studio.ui.timeline.clip_layout import ClipLayout
from studio.ui.timeline.hit import ClipPart, Hit, HitTest
from studio.ui.timeline.timeline_view import TimelineView


class ClipGesture(Gesture):
    """Proposes an edit while dragged; does it when released."""

    def __init__(self, view: TimelineView, at: Pointer) -> None:
        self.view, self.pressed = view, at
        self.selection = view.studio.selection
        self.pressed_tick = view.axis.tick(at.x)

    def finish(self) -> None:
        self.view.commit()

    def cancel(self) -> None:
        self.view.drop()

    def moved(self, at: Pointer) -> int:
        """Ticks between the press and the pointer, whatever the view scrolled meanwhile."""
        return self.view.axis.tick(at.x) - self.pressed_tick


class MoveDrag(ClipGesture):
    """Moves the selected clips by time and track; with Ctrl it copies, with Shift one way only."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, view: TimelineView, at: Pointer, hit: Hit) -> None:
        super().__init__(view, at)
        self._grabbed = hit.clip
        self._row = self.view.rows.row(at.y)
        self._was_selected = hit.clip.id in self.selection.clips
        self._clips_before = self.selection.clips
        if not self._was_selected and not at.ctrl:
            self.selection.set_clips({hit.clip.id})
        self.selection.set_tracks((hit.track.id,))

    @property
    def moving(self) -> frozenset[ClipId]:
        """The selection if the grabbed clip is part of it, else that clip alone."""
        chosen = self.selection.clips if self._was_selected else frozenset[ClipId]()
        return chosen | {self._grabbed.id}

    def drag(self, at: Pointer) -> None:
        rows = self.view.rows_moved(self._row, self.view.rows.row(at.y))
        ticks = self.moved(at)
        if at.shift:
            across = abs(at.x - self.pressed.x) >= abs(at.y - self.pressed.y)
            ticks, rows = (ticks, 0) if across else (0, rows)
        ticks = self._landed(ticks, at) if ticks else 0
        command = CopyClips if at.ctrl else MoveClips
        self.view.propose(command(self.moving, ticks, rows))

    def _landed(self, ticks: int, at: Pointer) -> int:
        """Where the start of the grabbed clip lands, or its end where that meets something."""
        start = self._grabbed.start
        if self.view.snap.keeps_offset and not at.alt:
            return self.view.stepped(start, ticks)
        end = self.view.studio.song.project.clip_end(self._grabbed)
        without = frozenset() if at.ctrl else self.moving
        by_start = self.view.land(start + ticks, bypass=at.alt, without=without)
        by_end = self.view.land(end + ticks, bypass=at.alt, without=without)
        landing, edge = by_start, start
        if by_end.on_element and not by_start.on_element:
            landing, edge = by_end, end
        self.view.mark(landing)
        return landing.tick - edge

    def finish(self) -> None:
        before = {clip.id for _, clip in self.view.studio.song.project.clips()}
        if self.view.commit():
            made = {clip.id for _, clip in self.view.project.clips()} - before
            self.selection.set_clips(made or self.moving)

    def click(self) -> None:
        if self.pressed.ctrl:
            self.selection.set_clips(self._clips_before ^ {self._grabbed.id})
        elif self.pressed.shift:
            self.selection.set_clips(self._clips_before | {self._grabbed.id})
        else:
            self.selection.set_clips({self._grabbed.id})
        self.selection.set_span(None)

    def cancel(self) -> None:
        self.view.drop()
        self.selection.set_clips(self._clips_before)


class TrimDrag(ClipGesture):
    """Moves one edge of a clip, and of those selected with it."""

    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self, view: TimelineView, at: Pointer, hit: Hit) -> None:
        super().__init__(view, at)
        self._clip, self._left = hit.clip, hit.part is ClipPart.LEFT
        self._end = self.view.project.clip_end(hit.clip)
        chosen = self.selection.clips
        self._ids = chosen if hit.clip.id in chosen else frozenset({hit.clip.id})

    def drag(self, at: Pointer) -> None:
        edge = self._clip.start if self._left else self._end
        landing = self.view.land(edge + self.moved(at), bypass=at.alt, without=self._ids)
        self.view.mark(landing)
        by = landing.tick - edge
        left, right = (by, 0) if self._left else (0, by)
        trims = tuple(TrimClip(id, left, right) for id in sorted(self._ids))
        self.view.propose(Chain(TrimClip.label, trims))

    def click(self) -> None:
        self.selection.set_clips({self._clip.id})


class StretchDrag(ClipGesture):
    """Moves one edge of a clip, and stretches or squeezes its content with it."""

    cursor = Qt.CursorShape.SplitHCursor

    def __init__(self, view: TimelineView, at: Pointer, hit: Hit) -> None:
        super().__init__(view, at)
        self._clip, self._left = hit.clip, hit.part is ClipPart.LEFT
        self._end = view.project.clip_end(hit.clip)
        self.selection.set_clips({hit.clip.id})

    def drag(self, at: Pointer) -> None:
        id, edge = self._clip.id, self._clip.start if self._left else self._end
        without = frozenset({id})
        landing = self.view.land(edge + self.moved(at), bypass=at.alt, without=without)
        by = landing.tick - edge
        left, right = (by, 0) if self._left else (0, by)
        if self.view.propose(StretchClip(id, left, right)):
            self.view.mark(landing)
            project = self.view.project
            shown = project.clip(id)
            length = project.clip_end(shown) - shown.start
            self.view.said = f"{length / (self._end - self._clip.start):.0%}"


class SlipDrag(ClipGesture):
    """Moves what the clip, and those selected with it, show; their edges stay."""

    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self, view: TimelineView, at: Pointer, hit: Hit) -> None:
        super().__init__(view, at)
        chosen = self.selection.clips
        self._ids = chosen if hit.clip.id in chosen else frozenset({hit.clip.id})
        self.selection.set_clips(self._ids)

    def drag(self, at: Pointer) -> None:
        by = self.moved(at)
        if not at.alt:  # once under way, letting go of Alt brings the grid back
            step = self.view.grid_step(self.pressed_tick)
            by = round(by / step) * step
        self.view.propose(SlipClips(self._ids, by))
        self.view.said = f"{by / TICKS_PER_QUARTER:+.2f}"


class FadeDrag(ClipGesture):
    """Makes a fade as long as the pointer is away from the edge."""

    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self, view: TimelineView, at: Pointer, clip: AudioClip, part: ClipPart) -> None:
        super().__init__(view, at)
        self._clip, self._part = clip, part
        self._layout = ClipLayout(self.view)
        self.selection.set_clips({clip.id})

    def drag(self, at: Pointer) -> None:
        frames = self._layout.frame_at(self._clip, at.x)
        if self._part is ClipPart.FADE_OUT:
            frames = self._clip.length_frames - frames
        frames = min(max(frames, 0), self._clip.length_frames)
        field = f"{self._part.value}_frames"
        self.view.propose(SetClip(frozenset({self._clip.id}), ((field, frames),)))
        seconds = self._shown() / self._clip.source.sample_rate
        self.view.said = f"{seconds:.2f} s"

    def _shown(self) -> int:
        clip = self.view.project.clip(self._clip.id)
        assert isinstance(clip, AudioClip)
        is_in = self._part is ClipPart.FADE_IN
        return clip.fade_in_frames if is_in else clip.fade_out_frames


class GainDrag(ClipGesture):
    """Sets a recording's gain; a double click on the handle sets it back to 0 dB."""

    cursor = Qt.CursorShape.SizeVerCursor

    def __init__(self, view: TimelineView, at: Pointer, hit: Hit, clip: AudioClip) -> None:
        super().__init__(view, at)
        self._clip, self._row = clip, hit.row
        self._layout = ClipLayout(self.view)
        self.selection.set_clips({clip.id})

    def drag(self, at: Pointer) -> None:
        gain = self._layout.gain_at(at.y, self._row)
        self.view.propose(SetClip(frozenset({self._clip.id}), (("gain_db", gain),)))
        self.view.said = f"{gain:+.1f} dB"


class BandDrag(ClipGesture):
    """A rubber band selects the clips it touches; over empty lanes it marks a range to write."""

    def __init__(self, view: TimelineView, at: Pointer) -> None:
        super().__init__(view, at)
        self._kept = self.selection.clips if at.ctrl or at.shift else frozenset()
        self._before = (self.selection.clips, self.selection.span, self.selection.span_tracks)
        self._now = at
        self._top = at.y + self.view.rows.top

    def _box(self) -> QRectF:
        x, y = self.view.axis.x(self.pressed_tick), self._top - self.view.rows.top
        return QRectF(
            min(x, self._now.x), min(y, self._now.y), abs(x - self._now.x), abs(y - self._now.y)
        )

    def drag(self, at: Pointer) -> None:
        self._now = at
        touched = self._touched()
        self.selection.set_clips(self._kept | touched)
        if touched or self._kept:
            self.selection.set_span(None)
        else:
            self._mark_range(at)

    def _touched(self) -> frozenset[ClipId]:
        box, axis = self._box(), self.view.axis
        start, end = axis.tick(box.left()), axis.tick(box.right())
        found: set[ClipId] = set()
        for track in self.view.tracks_between(box.top(), box.bottom()):
            shapes = self.view.shapes(track)
            found |= {shapes.clips[i].id for i in shapes.between(start, end).tolist()}
        return frozenset(found)

    def _mark_range(self, at: Pointer) -> None:
        box = self._box()
        tracks = self.view.tracks_between(box.top(), box.bottom())
        start = self.view.land(self.view.axis.tick(box.left()), bypass=at.alt).tick
        end = self.view.land(self.view.axis.tick(box.right()), bypass=at.alt).tick
        self.selection.set_span((start, end) if end > start and tracks else None, _ids(tracks))

    def paint(self, painter: QPainter) -> None:
        painter.setPen(QPen(theme.colour("text_2"), 1))
        painter.setBrush(theme.colour("text", 0.08))
        painter.drawRect(self._box().adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setPen(Qt.PenStyle.NoPen)

    def finish(self) -> None:
        pass

    def click(self) -> None:
        track = self.view.track_at(self.pressed.y)
        self.selection.clear()
        self.selection.set_tracks(() if track is None else (track.id,))

    def cancel(self) -> None:
        clips, span, tracks = self._before
        self.selection.set_clips(clips)
        self.selection.set_span(span, tracks)


class RangeDrag(ClipGesture):
    """Marks a range on the tracks it crosses: the gap that a model would fill."""

    cursor = Qt.CursorShape.IBeamCursor

    def __init__(self, view: TimelineView, at: Pointer) -> None:
        super().__init__(view, at)
        self._before = (self.selection.span, self.selection.span_tracks)
        self._top = at.y + self.view.rows.top

    def drag(self, at: Pointer) -> None:
        tracks = self.view.tracks_between(self._top - self.view.rows.top, at.y)
        ends = [
            self.view.land(tick, bypass=at.alt)
            for tick in (self.pressed_tick, self.view.axis.tick(at.x))
        ]
        self.view.mark(ends[1])
        start, end = sorted(landing.tick for landing in ends)
        self.selection.set_span((start, end) if end > start and tracks else None, _ids(tracks))

    def finish(self) -> None:
        self.view.drop()

    def click(self) -> None:
        self.selection.set_span(None)

    def cancel(self) -> None:
        self.view.drop()
        self.selection.set_span(*self._before)


class DrawDrag(ClipGesture):
    """Draws an empty clip; a click makes one of a bar."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: TimelineView, at: Pointer, track: Track) -> None:
        super().__init__(view, at)
        self._track = track
        self._start = floor_to_grid(view, at)

    def drag(self, at: Pointer) -> None:
        landing = self.view.land(self.view.axis.tick(at.x), bypass=at.alt)
        self.view.mark(landing)
        start, end = sorted((self._start, landing.tick))
        if end > start:
            self._propose(start, end - start)

    def _propose(self, start: int, length: int) -> None:
        song = self.view.studio.song.project
        clip = NoteClip(song.new_clip_id(), start, length, name=self._track.name)
        self.view.propose(AddClip(self._track.id, clip))

    def finish(self) -> None:
        made = self.view.studio.song.project.new_clip_id()
        if self.view.commit() and self.view.project.find_clip(made) is not None:
            self.selection.set_clips({made})

    def click(self) -> None:
        start, end = self._bar() if self.view.snap.on and not self.pressed.alt else self._as_long()
        self._propose(start, end - start)
        self.finish()

    def _bar(self) -> tuple[int, int]:
        """The bar that was pressed, as far as other clips leave it free."""
        project, at, clips = self.view.project, self._start, self._track.clips
        bar = project.tempo.bar_at(at)
        ends = [project.clip_end(clip) for clip in clips]
        start = max([project.tempo.bar_start(bar), *(end for end in ends if end <= at)])
        starts = [clip.start for clip in clips if clip.start > at]
        return start, min([project.tempo.bar_start(bar + 1), *starts])

    def _as_long(self) -> tuple[int, int]:
        """A bar's length from where was pressed."""
        tempo = self.view.project.tempo
        bar = tempo.bar_at(self._start)
        return self._start, self._start + tempo.bar_start(bar + 1) - tempo.bar_start(bar)


class KnifeCut(ClipGesture):
    """Cuts the clip under the pointer where it was pressed."""

    cursor = Qt.CursorShape.SplitHCursor
    scrolls = False

    def __init__(self, view: TimelineView, at: Pointer, clip: Clip) -> None:
        super().__init__(view, at)
        self._clip = clip
        self._at = at

    def drag(self, at: Pointer) -> None:
        self._at = at
        self.view.mark(self.view.land(self.view.axis.tick(at.x), bypass=at.alt))

    def finish(self) -> None:
        tick = self.view.land(self.view.axis.tick(self._at.x), bypass=self._at.alt).tick
        self.view.drop()
        self.view.do(SplitClips(frozenset({self._clip.id}), tick))

    def click(self) -> None:
        self.finish()


class EraseDrag(ClipGesture):
    """Deletes every clip the pointer touches."""

    cursor = Qt.CursorShape.CrossCursor
    at_once = True

    def __init__(self, view: TimelineView, at: Pointer) -> None:
        super().__init__(view, at)
        self._hits = HitTest(view)
        self._touched: frozenset[ClipId] = frozenset()

    def drag(self, at: Pointer) -> None:
        hit = self._hits.at(at.x, at.y)
        if hit is not None:
            self._touched |= {hit.clip.id}
            self.view.propose(DeleteClips(self._touched))


def floor_to_grid(view: TimelineView, at: Pointer) -> int:
    """The grid line before the pointer; the tick itself while snapping is off or bypassed."""
    tick = view.axis.tick(at.x)
    if not view.snap.on or at.alt:
        return tick
    return max(view.snap.floor(view.project.tempo, tick, view.axis.scale), 0)


def can_hold_notes(track: Track | None) -> bool:
    return track is not None and track.kind is TrackKind.INSTRUMENT


def _ids(tracks: tuple[Track, ...]) -> tuple[TrackId, ...]:
    return tuple(track.id for track in tracks)
