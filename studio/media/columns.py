"""A song as plain, readable data and back, its tables kept by hash in a media store.

Equal songs give equal data and equal bytes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from studio.core.errors import StudioError
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
from studio.domain.device import Device, DeviceId
from studio.domain.notes import NOTE_DTYPE, POINT_DTYPE, Automation, Notes
from studio.domain.project import ChordSpan, Marker, Project
from studio.domain.tempo import MeterChange, TempoChange, TempoMap
from studio.domain.theory import Chord, Key
from studio.domain.track import Frozen, Send, Track, TrackId, TrackInput, TrackKind
from studio.media import schema
from studio.media.store import MediaStore, npy

Put: TypeAlias = Callable[[npt.NDArray[Any]], str]


def encode(project: Project, store: MediaStore) -> dict[str, Any]:
    """The song as JSON-ready data; its tables are put into `store`.

    Raises:
        StudioError: The disk is full.
        ValueError: The song holds a number that is none, or a value no reader would take.
    """
    return _encode(project, store.put_array)


def decode(data: object, store: MediaStore) -> Project:
    """The song that `encode` wrote, checked throughout.

    Raises:
        StudioError: Something in it is missing, damaged, contradictory or not understood.
    """
    try:
        return _Reader(store).song(msgspec.convert(data, schema.SongEntry))
    except msgspec.ValidationError as error:
        raise StudioError(
            f"The song holds something this version does not know: {error}."
        ) from error
    except ValueError as error:
        raise StudioError(f"The song contradicts itself: {error}.") from error


def digest(project: Project) -> str:
    """SHA-256 over all of the song; equal songs, and only those, have equal ones."""
    return hashlib.sha256(text(_encode(project, _hash_only))).hexdigest()


def text(data: object) -> bytes:
    """JSON as the studio writes it: two spaces a level, keys in the order they have."""
    return msgspec.json.format(msgspec.json.encode(data), indent=2) + b"\n"


def put_notes(notes: Notes, store: MediaStore) -> str:
    """Keep a table of notes; its hash."""
    return store.put_array(notes.table)


def notes(hash: str, store: MediaStore) -> Notes:
    """A table of notes that was put. Raises StudioError where it is missing or damaged."""
    return Notes(_table(hash, store, NOTE_DTYPE, "notes"))


def _hash_only(array: npt.NDArray[Any]) -> str:
    return hashlib.sha256(npy(array)).hexdigest()


def _table(hash: str, store: MediaStore, dtype: np.dtype[Any], what: str) -> npt.NDArray[Any]:
    try:
        table = store.array(hash)
    except KeyError:
        raise StudioError(f"Some {what} of the song are missing from its folder.") from None
    if table.dtype != dtype or table.ndim != 1:
        raise StudioError(f"Some {what} of the song are damaged.")
    return table


# -- writing -----------------------------------------------------------------------------------
def _encode(project: Project, put: Put) -> dict[str, Any]:
    _check_ids(project.tracks)
    entry = schema.SongEntry(
        title=project.title,
        sample_rate=project.sample_rate,
        tempos=[schema.TempoEntry(int(t.tick), _number(t.bpm)) for t in project.tempo.tempos],
        meters=[
            schema.MeterEntry(int(m.tick), int(m.beats), int(m.unit)) for m in project.tempo.meters
        ],
        key=None if project.key is None else schema.KeyEntry(project.key.tonic, project.key.mode),
        chords=[_chord_entry(span) for span in project.chords],
        markers=[schema.MarkerEntry(int(marker.tick), marker.name) for marker in project.markers],
        next_id=project.next_id,
        tracks=[_track_entry(track, put) for track in project.tracks],
    )
    data: dict[str, Any] = msgspec.to_builtins(entry)
    msgspec.convert(data, schema.SongEntry)  # what is written can be read
    return data


def _number(value: float) -> float:
    """A float as every equal one is written: no integers, no negative zero."""
    if not isfinite(value):
        raise ValueError(f"{value} is no number a song can hold")
    return float(value) + 0.0


def _chord_entry(span: ChordSpan) -> schema.ChordEntry:
    chord = span.chord
    return schema.ChordEntry(
        int(span.start), int(span.length), chord.root, chord.quality, chord.bass
    )


def _lane_entries(lanes: Iterable[Automation], put: Put) -> list[schema.LaneEntry]:
    return [schema.LaneEntry(lane.parameter, put(lane.points)) for lane in lanes]


def _device_entry(device: Device) -> schema.DeviceEntry:
    return schema.DeviceEntry(
        id=device.id,
        kind=device.kind,
        parameters={name: _number(value) for name, value in device.parameters},
        state=device.state,
        latency_frames=int(device.latency_frames),
        bypassed=device.bypassed,
    )


def _track_entry(track: Track, put: Put) -> schema.TrackEntry:
    return schema.TrackEntry(
        id=track.id,
        kind=track.kind.value,
        name=track.name,
        role=track.role,
        color=track.color,
        volume_db=_number(track.volume_db),
        pan=_number(track.pan),
        muted=track.muted,
        soloed=track.soloed,
        sends=[schema.SendEntry(s.bus, _number(s.level_db), s.pre_fader) for s in track.sends],
        devices=[_device_entry(device) for device in track.devices],
        automation=_lane_entries(track.automation, put),
        clips=[_clip_entry(clip, put) for clip in track.clips],
        frozen=None if track.frozen is None else _frozen_entry(track.frozen),
        group=track.group,
        input=_input_entry(track.input),
    )


def _input_entry(input: TrackInput) -> schema.InputEntry | None:
    if input == TrackInput():
        return None
    return schema.InputEntry(list(input.channels), input.monitor, input.armed)


def _frozen_entry(frozen: Frozen) -> schema.FrozenEntry:
    return schema.FrozenEntry(int(frozen.start), frozen.of, _source_entry(frozen.source))


def _source_entry(source: AudioSource) -> schema.SourceEntry:
    return schema.SourceEntry(
        source.media, source.name, source.sample_rate, source.frames, source.channels
    )


def _clip_entry(clip: Clip, put: Put) -> schema.NoteClipEntry | schema.AudioClipEntry:
    if isinstance(clip, NoteClip):
        return schema.NoteClipEntry(
            id=clip.id,
            name=clip.name,
            start=int(clip.start),
            length=int(clip.length),
            offset=int(clip.offset),
            muted=clip.muted,
            take=clip.take,
            notes=put(clip.notes.table),
            controllers=_lane_entries(clip.controllers, put),
        )
    return schema.AudioClipEntry(
        id=clip.id,
        name=clip.name,
        start=int(clip.start),
        offset_frames=int(clip.offset_frames),
        length_frames=int(clip.length_frames),
        gain_db=_number(clip.gain_db),
        fade_in_frames=int(clip.fade_in_frames),
        fade_out_frames=int(clip.fade_out_frames),
        muted=clip.muted,
        take=clip.take,
        warp=[schema.WarpEntry(int(point.source_frame), int(point.tick)) for point in clip.warp],
        source=_source_entry(clip.source),
        turns=[int(frame) for frame in clip.turns],
        turn=int(clip.turn),
        fade_shape=clip.fade_shape.value,
    )


# -- reading -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Reader:
    store: MediaStore

    def song(self, entry: schema.SongEntry) -> Project:
        tracks = tuple(self._track(track) for track in entry.tracks)
        _check_ids(tracks)
        return Project(
            sample_rate=entry.sample_rate,
            tempo=TempoMap(
                tuple(TempoChange(tempo.tick, tempo.bpm) for tempo in entry.tempos),
                tuple(MeterChange(meter.tick, meter.beats, meter.unit) for meter in entry.meters),
            ),
            key=None if entry.key is None else Key(entry.key.tonic, entry.key.mode),
            chords=tuple(
                ChordSpan(span.start, span.length, Chord(span.root, span.quality, span.bass))
                for span in entry.chords
            ),
            markers=tuple(Marker(marker.tick, marker.name) for marker in entry.markers),
            tracks=tracks,
            next_id=entry.next_id,
            title=entry.title,
        )

    def _track(self, entry: schema.TrackEntry) -> Track:
        return Track(
            id=TrackId(entry.id),
            kind=TrackKind(entry.kind),
            name=entry.name,
            clips=tuple(self._clip(clip) for clip in entry.clips),
            devices=tuple(_device(device) for device in entry.devices),
            volume_db=entry.volume_db,
            pan=entry.pan,
            muted=entry.muted,
            soloed=entry.soloed,
            sends=tuple(Send(TrackId(s.bus), s.level_db, s.pre_fader) for s in entry.sends),
            automation=self._lanes(entry.automation),
            role=entry.role,
            color=entry.color,
            frozen=None if entry.frozen is None else _frozen(entry.frozen),
            group=entry.group,
            input=_input(entry.input),
        )

    def _clip(self, entry: schema.NoteClipEntry | schema.AudioClipEntry) -> Clip:
        if isinstance(entry, schema.AudioClipEntry):
            return _audio_clip(entry)
        return NoteClip(
            id=ClipId(entry.id),
            start=entry.start,
            length=entry.length,
            notes=notes(entry.notes, self.store),
            name=entry.name,
            offset=entry.offset,
            controllers=self._lanes(entry.controllers),
            muted=entry.muted,
            take=_take(entry.take),
        )

    def _lanes(self, entries: list[schema.LaneEntry]) -> tuple[Automation, ...]:
        return tuple(
            Automation(lane.parameter, _table(lane.points, self.store, POINT_DTYPE, "automation"))
            for lane in entries
        )


def _device(entry: schema.DeviceEntry) -> Device:
    return Device(
        id=DeviceId(entry.id),
        kind=entry.kind,
        parameters=tuple(entry.parameters.items()),
        state=entry.state,
        latency_frames=entry.latency_frames,
        bypassed=entry.bypassed,
    )


def _input(entry: schema.InputEntry | None) -> TrackInput:
    if entry is None:
        return TrackInput()
    return TrackInput(tuple(entry.channels), entry.monitor, entry.armed)


def _frozen(entry: schema.FrozenEntry) -> Frozen:
    return Frozen(_source(entry.source), entry.start, entry.of)


def _source(entry: schema.SourceEntry) -> AudioSource:
    return AudioSource(entry.media, entry.sample_rate, entry.frames, entry.channels, entry.name)


def _audio_clip(entry: schema.AudioClipEntry) -> AudioClip:
    return AudioClip(
        id=ClipId(entry.id),
        start=entry.start,
        source=_source(entry.source),
        offset_frames=entry.offset_frames,
        length_frames=entry.length_frames,
        name=entry.name,
        gain_db=entry.gain_db,
        fade_in_frames=entry.fade_in_frames,
        fade_out_frames=entry.fade_out_frames,
        warp=tuple(WarpPoint(point.source_frame, point.tick) for point in entry.warp),
        muted=entry.muted,
        take=_take(entry.take),
        turns=tuple(entry.turns),
        turn=entry.turn,
        fade_shape=FadeShape(entry.fade_shape),
    )


def _take(id: str | None) -> TakeId | None:
    return None if id is None else TakeId(id)


def _check_ids(tracks: tuple[Track, ...]) -> None:
    """No two tracks, clips or devices share an id, and every send has a bus to go to."""
    _check_unique("tracks", (track.id for track in tracks))
    _check_unique("devices", (device.id for track in tracks for device in track.devices))
    _check_unique("clips", (clip.id for track in tracks for clip in track.clips))
    buses = {track.id for track in tracks if track.kind is TrackKind.BUS}
    for track in tracks:
        if any(send.bus not in buses for send in track.sends):
            raise ValueError(f"“{track.name}” sends to a bus that is not there")


def _check_unique(what: str, ids: Iterable[str]) -> None:
    twice = [id for id, count in Counter(ids).items() if count > 1]
    if twice:
        raise ValueError(f"two {what} in it are called {twice[0]}")
