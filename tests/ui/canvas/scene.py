"""A real studio with a small song."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from studio.domain.clip import AudioClip, ClipId, NoteClip, TakeId
from studio.domain.device import DeviceId, soundfont
from studio.domain.notes import Notes
from studio.domain.project import Marker, Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.theory import Key
from studio.domain.track import Track, TrackId, TrackKind
from studio.media.store import MediaStore
from studio.workspace.playback import Playback
from studio.workspace.studio import Studio

BAR = 3840
BEAT = 960
RATE = 48000
PIANO, BASS, RAIN = TrackId("t10"), TrackId("t11"), TrackId("t12")


def small_song(media: MediaStore) -> Project:
    """Four bars of piano in two clips, two of bass, and two seconds of noise from bar 3.

    At 120 bpm a bar lasts two seconds, so the recording is exactly bar 3.
    """
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.2, (2 * RATE, 1)).astype(np.float32)
    source = media.put_audio(noise, RATE, "Rain.wav")
    chord = Notes.of(
        [0, BEAT, 2 * BEAT, 3 * BEAT], [BEAT] * 4, [60, 64, 67, 72], velocity=[40, 60, 80, 100]
    )
    piano = Track(
        PIANO, TrackKind.INSTRUMENT, "Piano", color=0, devices=(soundfont(DeviceId("d10"), 0),),
        clips=(
            NoteClip(ClipId("c20"), 0, 2 * BAR, chord, "verse", take=TakeId("take")),
            NoteClip(ClipId("c21"), 2 * BAR, 2 * BAR, chord, "chorus"),
        ),
    )  # fmt: skip
    low = chord.with_columns(pitch=[36, 40, 43, 48])
    bass = Track(
        BASS, TrackKind.INSTRUMENT, "Bass", color=1, devices=(soundfont(DeviceId("d11"), 33),),
        clips=(NoteClip(ClipId("c22"), 0, 2 * BAR, low, "bass"),),
    )  # fmt: skip
    rain = Track(
        RAIN, TrackKind.AUDIO, "Rain", color=5,
        clips=(AudioClip(ClipId("c23"), 2 * BAR, source, 0, 2 * RATE, name="rain"),),
    )  # fmt: skip
    project = replace(
        new_song(RATE),
        tempo=TempoMap.constant(120),
        key=Key.parse("D minor"),
        markers=(Marker(0, "Verse"), Marker(2 * BAR, "Chorus")),
    )
    for track in (piano, bass, rain):
        project = project.with_new_track(track)
    return project


@contextmanager
def open_studio(folder: Path) -> Iterator[Studio]:
    """A studio whose engine and worker are not started: nothing is compiled or heard."""
    compile_song, Playback._refresh = Playback._refresh, lambda self: None  # type: ignore[method-assign]
    studio = Studio(folder / "run")
    try:
        studio.files.start((), 3600.0)
        studio.song.open(small_song(studio.files.media))
        yield studio
    finally:
        studio.close()
        Playback._refresh = compile_song  # type: ignore[method-assign]
