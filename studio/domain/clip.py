"""Clips: a stretch of notes or of a recording, placed on a track."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType, TypeAlias

from studio.domain.notes import Automation, Notes

ClipId = NewType("ClipId", str)
TakeId = NewType("TakeId", str)


@dataclass(frozen=True, slots=True)
class NoteClip:
    """Notes on a track.

    The content has its own time in ticks; the clip shows [offset, offset + length) of it, so
    trimming an edge loses nothing.

    Attributes:
        start: Where the clip stands in the song, ticks.
        length: Ticks, at least 1.
        offset: The content tick that sounds at `start`.
        controllers: `cc<n>`, `bend`, `pressure` in content ticks.
        take: The take that wrote it, if a model did.
    """

    id: ClipId
    start: int
    length: int
    notes: Notes = field(default_factory=Notes.empty)
    name: str = ""
    offset: int = 0
    controllers: tuple[Automation, ...] = ()
    muted: bool = False
    take: TakeId | None = None

    def __post_init__(self) -> None:
        if self.start < 0 or self.length < 1 or self.offset < 0:
            raise ValueError(
                "a clip starts at or after 0, lasts a tick, and shows no content before 0"
            )

    @property
    def end(self) -> int:
        return self.start + self.length

    @property
    def shift(self) -> int:
        """Add to a content tick to get a song tick."""
        return self.start - self.offset


class FadeShape(StrEnum):
    """How a fade rises; one that falls is its mirror image."""

    POWER = "power"  # a quarter of a sine: cross-faded, unlike sounds keep their power
    LINEAR = "linear"  # cross-faded, like sounds keep their level
    SMOOTH = "smooth"  # an S, that begins and ends gently; the two of a cross-fade add up as well
    SLOW = "slow"  # a square: quiet for long


@dataclass(frozen=True, slots=True)
class AudioSource:
    """A recording in the song's media store."""

    media: str  # content hash, hex
    sample_rate: int  # of the file itself, Hz
    frames: int
    channels: int
    name: str = ""  # the file's name when it came in


@dataclass(frozen=True, slots=True)
class WarpPoint:
    source_frame: int
    tick: int  # from the clip's start


@dataclass(frozen=True, slots=True)
class AudioClip:
    """A part of a recording, placed on a track.

    Without warp points it keeps its length in seconds when the tempo changes; with two or more it
    follows the ticks they name.

    Attributes:
        start: Where the clip stands in the song, ticks.
        offset_frames: First frame heard, at the source's own rate.
        length_frames: Frames heard, at the source's own rate.
        fade_in_frames, fade_out_frames: At the source's own rate.
        fade_shape: Of both fades, and of cross-fades with clips that overlap this one.
        turns: Of a recording in a loop: where in the source each turn begins, oldest first; the
            clip shows the one at index `turn`.
    """

    id: ClipId
    start: int
    source: AudioSource
    offset_frames: int
    length_frames: int
    name: str = ""
    gain_db: float = 0.0
    fade_in_frames: int = 0
    fade_out_frames: int = 0
    warp: tuple[WarpPoint, ...] = ()
    muted: bool = False
    take: TakeId | None = None
    turns: tuple[int, ...] = ()
    turn: int = 0
    fade_shape: FadeShape = FadeShape.POWER

    def __post_init__(self) -> None:
        inside = (
            self.offset_frames >= 0
            and self.offset_frames + self.length_frames <= self.source.frames
        )
        if self.start < 0 or self.length_frames < 1 or not inside:
            raise ValueError("an audio clip lies inside its recording and starts at or after 0")
        if min(self.fade_in_frames, self.fade_out_frames) < 0:
            raise ValueError("a fade cannot be shorter than nothing")
        if self.fade_in_frames + self.fade_out_frames > self.length_frames:
            raise ValueError("the fades of a clip cannot overlap")
        if not 0 <= self.turn < max(len(self.turns), 1):
            raise ValueError("a clip shows one of its turns")
        _check_warp(self.warp)

    @property
    def seconds(self) -> float:
        """Length at the recording's own speed."""
        return self.length_frames / self.source.sample_rate


def _check_warp(warp: tuple[WarpPoint, ...]) -> None:
    pairs = list(itertools.pairwise(warp))
    if warp and (not pairs or warp[0].tick != 0):
        raise ValueError("a warp map has two points or more and starts with the clip")
    if any(a.tick >= b.tick or a.source_frame >= b.source_frame for a, b in pairs):
        raise ValueError("warp points rise in the recording and in the song")


Clip: TypeAlias = NoteClip | AudioClip
