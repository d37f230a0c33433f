"""Takes as a model would give them, made without one."""

from __future__ import annotations

import numpy as np

from studio.ai.requests import Beat, Controls, Excerpt, Request, Result, Take, Task, take_id
from studio.domain.clip import AudioSource
from studio.domain.gap import Gap, Part
from studio.domain.notes import Notes
from studio.domain.project import ChordSpan, Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.theory import Chord, Key
from studio.domain.track import TrackId
from tests.ui.canvas.scene import BAR, BEAT


def take(song: Project, track: TrackId, *, seed: int = 1, prompt: str = "walking bass") -> Take:
    """A bar of four notes at bar 5, whose pitch tells the seed."""
    gap = Gap((track,), 4 * BAR, 5 * BAR)
    request = Request(
        Task.EXTEND, gap, "sketch", "1", seed, song, prompt=prompt, controls=Controls()
    )
    starts = [4 * BAR + i * BEAT for i in range(4)]
    notes = Notes.of(starts, [BEAT] * 4, [40 + seed] * 4)
    result = Result((Part(track, notes, name="Bass", role="bass"),), 5 * BAR)
    return Take(take_id(request), request, result, 0.5)


def listened(source: AudioSource, bpm: float = 120.0, chords: str = "Dm") -> Take:
    """What was heard in a recording that begins with a bar: its beats, and a chord for each bar."""
    whole = Excerpt(source, 0, source.frames)
    controls = Controls(audio=whole)
    request = Request(
        Task.LISTEN, Gap((), 0, BAR), "listener", "1", 0, new_song(), controls=controls
    )
    seconds = np.arange(0.0, whole.seconds - 0.01, 60.0 / bpm)
    spans = [ChordSpan(i * BAR, BAR, Chord.parse(name)) for i, name in enumerate(chords.split())]
    result = Result(
        (), BAR, TempoMap.constant(bpm), Key.parse("D minor"), tuple(spans), ((0, "A"),),
        why="Heard by ear.",
        beats=tuple(Beat(float(second), not i % 4) for i, second in enumerate(seconds)),
    )  # fmt: skip
    return Take(take_id(request), request, result, 1.0)
