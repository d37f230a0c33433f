"""Markov: goes on in the manner of one clip, from the order in which its notes follow each other.

A variable-order chain as in Pachet's Continuator (2003): the longest run of recent events that the
clip also has decides what may follow; shorter runs help out where a longer one was never heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from studio.ai.catalogue import ModelContext
from studio.ai.requests import Request, Result
from studio.ai.sketch.listen import Heard, key_of, standing_on
from studio.ai.sketch.score import STEP, Event, stream
from studio.ai.sketch.settle import Standing, beside
from studio.core.errors import StudioError
from studio.domain.clip import ClipId, NoteClip
from studio.domain.gap import Part
from studio.domain.notes import Notes
from studio.domain.theory import Key
from studio.domain.track import Track, TrackId, TrackKind

FEWEST_EVENTS = 4
_FARTHEST = 3  # scale steps beyond the clip's own compass
_LONGEST = 3  # events of a run
_Known = tuple[int, tuple[int, ...], int]  # what is compared of an event: move, shape, wait


class Token(NamedTuple):
    """What sounds at one moment, and how long until the next.

    Attributes:
        move: Scale steps from the lowest note of the event before to this one's.
        shape: Scale steps of the other notes above the lowest; for drums, the keys struck.
        wait: Ticks until the next event.
        length: Ticks the notes sound.
        velocity: Of the loudest note.
        place: Sixteenths from the start of the bar.
    """

    move: int
    shape: tuple[int, ...]
    wait: int
    length: int
    velocity: int
    place: int


@dataclass(frozen=True, slots=True)
class _Model:
    """A clip as tokens, and the scale they are counted in."""

    tokens: tuple[Token, ...]
    after: dict[tuple[_Known, ...], list[int]]
    first: int  # scale step of the first event's lowest note; `last` of the last one's
    last: int
    low: int  # scale steps the clip spans
    high: int
    key: Key
    drums: bool
    alone: bool  # one note at a time


class Markov:
    """Learns from a clip in a moment and fills the gap in its manner, in key."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def unload(self) -> None:
        """Nothing to free."""

    def generate(self, request: Request, context: ModelContext) -> Result:
        """Read the clip, walk its chain through the gap, report bar by bar.

        Raises:
            StudioError: There is no such clip, or too little in it to learn from.
            Cancelled: On request, before any bar.
        """
        context.check_cancelled()
        source, clip = _clip(request)
        model = _learnt(request, source, clip)
        target = _target(request, source)
        standing = Standing(standing_on(target, request.gap) if target is not None else [])
        events = _walk(request, model)
        kept: list[Event] = []
        bars = request.song.tempo.bar_starts(request.gap.start + 1, request.gap.end)
        for count, until in enumerate((*bars, request.gap.end)):
            context.check_cancelled()
            start = request.gap.start if count == 0 else bars[count - 1]
            inside = [e for e in events if start <= e.start < until]
            kept += [clear for e in inside if (clear := beside(e, standing, model.alone))]
            context.partial(_result(request, model, source, target, kept, until))
            context.progress((count + 1) / (len(bars) + 1), f"bar {count + 1} of {len(bars) + 1}")
        return _result(request, model, source, target, kept, request.gap.end)


def _clip(request: Request) -> tuple[Track, NoteClip]:
    id = request.controls.learn_from
    found = request.song.find_clip(ClipId(id)) if id else None
    if found is None or not isinstance(found[1], NoteClip):
        raise StudioError("There is no note clip to learn from.", "Select one first.")
    return found[0], found[1]


def _target(request: Request, source: Track) -> Track | None:
    """The track to write on: the clip's own if the gap has it, else the gap's first."""
    gap = request.gap
    if not gap.tracks:
        return None
    track = request.song.find_track(source.id if source.id in gap.tracks else gap.tracks[0])
    if track is None or track.kind is not TrackKind.INSTRUMENT:
        raise StudioError("The track to write on is gone or holds no notes.", "Choose another one.")
    return track


# --- learning ---------------------------------------------------------------------------------


def _learnt(request: Request, source: Track, clip: NoteClip) -> _Model:
    rows = _rows(clip)
    onsets = sorted({row.start for row in rows})
    if len(onsets) < FEWEST_EVENTS:
        raise StudioError("This clip is too short to learn from.", "Four notes or more are needed.")
    key = request.song.key or request.controls.key or key_of(rows) or Key(0)
    drums = source.is_drums or source.role == "drums"
    groups = [[row for row in rows if row.start == onset] for onset in onsets]
    lowest = [_step(min(row.pitch for row in group), key) for group in groups]
    ends = [*onsets[1:], max(clip.end, onsets[-1] + 1)]
    tokens = []
    for index, (group, end) in enumerate(zip(groups, ends, strict=True)):
        move = lowest[index] - lowest[max(index - 1, 0)]
        steps = {row.pitch if drums else _step(row.pitch, key) - lowest[index] for row in group}
        length = max(1, *(row.end - row.start for row in group))
        loudest = max(row.velocity for row in group)
        start = group[0].start
        shape = tuple(sorted(steps))
        place = _place(request, start)
        tokens.append(Token(0 if drums else move, shape, end - start, length, loudest, place))
    alone = not drums and all(len(group) == 1 for group in groups)
    compass = (lowest[0], lowest[-1], min(lowest), max(lowest))
    return _Model(tuple(tokens), _runs(tokens), *compass, key, drums, alone)


