"""Tracks of a band as columns of notes: read from MMA, put straight, and written as MIDI."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import mido
import numpy as np
import numpy.typing as npt
import symusic

from studio.ai.training.composer.bands.charts import Chart, Melody

TPQ = 480  # ticks a quarter of what is written
NOTE = np.dtype(
    [("start", "<i4"), ("end", "<i4"), ("pitch", "u1"), ("velocity", "u1")]
)  # in ticks of `TPQ`
SUB = TPQ // 24
LOWEST_BASS, LOWEST_OTHER, HIGHEST = 28, 36, 98
STRUM_TICKS = TPQ // 8  # of a quarter, within which plucked strings are one chord
LONGEST = 16 * TPQ
KINDS = ("Drum", "Chord", "Walk", "Arpeggio", "Plectrum", "Scale", "Melody")
LOWEST_RIFF = 48  # a line whose middle is higher is no bass
Table: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    name: str
    program: int
    drums: bool
    notes: Table

    @property
    def kind(self) -> str:
        """MMA's type of the track: "Drum", "Bass", "Chord" ..."""
        return self.name.partition("-")[0]


def grounded(track: Track, chart: Chart) -> Track:
    """A walking bass on the chord's bass where chords begin, on a tone of it at other bar lines.

    MMA walks up and down a scale without a look at where it is when the chord comes.
    """
    places: dict[int, tuple[int, ...]] = {}
    for index, bar in enumerate(chart.bars):
        sounding = bar[0].chord
        line = round(index * chart.bar_quarters * TPQ)
        went_on = index > 0 and chart.bars[index - 1][-1].chord == sounding
        for change in bar:
            low = change.chord.root if change.chord.bass is None else change.chord.bass
            places[line + round(change.at * TPQ)] = (low,)
        if went_on:
            places[line] = tuple(sorted(sounding.pitch_classes))
    notes = track.notes.copy()
    for row in notes:
        pitch, wanted = int(row["pitch"]), places.get(int(row["start"]), ())
        near = [p for p in range(pitch - 6, pitch + 7) if p % 12 in wanted and p >= LOWEST_BASS]
        row["pitch"] = min(near, key=lambda p: (abs(p - pitch), p), default=pitch)
    return replace(track, notes=unoverlapped(notes))


def honest(track: Track) -> Track:
    """The track under a name that tells what it does.

    Some grooves name tracks by their instruments, or misuse MMA's type Bass for higher lines.
    """
    bass = 32 <= track.program < 40
    if track.kind == "Bass":
        riff = not bass and np.median(track.notes["pitch"]) >= LOWEST_RIFF
        return replace(track, name=track.name.replace("Bass", "Riff", 1)) if riff else track
    if track.kind in KINDS:
        return track
    return replace(track, name="Drum" if track.drums else "Bass" if bass else f"Chord-{track.name}")


def columns(rows: Iterable[tuple[float, float, int, int]]) -> Table:
    """A table of `NOTE` of rows (start, end, pitch, velocity), ordered by start and pitch."""
    table = np.array([(round(s), round(e), p, v) for s, e, p, v in rows], NOTE)
    return table[np.lexsort((table["pitch"], table["start"]))]


def read(path: Path, scale: float) -> list[Track]:
    """The tracks of a file of MMA with at least one note.

    Args:
        scale: Quarters in one of the file's quarters.
    """
    score: Any = symusic.Score(str(path))
    factor = TPQ / score.ticks_per_quarter * scale
    tracks = []
    for track in score.tracks:
        c = track.notes.numpy()
        ends = c["time"] + c["duration"]
        rows = zip(c["time"] * factor, ends * factor, c["pitch"], c["velocity"], strict=True)
        tracks.append(Track(track.name, track.program, track.is_drum, columns(rows)))
    if any(t.kind == "Plectrum" for t in tracks):
        tracks = [plucked(path, t, scale) if t.kind == "Plectrum" else t for t in tracks]
    return [t for t in tracks if len(t.notes)]


def plucked(path: Path, track: Track, scale: float) -> Track:
    """The notes of a Plectrum track: MMA leaves out the ends of strings that are plucked again."""
    file = mido.MidiFile(str(path))
    events = next(t for t in file.tracks if t.name.strip() == track.name)
    factor = TPQ / file.ticks_per_beat * scale
    tick, rows = 0, []
    sounding: dict[int, tuple[float, int]] = {}
    last = -np.inf
    for event in events:
        tick += event.time
        if event.type not in ("note_on", "note_off"):
            continue
        at = tick * factor
        on = event.type == "note_on" and event.velocity > 0
        ending = [event.note]
        if on and at - last > STRUM_TICKS:
            last, ending = at, list(sounding)  # another chord: the strings before it are damped
        for pitch in ending:
            if pitch in sounding:
                start, velocity = sounding.pop(pitch)
                rows.append((start, max(at, start + SUB), pitch, velocity))
        if on:
            sounding[event.note] = (last, event.velocity)
    rows += [(start, start + TPQ, pitch, v) for pitch, (start, v) in sounding.items()]
    return replace(track, notes=columns(rows))


