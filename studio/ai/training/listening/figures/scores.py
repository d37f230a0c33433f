"""How near what was heard comes to what is known; by mir_eval (Raffel et al., ISMIR 2014)."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence

import mir_eval
import numpy as np
import numpy.typing as npt

from studio.ai.listening.drums import HAT, KICK, SNARE
from studio.ai.listening.heard import Heard, HeardChord, HeardNotes, PitchCurve, Seconds
from studio.ai.training.listening.figures.pieces import Piece
from studio.domain.theory import SHARP_NAMES, Chord, Key

Scores = dict[str, float]
ONSET_SECONDS = 0.05
_TOGETHER_SECONDS = 0.03
_BORDER_SECONDS = 3.0
_TEMPO_SHARE = 0.04
_HARTE = {
    "": "maj", "m": "min", "7": "7", "maj7": "maj7", "m7": "min7", "sus4": "sus4", "sus2": "sus2",
    "dim": "dim", "aug": "aug", "dim7": "dim7", "m7b5": "hdim7", "6": "maj6", "m6": "min6",
    "mmaj7": "minmaj7", "9": "9", "maj9": "maj9", "m9": "min9", "add9": "maj(9)",
    "madd9": "min(9)", "7sus4": "sus4(b7)", "11": "11", "13": "13", "69": "maj6(9)",
    "7b9": "7(b9)", "7#9": "7(#9)", "5": "5", "aug7": "aug(b7)", "m11": "min11",
}  # fmt: skip


def of_whole(piece: Piece, heard: Heard) -> Scores:
    """Beat F, downbeat F (70 ms), tempo (within 4 %, and with its double and half), key (MIREX's
    weights), chords (overlap of major and minor triads, of sevenths), borders of parts (3 s)."""
    beats = heard.beats
    found: Scores = {
        "beat F": _beat_f(piece.beats, beats.seconds),
        "beat F, any octave": _any_octave(piece.beats, beats.seconds),
        "downbeat F": _beat_f(piece.downbeats, beats.seconds[beats.downbeats]),
        "tempo": float(_same_tempo(piece.bpm, beats.bpm, (1.0,))),
        "tempo, any octave": float(_same_tempo(piece.bpm, beats.bpm, (0.5, 1.0, 2.0, 1.5, 3.0))),
    }
    if piece.key is not None:
        found["key"] = _key_score(piece.key, heard.key)
    if piece.chords:
        found["chords, triads"], found["chords, sevenths"] = chord_overlap(
            piece.chords, heard.chords
        )
    if piece.borders is not None and len(piece.borders):
        starts = np.array([section.start for section in heard.sections[1:]])
        found["borders of parts"] = f_within(piece.borders, starts, _BORDER_SECONDS)
    return found


def f_within(known: Seconds, heard: Seconds, seconds: float) -> float:
    """F1 of moments, each of which may be met once, from at most so far away."""
    met = len(mir_eval.util.match_events(known, heard, seconds))
    return 2.0 * met / max(len(known) + len(heard), 1)


def _beat_f(known: Seconds, heard: Seconds) -> float:
    """Beats of the first five seconds are left out, as is usual."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it says of empty lists is said by the figure
        trimmed = [mir_eval.beat.trim_beats(beats) for beats in (known, heard)]
        return float(mir_eval.beat.f_measure(*trimmed))


def _any_octave(known: Seconds, heard: Seconds) -> float:
    """The best F among what is heard, that with a beat between every two, and every other of it."""
    between = 0.5 * (heard[:-1] + heard[1:])
    ways = (heard, np.sort(np.concatenate([heard, between])), heard[::2], heard[1::2])
    return max(_beat_f(known, way) for way in ways)


def _same_tempo(known: float, heard: float, factors: Iterable[float]) -> bool:
    return any(abs(heard / (known * factor) - 1.0) < _TEMPO_SHARE for factor in factors)


