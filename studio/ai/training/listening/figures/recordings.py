"""Recordings of people playing, of which beats, bars and some more are known.

Four songs of "Everything is Free" (CC0) come from the folder of data. Under `real` of the folder of
work may lie, unpacked, Debian's packages fretsonfire-songs-muldjord (CC BY-SA 3.0) and -sectoid
(MIT): eight songs, each with a chart that a player follows, made on the song's own tempo map.

How the table was established: all were recorded to a click. Tempo and offset are those at which
what is struck in the drums' stem (in Frets on Fire: in all but the guitar) adds up over the whole
song: the Fourier transform of its onset strength at half, once, twice and four times the tempo,
summed, is there 3 to 7 times as high as at any tempo that is no simple ratio of it, and the offset
of each quarter of a song came out the same within 10 ms. Of Frets on Fire the charts say the same
tempos to the digit. Whether the tempo or its half is the beat is the chart's word, and elsewhere
the drummer's, where kick and snare fall; bars begin where the chart's do. Folded over two bars, low
strokes are the strongest there in ten of the twelve; in internal_degeneration and mutilated_mime
nothing but the chart tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
import soundfile

from studio.ai.listening.heard import Floats, HeardNotes, Seconds
from studio.ai.training.composer.bands.archives import data_folder
from studio.ai.training.listening.figures.pieces import Piece

FIRST, LAST = 30.0, 90.0  # seconds of each that are heard
_BEATS_PER_BAR = 4
_EXPERT = range(96, 101)  # keys of a chart's fullest part


@dataclass(frozen=True, slots=True)
class Known:
    """Beats lie at `offset + n * 60 / bpm` seconds from the first frame; every fourth, from n = 0
    on, begins a bar."""

    bpm: float
    offset: float


SONGS = {
    "francium": Known(128.0, 0.000),
    "lithium": Known(124.0, -0.005),
    "potassium": Known(180.0, -0.006),
    "sodium": Known(140.0, -0.004),
}
CHARTS = {
    "armygeddon": Known(170.0, -0.005),
    "chaos_god": Known(170.0, -0.003),
    "internal_degeneration": Known(190.0, -0.001),
    "mutilated_mime": Known(180.0, -0.002),
    "Escape from chaosland": Known(135.0, 0.022),
    "Feelings": Known(95.0, 0.026),
    "Metal madness": Known(150.0, 0.031),
    "War of freedom": Known(140.0, 0.036),
}


def recordings(work: Path) -> Iterator[Piece]:
    """A minute of each song that is there."""
    for name, known in SONGS.items():
        stems = sorted((data_folder() / "stems" / name).glob("*.opus"))
        if stems:
            yield _piece(name, known, stems)
    for path in sorted((work / "real").rglob("notes.mid")):
        if path.parent.name in CHARTS:
            stems = [path.with_name(name) for name in ("guitar.ogg", "song.ogg")]
            yield _piece(path.parent.name, CHARTS[path.parent.name], stems, path)


def _piece(name: str, known: Known, stems: list[Path], chart: Path | None = None) -> Piece:
    sounds = []
    for stem in stems:
        with soundfile.SoundFile(stem) as file:
            rate = file.samplerate
            file.seek(round(FIRST * rate))
            sounds.append(file.read(round((LAST - FIRST) * rate), dtype="float32", always_2d=True))
    frames = min(len(sound) for sound in sounds)
    beats = known.offset + np.arange(int(LAST * known.bpm / 60.0) + 1) * 60.0 / known.bpm
    inside = (beats >= FIRST) & (beats < FIRST + frames / rate)
    begins = np.arange(len(beats)) % _BEATS_PER_BAR == 0
    mix: Floats = np.sum([sound[:frames] for sound in sounds], axis=0, dtype=np.float32)
    return Piece(
        name, rate, mix, None, None, beats[inside] - FIRST, beats[inside & begins] - FIRST,
        known.bpm, None, (), HeardNotes(), HeardNotes(), HeardNotes(),
        guitar=sounds[0][:frames] if chart is not None else None,
        strokes_of_guitar=_strokes(chart, known) if chart is not None else np.zeros(0),
    )  # fmt: skip


def _strokes(chart: Path, known: Known) -> Seconds:
    """When the player strikes, in seconds from `FIRST` on."""
    file = mido.MidiFile(chart)
    ticks = {
        tick
        for track in file.tracks
        for tick, message in _timed(track)
        if message.type == "note_on" and message.velocity and message.note in _EXPERT
    }
    seconds = np.array(sorted(ticks)) / file.ticks_per_beat * 60.0 / known.bpm + known.offset
    return np.asarray(seconds[(seconds >= FIRST) & (seconds < LAST)] - FIRST)


def _timed(track: mido.MidiTrack) -> Iterator[tuple[int, mido.Message]]:
    tick = 0
    for message in track:
        tick += message.time
        yield tick, message