def _rows(clip: NoteClip) -> list[Heard]:
    """The notes heard of a clip, in song ticks."""
    notes = clip.notes
    inside = notes.starting_in(clip.offset, clip.offset + clip.length) & ~notes.muted
    found = notes.where(inside)
    starts, ends = found.start + clip.shift, found.end + clip.shift
    columns = (starts.tolist(), ends.tolist(), found.pitch.tolist(), found.velocity.tolist())
    return [Heard(*row, True) for row in zip(*columns, strict=True)]


def _place(request: Request, tick: int) -> int:
    meter = request.song.tempo.meter_at(tick)
    return int((tick - meter.tick) % meter.ticks_per_bar) // STEP


def _step(pitch: int, key: Key) -> int:
    """The scale step of a pitch, counted from the tonic of MIDI's lowest octave."""
    octave, degree = divmod(key.nearest(pitch) - key.tonic, 12)
    steps = sorted((pc - key.tonic) % 12 for pc in key.pitch_classes)
    return octave * len(steps) + steps.index(degree)


def _pitch(step: int, key: Key) -> int:
    """The MIDI key of a scale step; the inverse of `_step` for notes of the key."""
    steps = sorted((pc - key.tonic) % 12 for pc in key.pitch_classes)
    octave, degree = divmod(step, len(steps))
    return key.tonic + 12 * octave + steps[degree]


# --- walking ----------------------------------------------------------------------------------


def _walk(request: Request, model: _Model) -> list[Event]:
    """The chain from the gap's start to its end."""
    gap, surprise = request.gap, request.controls.surprise
    order = 3 if surprise < 0.35 else 2 if surprise < 0.7 else 1
    rng = stream(request.seed, "markov", gap.start, gap.end, request.prompt)
    recent = _heard_before(request, model, order)
    step = model.last if recent else model.first
    tick, events = gap.start, list[Event]()
    ends: dict[int, int] = {}
    while tick < gap.end:
        token = _following(model, recent, _place(request, tick), step, rng)
        step = _bounded(step + token.move, model)
        for pitch in _pitches(request, model, token, step):
            if ends.get(pitch, 0) <= tick:
                length = min(token.length, gap.end - tick)
                length = min(length, token.wait) if model.alone else length
                events.append(Event(tick, max(length, 1), pitch, token.velocity))
                ends[pitch] = tick + length
        recent = (*recent, token)[-order:]
        tick += token.wait
    return events


def _heard_before(request: Request, model: _Model, order: int) -> tuple[Token, ...]:
    """What was heard before: the clip's own end where the gap goes on from it."""
    clip = request.song.clip(ClipId(request.controls.learn_from or ""))
    goes_on = isinstance(clip, NoteClip) and clip.end == request.gap.start
    return model.tokens[-order:] if goes_on else ()


def _following(
    model: _Model, recent: tuple[Token, ...], place: int, step: int, rng: np.random.Generator
) -> Token:
    """A token that followed the longest known run of recent ones, here in the bar if any did."""
    for length in range(len(recent), -1, -1):
        run = tuple(_heard(token) for token in recent[len(recent) - length :])
        options = [model.tokens[index] for index in model.after.get(run, ())]
        in_place = [token for token in options if token.place == place]
        options = in_place or (options if length > 1 else [])
        reachable = [token for token in options if _within(step + token.move, model)]
        if reachable:
            return reachable[int(rng.integers(len(reachable)))]
    return min(
        model.tokens, key=lambda t: (abs(t.place - place), not _within(step + t.move, model))
    )


def _runs(tokens: Sequence[Token]) -> dict[tuple[_Known, ...], list[int]]:
    """Every run of up to three events -> the indices of what came after it."""
    heard = [_heard(token) for token in tokens]
    after: dict[tuple[_Known, ...], list[int]] = {}
    for index in range(len(heard)):
        for length in range(min(_LONGEST, index) + 1):
            after.setdefault(tuple(heard[index - length : index]), []).append(index)
    return after


def _heard(token: Token) -> _Known:
    return token.move, token.shape, token.wait


def _within(step: int, model: _Model) -> bool:
    return model.low - _FARTHEST <= step <= model.high + _FARTHEST


def _bounded(step: int, model: _Model) -> int:
    size = len(model.key.pitch_classes)
    while step > model.high + _FARTHEST:
        step -= size
    while step < model.low - _FARTHEST:
        step += size
    return step


def _pitches(request: Request, model: _Model, token: Token, step: int) -> list[int]:
    """The keys of a token that the gap's band lets sound, an octave away if need be."""
    low, high = request.gap.pitch_low, request.gap.pitch_high
    if model.drums:
        return [pitch for pitch in token.shape if low <= pitch <= high]
    found = []
    for above in token.shape:
        pitch = _pitch(step + above, model.key)
        while pitch > high:
            pitch -= 12
        while pitch < low:
            pitch += 12
        if low <= pitch <= high:
            found.append(pitch)
    return sorted(set(found))


def _result(
    request: Request,
    model: _Model,
    source: Track,
    target: Track | None,
    events: Sequence[Event],
    until: int,
) -> Result:
    columns = zip(*sorted(events), strict=True) if events else ([],) * 5
    start, length, pitch, velocity, _ = columns
    notes = Notes.of(start, length, pitch, velocity=velocity) if events else Notes.empty()
    device = source.instrument
    program = int(device.parameter("program", 0)) if device else 0
    id: TrackId | None = target.id if target is not None else None
    part = Part(id, notes, source.name, source.role, program, model.drums)
    why = f"Learnt from {len(model.tokens)} events of {source.name}, in {model.key.name}."
    return Result((part,), until, key=request.song.key and model.key, why=why)
