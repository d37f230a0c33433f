"""Small songs to be rendered, and ways to listen to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pretty_midi

from studio.domain.clip import AudioClip, Clip, ClipId, NoteClip
from studio.domain.device import Device, DeviceId, soundfont
from studio.domain.notes import Automation, Notes
from studio.domain.project import Project
from studio.domain.tempo import TICKS_PER_QUARTER, TempoMap
from studio.domain.track import Send, Track, TrackId, TrackKind
from studio.media.store import MediaStore
from studio.render.mixer import Mixer
from studio.render.plan import Plan, compile_song
from studio.render.transport import Transport

BAR = 4 * TICKS_PER_QUARTER
RATE = 48000
SMALL_SOUNDFONT = Path(pretty_midi.__file__).with_name("TimGM6mb.sf2")  # quick, and always there
MASTER = Track(TrackId("master"), TrackKind.MASTER, "Master")
Samples = npt.NDArray[np.float32]


def song(*tracks: Track, tempo: TempoMap | None = None, rate: int = RATE) -> Project:
    """A song of `tracks`, and a master with nothing on it unless one is given."""
    given = tracks if tracks and tracks[-1].kind is TrackKind.MASTER else (*tracks, MASTER)
    return Project(rate, tempo or TempoMap.constant(120.0), tracks=given, next_id=100)


def keys(id: str, notes: Notes, program: int = 0, *, drums: bool = False, **strip: object) -> Track:
    """An instrument track with one clip of four bars."""
    clip = NoteClip(ClipId(f"c{id}"), 0, 4 * BAR, notes)
    track = Track(TrackId(id), TrackKind.INSTRUMENT, id, clips=(clip,))
    devices = (soundfont(DeviceId(f"i{id}"), program, drums), *strip.pop("devices", ()))  # type: ignore[misc]
    return replace(track, devices=devices, **strip)  # type: ignore[arg-type]


def tape(id: str, *clips: Clip, **strip: object) -> Track:
    return replace(Track(TrackId(id), TrackKind.AUDIO, id, clips=clips), **strip)  # type: ignore[arg-type]


def bus(id: str, *devices: Device, **strip: object) -> Track:
    return replace(Track(TrackId(id), TrackKind.BUS, id, devices=devices), **strip)  # type: ignore[arg-type]


def device(kind: str, **parameters: float) -> Device:
    return Device(DeviceId(f"x{kind}"), kind, tuple(parameters.items()))


def recording(
    media: MediaStore, samples: npt.ArrayLike, *, start: int = 0, rate: int = RATE, id: str = "r"
) -> AudioClip:
    """All of `samples` (shape [frames] or [frames, channels]) as a clip at tick `start`."""
    sound = np.asarray(samples, dtype=np.float32)
    source = media.put_audio(sound.reshape(len(sound), -1), rate, "sound")
    return AudioClip(ClipId(id), start, source, 0, source.frames)


def noise(frames: int, seed: int = 1, level: float = 0.2) -> Samples:
    """Shape [frames, 2]."""
    values = np.random.default_rng(seed).standard_normal((frames, 2)) * level
    return values.astype(np.float32)


def chords() -> Notes:
    """Four bars of triads, a chord every half bar."""
    starts = np.repeat(np.arange(0, 4 * BAR, BAR // 2), 3)
    pitches = np.tile([48, 60, 64, 50, 57, 65, 43, 59, 62], 8)[: len(starts)]
    return Notes.of(starts, BAR // 2 - 40, pitches, velocity=88)


def beat() -> Notes:
    """Four bars of bass drum, snare and hi-hat."""
    starts = np.arange(0, 4 * BAR, 240)
    pitches = np.where(np.arange(len(starts)) % 8 == 4, 38, 42)
    pitches[::8] = 36
    return Notes.of(starts, 120, pitches, velocity=96)


def difficult(media: MediaStore) -> Project:
    """A 44.1 kHz recording in a 48 kHz song, a tempo change, automation, sends, look-ahead."""
    return song(
        keys("k", chords(), volume_db=-3.0, pan=-0.25, sends=(Send(TrackId("hall"), -6.0),)),
        keys("d", beat(), drums=True, sends=(Send(TrackId("hall"), -18.0, pre_fader=True),)),
        tape(
            "t",
            recording(media, noise(80000), start=BAR // 3, rate=44100),
            devices=(device("limiter", ceiling_db=-12.0), device("eq", mid_db=4.0)),
            automation=(Automation.of("volume", [BAR, 2 * BAR], [-6.0, -18.0]),),
        ),
        bus("hall", device("reverb", wet=1.0)),
        replace(MASTER, volume_db=-2.0, devices=(device("limiter"),)),
        tempo=TempoMap.constant(123.0).with_tempo(BAR + BAR // 2, 97.3),
    )


def compiled(project: Project, media: MediaStore, previous: Plan | None = None) -> Plan:
    return compile_song(project, media, previous)


def heard(plan: Plan, frames: int, start: int = 0, block: int = 1024) -> Samples:
    """The song from frame `start`, look-ahead taken off, shape [frames, 2]."""
    mixer = Mixer(plan, 8192)
    whole = np.zeros((-(-(frames + mixer.latency) // block) * block, 2), np.float32)
    for at in range(0, len(whole), block):
        mixer.render(whole[at : at + block], start + at)
    late = mixer.latency
    mixer.close()
    return whole[late : late + frames]


def streamed(
    plan: Plan, frames: int, blocks: Iterable[int], script: Callable[[Transport], None]
) -> Samples:
    """What the transport gives out in blocks of these sizes, again and again, under `script`."""
    mixer = Mixer(plan, 8192)
    transport = Transport(mixer)
    script(transport)
    out, at, sizes = np.zeros((frames, 2), np.float32), 0, list(blocks)
    while at < frames:
        for size in sizes:
            transport.process(out[at : at + size])
            at += size
    mixer.close()
    return out
