"""How a song is written down: one struct for each thing in it, checked field by field on reading.

Tables of notes and of automation points are named by their hash in the song's media store.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

Tick: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)]
Frame: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)]
Hash: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Id: TypeAlias = Annotated[str, Meta(min_length=1)]


class TempoEntry(Struct, forbid_unknown_fields=True):
    tick: Tick
    bpm: float


class MeterEntry(Struct, forbid_unknown_fields=True):
    tick: Tick
    beats: int
    unit: int


class ChordEntry(Struct, forbid_unknown_fields=True):
    start: Tick
    length: Tick
    root: int
    quality: str
    bass: int | None


class MarkerEntry(Struct, forbid_unknown_fields=True):
    tick: Tick
    name: str


class KeyEntry(Struct, forbid_unknown_fields=True):
    tonic: int
    mode: str


class LaneEntry(Struct, forbid_unknown_fields=True):
    """Automation or a controller."""

    parameter: str
    points: Hash


class DeviceEntry(Struct, forbid_unknown_fields=True):
    id: Id
    kind: str
    parameters: dict[str, float]
    state: str
    latency_frames: Frame
    bypassed: bool


class SendEntry(Struct, forbid_unknown_fields=True):
    bus: Id
    level_db: float
    pre_fader: bool


class NoteClipEntry(Struct, forbid_unknown_fields=True, tag="notes", tag_field="kind"):
    id: Id
    name: str
    start: Tick
    length: Tick
    offset: Tick
    muted: bool
    take: str | None
    notes: Hash
    controllers: list[LaneEntry]


class SourceEntry(Struct, forbid_unknown_fields=True):
    media: Hash
    name: str
    sample_rate: Annotated[int, Meta(ge=1)]
    frames: Frame
    channels: Annotated[int, Meta(ge=1)]


class WarpEntry(Struct, forbid_unknown_fields=True):
    source_frame: Frame
    tick: Tick


class AudioClipEntry(
    Struct, forbid_unknown_fields=True, tag="audio", tag_field="kind", omit_defaults=True
):
    id: Id
    name: str
    start: Tick
    offset_frames: Frame
    length_frames: Frame
    gain_db: float
    fade_in_frames: Frame
    fade_out_frames: Frame
    muted: bool
    take: str | None
    warp: list[WarpEntry]
    source: SourceEntry
    turns: list[Frame] = []
    turn: Annotated[int, Meta(ge=0)] = 0
    fade_shape: str = "power"


class FrozenEntry(Struct, forbid_unknown_fields=True):
    start: Tick
    of: Hash
    source: SourceEntry


class InputEntry(Struct, forbid_unknown_fields=True):
    channels: list[int]
    monitor: bool
    armed: bool


class TrackEntry(Struct, forbid_unknown_fields=True, omit_defaults=True):
    id: Id
    kind: str
    name: str
    role: str
    color: int
    volume_db: float
    pan: float
    muted: bool
    soloed: bool
    sends: list[SendEntry]
    devices: list[DeviceEntry]
    automation: list[LaneEntry]
    clips: list[NoteClipEntry | AudioClipEntry]
    frozen: FrozenEntry | None = None
    group: str = ""
    input: InputEntry | None = None


class SongEntry(Struct, forbid_unknown_fields=True):
    title: str
    sample_rate: int
    tempos: list[TempoEntry]
    meters: list[MeterEntry]
    key: KeyEntry | None
    chords: list[ChordEntry]
    markers: list[MarkerEntry]
    next_id: Annotated[int, Meta(ge=1)]
    tracks: list[TrackEntry]
