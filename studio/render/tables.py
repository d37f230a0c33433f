"""What one track plays, as arrays in song frames: note events, clips, automation.

Notes and controllers take effect at the next border of the synthesiser's grid (`GRID_FRAMES`),
never before the frame the tempo map gives: at most 63 frames (1.3 ms) late.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.domain.clip import AudioClip, FadeShape, NoteClip
from studio.domain.notes import HOLD, Automation
from studio.domain.tempo import TempoMap
from studio.domain.track import Track
from studio.dsp.levels import gain
from studio.render.fluid import BEND, BEND_PER_SEMITONE, GRID_FRAMES, PRESSURE

Table = npt.NDArray[Any]

OFF, CONTROL, ON = 0, 1, 2  # in this order where they fall together
EVENT_DTYPE = np.dtype(
    [
        ("frame", "<i8"),
        ("kind", "u1"),
        ("number", "u1"),  # pitch, or controller (BEND, PRESSURE)
        ("value", "<u2"),  # velocity, or controller value
        ("cents", "<f4"),
    ]
)
SPAN_DTYPE = np.dtype(  # a note as it sounds
    [("start", "<i8"), ("end", "<i8"), ("pitch", "u1"), ("velocity", "u1"), ("cents", "<f4")]
)
CLIP_DTYPE = np.dtype(
    [
        ("start", "<i8"),
        ("end", "<i8"),
        ("offset", "<i8"),  # frame of the file that is heard at `start`
        ("file", "<i4"),
        ("gain", "<f4"),
        ("fade_in", "<i8"),  # frames from `start`
        ("fade_out", "<i8"),  # frames up to `end`
        ("shape_in", "u1"),  # of `FADE_SHAPES`
        ("shape_out", "u1"),
    ]
)
FADE_SHAPES = tuple(FadeShape)
POINT_DTYPE = np.dtype([("frame", "<i8"), ("value", "<f8")])
CONTROL_STEP_FRAMES = 4 * GRID_FRAMES  # a moving controller is sent at most this often
CROSS_SECONDS = 0.005  # where one clip cuts into another
_AT_REST = {7: 100, 10: 64, 11: 127, BEND: 8192}  # other controllers rest at 0

FileOf = Callable[[AudioClip], tuple[Path, int, int]]  # file, its frame heard first, frames heard


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """A parameter that moves: straight lines between points, the first and last value outside.

    Attributes:
        points: `POINT_DTYPE`, shape [n], frames rising.
    """

    parameter: str
    points: Table

    def at(self, frames: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Values at song frames, same shape."""
        values: npt.NDArray[np.float64] = np.interp(
            frames, self.points["frame"], self.points["value"]
        )
        return values


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """What a track plays. Arrays are read-only; equal contents have equal digests.

    Attributes:
        events: `EVENT_DTYPE`, ordered; frames are multiples of `GRID_FRAMES`.
        spans: `SPAN_DTYPE`, ordered by start, same grid; spans of one pitch never overlap.
        clips: `CLIP_DTYPE`, ordered by start.
        files: Raw float32 interleaved at the song's rate: (path, channels).
        chases: Whether a note that sounds where playing begins is started there.
    """

    events: Table
    spans: Table
    clips: Table
    files: tuple[tuple[str, int], ...] = ()
    chases: bool = True

    @property
    def digest(self) -> str:
        sums = hashlib.sha256(repr((self.files, self.chases)).encode())
        for table in (self.events, self.spans, self.clips):
            sums.update(table.tobytes() + b"|")
        return sums.hexdigest()

    def equals(self, other: Content) -> bool:
        """Whether both play the same."""
        return self is other or self.digest == other.digest

    @property
    def end(self) -> int:
        """The frame after the last thing that plays."""
        ends = [int(t["end"].max()) for t in (self.spans, self.clips) if len(t)]
        return max(ends, default=0)


def empty_content() -> Content:
    events, spans, clips = (np.zeros(0, kind) for kind in (EVENT_DTYPE, SPAN_DTYPE, CLIP_DTYPE))
    return Content(frozen(events), frozen(spans), frozen(clips))


