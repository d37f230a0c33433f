"""Where notes are in a piano roll, in pixels of its canvas."""

from __future__ import annotations

from studio.domain.clip import ClipId, NoteClip
from studio.domain.notes import Notes
from studio.ui.piano_roll.piano_roll import PianoRoll
from studio.workspace.studio import Studio

CLIP = ClipId("c20")  # 0: C4, 1: E4, 2: G4, 3: C5, one after the other, a beat long each


def at(roll: PianoRoll, tick: float, pitch: float) -> tuple[float, float]:
    """The middle of a key's row at a tick."""
    return roll.view.axis.x(tick), roll.view.y(pitch) + roll.view.rows.row_height / 2


def clip(studio: Studio) -> NoteClip:
    found = studio.song.project.clip(CLIP)
    assert isinstance(found, NoteClip)
    return found


def notes(studio: Studio) -> Notes:
    return clip(studio).notes


def rows(studio: Studio) -> list[tuple[int, int, int]]:
    """(start, length, pitch) of every note, in order."""
    found = notes(studio)
    return list(zip(found.start.tolist(), found.length.tolist(), found.pitch.tolist(), strict=True))


def steps(studio: Studio) -> int:
    return len(studio.song.steps)
