"""The song: an immutable tree. Nothing about the screen is in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Self

from studio.domain.clip import AudioClip, Clip, ClipId, NoteClip
from studio.domain.device import Device, DeviceId
from studio.domain.tempo import TempoMap
from studio.domain.theory import Chord, Key
from studio.domain.track import Send, Track, TrackId, TrackKind

SAMPLE_RATES = (44100, 48000, 88200, 96000)


@dataclass(frozen=True, slots=True)
class Marker:
    """A named place; sections (Verse, Chorus) are markers."""

    tick: int
    name: str


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord of the chord lane, over [start, start + length) ticks."""

    start: int
    length: int
    chord: Chord

    @property
    def end(self) -> int:
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class Project:
    """A song.

    Attributes:
        sample_rate: Hz, fixed for the song.
        tracks: In the order of the screen; the master is last and always there.
        chords: The chord lane, ordered, without overlap.
        markers: Ordered by tick.
        next_id: The number the next new track, clip or device is named by.
    """

    sample_rate: int = 48000
    tempo: TempoMap = field(default_factory=TempoMap)
    key: Key | None = None
    chords: tuple[ChordSpan, ...] = ()
    markers: tuple[Marker, ...] = ()
    tracks: tuple[Track, ...] = (Track(TrackId("master"), TrackKind.MASTER, "Master"),)
    next_id: int = 1
    title: str = ""

    def __post_init__(self) -> None:
        if self.sample_rate not in SAMPLE_RATES:
            raise ValueError(f"a song runs at one of {SAMPLE_RATES} Hz")
        if not self.tracks or self.tracks[-1].kind is not TrackKind.MASTER:
            raise ValueError("the master is the last track")

    # -- looking ------------------------------------------------------------------------------
    @property
    def master(self) -> Track:
        return self.tracks[-1]

    @property
    def buses(self) -> tuple[Track, ...]:
        return tuple(track for track in self.tracks if track.kind is TrackKind.BUS)

    @property
    def sources(self) -> tuple[Track, ...]:
        """Tracks that hold clips: instruments and audio."""
        return tuple(t for t in self.tracks if t.kind in (TrackKind.INSTRUMENT, TrackKind.AUDIO))

    def find_track(self, id: TrackId) -> Track | None:
        return next((track for track in self.tracks if track.id == id), None)

    def track(self, id: TrackId) -> Track:
        """Raises KeyError where there is none."""
        found = self.find_track(id)
        if found is None:
            raise KeyError(id)
        return found

    def find_clip(self, id: ClipId) -> tuple[Track, Clip] | None:
        return next(((t, c) for t in self.tracks for c in t.clips if c.id == id), None)

    def clip(self, id: ClipId) -> Clip:
        """Raises KeyError where there is none."""
        found = self.find_clip(id)
        if found is None:
            raise KeyError(id)
        return found[1]

    def track_of(self, id: ClipId) -> Track:
        """Raises KeyError where there is none."""
        found = self.find_clip(id)
        if found is None:
            raise KeyError(id)
        return found[0]

    def clips(self) -> Iterator[tuple[Track, Clip]]:
        return ((track, clip) for track in self.tracks for clip in track.clips)

    def clip_end(self, clip: Clip) -> int:
        """The tick at which `clip` ends; an unwarped recording's depends on the tempo."""
        if isinstance(clip, NoteClip):
            return clip.end
        if clip.warp:
            return clip.start + clip.warp[-1].tick
        seconds = float(self.tempo.seconds(clip.start)) + clip.seconds
        return max(int(self.tempo.ticks(seconds)), clip.start + 1)

    @property
    def end(self) -> int:
        """The tick after the last clip, 0 for an empty song."""
        return max((self.clip_end(clip) for _, clip in self.clips()), default=0)

    @property
    def media(self) -> frozenset[str]:
        """Hashes of every recording the song refers to."""
        found = {c.source.media for _, c in self.clips() if isinstance(c, AudioClip)}
        return frozenset(found | {t.frozen.source.media for t in self.tracks if t.frozen})

    # -- naming new things --------------------------------------------------------------------
    def new_track_id(self, after: int = 0) -> TrackId:
        """An id nothing in this song has; `after` more are skipped, to name several at once."""
        return TrackId(f"t{self.next_id + after}")

    def new_clip_id(self, after: int = 0) -> ClipId:
        return ClipId(f"c{self.next_id + after}")

    def new_device_id(self, after: int = 0) -> DeviceId:
        return DeviceId(f"d{self.next_id + after}")

    # -- changing -----------------------------------------------------------------------------
    def with_track(self, track: Track) -> Self:
        """The song with the track of the same id replaced. Raises KeyError where there is none."""
        self.track(track.id)
        return replace(self, tracks=tuple(track if t.id == track.id else t for t in self.tracks))

    def with_clip(self, clip: Clip) -> Self:
        """The song with the clip of the same id replaced. Raises KeyError where there is none."""
        track = self.track_of(clip.id)
        clips = tuple(clip if c.id == clip.id else c for c in track.clips)
        return self.with_track(replace(track, clips=in_order(clips)))

    def with_clip_on(self, track: TrackId, clip: Clip) -> Self:
        """The song with `clip` added to `track`."""
        owner = self.track(track)
        grown = replace(owner, clips=in_order((*owner.clips, clip)))
        return self.with_track(grown).counted_past(clip.id)

    def without_clip(self, id: ClipId) -> Self:
        track = self.track_of(id)
        return self.with_track(replace(track, clips=tuple(c for c in track.clips if c.id != id)))

    def with_new_track(self, track: Track, at: int | None = None) -> Self:
        """The song with `track` at index `at`, by default at the end of its kind of strip
        (sources, then buses, then the master)."""
        if at is None:
            at = len(self.tracks) - 1
            if track.kind is not TrackKind.BUS:
                at = next((i for i, t in enumerate(self.tracks) if t.kind is TrackKind.BUS), at)
        at = min(max(at, 0), len(self.tracks) - 1)
        around = {self.tracks[at].group, self.tracks[at - 1].group} if at else {""}
        if len(around) == 1 and not track.group and (group := around.pop()):
            track = replace(track, group=group)  # inside a group it is of the group
        grown = replace(self, tracks=(*self.tracks[:at], track, *self.tracks[at:]))
        for id in (track.id, *(d.id for d in track.devices), *(c.id for c in track.clips)):
            grown = grown.counted_past(id)
        return grown

    def without_track(self, id: TrackId) -> Self:
        """The song without a track, and without the sends to it."""
        kept = tuple(without_send(track, id) for track in self.tracks if track.id != id)
        return replace(self, tracks=kept)

    def counted_past(self, id: str) -> Self:
        """The song whose next ids do not meet `id`."""
        number = int(id[1:]) if id[1:].isdecimal() else 0
        return self if number < self.next_id else replace(self, next_id=number + 1)