def compile_content(track: Track, tempo: TempoMap, sample_rate: int, file_of: FileOf) -> Content:
    """What `track` plays. Muted clips and notes are left out."""
    notes = [c for c in track.clips if isinstance(c, NoteClip) and not c.muted]
    audio = [c for c in track.clips if isinstance(c, AudioClip) and not c.muted]
    spans = _spans(notes, tempo, sample_rate)
    clips, files = _clip_table(audio, tempo, sample_rate, file_of)
    events = np.concatenate([_note_events(spans), *_controls(notes, tempo, sample_rate)])
    events = events[np.lexsort((events["number"], events["kind"], events["frame"]))]
    return Content(frozen(events), frozen(spans), frozen(clips), files, not track.is_drums)


def compile_lane(lane: Automation, tempo: TempoMap, sample_rate: int) -> Lane:
    """Automation in song frames; what is straight in ticks is so on both sides of a tempo
    change."""
    ticks, held = lane.points["tick"], lane.points["curve"][:-1] == HOLD
    frames, values = tempo.frames(ticks, sample_rate), lane.points["value"].astype(np.float64)
    bends = [t.tick for t in tempo.tempos if ticks[0] < t.tick < ticks[-1]]
    points = np.zeros(len(ticks) + int(held.sum()) + len(bends), POINT_DTYPE)
    points["frame"] = np.concatenate(
        [frames[1:][held] - 1, frames, tempo.frames(np.array(bends, dtype=np.int64), sample_rate)]
    )
    points["value"] = np.concatenate([values[:-1][held], values, lane.at(bends)])
    return Lane(lane.parameter, frozen(points[np.argsort(points["frame"], kind="stable")]))


# -- notes and controllers ---------------------------------------------------------------------
def _spans(clips: Sequence[NoteClip], tempo: TempoMap, sample_rate: int) -> Table:
    rows = [_clip_spans(clip, tempo, sample_rate) for clip in clips]
    spans = np.concatenate([np.zeros(0, SPAN_DTYPE), *rows])
    spans = spans[np.lexsort((spans["end"], spans["start"], spans["pitch"]))]
    again = spans["pitch"][1:] == spans["pitch"][:-1]  # a key struck again ends its earlier note
    ends = spans["end"][:-1]
    ends[again] = np.minimum(ends[again], spans["start"][1:][again])
    spans = spans[spans["end"] > spans["start"]]
    return spans[np.argsort(spans["start"], kind="stable")]


def _clip_spans(clip: NoteClip, tempo: TempoMap, sample_rate: int) -> Table:
    notes = clip.notes
    heard = notes.starting_in(clip.offset, clip.offset + clip.length) & ~notes.muted
    table = notes.table[heard]
    begin = table["start"] + table["timing"] + clip.shift
    end = np.minimum(begin + table["length"], clip.end)
    spans = np.zeros(len(table), SPAN_DTYPE)
    spans["start"] = on_grid(tempo.frames(np.maximum(begin, 0), sample_rate))
    ends = on_grid(tempo.frames(np.maximum(end, 0), sample_rate))
    spans["end"] = np.maximum(ends, spans["start"] + GRID_FRAMES)
    for name in ("pitch", "velocity", "cents"):
        spans[name] = table[name]
    return spans


def _note_events(spans: Table) -> Table:
    on, off = np.zeros(len(spans), EVENT_DTYPE), np.zeros(len(spans), EVENT_DTYPE)
    on["kind"], on["frame"], on["value"], on["cents"] = (
        ON,
        spans["start"],
        spans["velocity"],
        spans["cents"],
    )
    off["kind"], off["frame"] = OFF, spans["end"]
    on["number"] = off["number"] = spans["pitch"]
    return np.concatenate([off, on])


def _controls(clips: Sequence[NoteClip], tempo: TempoMap, sample_rate: int) -> list[Table]:
    return [
        _lane_events(clip, lane, tempo, sample_rate)
        for clip in clips
        for lane in clip.controllers
        if len(lane.points)
    ]


def _lane_events(clip: NoteClip, lane: Automation, tempo: TempoMap, sample_rate: int) -> Table:
    """The lane's values over the clip, each when it changes, and at the clip's end at rest."""
    begin, end = on_grid(tempo.frames([clip.start, clip.end], sample_rate))
    named = lane.points["tick"] + clip.shift
    named = on_grid(tempo.frames(named[(named >= clip.start) & (named < clip.end)], sample_rate))
    frames = np.union1d(np.arange(begin, end, CONTROL_STEP_FRAMES), named[named < end])
    number = controller_number(lane.parameter)
    values = _wire_values(number, lane.at(tempo.ticks(frames / sample_rate) - clip.shift))
    changed = (
        np.concatenate([[True], values[1:] != values[:-1]]) if len(values) else np.zeros(0, bool)
    )
    events = np.zeros(int(changed.sum()) + 1, EVENT_DTYPE)
    events["frame"] = [*frames[changed], end]
    events["value"] = [*values[changed], rest_value(number)]
    events["kind"], events["number"] = CONTROL, number
    return events


