"""Hypothesis strategies for whole random songs and every part of one.

Ids are unique within a song, sends point at buses that exist, clips are ordered and lie inside
their recordings: whatever `projects()` draws is a song that the studio itself could have made.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from studio.domain.clip import (
    AudioClip,
    AudioSource,
    Clip,
    ClipId,
    FadeShape,
    NoteClip,
    TakeId,
    WarpPoint,
)
from studio.domain.device import Device, DeviceId, soundfont
from studio.domain.gap import NoteSet
from studio.domain.notes import HOLD, LINEAR, NOTE_DTYPE, Automation, Notes
from studio.domain.project import SAMPLE_RATES, ChordSpan, Marker, Project, in_order
from studio.domain.tempo import TICKS_PER_QUARTER, MeterChange, TempoChange, TempoMap
from studio.domain.theory import QUALITIES, SCALES, Chord, Key
from studio.domain.track import (
    LOUDEST_DB,
    MONO_1,
    MONO_2,
    SILENT_DB,
    STEREO,
    Frozen,
    Send,
    Track,
    TrackId,
    TrackInput,
    TrackKind,
)

MINUTES = TICKS_PER_QUARTER * 4 * 64  # 64 bars of four quarters
EFFECTS = ("eq", "compressor", "reverb", "delay", "chorus", "saturation", "limiter")
A_CLIP, A_DEVICE = ClipId("c1"), DeviceId("d1")
ROLES = ("", "melody", "chords", "bass", "drums", "pad", "counter")

names = st.text(max_size=12)
pitches = st.integers(0, 127)
velocities = st.integers(1, 127)
take_ids = st.none() | st.integers(0, 2**32).map(lambda number: TakeId(f"k{number:x}"))
media_hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)


def ticks(most: int = MINUTES) -> st.SearchStrategy[int]:
    """Ticks from the song's start, often on a sixteenth."""
    on_grid = st.integers(0, most * 4 // TICKS_PER_QUARTER).map(
        lambda n: n * TICKS_PER_QUARTER // 4
    )
    return on_grid | st.integers(0, most)


def floats(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, width=32)


@st.composite
def notes(draw: st.DrawFn, *, most: int = 8, last_tick: int = MINUTES) -> Notes:
    """A table of up to `most` notes, every column of it."""
    rows = draw(
        st.lists(
            st.tuples(
                ticks(last_tick), st.integers(1, TICKS_PER_QUARTER * 8), pitches, velocities,
                st.booleans(), st.booleans(), st.booleans(), floats(-100, 100),
                st.integers(-TICKS_PER_QUARTER, TICKS_PER_QUARTER),
            ),
            max_size=most,
        )
    )  # fmt: skip
    ids = draw(st.permutations(range(len(rows))))
    return Notes(np.array([(id, *row) for id, row in zip(ids, rows, strict=True)], NOTE_DTYPE))


@st.composite
def automation(
    draw: st.DrawFn, parameter: str, low: float, high: float, *, last_tick: int = MINUTES
) -> Automation:
    """One lane of 1-6 points."""
    at = sorted(draw(st.sets(ticks(last_tick), min_size=1, max_size=6)))
    values = draw(st.lists(floats(low, high), min_size=len(at), max_size=len(at)))
    curves = draw(st.lists(st.sampled_from((HOLD, LINEAR)), min_size=len(at), max_size=len(at)))
    return Automation.of(parameter, at, values, curves)


@st.composite
def controllers(draw: st.DrawFn, *, last_tick: int = MINUTES) -> tuple[Automation, ...]:
    """Lanes of a note clip, each parameter at most once."""
    wanted = draw(st.sets(st.sampled_from(("cc1", "cc7", "cc64", "bend", "pressure")), max_size=2))
    limits = {"bend": (-12.0, 12.0)}
    return tuple(
        draw(automation(name, *limits.get(name, (0.0, 127.0)), last_tick=last_tick))
        for name in sorted(wanted)
    )


@st.composite
def note_clips(draw: st.DrawFn, id: ClipId = A_CLIP, *, last_tick: int = MINUTES) -> NoteClip:
    return NoteClip(
        id,
        start=draw(ticks(last_tick)),
        length=draw(st.integers(1, TICKS_PER_QUARTER * 16)),
        notes=draw(notes(last_tick=last_tick)),
        name=draw(names),
        offset=draw(st.just(0) | ticks(last_tick)),
        controllers=draw(controllers(last_tick=last_tick)),
        muted=draw(st.booleans()),
        take=draw(take_ids),
    )


@st.composite
def audio_sources(draw: st.DrawFn) -> AudioSource:
    """A recording that is described but lies in no store."""
    return AudioSource(
        media=draw(media_hashes),
        sample_rate=draw(st.sampled_from((8000, 22050, 44100, 48000, 96000, 192000))),
        frames=draw(st.integers(1, 2**33)),
        channels=draw(st.integers(1, 2)),
        name=draw(names),
    )


