"""Where things are on a timeline, in pixels of its lanes."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from studio.domain.clip import AudioClip, Clip, ClipId, NoteClip
from studio.ui.timeline.timeline import Timeline
from studio.workspace.studio import Studio

VERSE, CHORUS, BASS_CLIP, RAIN_CLIP = ClipId("c20"), ClipId("c21"), ClipId("c22"), ClipId("c23")


def at(timeline: Timeline, tick: float, row: int, down: float = 0.6) -> tuple[float, float]:
    """A place in a row: `down` is the share of the row's height."""
    rows = timeline.view.rows
    return timeline.view.axis.x(tick), rows.y(row) + rows.row_height * down


def handle(timeline: Timeline, clip: ClipId, row: int, name: str) -> QPointF:
    found = timeline.studio.song.project.clip(clip)
    assert isinstance(found, AudioClip)
    return timeline.lanes.layout_.handles(found, timeline.lanes.layout_.row(row))[name]


def clip(studio: Studio, id: ClipId) -> Clip:
    return studio.song.project.clip(id)


def notes_of(studio: Studio, id: ClipId) -> NoteClip:
    found = clip(studio, id)
    assert isinstance(found, NoteClip)
    return found


def sound_of(studio: Studio, id: ClipId) -> AudioClip:
    found = clip(studio, id)
    assert isinstance(found, AudioClip)
    return found


def steps(studio: Studio) -> int:
    return len(studio.song.steps)