def _key_score(known: Key, heard: Key | None) -> float:
    if heard is None:
        return 0.0
    names = [f"{SHARP_NAMES[key.tonic]} {_mode(key)}" for key in (known, heard)]
    return float(mir_eval.key.weighted_score(*names))


def _mode(key: Key) -> str:
    return "minor" if key.is_minor else "major"


def chord_overlap(known: Sequence[HeardChord], heard: Sequence[HeardChord]) -> tuple[float, float]:
    """The share of the time in which triads, and sevenths, agree."""
    end = max(chord.end for chord in known)
    known_times, known_names = _labelled(known, end)
    heard_times, heard_names = _labelled(heard, end)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = mir_eval.chord.evaluate(known_times, known_names, heard_times, heard_names)
    return float(scores["majmin"]), float(scores["sevenths"])


def _labelled(
    chords: Sequence[HeardChord], end: float
) -> tuple[npt.NDArray[np.float64], list[str]]:
    """Intervals from 0 to `end` without gaps, and names as Harte writes them."""
    rows: list[tuple[float, float, str]] = []
    at = 0.0
    for chord in chords:
        start, stop = min(max(chord.start, at), end), min(chord.end, end)
        if start > at + 1e-6:
            rows.append((at, start, "N"))
        if stop > start + 1e-6:
            rows.append((start, stop, _harte(chord.chord)))
        at = max(at, start, stop)
    if at < end - 1e-6:
        rows.append((at, end, "N"))
    return np.array([row[:2] for row in rows]), [row[2] for row in rows]


def _harte(chord: Chord) -> str:
    return f"{SHARP_NAMES[chord.root]}:{_HARTE.get(chord.quality, 'maj')}"


def note_f(known: HeardNotes, heard: HeardNotes) -> float:
    """F1 of notes whose pitch is right and whose start lies within 50 ms."""
    if not len(known) or not len(heard):
        return 0.0
    tables = []
    for notes in (known, heard):
        spans = np.stack([notes.start, np.maximum(notes.end, notes.start + 0.01)], axis=1)
        tables += [spans, mir_eval.util.midi_to_hz(notes.pitch.astype(np.float64))]
    found = mir_eval.transcription.precision_recall_f1_overlap(
        *tables, onset_tolerance=ONSET_SECONDS, offset_ratio=None
    )
    return float(found[2])


def moments(starts: Seconds) -> Seconds:
    """When something starts, where what starts within 30 ms of the one before is one with it."""
    starts = np.sort(starts)
    return np.asarray(starts[np.diff(starts, prepend=-np.inf) > _TOGETHER_SECONDS])


def drum_f(known: HeardNotes, heard: HeardNotes) -> Scores:
    """F1 of the strokes of each drum, within 50 ms, and of all together."""
    found: Scores = {}
    hits, total = 0.0, 0
    for name, key in (("kick", KICK), ("snare", SNARE), ("hi-hat", HAT)):
        times = [notes.start[notes.pitch == key] for notes in (known, heard)]
        matched = len(mir_eval.util.match_events(*times, ONSET_SECONDS))
        count = sum(len(one) for one in times)
        if len(times[0]):
            found[name] = 2.0 * matched / count
        hits, total = hits + 2.0 * matched, total + count
    found["drums"] = hits / max(total, 1)
    return found


def pitch_accuracy(known: HeardNotes, curve: PitchCurve) -> float:
    """The share of the time in which a note sounds and the pitch is within a quarter tone of it."""
    times = np.arange(len(curve.pitch)) * curve.step
    place = np.searchsorted(known.start, times, side="right") - 1
    sounds = (place >= 0) & (times < known.end[np.maximum(place, 0)])
    near = np.abs(curve.pitch - known.pitch[np.maximum(place, 0)]) < 0.5
    return float((near & (curve.voiced >= 0.5))[sounds].mean()) if sounds.any() else 0.0