@st.composite
def audio_clips(
    draw: st.DrawFn,
    id: ClipId = A_CLIP,
    *,
    sources: st.SearchStrategy[AudioSource] | None = None,
    last_tick: int = MINUTES,
) -> AudioClip:
    source = draw(sources if sources is not None else audio_sources())
    offset = draw(st.integers(0, source.frames - 1))
    length = draw(st.integers(1, source.frames - offset))
    fade_in = draw(st.integers(0, length))
    turns = tuple(draw(st.lists(st.integers(0, source.frames), max_size=3)))
    return AudioClip(
        id,
        start=draw(ticks(last_tick)),
        source=source,
        offset_frames=offset,
        length_frames=length,
        name=draw(names),
        gain_db=draw(floats(-60, 12)),
        fade_in_frames=fade_in,
        fade_out_frames=draw(st.integers(0, length - fade_in)),
        warp=draw(warps(offset, length)),
        muted=draw(st.booleans()),
        take=draw(take_ids),
        turns=turns,
        turn=draw(st.integers(0, max(len(turns) - 1, 0))),
        fade_shape=draw(st.sampled_from(FadeShape)),
    )


@st.composite
def warps(draw: st.DrawFn, offset: int, length: int) -> tuple[WarpPoint, ...]:
    """No warp, or both ends of the clip and sometimes a point between, in rising order."""
    if draw(st.booleans()):
        return ()
    middle = draw(
        st.sets(st.integers(offset + 1, max(offset + length - 1, offset + 1)), max_size=1)
    )
    frames = sorted({offset, *middle, offset + length})
    steps = draw(st.lists(st.integers(1, MINUTES), min_size=len(frames), max_size=len(frames)))
    at = np.concatenate([[0], np.cumsum(steps[1:])])
    return tuple(WarpPoint(frame, int(tick)) for frame, tick in zip(frames, at, strict=True))


@st.composite
def effects(draw: st.DrawFn, id: DeviceId = A_DEVICE) -> Device:
    pairs = draw(st.dictionaries(st.sampled_from(("mix", "wet", "gain_db")), floats(-24, 24)))
    return Device(
        id,
        kind=draw(st.sampled_from(EFFECTS)),
        parameters=tuple(pairs.items()),
        state=draw(names),
        latency_frames=draw(st.integers(0, 4096)),
        bypassed=draw(st.booleans()),
    )


def instruments(id: DeviceId = A_DEVICE) -> st.SearchStrategy[Device]:
    return st.builds(soundfont, st.just(id), st.integers(0, 127), st.booleans())


@st.composite
def tempo_maps(draw: st.DrawFn, *, last_tick: int = MINUTES) -> TempoMap:
    """Up to four tempos, and up to three meters that change at bar lines."""
    at = sorted({0, *draw(st.sets(ticks(last_tick), max_size=3))})
    tempos = tuple(TempoChange(tick, draw(floats(10, 960))) for tick in at)
    meters: list[MeterChange] = []
    tick = 0
    for bars in draw(st.lists(st.integers(1, 16), min_size=1, max_size=3)):
        beats, unit = draw(st.integers(1, 64)), draw(st.sampled_from((1, 2, 4, 8, 16, 32)))
        meters.append(MeterChange(tick, beats, unit))
        tick += bars * meters[-1].ticks_per_bar
    return TempoMap(tempos, tuple(meters))


keys = st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(SCALES)))
chords = st.builds(
    Chord, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)), st.none() | st.integers(0, 11)
)


@st.composite
def chord_lanes(draw: st.DrawFn, *, last_tick: int = MINUTES) -> tuple[ChordSpan, ...]:
    """Ordered chords without overlap."""
    edges = sorted(draw(st.sets(ticks(last_tick), max_size=6)))
    return tuple(
        ChordSpan(start, end - start, draw(chords))
        for start, end in zip(edges[::2], edges[1::2], strict=False)
    )


@st.composite
def marker_lanes(draw: st.DrawFn, *, last_tick: int = MINUTES) -> tuple[Marker, ...]:
    at = sorted(draw(st.sets(ticks(last_tick), max_size=4)))
    return tuple(Marker(tick, draw(names)) for tick in at)


inputs = st.builds(
    TrackInput, st.sampled_from((MONO_1, MONO_2, STEREO)), st.booleans(), st.booleans()
)
frozen = st.builds(Frozen, audio_sources(), ticks(), media_hashes)