def rest_value(number: int) -> int:
    """Where a controller is when nothing moves it."""
    return _AT_REST.get(number, 0)


def controller_number(parameter: str) -> int:
    """The event number of `cc<n>`, `bend` or `pressure`."""
    if parameter == "bend":
        return BEND
    return PRESSURE if parameter == "pressure" else int(parameter.removeprefix("cc"))


def _wire_values(number: int, values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    top = 127
    if number == BEND:
        values, top = 8192 + values * BEND_PER_SEMITONE, 16383
    return np.clip(np.rint(values), 0, top).astype(np.int64)


def on_grid(frames: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The grid's border at or after each frame."""
    return -(-frames // GRID_FRAMES) * GRID_FRAMES


# -- audio clips -------------------------------------------------------------------------------
def _clip_table(
    clips: Sequence[AudioClip], tempo: TempoMap, sample_rate: int, file_of: FileOf
) -> tuple[Table, tuple[tuple[str, int], ...]]:
    files: dict[tuple[str, int], int] = {}
    placed: list[Table] = []
    cross = round(CROSS_SECONDS * sample_rate)
    for clip in clips:
        path, offset, frames = file_of(clip)
        file = files.setdefault((str(path), clip.source.channels), len(files))
        row = _clip_row(clip, tempo.frame(clip.start, sample_rate), frames)
        row["offset"], row["file"] = offset, file
        placed = [part for below in placed for part in _laid_under(below, row, cross)]
        placed.append(row)
    table = np.array([row[()] for row in placed], dtype=CLIP_DTYPE)
    return table[np.argsort(table["start"], kind="stable")], tuple(files)


def _clip_row(clip: AudioClip, start: int, frames: int) -> Table:
    scale = frames / clip.length_frames
    row = np.zeros((), CLIP_DTYPE)
    row["start"], row["end"], row["gain"] = start, start + frames, gain(clip.gain_db)
    row["fade_in"] = round(clip.fade_in_frames * scale)
    row["fade_out"] = round(clip.fade_out_frames * scale)
    row["shape_in"] = row["shape_out"] = FADE_SHAPES.index(clip.fade_shape)
    return row


def _laid_under(below: Table, above: Table, cross: int) -> list[Table]:
    """What is left of `below` where `above` lies on it; `above` gets the other half of each
    fade."""
    if above["start"] >= below["end"] or above["end"] <= below["start"]:
        return [below]
    earlier, later = above["start"] < below["start"], above["end"] > below["end"]
    if later and above["start"] > below["start"]:
        _cross_fade(below, above)
        return [below]
    if earlier and above["end"] < below["end"]:
        _cross_fade(above, below)
        return [below]
    return _around(below, above, cross)


def _cross_fade(first: Table, second: Table) -> None:
    """From the tail of one to the head of the other, all the time they share."""
    shared = first["end"] - second["start"]
    first["fade_out"] = max(first["fade_out"], shared)
    second["fade_in"] = max(second["fade_in"], shared)


def _around(below: Table, above: Table, cross: int) -> list[Table]:
    """What `below` has before and after `above`, which takes the place between."""
    parts = []
    if below["start"] < above["start"]:
        head = below.copy()
        head["end"], head["fade_out"] = min(above["start"] + cross, above["end"]), cross
        head["shape_out"] = 0
        above["fade_in"] = max(above["fade_in"], cross)
        parts.append(head)
    if above["end"] < below["end"]:
        tail = below.copy()
        tail["start"], tail["fade_in"] = max(above["end"] - cross, above["start"]), cross
        tail["shape_in"] = 0
        tail["offset"] += tail["start"] - below["start"]
        above["fade_out"] = max(above["fade_out"], cross)
        parts.append(tail)
    return parts


def frozen(table: Table) -> Table:
    """`table`, made read-only."""
    table.flags.writeable = False
    return table
