"""How what a model wrote gives way to the notes that stay."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.domain.clip import NoteClip
from studio.domain.gap import Gap
from studio.domain.notes import Notes
from studio.domain.track import Track

_SHORTEST = 0.5  # of its length: a note of which less would be heard is left out
_KEPT = np.dtype([("start", "<i8"), ("end", "<i8"), ("pitch", "u1")])
Kept: TypeAlias = npt.NDArray[Any]


def giving_way(notes: Notes, track: Track, gap: Gap) -> Notes:
    """`notes` such that no note of `track` is struck again or let go by one of them.

    A key sounds one note at a time. A note on a key that a kept one still holds waits until that
    is let go, or is left out where less than half of it would be left; a note that would last into
    a kept one ends there. None is played ahead of the gap, whatever its timing.

    Args:
        notes: What was written, in song ticks.
        track: The track they go to, without the notes that they replace.
    """
    early = np.maximum(gap.start - (notes.start + notes.timing), 0)
    early = np.where(notes.start >= gap.start, early, 0)
    notes = notes.with_columns(timing=notes.timing + early)
    kept = _kept(track)
    if not len(kept):
        return notes
    table = notes.table.copy()
    stays = np.ones(len(table), dtype=bool)
    for pitch in np.intersect1d(table["pitch"], kept["pitch"]):
        on_key, there = np.flatnonzero(table["pitch"] == pitch), kept[kept["pitch"] == pitch]
        for index in on_key[_meeting(table[on_key], there)]:
            stays[index] = _fitted(table[index], there)
    return Notes(table[stays])


def _meeting(rows: Any, kept: Kept) -> npt.NDArray[np.bool_]:
    """Which notes sound while a kept one does; most meet none and are left as they are."""
    start = (rows["start"] + rows["timing"])[:, None]
    end = start + rows["length"][:, None]
    meets: npt.NDArray[np.bool_] = ((kept["start"] < end) & (kept["end"] > start)).any(axis=1)
    return meets


def _kept(track: Track) -> Kept:
    """When each note that is heard on a track is played, in song ticks."""
    clips = [clip for clip in track.clips if isinstance(clip, NoteClip) and not clip.muted]
    return np.concatenate([np.zeros(0, _KEPT), *map(_heard, clips)])


def _heard(clip: NoteClip) -> Kept:
    heard = clip.notes.starting_in(clip.offset, clip.offset + clip.length) & ~clip.notes.muted
    notes = clip.notes.where(heard)
    found = np.zeros(len(notes), _KEPT)
    found["start"] = notes.start + notes.timing + clip.shift
    found["end"] = np.minimum(found["start"] + notes.length, clip.end)
    found["pitch"] = notes.pitch
    return found


def _fitted(row: Any, kept: Kept) -> bool:
    """Fit one note, in place, between those kept on its key; false if there is no room."""
    start = int(row["start"] + row["timing"])
    end = start + int(row["length"])
    held = kept[(kept["start"] <= start) & (kept["end"] > start)]
    later = kept[(kept["start"] > start) & (kept["start"] < end)]
    late = max([start, *held["end"].tolist()])
    end = min([end, *later["start"].tolist()])
    if end - late < _SHORTEST * int(row["length"]) and (len(held) or end <= late):
        return False
    row["timing"] += late - start
    row["length"] = end - late
    return True
