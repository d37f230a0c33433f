"""Songs to be heard through the engine."""

from __future__ import annotations

import numpy as np

from studio.domain.clip import AudioClip, ClipId, NoteClip
from studio.domain.device import Device, DeviceId, soundfont
from studio.domain.notes import Automation, Notes
from studio.domain.project import Project
from studio.domain.tempo import TICKS_PER_QUARTER, TempoMap
from studio.domain.track import Send, Track, TrackId, TrackKind
from studio.media.store import MediaStore

BAR = 4 * TICKS_PER_QUARTER
BUS = TrackId("bus")
KEYS, DRUMS, TAPE = TrackId("keys"), TrackId("drums"), TrackId("tape")


def difficult_song(media: MediaStore) -> Project:
    """Four bars at 48 kHz: a recording at 44.1 kHz, a tempo change, a send into a reverb."""
    keys = Track(
        KEYS,
        TrackKind.INSTRUMENT,
        "Keys",
        clips=(NoteClip(ClipId("c1"), 0, 4 * BAR, _chords()),),
        devices=(soundfont(DeviceId("d1"), 0),),
        volume_db=-3.0,
        pan=-0.25,
        sends=(Send(BUS, -6.0),),
    )
    drums = Track(
        DRUMS,
        TrackKind.INSTRUMENT,
        "Drums",
        clips=(NoteClip(ClipId("c2"), 0, 4 * BAR, _beat()),),
        devices=(soundfont(DeviceId("d2"), 0, drums=True),),
        sends=(Send(BUS, -18.0),),
    )
    tape = Track(
        TAPE,
        TrackKind.AUDIO,
        "Tape",
        clips=(_recording(media, ClipId("c3"), BAR // 3),),
        volume_db=-6.0,
        pan=0.4,
        sends=(Send(BUS, -9.0),),
        automation=(Automation.of("volume", [BAR, 2 * BAR], [-6.0, -12.0]),),
    )
    bus = Track(BUS, TrackKind.BUS, "Hall", devices=(Device(DeviceId("d3"), "reverb"),))
    master = Track(TrackId("master"), TrackKind.MASTER, "Master", volume_db=-2.0)
    tempo = TempoMap.constant(123.0).with_tempo(BAR + BAR // 2, 97.3)
    return Project(tempo=tempo, tracks=(keys, drums, tape, bus, master), next_id=10)


def _chords() -> Notes:
    starts = np.repeat(np.arange(0, 4 * BAR, BAR // 2), 3)
    pitches = np.tile([48, 60, 64, 50, 57, 65, 43, 59, 62], 8)[: len(starts)]
    return Notes.of(starts, BAR // 2 - 40, pitches, velocity=88)


def _beat() -> Notes:
    starts = np.arange(0, 4 * BAR, BAR // 8)
    pitches = np.tile([36, 42, 38, 42, 36, 36, 38, 46], 4)
    return Notes.of(starts, 120, pitches, velocity=100)


def _recording(media: MediaStore, id: ClipId, start: int) -> AudioClip:
    """Three seconds of a stereo chirp at 44.1 kHz with fades."""
    rate = 44100
    seconds = np.arange(3 * rate) / rate
    chirp = 0.3 * np.sin(2 * np.pi * (110 * seconds + 90 * seconds**2))
    samples = np.stack([chirp, chirp[::-1]], axis=1).astype(np.float32)
    source = media.put_audio(samples, rate, "chirp")
    return AudioClip(
        id,
        start,
        source,
        1001,
        3 * rate - 5000,
        gain_db=-3.0,
        fade_in_frames=700,
        fade_out_frames=9000,
    )


def steady_song(
    media: MediaStore, audio: int, instruments: int, hz: float, seconds: float
) -> Project:
    """Tracks that together are one sine of `hz`, and instruments that work but are not heard.

    Each audio track plays a recording of its own of 30 s, again and again without a seam; `hz` is a
    whole number of periods in that time. Instruments play chords at -90 dB.
    """
    rate, length = 48000, 30
    wave = np.sin(2 * np.pi * hz / rate * np.arange(length * rate)) * 0.25 / audio
    repeats = range(-(-round(seconds) // length))
    ticks = length * 2 * TICKS_PER_QUARTER  # at 120 bpm
    made = []
    for number in range(audio):
        own = np.append(wave, number / 1e9).astype(np.float32)  # its last frame is never heard
        source = media.put_audio(own[:, None], rate, f"tone {number}")
        clips = tuple(
            AudioClip(ClipId(f"c{number}.{n}"), n * ticks, source, 0, length * rate)
            for n in repeats
        )
        made.append(Track(TrackId(f"a{number}"), TrackKind.AUDIO, f"Tone {number}", clips=clips))
    bars = len(repeats) * ticks // BAR
    starts = np.repeat(np.arange(bars * 2) * (BAR // 2), 3)
    for number in range(instruments):
        notes = Notes.of(starts, BAR // 2, np.resize([48, 60, 64], len(starts)), velocity=40)
        clip = NoteClip(ClipId(f"n{number}"), 0, bars * BAR, notes)
        device = soundfont(DeviceId(f"d{number}"), number * 8)
        made.append(
            Track(
                TrackId(f"i{number}"),
                TrackKind.INSTRUMENT,
                f"Chords {number}",
                (clip,),
                (device,),
                -90.0,
            )
        )
    return Project(tracks=(*made, Track(TrackId("master"), TrackKind.MASTER, "Master")))
