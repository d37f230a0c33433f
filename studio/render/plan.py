"""A song made ready to be played: a `Plan` holds all the mixer needs, in song frames.

A plan is immutable. Compiling reuses, by identity, whatever did not change since the previous plan;
saving writes one file per track, named by what it holds, so that another process maps only what is
new to it.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource
from studio.domain.device import Device
from studio.domain.project import Project
from studio.domain.tempo import MeterChange, TempoChange, TempoMap
from studio.domain.track import Send, Track, TrackId, TrackKind
from studio.render.alone import as_heard
from studio.render.knobs import knobs_of
from studio.render.tables import (
    CLIP_DTYPE,
    EVENT_DTYPE,
    POINT_DTYPE,
    SPAN_DTYPE,
    Content,
    Lane,
    Table,
    compile_content,
    compile_lane,
    empty_content,
    frozen,
)
from studio.render.warp import warped

BEAT_DTYPE = np.dtype([("frame", "<i8"), ("accent", "?")])
_METRONOME_SECONDS = 1800  # how far past the last clip the metronome goes on


class Media(Protocol):
    """Where recordings lie (`studio.media.store.MediaStore`)."""

    @property
    def cache(self) -> Path: ...

    def conformed(self, source: AudioSource, sample_rate: int) -> Path:
        """A raw float32 interleaved file of `source` at `sample_rate`."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class TrackPlan:
    """One strip, ready to play.

    Attributes:
        instrument: (bank, program), or None.
        devices: The effects, in order, without the instrument.
        lanes: Automation by parameter (`volume` dB, `pan`, `send:<bus id>` dB, `<device
        id>:<name>`).
        source: What it was compiled from; None in a plan that was loaded.
        problems: Why recordings that belong here are not heard.
    """

    id: TrackId
    kind: TrackKind
    content: Content
    name: str = ""
    instrument: tuple[int, int] | None = None
    devices: tuple[Device, ...] = ()
    volume_db: float = 0.0
    pan: float = 0.0
    muted: bool = False
    soloed: bool = False
    sends: tuple[Send, ...] = ()
    lanes: tuple[Lane, ...] = ()
    source: Track | None = None
    problems: tuple[StudioError, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """What `Mixer.set_parameter` can move, in an order both sides of a process border share."""
        sends = (f"send:{send.bus}" for send in self.sends)
        knobs = (f"{d.id}:{name}" for d in self.devices for name in knobs_of(d))
        return ("volume", "pan", "mute", "solo", *sends, *knobs)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A song, ready to play.

    Attributes:
        tracks: As in the song; the master is last.
        beats: `BEAT_DTYPE`: where the metronome clicks; `accent` on the first beat of a bar.
    """

    sample_rate: int
    tempo: TempoMap
    tracks: tuple[TrackPlan, ...]
    beats: Table = field(repr=False)

    @property
    def end(self) -> int:
        """The frame after the last thing that plays; effects may ring on."""
        return max((track.content.end for track in self.tracks), default=0)

    @property
    def problems(self) -> tuple[StudioError, ...]:
        """Why recordings that belong to the song are not heard, each reason once."""
        every = {str(error): error for track in self.tracks for error in track.problems}
        return tuple(every.values())

    def index(self, id: TrackId) -> int:
        """The row of a track. Raises KeyError where there is none."""
        for index, track in enumerate(self.tracks):
            if track.id == id:
                return index
        raise KeyError(id)

    def bus_order(self) -> tuple[int, ...]:
        """Rows of the buses, each before those it sends to.

        Raises:
            StudioError: Buses feed each other in a circle.
        """
        buses = {t.id: i for i, t in enumerate(self.tracks) if t.kind is TrackKind.BUS}
        waiting = {
            i: {buses[s.bus] for s in self.tracks[i].sends if s.bus in buses}
            for i in buses.values()
        }
        order: list[int] = []  # from the last to the first
        while waiting:
            ready = [i for i, targets in waiting.items() if not targets & waiting.keys()]
            if not ready:
                raise StudioError(
                    "Buses send to each other in a circle.", "Take one of their sends away."
                )
            order += ready
            for i in ready:
                del waiting[i]
        return tuple(reversed(order))


# -- compiling ---------------------------------------------------------------------------------
def compile_song(
    project: Project, media: Media, previous: Plan | None = None, *, partly: bool = False
) -> Plan:
    """Make a song ready to play. Reads no samples, but may have to resample or stretch recordings.

    Content, lanes and whole tracks that did not change since `previous` are the same objects.

    Args:
        partly: Leave out recordings that cannot be read; the plan's `problems` tell of them.

    Raises:
        StudioError: A recording cannot be read, or buses feed each other.
    """
    tempo, rate = project.tempo, project.sample_rate
    kept: dict[TrackId, TrackPlan] = {}
    if previous is not None and previous.tempo == tempo and previous.sample_rate == rate:
        tempo = previous.tempo
        kept = {track.id: track for track in previous.tracks}
    tracks = tuple(
        _compile_track(track, project, media, kept.get(track.id)) for track in project.tracks
    )
    end = max((track.content.end for track in tracks), default=0)
    if kept and previous is not None and previous.end == end:
        beats = previous.beats
    else:
        beats = frozen(_beats(tempo, rate, end))
    plan = Plan(rate, tempo, tracks, beats)
    plan.bus_order()
    if plan.problems and not partly:
        raise plan.problems[0]
    return plan


def _compile_track(
    track: Track, project: Project, media: Media, kept: TrackPlan | None
) -> TrackPlan:
    source = kept.source if kept is not None else None
    whole = kept is not None and not kept.problems
    if kept is not None and whole and source is track:
        return kept
    made_of, before = track, source and as_heard(project, source)
    track = as_heard(project, track)
    problems: tuple[StudioError, ...] = ()
    if kept is not None and whole and before is not None and _same_content(before, track):
        content = kept.content
    else:
        content, problems = _compile_content(track, project, media)
    if kept is not None and before is not None and before.automation is track.automation:
        lanes = kept.lanes
    else:
        lanes = tuple(
            compile_lane(lane, project.tempo, project.sample_rate)
            for lane in track.automation
            if len(lane.points)
        )
    device = track.instrument
    instrument = device and (int(device.parameter("bank", 0)), int(device.parameter("program", 0)))
    return TrackPlan(
        id=track.id,
        kind=track.kind,
        content=content,
        name=track.name,
        instrument=instrument or None,
        devices=track.effects,
        volume_db=track.volume_db,
        pan=track.pan,
        muted=track.muted,
        soloed=track.soloed,
        sends=track.sends,
        lanes=lanes,
        source=made_of,
        problems=problems,
    )


def _same_content(a: Track, b: Track) -> bool:
    return (a.clips is b.clips or a.clips == b.clips) and a.is_drums == b.is_drums


def _compile_content(
    track: Track, project: Project, media: Media
) -> tuple[Content, tuple[StudioError, ...]]:
    """What `track` plays, and why recordings that belong to it are left out."""
    if not track.clips:
        return empty_content(), ()
    files: dict[AudioClip, tuple[Path, int, int]] = {}
    problems: list[StudioError] = []
    for clip in track.clips:
        if isinstance(clip, AudioClip) and not clip.muted:
            try:
                files[clip] = _file_of(clip, project, media)
            except StudioError as error:
                problems.append(error)
    heard = tuple(c for c in track.clips if not isinstance(c, AudioClip) or c in files)
    part = replace(track, clips=heard)
    found = compile_content(part, project.tempo, project.sample_rate, files.__getitem__)
    return found, tuple(problems)


def _file_of(clip: AudioClip, project: Project, media: Media) -> tuple[Path, int, int]:
    rate = project.sample_rate
    path = media.conformed(clip.source, rate)
    if clip.warp:
        return warped(clip, path, project.tempo, rate, media.cache)
    ratio = rate / clip.source.sample_rate
    return path, round(clip.offset_frames * ratio), max(round(clip.length_frames * ratio), 1)


def _beats(tempo: TempoMap, sample_rate: int, end: int) -> Table:
    last = int(tempo.ticks(end / sample_rate + _METRONOME_SECONDS))
    rows: list[tuple[int, bool]] = []
    starts = [*tempo.bar_starts(0, last), tempo.next_bar(last)]
    for bar, following in itertools.pairwise(starts):
        step = tempo.meter_at(bar).ticks_per_beat
        rows += [(tick, tick == bar) for tick in range(bar, following, step)]
    table = np.array(rows, dtype=BEAT_DTYPE)
    table["frame"] = tempo.frames(table["frame"], sample_rate)
    return table


# -- files -------------------------------------------------------------------------------------
_TABLES = (("events", EVENT_DTYPE), ("spans", SPAN_DTYPE), ("clips", CLIP_DTYPE))


def save_plan(plan: Plan, path: Path) -> None:
    """Write `path` (JSON), and beside it one `<digest>.track` for each track that has none yet.

    Files are written whole and never changed, so another process may have any of them mapped.
    """
    tracks = [
        _strip_entry(track) | {"file": _save_track(track, path.parent)} for track in plan.tracks
    ]
    entry = {
        "sample_rate": plan.sample_rate,
        "tempos": [[t.tick, t.bpm] for t in plan.tempo.tempos],
        "meters": [[m.tick, m.beats, m.unit] for m in plan.tempo.meters],
        "tracks": tracks,
    }
    _write(path, json.dumps(entry).encode())


def _strip_entry(track: TrackPlan) -> dict[str, Any]:
    names = ("id", "kind", "name", "instrument", "volume_db", "pan", "muted", "soloed")
    entry = {name: getattr(track, name) for name in names}
    entry["devices"] = [asdict(device) for device in track.devices]
    entry["sends"] = [asdict(send) for send in track.sends]
    return entry


def _save_track(track: TrackPlan, folder: Path) -> str:
    content = track.content
    arrays = [getattr(content, name) for name, _ in _TABLES] + [lane.points for lane in track.lanes]
    head = {
        "files": content.files,
        "chases": content.chases,
        "lanes": [lane.parameter for lane in track.lanes],
        "lengths": [len(array) for array in arrays],
    }
    text = json.dumps(head).encode()
    text += b" " * (-(len(text) + 8) % 64)
    data = len(text).to_bytes(8, "little") + text + b"".join(array.tobytes() for array in arrays)
    name = hashlib.sha256(data).hexdigest() + ".track"
    if not (folder / name).exists():
        _write(folder / name, data)
    return name


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_bytes(data)
    partial.replace(path)


def load_plan(
    path: Path, previous: Plan | None = None, files: dict[str, Any] | None = None
) -> Plan:
    """Read what `save_plan` wrote. Tables are mapped, not read.

    Args:
        previous: The plan loaded before; what is the same in both keeps its identity.
        files: What is mapped, by file name; hand the same dict in each time.

    Raises:
        StudioError: The plan cannot be read.
    """
    known = files if files is not None else {}
    try:
        entry = json.loads(path.read_bytes())
        tempo = TempoMap(
            tuple(TempoChange(*t) for t in entry["tempos"]),
            tuple(MeterChange(*m) for m in entry["meters"]),
        )
        tracks = tuple(_load_track(strip, path.parent, known) for strip in entry["tracks"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StudioError("The song prepared for playing cannot be read.") from error
    for name in known.keys() - {strip["file"] for strip in entry["tracks"]}:
        del known[name]
    if previous is not None and previous.tempo == tempo:
        tempo = previous.tempo
    end = max((track.content.end for track in tracks), default=0)
    rate = int(entry["sample_rate"])
    if previous is not None and previous.tempo is tempo and previous.end == end:
        return Plan(rate, tempo, tracks, previous.beats)
    return Plan(rate, tempo, tracks, frozen(_beats(tempo, rate, end)))


def plan_files(path: Path) -> frozenset[str]:
    """The names of a saved plan and of the files beside it that it refers to.

    Raises:
        OSError: It cannot be read.
        ValueError: It is damaged.
    """
    tracks = json.loads(path.read_bytes())["tracks"]
    return frozenset({path.name, *(str(track["file"]) for track in tracks)})


def _load_track(strip: dict[str, Any], folder: Path, known: dict[str, Any]) -> TrackPlan:
    strip = dict(strip)
    name = strip.pop("file")
    if name not in known:
        known[name] = _map_track(folder / name)
    content, lanes = known[name]
    strip["kind"] = TrackKind(strip["kind"])
    strip["instrument"] = tuple(strip["instrument"]) if strip["instrument"] else None
    strip["devices"] = tuple(_device(entry) for entry in strip["devices"])
    strip["sends"] = tuple(Send(**entry) for entry in strip["sends"])
    return TrackPlan(content=content, lanes=lanes, **strip)


def _device(entry: dict[str, Any]) -> Device:
    return Device(**(entry | {"parameters": tuple((n, v) for n, v in entry["parameters"])}))


def _map_track(path: Path) -> tuple[Content, tuple[Lane, ...]]:
    data = np.memmap(path, dtype=np.uint8, mode="r")
    size = int.from_bytes(data[:8].tobytes(), "little")
    head = json.loads(data[8 : 8 + size].tobytes())
    kinds = [kind for _, kind in _TABLES] + [POINT_DTYPE] * len(head["lanes"])
    arrays = _split(data[8 + size :], kinds, head["lengths"])
    files = tuple((str(name), int(channels)) for name, channels in head["files"])
    events, spans, clips, *points = arrays
    content = Content(events, spans, clips, files, bool(head["chases"]))
    return content, tuple(map(Lane, head["lanes"], points))


def _split(data: Any, kinds: Sequence[Any], lengths: Sequence[int]) -> list[Table]:
    arrays, at = [], 0
    for kind, length in zip(kinds, lengths, strict=True):
        size = length * kind.itemsize
        arrays.append(data[at : at + size].view(kind))
        at += size
    return arrays
