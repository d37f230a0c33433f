"""Listening to a whole recording, and writing down its notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from studio.ai.listening import beats, line, onsets, rules, steady
from studio.ai.listening.drums import drum_notes
from studio.ai.listening.heard import (
    Beats,
    Heard,
    HeardChord,
    HeardNotes,
    PitchCurve,
    Seconds,
    check_length,
)
from studio.ai.listening.mono import Mono
from studio.ai.listening.sections import sections_of
from studio.ai.listening.tonal import tonal

# How strong what begins between beats must be for it to be beats as well, by their tempo: people
# tap near 100 to 130 bpm, so that the slower the beats, the less is enough.
_SLOW_BPM, _QUICK_BPM = 72.0, 103.0
_EVEN_SLOW, _EVEN_QUICK = 0.33, 1.0
_TRUST = 0.3  # in the tempo that onsets suggest, beside what the network hears
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
    """

    activation: Callable[[Mono], tuple[Samples, float]] | None = None
    chords: Callable[[Mono, float, Seconds], Sequence[HeardChord]] | None = None
    notes: Callable[[Mono], HeardNotes] | None = None
    pitch: Callable[[Mono], PitchCurve] | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """One way over a whole recording: what for, and how long it takes against the others."""

    text: str
    share: float


BY_RULE = Ears()


def passes(ears: Ears, kind: Kind | None = None) -> tuple[Pass, ...]:
    """What is done over a whole recording to listen to it, or to write down what is of a `kind`."""
    level, onsets_ = Pass("Reading", 1.0), Pass("Finding onsets", 2.0)
    if kind is None:
        heard = (
            Pass("Listening for beats", 4.0) if ears.activation is not None else None,
            Pass("Finding the beats", 6.0 if ears.activation is not None else 3.0),
            Pass("Finding the key", 2.0),
            Pass("Finding the chords", 30.0) if ears.chords is not None else None,
        )
        return (level, onsets_, *(one for one in heard if one is not None))
    if kind is Kind.DRUMS:
        return level, Pass("Finding the drums", 3.0)
    if kind is Kind.NOTES and ears.notes is not None:
        return level, Pass("Finding the notes", 15.0)
    return level, Pass("Finding the pitch", 5.0), onsets_


def reached(passes: Sequence[Pass], mono: Mono) -> tuple[float, str]:
    """How far a recording has been heard, 0-1, and what it is read for now."""
    now = min(max(mono.begun - 1, 0), len(passes) - 1)
    done = sum(one.share for one in passes[:now])
    done += passes[now].share * (mono.part if mono.begun else 0.0)
    return done / sum(one.share for one in passes), passes[now].text


def listen(mono: Mono, ears: Ears = BY_RULE) -> Heard:
    """The beats, key, chords and sections of a recording, in bounded memory however long it is.

    Raises:
        StudioError: It is too short or cannot be read.
        Cancelled: As `mono` looks whether to stop.
    """
    check_length(mono.seconds)
    if mono.silent:
        return Heard(mono.seconds, why="The recording is silent.")
    struck = onsets.onsets(mono)
    tapped, tilt = _beats(mono, struck, ears)
    sounding = tonal(mono, tapped)
    counted = beats.beats_of(tapped, rules.downbeats_of(tapped, sounding, struck, tilt))
    if ears.chords is None:
        chords = rules.chords_of(sounding, counted)
    else:
        chords = list(ears.chords(mono, sounding.tuning, counted.seconds))
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
    mono: Mono, struck: onsets.Onsets, ears: Ears
) -> tuple[Seconds, npt.NDArray[np.float64] | None]:
    """The beats, and how much each is like a downbeat where the ears tell."""
    if ears.activation is None:
        weights = onsets.tempo_weights(struck.strength, beats.intervals(onsets.FPS))
        likely = onsets.activation(struck.strength)
        mono.begin()
        tapped, _, _ = beats.track(likely, onsets.FPS, (1,), weights, mono.reach)
        mono.reach(1.0)
        return steady.steadied(tapped, struck), None
    likely, fps = ears.activation(mono)
    lengths = beats.intervals(fps)
    frames = np.rint(lengths * onsets.FPS / fps).astype(np.int64)
    weights = onsets.tempo_weights(struck.strength, frames)
    weights = _TRUST * (weights - weights.max(axis=1, keepdims=True))
    mono.begin()
    tapped, _, _ = beats.track(likely, fps, (3, 4), weights, mono.reach)
    mono.reach(1.0)
    if _is_half(tapped, struck):
        tapped = beats.doubled(tapped)
    tapped = steady.steadied(tapped, struck)
    return tapped, beats.tilt(likely, fps, tapped)


def _is_half(tapped: Seconds, struck: onsets.Onsets) -> bool:
    """Whether slow beats are every other one of what is played."""
    bpm = beats.bpm_of(tapped)
    needed = np.interp(bpm, (_SLOW_BPM, _QUICK_BPM), (_EVEN_SLOW, _EVEN_QUICK), right=np.inf)
    return bool(onsets.between(struck.strength, tapped) > needed)


def _why(counted: Beats, ears: Ears) -> str:
    heard = (("beats", ears.activation), ("chords", ears.chords))
    by_rule = [name for name, ear in heard if ear is None]
    told = "Heard by trained networks; key and sections by rule."
    if by_rule:
        told = (
            f"The {' and '.join(by_rule)} were heard by rule, for the weights that hear them better"
            " are not installed."
        )
    return told if len(counted) else f"{told} No steady beat was found."


def transcribe(mono: Mono, kind: Kind = Kind.NOTES, ears: Ears = BY_RULE) -> HeardNotes:
    """The notes of a recording, in seconds. Raises StudioError where it cannot be read."""
    if mono.silent:
        return HeardNotes(why="The recording is silent.")
    if kind is Kind.DRUMS:
        return drum_notes(mono, "Kick, snare and hi-hat, by what begins in their bands.")
    if kind is Kind.NOTES and ears.notes is not None:
        return ears.notes(mono)
    curve = (ears.pitch or line.pitch_curve)(mono)
    told = "The pitch of one voice."
    if kind is Kind.NOTES:
        told = "One voice at a time was heard, for the weights that hear more are not installed."
    return line.sung_notes(curve, onsets.onsets(mono).strength, told)
