"""How long songs take on their way to and from other programs.

    python -m tests.benchmarks.exchange_speed [--notes 100000] [--tracks 8] [--minutes 3]

MIDI and DAWproject files of one long clip; then mix and stems of a band with a reverb, with the
SoundFont of this machine.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from studio.domain.clip import NoteClip
from studio.domain.notes import Notes
from studio.domain.project import Project, new_song
from studio.edit.takes import new_instrument
from studio.io.dawproject import write_dawproject
from studio.io.midi import read_midi, write_midi
from studio.io.stems import export_mix, export_stems
from studio.media.store import MediaStore
from studio.render.plan import compile_song

BAR = 3840


def song(tracks: int, notes: int, bars: int) -> Project:
    """`notes` random notes on each of `tracks` tracks, at 120 bpm."""
    rng = np.random.default_rng(1)
    made = new_song()
    for number in range(tracks):
        track = new_instrument(made, f"Track {number}", number * 8)
        table = Notes.of(
            np.sort(rng.integers(0, bars * BAR, notes)),
            rng.integers(60, 960, notes),
            rng.integers(36, 96, notes),
            velocity=rng.integers(1, 128, notes),
        )
        made = made.with_new_track(track)
        clip = NoteClip(made.new_clip_id(), 0, bars * BAR, table)
        made = made.with_clip_on(track.id, clip)
    return made


def timed(what: str, work: Callable[[], object]) -> None:
    began = time.perf_counter()
    work()
    print(f"{what:40} {time.perf_counter() - began:7.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=100_000)
    parser.add_argument("--tracks", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=3.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        media = MediaStore(folder / "media")
        long = song(1, options.notes, 500)
        timed(f"write {options.notes} notes as MIDI", lambda: write_midi(long, folder / "a.mid"))
        timed("read them", lambda: read_midi(folder / "a.mid"))
        timed(
            "write them as DAWproject",
            lambda: write_dawproject(long, media, folder / "a.dawproject"),
        )
        bars = round(options.minutes * 30)
        band = compile_song(song(options.tracks, bars * 16, bars), media)
        timed(f"mix {options.minutes:g} minutes", lambda: export_mix(band, folder / "mix.wav"))
        timed(f"{options.tracks} stems of it", lambda: export_stems(band, folder / "stems"))


if __name__ == "__main__":
    main()