def straight(track: Track, end: int) -> Track:
    """On the grid of 24 to the quarter, one note per place and pitch, none beyond `end`."""
    notes = track.notes.copy()
    notes["start"] = np.maximum(np.rint(notes["start"] / SUB), 0) * SUB
    notes["end"] = np.minimum(np.rint(notes["end"] / SUB) * SUB, end)
    notes = notes[notes["start"] < end]
    notes["end"] = np.maximum(notes["end"], notes["start"] + SUB)
    order = np.lexsort((-notes["velocity"].astype(int), notes["pitch"], notes["start"]))
    notes = notes[order]
    _, first = np.unique(np.stack([notes["start"], notes["pitch"]], 1), axis=0, return_index=True)
    once = notes[np.sort(first)]
    return replace(
        track, notes=struck_again(unoverlapped(once if track.drums else unstuttered(once)))
    )


def unstuttered(notes: Table) -> Table:
    """Without notes whose pitch begins again at the next place: styles translated by machines."""
    table = notes[np.lexsort((notes["start"], notes["pitch"]))]
    again = (table["pitch"][1:] == table["pitch"][:-1]) & (np.diff(table["start"]) <= SUB)
    return table[np.concatenate((~again, [True]))] if len(table) else table


def ranged(track: Track) -> Track:
    """Notes too low or too high for a band moved by octaves: some grooves let chords fall."""
    if track.drums:
        return track
    bass = track.kind in ("Bass", "Walk") and 32 <= track.program < 40
    pitch = track.notes["pitch"].astype(int)
    low = LOWEST_BASS if bass else LOWEST_OTHER
    pitch += 12 * np.maximum(-((pitch - low) // 12), 0)
    pitch -= 12 * np.maximum(-((HIGHEST - pitch) // 12), 0)
    notes = track.notes.copy()
    notes["pitch"] = pitch
    return replace(track, notes=notes)


def struck_again(notes: Table) -> Table:
    """Notes longer than `LONGEST` in pieces of that length: a pad is not held for minutes."""
    pieces = np.maximum(-(-(notes["end"] - notes["start"]) // LONGEST), 1)
    table = np.repeat(notes, pieces)
    nth = np.arange(len(table)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    table["start"] += nth * LONGEST
    table["end"] = np.minimum(table["end"], table["start"] + LONGEST)
    return table


def unoverlapped(notes: Table) -> Table:
    """Each note ends where the next of its pitch begins."""
    order = np.lexsort((notes["start"], notes["pitch"]))
    table = notes[order]
    same = table["pitch"][1:] == table["pitch"][:-1]
    ends = np.minimum(table["end"][:-1], table["start"][1:])
    table["end"][:-1] = np.where(same, ends, table["end"][:-1])
    return table[np.lexsort((table["pitch"], table["start"]))]


def swings(tracks: Iterable[Track]) -> bool | None:
    """Whether eighths are long-short: off-beats on two thirds of the quarter, not on the half.

    None where too few notes tell.
    """
    places = np.concatenate([np.zeros(0, int)] + [t.notes["start"] // SUB % 24 for t in tracks])
    half = int(((places >= 11) & (places <= 13)).sum())
    third = int(((places >= 15) & (places <= 17)).sum())
    if half + third < 16:
        return None
    return third > 2 * half


def melody_track(melody: Melody, program: int, *, swing: bool) -> Track:
    """The melody as a track named Melody; in a swinging band its eighths swing too."""
    starts = np.rint(melody["start"] * 24)
    ends = np.rint((melody["start"] + melody["length"]) * 24)
    if swing:
        starts, ends = ((np.where(x % 24 == 12, x + 4, x)) for x in (starts, ends))
    rows = zip(
        starts * SUB, np.maximum(ends, starts + 1) * SUB, melody["pitch"], accents(melody),
        strict=True,
    )  # fmt: skip
    return Track("Melody", program, False, unoverlapped(columns(rows)))


def accents(melody: Melody) -> npt.NDArray[np.int64]:
    """Velocities of a sung line: louder on beats and on higher notes."""
    if not len(melody):
        return np.zeros(0, np.int64)
    high = (melody["pitch"] - melody["pitch"].mean()) * 0.8
    beat = np.where(melody["start"] % 1 == 0, 4, 0) + np.where(melody["start"] % 4 == 0, 4, 0)
    loud: npt.NDArray[np.int64] = np.clip(np.rint(86 + high + beat), 40, 120).astype(np.int64)
    return loud


def written(path: Path, tracks: Iterable[Track], chart: Chart, bpm: float) -> None:
    """Writes a Type 1 file with tempo, meter, key signature and the tracks by their names."""
    score: Any = symusic.Score(TPQ)
    score.tempos.append(symusic.Tempo(0, bpm))
    score.time_signatures.append(symusic.TimeSignature(0, *chart.meter))
    score.key_signatures.append(symusic.KeySignature(0, chart.key.fifths, int(chart.minor)))
    for track in tracks:
        made: Any = symusic.Track(re.sub(r"\s+", " ", track.name), track.program, track.drums)
        made.notes = symusic.Note.from_numpy(
            track.notes["start"].astype(np.int32),
            (track.notes["end"] - track.notes["start"]).astype(np.int32),
            track.notes["pitch"].astype(np.int8),
            track.notes["velocity"].astype(np.int8),
        )
        score.tracks.append(made)
    score.dump_midi(str(path))
