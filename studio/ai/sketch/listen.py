"""What stands in the song around a gap: its notes, their key and chords, what each track plays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.ai.sketch.groove_patterns import BRUSHED, DRUM_KEYS, GROOVES, STEADY
from studio.ai.sketch.harmony import scale_over
from studio.ai.sketch.instruments import BASS_PROGRAMS, INSTRUMENTS, ROLES
from studio.ai.sketch.score import STEP, Event, fit
from studio.ai.words import understand
from studio.domain.clip import NoteClip
from studio.domain.gap import Gap
from studio.domain.project import ChordSpan, Project
from studio.domain.tempo import MeterChange
from studio.domain.theory import Chord, Key
from studio.domain.track import Track, TrackKind


class Heard(NamedTuple):
    """A note of the song, in song ticks; `kept` if the gap leaves it, `muted` if it is silent."""

    start: int
    end: int
    pitch: int
    velocity: int
    kept: bool
    muted: bool = False


def notes_on(track: Track, gap: Gap) -> list[Heard]:
    """Every note heard on a track, ordered; those the gap would replace are not `kept`."""
    found: list[Heard] = []
    for clip in track.clips:
        if not isinstance(clip, NoteClip) or clip.muted:
            continue
        notes, shift = clip.notes, clip.shift
        inside = notes.starting_in(clip.offset, clip.offset + clip.length) & ~notes.muted
        held = gap.holds(clip) if track.id in gap.tracks else np.zeros(len(notes), dtype=bool)
        starts, ends = notes.start + shift, np.minimum(notes.end + shift, clip.end)
        for index in np.flatnonzero(inside):
            row = (
                int(starts[index]),
                int(ends[index]),
                int(notes.pitch[index]),
                int(notes.velocity[index]),
            )
            found.append(Heard(*row, not held[index]))
    return sorted(found)


def standing_on(track: Track, gap: Gap) -> list[Heard]:
    """Every note a track keeps, muted ones too: what must not be doubled."""
    found: list[Heard] = []
    for clip in track.clips:
        if not isinstance(clip, NoteClip):
            continue
        held = gap.holds(clip) if track.id in gap.tracks else np.zeros(len(clip.notes), dtype=bool)
        for row in clip.notes.table[~held]:
            start, muted = int(row["start"]) + clip.shift, bool(row["muted"]) or clip.muted
            end, pitch, velocity = (
                start + int(row["length"]),
                int(row["pitch"]),
                int(row["velocity"]),
            )
            found.append(Heard(start, end, pitch, velocity, True, muted))
    return sorted(found)


def instrument_tracks(song: Project) -> list[Track]:
    return [track for track in song.tracks if track.kind is TrackKind.INSTRUMENT]


def role_of(track: Track, notes: Sequence[Heard]) -> str:
    """What a track plays: as it says, else by its instrument, its name, and its notes."""
    if track.role in ROLES:
        return track.role
    if track.is_drums:
        return "drums"
    name = track.name.lower()
    for role in ROLES:
        if role in name or role.rstrip("s") in name.split():
            return role
    device = track.instrument
    program = int(device.parameter("program", 0)) if device else 0
    if program in BASS_PROGRAMS:
        return "bass"
    if not notes:
        return next(
            (
                i.role
                for i in INSTRUMENTS.values()
                if i.program == program and not i.drums and i.role in ROLES
            ),
            "chords",
        )
    pitches = np.array([note.pitch for note in notes])
    at_once = len(notes) / len({note.start for note in notes})
    if at_once > 1.6:
        return "pad" if program in range(48, 56) or program in range(88, 96) else "chords"
    return "bass" if pitches.mean() < 48 else "melody"


# --- style ------------------------------------------------------------------------------------


def style_heard(song: Project, gap: Gap) -> str:
    """The style that what stands in the song is most like, or nothing where nothing tells.

    A style that clips are named by (a take's are, by its words) is believed. Else drums tell best:
    each style's grooves are compared with the strokes of the song's bars.
    """
    if named := style_named(song):
        return named
    strokes: dict[tuple[int, int], float] = {}
    for track in instrument_tracks(song):
        if track.is_drums or track.role == "drums":
            for note in notes_on(track, gap):
                if note.kept:
                    meter = song.tempo.meter_at(note.start)
                    step = (note.start - meter.tick) % meter.ticks_per_bar // STEP
                    strokes[note.pitch, step] = strokes.get((note.pitch, step), 0.0) + 1.0
    meter = song.tempo.meter_at(gap.start)
    if strokes:
        scores = {name: _groove_likeness(name, strokes, meter) for name in GROOVES}
        return max(scores, key=lambda name: scores[name])
    rich = [span.chord for span in song.chords if len(span.chord.intervals) > 3]
    if len(rich) * 2 > len(song.chords) > 0:
        return "jazz"
    return "waltz" if meter.beats == 3 and song.end else ""


def style_named(song: Project) -> str:
    """The style that most clips of notes are named by, or nothing."""
    names = Counter(clip.name for _, clip in song.clips() if isinstance(clip, NoteClip))
    styles: Counter[str] = Counter()
    for name, count in names.items():
        if style := understand(name).style:
            styles[style] += count
    return max(sorted(styles), key=lambda style: styles[style], default="")


def _groove_likeness(
    style: str, strokes: dict[tuple[int, int], float], meter: MeterChange
) -> float:
    """Cosine between a song's strokes and the best fitting groove of a style."""
    norm = sum(count**2 for count in strokes.values()) ** 0.5
    best = 0.0
    for groove in (*GROOVES[style][0], *GROOVES[style][1], *BRUSHED.get(style, ())):
        places = {
            (DRUM_KEYS[drum], hit.at // STEP)
            for drum, pattern in groove.items()
            for hit in fit(pattern, meter.beats, meter.unit, drum in STEADY)
        }
        if places:
            best = max(best, sum(strokes.get(p, 0.0) for p in places) / (norm * len(places) ** 0.5))
    return best


# --- key and chords ---------------------------------------------------------------------------

# Krumhansl & Kessler 1982: how well each degree fits a key.
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


def key_of(notes: Sequence[Heard]) -> Key | None:
    """The key whose profile the notes' durations match best; None without notes.

    Where two are close, the one on whose tonic the bass ends (or begins) wins.
    """
    weights = _weights(notes)
    if not weights.any():
        return None
    ends = [
        min((n.pitch, n.start) for n in notes if n.start == start)[0] % 12 for start in _ends(notes)
    ]
    scored = []
    for mode, profile in (("major", _MAJOR), ("minor", _MINOR)):
        for tonic in range(12):
            bonus = 0.08 * (tonic == ends[0]) + 0.16 * (tonic == ends[1])
            scored.append((_likeness(weights, np.roll(profile, tonic)) + bonus, -tonic, mode))
    best = max(scored)
    return Key(-best[1], best[2])


def _ends(notes: Sequence[Heard]) -> tuple[int, int]:
    """When the first and the last notes begin."""
    return min(n.start for n in notes), max(n.start for n in notes)


def _likeness(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / norm if norm else 0.0


def _weights(notes: Iterable[Heard], start: int = 0, end: int = 1 << 62) -> npt.NDArray[np.float64]:
    weights = np.zeros(12)
    for note in notes:
        weights[note.pitch % 12] += max(min(note.end, end) - max(note.start, start), 0)
    return weights


_CANDIDATES = ("", "m", "7", "m7", "maj7", "dim", "sus4", "m7b5", "5")
_HANDICAP = {
    "": 0.0,
    "m": 0.0,
    "7": 0.07,
    "m7": 0.07,
    "maj7": 0.07,
    "dim": 0.1,
    "sus4": 0.12,
    "m7b5": 0.12,
    "5": 0.1,
}


@cache
def _chord_table() -> tuple[tuple[Chord, ...], npt.NDArray[np.float64]]:
    """Chords to choose from, and what each expects of the pitch classes, shape [chords, 12]."""
    chords = tuple(Chord(root, quality) for root in range(12) for quality in _CANDIDATES)
    rows = np.full((len(chords), 12), -0.75)
    for row, chord in zip(rows, chords, strict=True):
        row[list(chord.pitch_classes)] = 1.0 - _HANDICAP[chord.quality]
        row[chord.root] += 0.12
    return chords, rows


def chord_in(notes: Sequence[Heard], start: int, end: int, key: Key | None) -> Chord | None:
    """The chord that the notes sounding in [start, end) make, or None where too little sounds."""
    sounding = [note for note in notes if note.start < end and note.end > start]
    weights = _weights(sounding, start, end)
    if weights.sum() < (end - start) * 0.35 or np.count_nonzero(weights) < 2:
        return None
    lowest = min(sounding, key=lambda note: (note.pitch, note.start))
    weights = weights / weights.sum()
    weights[lowest.pitch % 12] += 0.15
    chords, rows = _chord_table()
    scores = rows @ weights
    if key is not None:
        strange = np.array([len(chord.pitch_classes - set(key.pitch_classes)) for chord in chords])
        scores = scores - 0.06 * strange
    bass = np.array([chord.root == lowest.pitch % 12 for chord in chords])
    return chords[int(np.argmax(scores + 0.12 * bass))]


def chords_over(
    notes: Sequence[Heard], start: int, end: int, middle: int, key: Key | None
) -> tuple[ChordSpan, ...]:
    """One chord for a bar, or two that change at `middle` where its halves plainly differ."""
    whole = chord_in(notes, start, end, key)
    if whole is None:
        return ()
    if start < middle < end:
        first, second = chord_in(notes, start, middle, key), chord_in(notes, middle, end, key)
        if first and second and len(first.pitch_classes & second.pitch_classes) < 2:
            halves = ((start, middle, first), (middle, end, second))
            return tuple(ChordSpan(head, tail - head, chord) for head, tail, chord in halves)
    return (ChordSpan(start, end - start, whole),)


# --- carrying a pattern over to another chord -------------------------------------------------


def carry(event: Event, source: Chord, target: Chord, key: Key, low: int, high: int) -> Event:
    """A note of a pattern moved to another chord: chord tones keep their place in the chord."""
    pitch = event.pitch
    if source != target:
        steps = {(source.root + step) % 12: index for index, step in enumerate(source.intervals)}
        if pitch % 12 in steps:
            tones = target.intervals
            wanted = (target.root + tones[min(steps[pitch % 12], len(tones) - 1)]) % 12
        else:
            wanted = min(
                scale_over(key, target),
                key=lambda pc: (min((pc - pitch) % 12, (pitch - pc) % 12), pc),
            )
        pitch += (wanted - pitch + 6) % 12 - 6
    elif pitch % 12 not in scale_over(key, target):
        pitch = min(
            (p for p in range(pitch - 6, pitch + 7) if p % 12 in scale_over(key, target)),
            key=lambda p: (abs(p - pitch), p),
        )
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return event._replace(pitch=pitch)