@st.composite
def strips(draw: st.DrawFn, id: TrackId, kind: TrackKind, *, last_tick: int = MINUTES) -> Track:
    """A track without clips, devices and sends: name, fader, pan, switches and their automation."""
    limits = {"volume": (SILENT_DB, LOUDEST_DB), "pan": (-1.0, 1.0)}
    moving = sorted(draw(st.sets(st.sampled_from(("volume", "pan")), max_size=1)))
    return Track(
        id,
        kind,
        name=draw(names),
        volume_db=draw(st.just(0.0) | floats(SILENT_DB, LOUDEST_DB)),
        pan=draw(st.just(0.0) | floats(-1, 1)),
        muted=draw(st.booleans()),
        soloed=draw(st.booleans()),
        automation=tuple(draw(automation(n, *limits[n], last_tick=last_tick)) for n in moving),
        role=draw(st.sampled_from(ROLES)),
        color=draw(st.integers(0, 7)),
        frozen=draw(st.none() | frozen),
        group=draw(st.sampled_from(("", "Band", "Strings"))),
        input=draw(st.just(TrackInput()) | inputs),
    )


class _Numbers:
    """Numbers the tracks, clips and devices of one song as the studio does."""

    def __init__(self) -> None:
        self.next_id = 1

    def take(self, letter: str) -> str:
        self.next_id += 1
        return f"{letter}{self.next_id - 1}"


@st.composite
def projects(
    draw: st.DrawFn,
    *,
    most_tracks: int = 3,
    most_clips: int = 3,
    last_tick: int = MINUTES,
    sources: st.SearchStrategy[AudioSource] | None = None,
) -> Project:
    """A whole song.

    Args:
        most_tracks: Instrument and audio tracks at most; up to two buses come on top.
        most_clips: Clips a track at most.
        last_tick: The latest start of anything.
        sources: Where recordings come from; by default they are described but lie in no store.
    """
    numbers = _Numbers()
    buses = [
        draw(strips(TrackId(numbers.take("t")), TrackKind.BUS, last_tick=last_tick))
        for _ in range(draw(st.integers(0, 2)))
    ]
    buses = [replace(bus, devices=_chain(draw, numbers)) for bus in buses]
    tracks = [
        _source_track(draw, numbers, buses, most_clips, last_tick, sources)
        for _ in range(draw(st.integers(0, most_tracks)))
    ]
    master = draw(strips(TrackId("master"), TrackKind.MASTER, last_tick=last_tick))
    return Project(
        sample_rate=draw(st.sampled_from(SAMPLE_RATES)),
        tempo=draw(tempo_maps(last_tick=last_tick)),
        key=draw(st.none() | keys),
        chords=draw(chord_lanes(last_tick=last_tick)),
        markers=draw(marker_lanes(last_tick=last_tick)),
        tracks=(*tracks, *buses, replace(master, devices=_chain(draw, numbers))),
        next_id=numbers.next_id,
        title=draw(names),
    )


def _chain(draw: st.DrawFn, numbers: _Numbers) -> tuple[Device, ...]:
    count = draw(st.integers(0, 2))
    return tuple(draw(effects(DeviceId(numbers.take("d")))) for _ in range(count))


def _source_track(
    draw: st.DrawFn,
    numbers: _Numbers,
    buses: list[Track],
    most_clips: int,
    last_tick: int,
    sources: st.SearchStrategy[AudioSource] | None,
) -> Track:
    kind = draw(st.sampled_from((TrackKind.INSTRUMENT, TrackKind.AUDIO)))
    plays_notes = kind is TrackKind.INSTRUMENT
    strip = draw(strips(TrackId(numbers.take("t")), kind, last_tick=last_tick))
    instrument = (draw(instruments(DeviceId(numbers.take("d")))),) if plays_notes else ()
    clips: list[Clip] = []
    for _ in range(draw(st.integers(0, most_clips))):
        id = ClipId(numbers.take("c"))
        if plays_notes:
            clips.append(draw(note_clips(id, last_tick=last_tick)))
        else:
            clips.append(draw(audio_clips(id, sources=sources, last_tick=last_tick)))
    return replace(
        strip,
        clips=in_order(tuple(clips)),
        devices=(*instrument, *_chain(draw, numbers)),
        sends=tuple(
            Send(bus.id, draw(floats(SILENT_DB, LOUDEST_DB)), draw(st.booleans()))
            for bus in buses
            if draw(st.booleans())
        ),
    )


@st.composite
def note_sets(draw: st.DrawFn, project: Project) -> NoteSet:
    """Some notes of some clips of a song; often none."""
    clips = [clip for _, clip in project.clips() if isinstance(clip, NoteClip) and len(clip.notes)]
    if not clips or draw(st.booleans()):
        return ()
    chosen = draw(st.lists(st.sampled_from(clips), unique_by=lambda clip: clip.id, max_size=2))
    return tuple(
        (clip.id, tuple(sorted(draw(st.sets(st.sampled_from(clip.notes.id.tolist()))))))
        for clip in chosen
    )
