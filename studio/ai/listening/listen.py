"""Listening to a whole recording, and writing down its notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from studio.ai.listening import beats, line, onsets, rules
from studio.ai.listening.drums import drum_notes
from studio.ai.listening.heard import (
    Beats,
    Heard,
    HeardChord,
    HeardNotes,
    PitchCurve,
    Seconds,
)
from studio.ai.listening.mono import Check, Mono, never
from studio.ai.listening.sections import sections_of
from studio.ai.listening.tonal import tonal
from studio.core.errors import StudioError

SHORTEST_SECONDS = 2.0  # that have a tempo, a key or a chord
_BY_RULE = "beats", "chords"
Progress = Callable[[float], None]
Samples = npt.NDArray[np.float32]


class Kind(StrEnum):
    """What is written down."""

    NOTES = "notes"  # of any instruments, however many at once
    DRUMS = "drums"
    MELODY = "melody"  # of one voice


@dataclass(frozen=True, slots=True)
class Ears:
    """What hears better than the rules do; each may be missing.

    Attributes:
        activation: How likely each frame is a beat, and a downbeat, [n, 2], and frames a second.
        chords: Of a recording, its tuning in semitones and its beats.
        notes: However many sound at once.
        pitch: Of one voice.
        missing: What had to be left to the rules, and why.
    """

    activation: Callable[[Mono], tuple[Samples, float]] | None = None
    chords: Callable[[Mono, float, Seconds], Sequence[HeardChord]] | None = None
    notes: Callable[[Mono], HeardNotes] | None = None
    pitch: Callable[[Mono], PitchCurve] | None = None
    missing: tuple[str, ...] = ()


def no_progress(fraction: float) -> None:
    """Tell nobody."""


def listen(
    audio: Samples,
    sample_rate: int,
    check: Check = never,
    ears: Ears | None = None,
    progress: Progress = no_progress,
) -> Heard:
    """The beats, key, chords and sections of a recording.

    Args:
        audio: Shape [frames] or [frames, channels]; it may be a mapped file, of which only blocks
            are held at once.
        check: Raises Cancelled to stop.
        ears: By default the rules hear it all.

    Raises:
        StudioError: It is too short, empty, or at a rate that no sound has.
        Cancelled: From `check`.
    """
    ears = ears or Ears()
    mono = Mono(audio, sample_rate, check)
    if mono.seconds < SHORTEST_SECONDS:
        raise StudioError(
            f"The recording lasts {mono.seconds:.1f} seconds, too short to find a tempo or a key.",
            f"Choose {SHORTEST_SECONDS:.0f} seconds or more.",
        )
    if mono.silent:
        return Heard(mono.seconds, why="The recording is silent.")
    struck = onsets.onsets(mono)
    progress(0.15)
    tapped, downbeats = _beats(mono, struck, ears, check)
    progress(0.4)
    sounding = tonal(mono, tapped)
    progress(0.55)
    if downbeats is None:
        downbeats = rules.downbeats_of(tapped, sounding, struck)
    counted = beats.beats_of(tapped, downbeats)
    if ears.chords is None:
        chords = rules.chords_of(sounding, counted.seconds[counted.downbeats])
    else:
        chords = list(ears.chords(mono, sounding.tuning, counted.seconds))
    progress(1.0)
    return Heard(
        mono.seconds,
        counted,
        rules.key_of(sounding),
        tuple(chords),
        tuple(sections_of(sounding, counted)),
        100.0 * sounding.tuning,
        _why(counted, ears),
    )


def _beats(
    mono: Mono, struck: onsets.Onsets, ears: Ears, check: Check
) -> tuple[Seconds, npt.NDArray[np.bool_] | None]:
    """The beats, and which begin a bar where the ears tell."""
    if ears.activation is None:
        weights = onsets.tempo_weights(struck.strength, beats.intervals(onsets.FPS))
        likely = onsets.activation(struck.strength)
        tapped, _, _ = beats.track(likely, onsets.FPS, (1,), weights, check)
        return tapped, None
    likely, fps = ears.activation(mono)
    tapped, places, _ = beats.track(likely, fps, (3, 4), check=check)
    return tapped, places == 0


def _why(counted: Beats, ears: Ears) -> str:
    by_rule = [
        name
        for name, ear in zip(_BY_RULE, (ears.activation, ears.chords), strict=True)
        if ear is None
    ]
    told = "Heard by trained networks; key and sections by rule."
    if by_rule:
        told = f"The {' and '.join(by_rule)} were heard by rule, as key and sections are."
    if not len(counted):
        told += " No steady beat was found."
    return " ".join((told, *ears.missing))


def transcribe(
    audio: Samples,
    sample_rate: int,
    kind: Kind = Kind.NOTES,
    check: Check = never,
    ears: Ears | None = None,
) -> HeardNotes:
    """The notes of a recording, in seconds.

    Raises:
        StudioError: It is empty, or at a rate that no sound has.
        Cancelled: From `check`.
    """
    ears = ears or Ears()
    mono = Mono(audio, sample_rate, check)
    if mono.silent:
        return HeardNotes(why="The recording is silent.")
    if kind is Kind.DRUMS:
        return drum_notes(mono, "Kick, snare and hi-hat, by what begins in their bands.")
    if kind is Kind.NOTES and ears.notes is not None:
        return ears.notes(mono)
    curve = (ears.pitch or line.pitch_curve)(mono)
    missing = " ".join(ears.missing)
    if kind is Kind.NOTES:
        return line.sung_notes(curve, f"Only one voice at a time was heard. {missing}".strip())
    return line.sung_notes(curve, f"The pitch of one voice. {missing}".strip())