def in_order(clips: tuple[Clip, ...]) -> tuple[Clip, ...]:
    """Clips ordered by start; equal starts keep their order, the later one on top."""
    return tuple(sorted(clips, key=lambda clip: clip.start))


def without_send(track: Track, bus: TrackId) -> Track:
    """The track without its send to `bus` and that send's automation."""
    if not any(send.bus == bus for send in track.sends):
        return track
    return replace(
        track,
        sends=tuple(send for send in track.sends if send.bus != bus),
        automation=tuple(lane for lane in track.automation if lane.parameter != f"send:{bus}"),
    )


def new_song(sample_rate: int = 48000) -> Project:
    """An empty song: a reverb bus that tracks can send to, and the master with a limiter."""
    reverb = Device(DeviceId("d1"), "reverb", (("wet", 1.0),))
    limiter = Device(DeviceId("d2"), "limiter", (("ceiling_db", -1.0),))
    master = Track(TrackId("master"), TrackKind.MASTER, "Master", devices=(limiter,))
    bus = Track(TrackId("t1"), TrackKind.BUS, "Reverb", devices=(reverb,), color=7)
    return Project(sample_rate=sample_rate, tracks=(bus, master), next_id=3)


REVERB_SEND = Send(TrackId("t1"), -14.0)  # to the reverb of a new song
