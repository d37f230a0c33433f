"""What three hours of a recording cost where they are laid out: its beats, chords and notes.

The first rows are worked out in the background, those of `apply` on the window's thread, where
nothing may take longer than a frame (16 ms). The recording wanders: its tempo changes every few
minutes, and no beat is where it was expected.

Run: python -m tests.benchmarks.hours_heard
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np

from studio.ai.listening import fit, placing
from studio.ai.listening.beats import beats_of
from studio.ai.listening.heard import Beats, Heard
from studio.ai.listening.told import heard_of
from studio.ai.requests import Beat, Excerpt, Result
from studio.domain.clip import AudioClip, AudioSource, TakeId
from studio.domain.gap import Part
from studio.domain.notes import Notes
from studio.domain.project import ChordSpan, new_song
from studio.domain.theory import Chord, Key
from studio.domain.track import Track, TrackKind
from studio.edit.transcribing import PlaceBeside

SECONDS, RATE, NOTES = 10_800.0, 44_100, 100_000
T = TypeVar("T")


def beats(rng: np.random.Generator) -> Beats:
    bpm = np.repeat(rng.uniform(90.0, 180.0, 50), 700)
    seconds = 0.4 + np.cumsum(60.0 / bpm) + rng.normal(0.0, 0.006, len(bpm))
    seconds = np.sort(seconds[seconds < SECONDS - 1.0])
    return beats_of(seconds, np.arange(len(seconds)) % 4 == 0)


def result(heard: Beats, rng: np.random.Generator) -> Result:
    """As the listener tells it: a chord on every other beat, a section every 24 bars."""
    tempo = fit.tempo_map(heard)
    ticks = tempo.ticks(heard.seconds)
    roots = rng.integers(0, 12, len(ticks))
    chords = tuple(
        ChordSpan(int(start), int(end - start), Chord(int(root), "m7"))
        for start, end, root in zip(ticks[:-2:2], ticks[2::2], roots, strict=False)
    )
    sections = tuple((int(tick), "ABC"[i % 3]) for i, tick in enumerate(ticks[::96]))
    columns = zip(heard.seconds.tolist(), heard.downbeats.tolist(), strict=True)
    told = tuple(Beat(*row) for row in columns)
    return Result((), 0, tempo, Key(0), chords, sections, beats=told)


def timed(name: str, call: Callable[[], T], times: int = 5) -> T:
    """The result of a call, whose time on one processor is printed: the least of some."""
    best = np.inf
    for _ in range(times):
        began = time.thread_time()
        found = call()
        best = min(best, time.thread_time() - began)
    print(f"{name:<34} {1000.0 * best:7.1f} ms")
    return found


def main() -> None:
    rng = np.random.default_rng(0)
    told = result(beats(rng), rng)
    source = AudioSource("00", RATE, round(SECONDS * RATE), 2, "hours.wav")
    song = new_song(48_000).with_new_track(Track(new_song().new_track_id(), TrackKind.AUDIO, "A"))
    clip = AudioClip(song.new_clip_id(), 0, source, 0, source.frames, "Hours")
    song = song.with_clip_on(song.sources[0].id, clip)
    heard: Heard = timed("a take, as what was heard", lambda: heard_of(
        Excerpt(source, 0, source.frames), told
    ))  # fmt: skip
    print(f"{len(heard.beats)} beats, {len(heard.chords)} chords, {len(heard.sections)} sections")
    follow = timed("follow, worked out", lambda: placing.following(song, clip, heard))
    followed = timed("follow, apply", lambda: follow.apply(song))
    there = followed.clip(clip.id)
    assert isinstance(there, AudioClip)
    write = timed(
        "chords and sections, worked out", lambda: placing.writing(followed, there, heard)
    )
    timed("chords and sections, apply", lambda: write.apply(followed))
    bend = timed("fit, worked out", lambda: placing.fitting(song, clip, heard))
    timed("fit, apply", lambda: bend.apply(song))
    end = followed.end
    notes = Notes.of(rng.integers(0, end - 960, NOTES), 480, rng.integers(30, 90, NOTES))
    place = PlaceBeside(
        TakeId("t"), followed, clip.id, 0, end, (Part(None, notes, "Notes"),), "Notes"
    )
    timed(f"{NOTES:,} notes, apply", lambda: place.apply(followed))
    moved = followed.with_clip(replace(there, start=there.start + 960))
    timed(f"{NOTES:,} notes, moved, apply", lambda: place.apply(moved))


if __name__ == "__main__":
    main()
